"""Rules NETWORK and RADIUS, and the fixed-point tube: fast paths equal plain ones, no point beats a bound."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.kernel.arithmetic.fixed import ceil_divide, ceil_shift, ceil_sqrt, floor_shift, floor_sqrt
from verify.kernel.cover.explicit import CHORD_BITS, NetworkBound
from verify.kernel.cover.radius import ONE, RADIUS_BITS, radii
from verify.kernel.cover.tree import Grid, Level
from verify.kernel.cover.tube import MAX_SLOPE, SLOPE_BITS, VALUE_BITS, FixedTube
from verify.kernel.network import Network
from verify.kernel.outcome import Rejected

UNIT = Fraction(1, 1 << NetworkBound.BOUND_BITS)

Point = list[Fraction]


@st.composite
def networks(draw: st.DrawFn, dimension: int) -> Network:
    width = draw(st.integers(0, 6))
    entry = st.integers(-9, 9)
    column = st.lists(entry, min_size=width, max_size=width)
    rows = draw(st.lists(st.lists(entry, min_size=dimension, max_size=dimension), min_size=width, max_size=width))
    return Network(
        dimension,
        draw(st.sampled_from([1, 3, 8, 1000, 1 << 70])),
        draw(st.sampled_from([1, 7, 16, 10**25])),
        np.array(rows, dtype=np.int64).reshape(width, dimension),
        np.array(draw(column), dtype=np.int64),
        np.array(draw(column), dtype=np.int64),
        draw(st.integers(-20, 20)),
    )


@st.composite
def tubes(draw: st.DrawFn) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...], Fraction]:
    inner = draw(st.sets(st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=97), max_size=4))
    knots = (Fraction(0), *sorted(inner), Fraction(1))
    values = [draw(st.fractions(-2, 2, max_denominator=30))]
    for a, b in itertools.pairwise(knots):
        values.append(values[-1] + (b - a) * draw(st.fractions(-5, 5, max_denominator=11)))
    return knots, tuple(values), draw(st.sampled_from([Fraction(0), Fraction(1, 1000), Fraction(1, 3)]))


@st.composite
def boxes(draw: st.DrawFn, dimension: int, bits: int = 6) -> tuple[Grid, Level, list[int]]:
    grid = Grid(dimension, "ball", bits)
    centres, level = grid.root(), grid.level(0)
    for k in range(draw(st.integers(0, (bits - 1) * dimension))):
        halves = grid.children(centres, level)
        level = grid.level(k + 1)
        kept = halves[grid.relevant(halves, level)]
        choice = draw(st.integers(0, kept.shape[0] - 1))
        centres = kept[choice : choice + 1]
    return grid, level, [int(c) for c in centres[0]]


CASES = st.integers(1, 3).flatmap(lambda d: st.tuples(networks(d), tubes(), boxes(d)))


def points_of(grid: Grid, level: Level, centre: list[int], steps: int = 4) -> list[Point]:
    points: list[Point] = [[]]
    for c, h in zip(centre, level.half_sides, strict=True):
        axis = [Fraction(c * steps + (2 * k - steps) * h, steps << grid.bits) for k in range(steps + 1)]
        points = [[*p, x] for p in points for x in axis]
    return [p for p in points if sum(x * x for x in p) <= 1]


def norm(point: Point) -> tuple[Fraction, Fraction]:
    """Rationals 2^-60 apart around |point|."""
    square = sum(x * x for x in point)
    low = math.isqrt(math.floor(square * (1 << 120)))
    return Fraction(low, 1 << 60), min(Fraction(low + 1, 1 << 60), Fraction(1))


def psi(knots: tuple[Fraction, ...], values: tuple[Fraction, ...], r: Fraction) -> Fraction:
    for a, b, u, v in zip(knots, knots[1:], values, values[1:], strict=False):
        if r <= b:
            return u + (v - u) * (r - a) / (b - a)
    raise AssertionError(r)


@given(CASES)
def test_no_point_of_the_box_beats_the_bound(case: tuple) -> None:
    network, (knots, values, radius), (grid, level, centre) = case
    evaluator = NetworkBound(network, FixedTube(knots, values, radius), grid)
    bound = int(evaluator.bound(np.array([centre]), level)[0]) * UNIT
    for point in points_of(grid, level, centre):
        low, high = norm(point)
        value = network.value(point)
        steepest = 5 * (high - low)
        assert abs(psi(knots, values, low) - value) - steepest + radius <= bound


@given(CASES)
def test_fast_path_equals_the_object_path(case: tuple) -> None:
    network, tube, (grid, level, centre) = case
    fast, plain = NetworkBound(network, FixedTube(*tube), grid), NetworkBound(network, FixedTube(*tube), grid)
    plain.dtype = object
    for name in ("_weights", "_biases", "_outputs"):
        setattr(plain, name, getattr(plain, name).astype(object))
    at = np.array([centre])
    assert fast.bound(at, level).tolist() == plain.bound(at, level).tolist()


@given(CASES)
def test_the_bound_equals_a_scalar_reference(case: tuple) -> None:
    network, tube, (grid, level, centre) = case
    evaluator = NetworkBound(network, FixedTube(*tube), grid)
    assert int(evaluator.bound(np.array([centre]), level)[0]) == scalar_bound(evaluator, level, centre)


def scalar_bound(evaluator: NetworkBound, level: Level, centre: list[int]) -> int:
    """Rule NETWORK in plain integers, one neuron at a time; the affine bound of phi is taken from the kernel."""
    network, bits, d = evaluator.network, evaluator.grid.bits, len(centre)
    unit = Fraction(
        1 << NetworkBound.BOUND_BITS,
        network.hidden_denominator * network.output_denominator << (bits + CHORD_BITS + 1),
    )
    value = slack = 0
    slope = [0] * d
    rows = zip(network.weights.tolist(), network.biases.tolist(), network.outputs.tolist(), strict=True)
    for row, bias, output in rows:
        u = sum(w * c for w, c in zip(row, centre, strict=True)) + (bias << bits)
        reach = sum(abs(w) * h for w, h in zip(row, level.half_sides, strict=True))
        if u >= reach and u > 0:
            theta, top, bottom = 128, 128 * u, 128 * u
        elif u <= -reach:
            theta = top = bottom = 0
        else:
            theta = (u + reach) * 128 // (2 * reach)
            top, bottom = max(theta * reach, (u + reach) * 128 - theta * reach), theta * u
        value += output * (top + bottom)
        slack += abs(output) * (top - bottom)
        slope = [s + 2 * theta * output * w * h for s, w, h in zip(slope, row, level.half_sides, strict=True)]
    constant = network.constant * network.hidden_denominator << (bits + CHORD_BITS + 1)
    value = math.floor(value * unit) + math.floor(constant * unit)
    slack = math.floor(slack * unit) + 4 + d
    slope = [math.floor(s * unit) for s in slope]
    sides = []
    for sign in (1, -1):
        top, tilt = evaluator.radial(np.array([centre]), level, sign)
        linear = sum(abs(int(t) - sign * s) for t, s in zip(tilt[0], slope, strict=True))
        sides.append(int(top[0]) - sign * value + slack + linear)
    return max(sides)


@given(CASES)
def test_affine_bounds_of_the_profile(case: tuple) -> None:
    """sign * phi(|x|) <= constant + linear part, for both signs."""
    network, (knots, values, radius), (grid, level, centre) = case
    evaluator = NetworkBound(network, FixedTube(knots, values, radius), grid)
    for sign in (1, -1):
        constant, slope = evaluator.radial(np.array([centre]), level, sign)
        for point in points_of(grid, level, centre):
            low, high = norm(point)
            y = [(x * (1 << grid.bits) - c) / h for x, c, h in zip(point, centre, level.half_sides, strict=True)]
            top = (int(constant[0]) + sum(int(s) * t for s, t in zip(slope[0], y, strict=True))) * UNIT
            assert sign * psi(knots, values, low) + radius - 5 * (high - low) <= top


@given(st.integers(1, 8).flatmap(lambda d: st.tuples(boxes(d, 7))))
def test_radii(case: tuple) -> None:
    grid, level, centre = case[0]
    d = len(centre)
    at = radii(np.array([centre]), level, grid)
    generator = np.random.default_rng(sum(centre) % 997)
    corners = [
        [Fraction(c + s * h, 1 << grid.bits) for c, h in zip(centre, level.half_sides, strict=True)] for s in (-1, 1)
    ]
    for _ in range(20):
        shares = [Fraction(int(k), 8) for k in generator.integers(-8, 9, size=d)]
        corners.append(
            [(c + s * h) / (1 << grid.bits) for c, h, s in zip(centre, level.half_sides, shares, strict=True)]
        )
    for point in corners:
        if sum(x * x for x in point) > 1:
            continue
        low, high = (r * ONE for r in norm(point))
        assert int(at.low[0]) <= high and low <= int(at.high[0])
        assert abs(low - int(at.at[0])) <= int(at.reach[0])
        if at.smooth[0]:
            y = [(x * (1 << grid.bits) - c) / h for x, c, h in zip(point, centre, level.half_sides, strict=True)]
            linear = int(at.beyond[0]) + sum(int(s) * t for s, t in zip(at.slope[0], y, strict=True))
            assert -(d + 1) <= high - int(at.at[0]) - linear
            assert low - int(at.at[0]) - linear <= int(at.curvature[0]) + d


@given(tubes(), st.lists(st.integers(0, ONE), min_size=2, max_size=2).map(sorted))
def test_the_fixed_tube(tube: tuple, ends: list[int]) -> None:
    knots, values, radius = tube
    fixed = FixedTube(*tube)
    low, high = np.array([ends[0]]), np.array([ends[1]])
    least, most = (int(s[0]) for s in fixed.slopes(low, high))
    samples = sorted({*ends, *(ends[0] + (ends[1] - ends[0]) * k // 7 for k in range(8))})
    exact = [int(fixed.value(np.array([r]))[0]) for r in samples]
    for r, value in zip(samples, exact, strict=True):
        error = abs(Fraction(value, 1 << VALUE_BITS) - psi(knots, values, Fraction(r, ONE)))
        assert error + radius <= fixed.radius + Fraction(1, 1 << VALUE_BITS)
    for a, b, u, v in zip(samples, samples[1:], exact, exact[1:], strict=False):
        rise = Fraction(v - u, 1 << VALUE_BITS)
        room = Fraction(2, 1 << VALUE_BITS)
        run = Fraction(b - a, ONE)
        assert Fraction(least, 1 << SLOPE_BITS) * run - room <= rise <= Fraction(most, 1 << SLOPE_BITS) * run + room


@pytest.mark.parametrize(
    ("knots", "values", "radius", "reason"),
    [
        ((0, 1), (0, MAX_SLOPE + 1), 0, "slopes beyond"),
        ((0, 1), (65, 65), 0, "values beyond"),
        ((0, 1), (0, 1), 10**40, "values beyond"),
        ((0, Fraction(1, 2**28), 1), (0, 0, 0), 0, "knots closer"),
    ],
)
def test_tubes_outside_fixed_point_are_refused(knots: tuple, values: tuple, radius: int, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        FixedTube(tuple(map(Fraction, knots)), tuple(map(Fraction, values)), Fraction(radius))


@given(st.lists(st.integers(0, 2**57), min_size=1, max_size=8))
def test_integer_square_roots(values: list[int]) -> None:
    for dtype in (np.int64, object):
        roots = floor_sqrt(np.array(values, dtype=dtype))
        assert [int(r) for r in roots] == [math.isqrt(v) for v in values]
        up = ceil_sqrt(np.array(values, dtype=dtype))
        assert all(int(r) ** 2 >= v > (int(r) - 1) ** 2 or v == r == 0 for r, v in zip(up, values, strict=True))


@given(st.integers(-(2**50), 2**50), st.integers(-10, 20), st.integers(1, 2**40))
def test_shifts_round_in_the_stated_direction(value: int, bits: int, divisor: int) -> None:
    array = np.array([value])
    exact = Fraction(value) / Fraction(2) ** bits
    assert int(floor_shift(array, bits)[0]) == math.floor(exact)
    assert int(ceil_shift(array, bits)[0]) == math.ceil(exact)
    assert int(ceil_divide(array, np.array([divisor]))[0]) == math.ceil(Fraction(value, divisor))


def test_denominators_beyond_int64_take_the_object_path() -> None:
    network = Network(1, 1 << 200, 1, np.array([[1]]), np.array([0]), np.array([1]), 10**300)
    evaluator = NetworkBound(
        network, FixedTube((Fraction(0), Fraction(1)), (Fraction(0), Fraction(1)), Fraction(0)), Grid(1, "ball", 3)
    )
    assert evaluator.dtype is object
    assert int(evaluator.bound(np.array([[0]]), evaluator.grid.level(0))[0]) * UNIT > 10**299


def test_radius_bits_hold_every_grid() -> None:
    assert RADIUS_BITS >= 26 and NetworkBound.BOUND_BITS > VALUE_BITS


@given(networks(2), tubes(), boxes(2), st.integers(0, 45), st.integers(0, 45))
def test_int64_is_chosen_only_where_nothing_overflows(
    network: Network, tube: tuple, box: tuple, weight_bits: int, output_bits: int
) -> None:
    grid, level, centre = box
    large = Network(
        2,
        network.hidden_denominator,
        network.output_denominator,
        network.weights << weight_bits,
        network.biases << weight_bits,
        network.outputs << output_bits,
        network.constant << output_bits,
    )
    fast, plain = NetworkBound(large, FixedTube(*tube), grid), NetworkBound(large, FixedTube(*tube), grid)
    plain.dtype = object
    for name in ("_weights", "_biases", "_outputs"):
        setattr(plain, name, getattr(plain, name).astype(object))
    at = np.array([centre])
    assert fast.bound(at, level).tolist() == plain.bound(at, level).tolist()
