"""Rules FOLDS, FACES, CRITICAL and REGIONS: exact suprema, every reason of rejection, attacks by sampling."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from verify.certificates.document import document, rehash
from verify.kernel import Malformed, Rejected, check_document
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.outcome import Theorem
from verify.kernel.profiles.profile import Profile
from verify.kernel.regions import faces as faces_rule
from verify.kernel.regions import flats as flats_rule
from verify.kernel.regions.critical import Critical, Surd, Survey
from verify.kernel.regions.faces import faces
from verify.kernel.regions.folds import Folds, fold
from verify.networks.depth2 import Depth2Network
from verify.provers.regions import maximiser, rounded_up
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

Floats = npt.NDArray[np.float64]


def network(
    rows: Sequence[Sequence[object]], biases: Sequence[object], outputs: Sequence[object], constant: object, d: int
) -> Depth2Network:
    def exact(values: Sequence[object]) -> list[Fraction]:
        return [Fraction(str(value)) for value in values]

    return Depth2Network.from_rationals(
        [exact(row) for row in rows], exact(biases), exact(outputs), Fraction(str(constant)), d
    )


# 5/6 (|x| + |y|)
DIAMOND = network([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4, ["5/6"] * 4, 0, 2)
# its largest error against the norm, sqrt(50/36) - 1, rounded down to 60 digits
IRRATIONAL = Fraction(math.isqrt(50 * 10**60 // 36), 10**30) - 1


def certificate(
    bound: object, source: Depth2Network = DIAMOND, profile: str = "norm", witness: object = None, **changes: Any
) -> dict[str, Any]:
    proved = prove_profile(read_target(profile), 1)
    proof: dict[str, Any] = {"rule": "regions"}
    if proved.tube is not None:
        proof["tube"] = proved.tube
    body = document(
        {
            "kind": "radial-approximation",
            "dimension": source.dimension,
            "profile": proved.claim,
            "epsilon": bound,
            "bound": bound,
        },
        {"network": source.to_document(), "witness": witness or {"point": [0] * source.dimension, "error": 0}},
        proof,
        {},
    )
    for path, value in changes.items():
        part: Any = body
        *parents, key = path.split("__")
        for parent in parents:
            part = part[parent]
        part[key] = value
    return rehash(body)


def verified(bound: Fraction, source: Depth2Network, profile: str) -> Theorem:
    text = str(bound) if bound.denominator > 1 else bound.numerator
    return check_document(certificate(text, source, profile))


def folds_of(source: Depth2Network) -> Folds:
    return fold(read_network(Fields(source.to_document(), "network")))


def profile_of(text: str) -> Profile:
    return prove_profile(read_target(text), 1).profile


def largest(source: Depth2Network, profile: Profile) -> tuple[Surd, Critical]:
    """Return the exact supremum and a point that attains it."""
    survey = Survey(folds_of(source), profile, Fraction(-1))
    best: tuple[Surd, Critical] | None = None
    for group in survey.groups():
        for critical in survey.above(group):
            for value in (critical.value, -critical.value):
                if value.exceeds(survey.limit):
                    survey.limit, best = rounded_up(value), (value, critical)
    assert best is not None
    return best


def random_network(generator: np.random.Generator, dimension: int, width: int, bits: int) -> Depth2Network:
    def some(*shape: int) -> Any:
        return generator.integers(-(2**bits), 2**bits + 1, size=shape).tolist()

    unit = Fraction(1, 2**bits)
    return Depth2Network.from_rationals(
        [[w * unit for w in row] for row in some(width, dimension)],
        [b * unit for b in some(width)],
        [a * unit for a in some(width)],
        Fraction(int(generator.integers(-9, 10)), 8),
        dimension,
    )


def errors(source: Depth2Network, profile: Profile, points: Floats) -> Floats:
    knots, values = [float(k) for k in profile.knots], [float(v) for v in profile.values]
    radius = np.minimum(np.sqrt((points * points).sum(axis=1)), 1)
    result: Floats = np.abs(source.evaluate(points) - np.interp(radius, knots, values))
    return result


def test_an_irrational_supremum_is_decided_to_the_last_digit() -> None:
    above = IRRATIONAL + Fraction(1, 10**30)
    theorem = verified(above, DIAMOND, "norm")
    assert "for all |x| <= 1 in R^2" in theorem.statement
    assert theorem.figures["regions"] == 4
    assert "REGIONS, FOLDS, FACES, CRITICAL" in theorem.rests_on[0]
    with pytest.raises(Rejected, match="exceeded at a critical point"):
        verified(IRRATIONAL, DIAMOND, "norm")


@pytest.mark.parametrize(
    ("source", "profile", "supremum"),
    [
        # the origin; N = 1/2
        (network([], [], [], "1/2", 2), "norm", Fraction(1, 2)),
        # a sphere in one region, away from the knots of N: item 4
        (network([], [], [], "1/8", 3), "1/2 - max(r, 1/4)", Fraction(5, 8)),
        # a vertex inside the disc: N = 1 - 3/2 (|x| + |y - 1/4|) at (0, 1/4)
        (
            network([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, "-1/4", "1/4"], ["-3/8"] * 4, 1, 2),
            "norm",
            Fraction(29, 32),
        ),
        # an exact representation
        (network([[1], [-1]], [0, 0], [1, 1], 0, 1), "norm", Fraction(0)),
        # between knots on the line x_1 = 1/2, at |x| = 5/8: item 5 with a = (0, 3/50)
        (
            network([[1, 0], [1, 0], [0, 1], [0, -1]], [0, "-1/2", 0, 0], [1, -2, "3/50", "-3/50"], 0, 2),
            "r/10",
            Fraction(23, 50),
        ),
        # the same without a slope along the line: the foot
        (network([[1, 0], [1, 0]], [0, "-1/2"], [1, -2], 0, 2), "r/10", Fraction(9, 20)),
    ],
)
def test_suprema_that_are_rational_are_accepted_and_nothing_less(
    source: Depth2Network, profile: str, supremum: Fraction
) -> None:
    value = largest(source, profile_of(profile))[0]
    assert not value.exceeds(supremum)
    verified(max(supremum, Fraction(1, 10**40)), source, profile)
    if supremum:
        assert value.exceeds(supremum - Fraction(1, 10**40))
        with pytest.raises(Rejected, match="exceeded"):
            verified(supremum - Fraction(1, 10**40), source, profile)


def test_attack_by_sampling_finds_nothing_above_and_the_maximiser_attains_it() -> None:
    """Random networks in dimensions 1 to 4: sampled errors stay below the supremum, which an exact point reaches."""
    generator = np.random.default_rng(0)
    texts = ("norm", "bump", "zigzag:2", "1/3", "max(1/4, r)", "-r/2")
    kinds = set()
    for trial in range(240):
        dimension, bits = trial % 4 + 1, int(generator.integers(0, 5))
        source = random_network(generator, dimension, int(generator.integers(0, 7 - dimension)), bits)
        profile = profile_of(texts[trial % 6])
        value, critical = largest(source, profile)
        bound = rounded_up(value)
        points = generator.normal(size=(4000, dimension))
        radii = generator.random(4000) ** (1 / dimension) if trial % 2 else np.ones(4000)
        points *= (radii / np.sqrt((points * points).sum(axis=1)))[:, None]
        assert errors(source, profile, points).max() <= float(bound) + 1e-12
        point = maximiser(critical)
        assert sum(x * x for x in point) <= 1
        at = errors(source, profile, np.array([[float(x) for x in point]]))[0]
        assert math.isclose(at, float(bound), rel_tol=1e-9, abs_tol=1e-9)
        verified(bound + Fraction(1, 10**12), source, texts[trial % 6])
        norm = math.sqrt(sum(float(x) ** 2 for x in point))
        knot = any(abs(norm - float(k)) < 1e-12 for k in profile.knots)
        kinds.add((critical.flat.dimension, knot))
    # Origin or knot; lines, planes and the space, at knots and (but for the space) between them.
    assert {(1, True), (1, False), (2, True), (3, True)} <= kinds


def test_the_faces_are_those_that_sampling_finds() -> None:
    """Every sign pattern of random points is listed as a region, and every listed region has the right signs."""
    generator = np.random.default_rng(3)
    for dimension in (1, 2, 3):
        for _ in range(6):
            folds = folds_of(random_network(generator, dimension, 7, 3))
            regions = {
                face.positive for group in faces(folds) if group[0].flat.dimension == dimension for face in group
            }
            points = generator.normal(size=(20000, dimension))
            points *= (generator.random(20000) ** (1 / dimension) / np.sqrt((points * points).sum(axis=1)))[:, None]
            forms = np.array(folds.hyperplanes, dtype=float).reshape(-1, dimension + 1)
            signs = points @ forms[:, :-1].T + forms[:, -1] > 0
            seen = {sum(1 << i for i in np.flatnonzero(row)) for row in np.unique(signs, axis=0)}
            assert seen <= regions
            assert len(regions) <= len(seen) + 3  # tiny regions may escape the sample


def test_the_number_of_regions_of_central_planes_is_the_formula_s() -> None:
    """n planes through the origin in general position: n^2 - n + 2 regions; 2n sectors in the plane."""
    for n in range(1, 9):
        rows = [[1, k, k * k] for k in range(n)]
        regions = _regions(network(rows, [0] * n, [1] * n, 0, 3))
        assert regions == n * n - n + 2
        assert _regions(network([row[:2] for row in rows], [0] * n, [1] * n, 0, 2)) == 2 * n


def _regions(source: Depth2Network) -> int:
    survey = Survey(folds_of(source), profile_of("norm"), Fraction(100))
    for _ in survey.groups():
        pass
    return survey.regions


def test_degenerate_arrangements() -> None:
    """Parallel, repeated, opposite and tangent hyperplanes, and many through one point."""
    rows = [[1, 0], [2, 0], [-1, 0], [1, 0], [1, 1], [1, -1], [0, 1], [3, 4], [0, 0], [1, 0]]
    biases = [0, 0, 0, "1/2", 0, 0, 0, 5, 1, -1]
    source = network(rows, biases, [1, "1/2", 1, "-1/3", 1, 1, -1, "1/7", 2, 9], -2, 2)
    folds = folds_of(source)
    assert len(folds.hyperplanes) == 5
    value, critical = largest(source, profile_of("norm"))
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 401), np.linspace(-1, 1, 401)), axis=-1).reshape(-1, 2)
    grid = grid[(grid**2).sum(axis=1) <= 1]
    sampled = errors(source, profile_of("norm"), grid).max()
    assert float(rounded_up(value)) * (1 - 2e-2) <= sampled <= float(rounded_up(value)) + 1e-12
    for x, y in itertools.product((-1, 0, Fraction(1, 2), Fraction(3, 5)), (0, Fraction(-4, 5))):
        if x * x + y * y <= 1:
            forms = [Fraction(f[0]) * x + f[1] * y + f[2] for f in folds.hyperplanes]
            total = folds.base[0] * x + folds.base[1] * y + folds.base[2]
            total += sum(k * max(f, 0) for k, f in zip(folds.strengths, forms, strict=True))
            assert total / folds.unit == source([Fraction(x), Fraction(y)])
    assert critical.flat.dimension >= 0


def test_surds_are_compared_exactly() -> None:
    two = Fraction(2)
    for sign, rational, bound, expected in (
        (1, 0, Fraction(141421356, 10**8), True),
        (1, 0, Fraction(141421357, 10**8), False),
        (-1, 3, Fraction(158578643, 10**8), True),
        (-1, 3, Fraction(158578644, 10**8), False),
        (0, 1, Fraction(1), False),
        (0, 1, Fraction(99, 100), True),
    ):
        assert Surd(Fraction(rational), sign, two).exceeds(bound) is expected


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"claim__bound": "1/6"}, Rejected, "exceeded at a critical point"),
        ({"claim__bound": -1}, Rejected, "must lie between 0 and epsilon"),
        ({"claim__dimension": 3}, Rejected, "is not the claim's"),
        ({"claim__profile__lipschitz": "1/2"}, Rejected, "beyond the declared constant"),
        ({"network__constant": 1}, Rejected, "exceeded at a critical point"),
        ({"network__hidden_denominator": 3}, Rejected, "exceeded at a critical point"),
        ({"proof__domain": "ball"}, Malformed, "unknown key 'domain'"),
        ({"proof__tree": {}}, Malformed, "unknown key 'tree'"),
        ({"proof__rule": "areas"}, Malformed, "is not one of cover-network, regions"),
        ({"proof__rule": "cover-network"}, Malformed, "key 'domain' is missing"),
        ({"proof__tube": {}}, Malformed, "needs no tube"),
        ({"witness__error": 1}, Rejected, "larger than the error at the point"),
        ({"witness__point": [2, 0]}, Rejected, "outside the unit ball"),
        ({"claim__surplus": 0}, Malformed, "unknown key"),
    ],
)
def test_every_reason_of_rejection(changes: dict[str, Any], kind: type[Exception], message: str) -> None:
    check_document(certificate("1/5"))
    with pytest.raises(kind, match=message):
        check_document(certificate("1/5", **changes))


def test_a_tube_s_radius_is_part_of_the_bound() -> None:
    source = network([], [], [], 0, 2)
    radius = prove_profile(read_target("sin(r)"), 1).profile.radius
    top = Fraction(math.ceil(math.sin(1) * 10**9), 10**9)
    verified(top + 2 * radius, source, "sin(r)")
    with pytest.raises(Rejected, match="exceeded"):
        verified(top, source, "sin(r)")
    with pytest.raises(Rejected, match="smaller than the radius of the profile's tube"):
        verified(radius / 2, source, "sin(r)")


def test_every_number_of_the_network_matters() -> None:
    """Shift one weight at a time: the tight bound fails (the network is its own witness)."""
    bound = str(IRRATIONAL + Fraction(1, 10**30))
    weights, biases, outputs, constant = DIAMOND.parameters()
    step = Fraction(1, 10**9)
    for index in range(4):
        moved = [w + step if i == index else w for i, w in enumerate(outputs)]
        changed = Depth2Network.from_rationals(weights, biases, moved, constant)
        with pytest.raises(Rejected, match="exceeded"):
            check_document(certificate(bound, changed))


def test_long_numbers_count_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bases of flats in R^6 have thousands of bits where weights have 300: once limits took no notice of that."""
    rows = [[3**180 + 7**k * 5 ** (i + 60 * (i == k % 6)) for i in range(6)] for k in range(8)]
    long = network(rows, [0] * 8, [Fraction(1, 3**180)] * 8, 0, 6)
    short = network([[row[i] // 3**160 for i in range(6)] for row in rows], [0] * 8, [1] * 8, 0, 6)
    monkeypatch.setattr(flats_rule, "MAX_RESTRICTIONS", 4000)
    verified(Fraction(10) ** 30, short, "norm")
    with pytest.raises(Rejected, match="more intersections of hyperplanes"):
        verified(Fraction(10) ** 30, long, "norm")


def test_hostile_sizes_are_refused_before_they_cost_much(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(7)
    huge = network([[2**700 + 1, 1]], [0], [1], 0, 2)
    with pytest.raises(Rejected, match="more than 640 bits"):
        verified(Fraction(10) ** 30, huge, "norm")
    many = random_network(generator, 2, 40, 12)
    monkeypatch.setattr(faces_rule, "MAX_FACES", 200)
    with pytest.raises(Rejected, match="more than 200 faces"):
        verified(Fraction(100), many, "norm")
    # Long numbers cost more: 1 + 300 // 128 = 3 times as much.
    long = network([[2**300 + k, 3**k] for k in range(40)], [0] * 40, [Fraction(1, 2**300)] * 40, 0, 2)
    with pytest.raises(Rejected, match="more than 66 faces"):
        verified(Fraction(10) ** 6, long, "norm")
    monkeypatch.setattr(flats_rule, "MAX_RESTRICTIONS", 1000)
    with pytest.raises(Rejected, match="more intersections of hyperplanes"):
        verified(Fraction(100), many, "norm")
    monkeypatch.undo()
    monkeypatch.setattr("verify.kernel.regions.critical.MAX_CANDIDATES", 1000)
    with pytest.raises(Rejected, match="more critical points"):
        verified(Fraction(100), many, "norm")
    monkeypatch.undo()
    # 2^17 flats and more: refused after the limit's work, not enumerated.
    with pytest.raises(Rejected, match="more intersections of hyperplanes"):
        monkeypatch.setattr(flats_rule, "MAX_RESTRICTIONS", 50_000)
        verified(Fraction(1000), random_network(generator, 8, 60, 8), "norm")
