"""Rule ROUNDED NETWORK: int64 bounds of networks whose own numbers leave int64; no point beats them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from cover_examples import network_file
from hypothesis import given
from hypothesis import strategies as st
from test_cover_network import UNIT, boxes, norm, points_of, psi, tubes

import verify
from verify.kernel import check_document
from verify.kernel.cover import radial
from verify.kernel.cover.explicit import NetworkBound
from verify.kernel.cover.leaves import require_leaves
from verify.kernel.cover.rounded import RoundedBound, rounded
from verify.kernel.cover.tree import Grid
from verify.kernel.cover.tube import FixedTube
from verify.kernel.network import Network
from verify.kernel.outcome import Rejected

NORM = FixedTube((Fraction(0), Fraction(1)), (Fraction(0), Fraction(1)), Fraction(0))


@st.composite
def wide_networks(draw: st.DrawFn, dimension: int) -> Network:
    """Networks with entries of many bits over dyadic and other denominators, of moderate size as functions."""
    width = draw(st.integers(1, 6))
    hidden = draw(st.sampled_from([1 << 30, 1 << 52, 1 << 80, 3**40, 10**18]))
    output = draw(st.sampled_from([1, 1 << 20, 1 << 52, 1 << 120, 7**30]))

    def entries(count: int, denominator: int) -> list[int]:
        scale = draw(st.sampled_from([1, 5, denominator // 8 or 1, 3 * denominator]))
        return draw(st.lists(st.integers(-scale, scale), min_size=count, max_size=count))

    def array(values: list[int]) -> np.ndarray:
        result = np.empty(len(values), dtype=object)
        result[:] = values
        return result

    return Network(
        dimension,
        hidden,
        output,
        array(entries(width * dimension, hidden)).reshape(width, dimension),
        array(entries(width, hidden)),
        array(entries(width, output)),
        draw(st.integers(-output, output)),
    )


CASES = st.integers(1, 3).flatmap(lambda d: st.tuples(wide_networks(d), tubes(), boxes(d)))


@given(CASES)
def test_no_point_of_the_box_beats_the_rounded_bound(case: tuple) -> None:
    network, (knots, values, radius), (grid, level, centre) = case
    evaluator = RoundedBound(NetworkBound(network, FixedTube(knots, values, radius), grid))
    if not evaluator.fits:
        return
    bound = int(evaluator.bound(np.array([centre]), level)[0]) * UNIT
    for point in points_of(grid, level, centre):
        low, high = norm(point)
        assert abs(psi(knots, values, low) - network.value(point)) - 5 * (high - low) + radius <= bound


@given(CASES)
def test_the_affine_enclosure_holds_every_value(case: tuple) -> None:
    network, tube, (grid, level, centre) = case
    evaluator = RoundedBound(NetworkBound(network, FixedTube(*tube), grid))
    if not evaluator.fits:
        return
    value, slope, slack = (part[0] for part in evaluator.affine(np.array([centre]), level))
    for point in points_of(grid, level, centre):
        y = [(x * (1 << grid.bits) - c) / h for x, c, h in zip(point, centre, level.half_sides, strict=True)]
        linear = int(value) + sum(int(s) * t for s, t in zip(slope, y, strict=True))
        assert abs(network.value(point) - linear * UNIT) <= int(slack) * UNIT


@given(CASES)
def test_rounding_costs_little(case: tuple) -> None:
    network, tube, (grid, level, centre) = case
    exact = NetworkBound(network, FixedTube(*tube), grid)
    evaluator = RoundedBound(exact)
    at = np.array([centre])
    # Entries up to 3 and a width of 6: hidden values below 64, sums below 1024.
    assert evaluator.fits
    apart = int(evaluator.bound(at, level)[0]) - int(exact.bound(at, level)[0])
    assert abs(apart) * UNIT <= Fraction(1, 2**10)


@given(CASES)
def test_nothing_overflows(case: tuple) -> None:
    """The same formulas on Python integers give the same bounds."""
    network, tube, (grid, level, centre) = case
    fast = RoundedBound(NetworkBound(network, FixedTube(*tube), grid))
    plain = RoundedBound(NetworkBound(network, FixedTube(*tube), grid))
    for name in ("_weights", "_biases", "_outputs", "_coarse"):
        setattr(plain, name, getattr(plain, name).astype(object))
    at = np.array([centre])
    assert fast.bound(at, level).tolist() == plain.bound(at, level).tolist()


def network_of(weight: int, denominator: int, output: int, constant: int = 0) -> Network:
    arrays = [np.empty(n, dtype=object) for n in (1, 1, 1)]
    for array, value in zip(arrays, (weight, 0, output), strict=True):
        array[0] = value
    return Network(1, denominator, denominator, arrays[0].reshape(1, 1), arrays[1], arrays[2], constant)


@pytest.mark.parametrize(
    "network",
    [
        network_of(1 << 300, 1, 1),
        network_of(1, 1 << 200, 1 << 500),
        network_of(1, 1, 1, 10**300),
        network_of(1 << 40, 1, 1 << 40),
    ],
)
def test_numbers_that_rounding_cannot_tame_stay_exact(network: Network) -> None:
    exact = NetworkBound(network, NORM, Grid(1, "ball", 6))
    assert exact.dtype is object
    assert rounded(exact) is None


def test_integers_too_large_for_any_bits_stay_exact() -> None:
    """p would be negative: such a network was once refused (a negative shift) instead of being judged exactly."""
    arrays = [np.array([value], dtype=object) for value in (1 << 41, 0, 1 << 60)]
    network = Network(1, 1, 1 << 100, arrays[0].reshape(1, 1), arrays[1], arrays[2], 0)
    assert rounded(NetworkBound(network, NORM, Grid(1, "ball", 26))) is None


def test_int64_needs_no_rounding() -> None:
    assert rounded(NetworkBound(network_of(1, 4, 2), NORM, Grid(1, "ball", 6))) is None


def test_leaves_that_rounding_misses_are_judged_exactly() -> None:
    """A network exactly |x| in thirds: the error is 0, and only the exact bound comes close to it."""
    third = 3**40
    weights = np.empty((2, 1), dtype=object)
    weights[:, 0] = third, -third
    biases, outputs = np.empty(2, dtype=object), np.empty(2, dtype=object)
    biases[:], outputs[:] = 0, third
    network = Network(1, third, third, weights, biases, outputs, 0)
    grid = Grid(1, "ball", 8)
    exact = NetworkBound(network, NORM, grid)
    first = rounded(exact)
    assert first is not None
    centres, level = np.array([[64], [192]]), grid.level(2)
    limit = int(exact.bound(centres, level).max())
    assert int(first.bound(centres, level).max()) > limit
    assert require_leaves("r", [(level, centres)], exact, limit, 1, first) == 2
    with pytest.raises(Rejected, match="not proved"):
        require_leaves("r", [(level, centres)], exact, limit - 1, 1, first)


def test_a_certificate_is_checked_in_int64(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    document = verify.certify(
        "network", network=network_file(tmp_path), profile="norm", eps="0.02", workers=1
    ).certificate.document
    slow: list[int] = []
    real = NetworkBound.affine

    def affine(self: NetworkBound, centres: np.ndarray, level: object) -> object:
        slow.append(len(centres))
        return real(self, centres, level)

    monkeypatch.setattr(NetworkBound, "affine", affine)
    check_document(document)
    assert not slow
    monkeypatch.setattr(radial, "rounded", lambda exact: None)
    check_document(document)
    assert sum(slow) == 564
