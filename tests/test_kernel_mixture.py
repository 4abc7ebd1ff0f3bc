"""Rule MIXTURE: the walk against float evaluation, two-sided certificates, rejections, and real finite networks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verify
from verify.certificates.document import rehash
from verify.claims.path_norm import vectorised
from verify.kernel import Malformed, Rejected, check_document
from verify.kernel.arithmetic.bernstein import NotBounded
from verify.kernel.fields import Fields
from verify.kernel.profiles.profile import Profile, read_profile
from verify.kernel.sup_norm.mean_neuron import MAX_WORK, RadialMeasure, Work, require_response_bounded
from verify.kernel.sup_norm.mixture import Mixture, require_close
from verify.kernel.sup_norm.path_norm import check_mixture
from verify.provers.path_norm import mean_neuron
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

PROFILE = "sin(12*(r**2-1/2))/24"
LINE = prove_profile(read_target("1/2 - r/4")).profile


@settings(max_examples=60)
@given(
    st.integers(2, 9),
    st.dictionaries(st.integers(0, 63), st.integers(-50, 50).filter(bool), min_size=1, max_size=5),
    st.integers(-20, 20),
)
def test_the_distance_bound_is_right_for_random_mixtures(d: int, atoms: dict[int, int], offset: int) -> None:
    biases = sorted(atoms)
    weights = [atoms[s] for s in biases]
    mixture = Mixture(tuple(biases), 6, tuple(weights), offset, 3)
    r = np.linspace(0, 1, 4001)
    value = mean_neuron(d, r, np.array(biases) / 64) @ (np.array(weights) / 8) + offset / 8
    sampled = float(np.abs(value - (0.5 - r / 4)).max())
    require_close(mixture, d, LINE, Fraction(sampled * 1.002 + 1e-4), 30)
    with pytest.raises(NotBounded):
        require_close(mixture, d, LINE, Fraction(sampled * 0.998), 30)


@pytest.fixture(scope="module", params=[2, 3, 4])
def certified(request: pytest.FixtureRequest) -> verify.Certified:
    return verify.certify("pathnorm", d=request.param, profile=PROFILE, eps="1/100")


def changed(certified: verify.Certified, **changes: Any) -> dict[str, Any]:
    body = dict(certified.certificate.document)
    for part in ("claim", "proof"):
        body[part] = {key: changes.get(key, value) for key, value in body[part].items()}
    return rehash(body)


def test_the_two_sides_are_close(certified: verify.Certified) -> None:
    claim = certified.certificate.document["claim"]
    low, high = Fraction(claim["path_norm"]), Fraction(claim["path_norm_upper"])
    assert low < high < low * Fraction(103, 100)
    assert "MIXTURE" in certified.theorem.rests_on[0]


def test_each_reason_of_rejection(certified: verify.Certified) -> None:
    document = certified.certificate.document
    mixture, claim = document["proof"]["mixture"], document["claim"]
    weights = mixture["weights"]
    one = 1 << mixture["weight_bits"]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"path_norm_upper": str(Fraction(claim["path_norm_upper"]) * Fraction(999, 1000))}, "the mixture has"),
        ({"mixture": {**mixture, "biases": mixture["biases"][::-1]}}, "must increase"),
        ({"mixture": {**mixture, "weights": weights[1:]}}, "must increase, one for each"),
        ({"mixture": {**mixture, "offset": mixture["offset"] + one // 1000}}, "not within epsilon"),
        ({"mixture": {**mixture, "weights": [0, *weights[1:]]}}, "not within epsilon"),
        ({"mixture": {**mixture, "weights": [-w for w in weights]}}, "not within epsilon"),
        ({"epsilon": "1/101"}, "not within epsilon|measure proves"),
    ]
    for changes, why in cases:
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, **changes))
    with pytest.raises(Malformed, match="must lie between"):
        check_document(changed(certified, mixture={**mixture, "biases": [1 << 60, *mixture["biases"][1:]]}))


def test_a_finite_network_with_this_path_norm_is_as_close(certified: verify.Certified) -> None:
    """d = 2: average over 400 equally spaced directions: a real network, evaluated on a grid of the disc."""
    document = certified.certificate.document
    if document["claim"]["dimension"] != 2:
        return
    mixture = document["proof"]["mixture"]
    s = np.array(mixture["biases"]) / 2 ** mixture["bias_bits"]
    w = np.array(mixture["weights"]) / 2 ** mixture["weight_bits"]
    angles = 2 * np.pi * np.arange(400) / 400
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 2))
    x *= np.sqrt(rng.random(1500))[:, None] / np.linalg.norm(x, axis=1)[:, None]
    values = sum(
        weight * np.maximum(0, x @ directions.T - bias).mean(axis=1) for bias, weight in zip(s, w, strict=True)
    )
    network = values + mixture["offset"] / 2 ** mixture["weight_bits"]
    target = vectorised(read_target(PROFILE))(np.linalg.norm(x, axis=1))
    assert np.abs(network - target).max() <= 0.01


def test_one_sided_on_request() -> None:
    certified = verify.certify("pathnorm", d=3, eps="1/50", profile=PROFILE, one_sided=True)
    assert "path_norm_upper" not in certified.certificate.document["claim"]


@pytest.mark.parametrize("d", [3, 4])
def test_knots_that_are_not_dyadic_have_both_sides(d: int) -> None:
    certified = verify.certify("pathnorm", d=d, eps="1/50", profile="zigzag:3")
    claim = certified.certificate.document["claim"]
    low, high = Fraction(claim["path_norm"]), Fraction(claim["path_norm_upper"])
    assert low < high < low * Fraction(104, 100)
    with pytest.raises(Rejected, match="not within epsilon"):
        check_document(changed(certified, epsilon="1/51"))


def test_a_profile_of_many_pieces_takes_a_coarser_tube() -> None:
    certified = verify.certify("pathnorm", d=3, profile="sin(90*(r**2-1/2))/180", eps="1/400")
    claim = certified.certificate.document["claim"]
    assert Fraction(claim["path_norm_upper"]) < Fraction(claim["path_norm"]) * Fraction(115, 100)


@given(st.lists(st.fractions(0, 1, max_denominator=40), min_size=1, max_size=4, unique=True), st.integers(2, 5))
@settings(max_examples=30)
def test_the_distance_bound_is_right_for_any_knots(inner: list[Fraction], d: int) -> None:
    """A piecewise linear profile with rational knots, against float evaluation of the mixture."""
    knots = sorted({Fraction(0), *inner, Fraction(1)})
    values = [Fraction(index % 2, 4) for index in range(len(knots))]
    slopes = [abs(v - u) / (b - a) for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True)]
    profile = Profile("phi", tuple(knots), tuple(values), Fraction(0), max(slopes), {})
    mixture = Mixture((0, 20, 41), 6, (3, -9, 12), 1, 3)
    r = np.linspace(0, 1, 3001)
    value = mean_neuron(d, r, np.array([0, 20, 41]) / 64) @ (np.array([3, -9, 12]) / 8) + 1 / 8
    sampled = float(np.abs(value - np.interp(r, [float(k) for k in knots], [float(v) for v in values])).max())
    require_close(mixture, d, profile, Fraction(sampled * 1.002 + float(max(slopes)) / 1000 + 1e-4), 30)
    with pytest.raises(NotBounded):
        require_close(mixture, d, profile, Fraction(sampled * 0.998), 30)


# Hostile sizes: refused before the work is done.


@pytest.mark.parametrize("d", [2, 3, 63, 64])
def test_a_mixture_of_hostile_size_is_refused_at_once(d: int) -> None:
    """1,000 atoms and 20,000 knots are within the format, but not the cells in which they meet."""
    many = 1000
    table = {"knots": [0, *(str(Fraction(k, 19999)) for k in range(1, 19999)), 1], "values": [0] * 20000}
    mixture = {
        "bias_bits": 120,
        "biases": [(k << 100) + 1 for k in range(many)],
        "weight_bits": 120,
        "weights": [1] * many,
        "offset": 0,
        "grading": 100,
    }
    proof = Fields({"mixture": mixture}, "proof").fields("mixture")
    profile = read_profile(Fields({"lipschitz": 1, "piecewise_linear": table}, "claim.profile"), None)
    with pytest.raises(Rejected, match="more work than the kernel allows"):
        check_mixture(proof, d, profile, Fraction(1), Fraction(10))


@pytest.mark.parametrize("d", [2, 3, 64])
def test_a_measure_of_hostile_size_is_refused(d: int) -> None:
    """Even d: atoms that lie as densely as the format allows; the walk stops where its work is spent."""
    many = 1000
    masses = tuple((-1) ** k << 300 for k in range(many))
    measure = RadialMeasure(tuple((k + 1) << 100 for k in range(many)), 120, masses, 0)
    with pytest.raises(NotBounded):
        require_response_bounded(measure, d, Fraction(1, 10**9), 100)


def test_work_is_counted_for_every_visit() -> None:
    """Terms that are cut off at once cost a visit each: 4,000,000 in all, not a walk without end."""
    work = Work(64)
    with pytest.raises(NotBounded, match="to visit in all cells"):
        work.plan(MAX_WORK // 9 + 1)
    work.plan(MAX_WORK // 9)
    with pytest.raises(NotBounded, match="more work"):
        for _ in range(MAX_WORK):
            work.spend(1000)
    close = Work(3)
    close.spend(MAX_WORK - 10)
    with pytest.raises(NotBounded, match=r"decided|more work"):
        close.bound([0, 27_000, -54_000, 27_000], 4000)
