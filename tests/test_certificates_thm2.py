"""Certificates of Theorem 2: every reason of rejection, every mutation, and attacks on what they claim."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from cover_examples import accepted, bump, changed, expression, prove_norm, put, refused, tight, universal

from verify.certificates.document import Document, pack_bits, pack_integers, rehash, serialise, unpack_integers
from verify.claims.network import certify as certify_network
from verify.claims.thm2 import certify as certify_thm2
from verify.errors import Inconclusive
from verify.kernel import check_bytes
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.outcome import CheckFailure
from verify.kernel.profiles.profile import read_profile
from verify.networks.depth2 import Depth2Network
from verify.networks.family import family_from_document
from verify.provers.ascent import climb

COVERS = ("universal-approximation", "radial-approximation")
SHIPPED = [
    path
    for path in sorted((Path(__file__).resolve().parent.parent / "certificates").glob("thm2-*.json"))
    if json.loads(path.read_bytes())["claim"]["kind"] in COVERS
]
EXAMPLES = [universal, bump, expression, tight]


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_verified(example: Callable[[], Document]) -> None:
    theorem = accepted(serialise(example()))
    assert float(theorem.figures["bound / witness"]) <= 1.1  # type: ignore[arg-type]
    assert str(theorem.figures["width"]) in theorem.statement


def wrapped_edges(document: Document) -> Document:
    """Edges whose differences overflow int64, so that they seem to increase."""
    count = unpack_integers(document["family"]["edges"]).size
    edges = [0, 2**63 - 1, -(2**63), *range(-(2**62), -(2**62) + count - 4), 1 << document["family"]["edge_bits"]]
    array = np.array(edges, dtype=np.int64)
    packed = pack_integers(np.arange(2**40, 2**40 + count))
    return {**packed, "base64": base64.b64encode(array.astype("<i8").tobytes()).decode()}


UNIVERSAL = [
    ("claim.kind", "universal", "is not a claim that this kernel knows"),
    ("claim.dimension", 3, "family.dimension"),
    ("claim.dimension", 0, "must lie between 1 and 8"),
    ("claim.dimension", True, "must be an integer"),
    ("claim.epsilon", "1/1000", "claim.bound"),
    ("claim.epsilon", "2/10", "not in lowest terms"),
    ("claim.epsilon", 0.2, "numbers must be integers"),
    ("claim.epsilon", "0.2", 'text "n/d"'),
    ("claim.bound", "1/100", "is not proved"),
    ("claim.bound", 0, "claim.bound"),
    ("claim.bound", -1, "claim.bound"),
    ("family.dimension", 1, "shape"),
    ("family.direction_bits", 21, "must lie between"),
    ("family.weight_bits", -1, "must lie between"),
    ("family.knot_bits", 15, "must lie between"),
    ("family.edge_bits", 27, "must lie between"),
    ("family.edges", pack_integers([0, 5, 5, 64]), "must increase from 0 to 1"),
    ("family.edges", pack_integers([0]), "must increase from 0 to 1"),
    ("family.constants", pack_integers([1, 2]), "shape"),
    ("family.blocks", [{}] * 65, "more than 64 items"),
    ("family.blocks", "none", "must be a list"),
    ("family.blocks.0.directions", pack_integers(np.zeros((0, 2))), "has no lines"),
    ("family.blocks.0.directions", pack_integers([[1 << 40, 0]]), "has an entry beyond"),
    ("family.blocks.0.weights", pack_integers([1 << 41]), "shape"),
    ("family.blocks.0.knots", pack_integers(np.zeros(0)), "must increase within"),
    ("family.blocks.0.knots", pack_integers([-1, 5]), "must increase within"),
    ("family.blocks.0.knots", pack_integers([5, 5]), "must increase within"),
    ("family.blocks.0.knots", pack_integers([1 << 40]), "must increase within"),
    ("family.blocks.0.coefficients", pack_integers([[1]]), "shape"),
    ("proof.rule", "trust-me", "is not one of cover-family"),
    ("proof.domain", "sphere", "is not one of ball, orthant, chamber"),
    ("proof.domain", "ball", "rule co"),
    ("proof.depth", 0, "deeper than the declared 0"),
    ("proof.depth", 52, "the finest allowed"),
    ("proof.depth", 500, "must lie between"),
    ("proof.tree", pack_bits(np.zeros(1, dtype=np.bool_)), "is not proved"),
    ("proof.tree", pack_bits(np.zeros(0, dtype=np.bool_)), "the bits run out at depth 0"),
    ("proof.tree", {"bits": 3, "base64": "/w=="}, "padding bits are not zero"),
    ("proof.tree", {"bits": 30, "base64": "/w=="}, "holds 1 bytes where 4 are due"),
    ("proof.tree", {"bits": 8, "base64": "!!!!"}, "is not base64"),
    ("proof.tree", {"bits": 1 << 40, "base64": ""}, "must lie between"),
    ("witness.point", [0], "has not the claim's dimension"),
    ("witness.point", [1, 1], "outside the unit ball"),
    ("witness.point", ["1/" + "1" + "0" * 500, 0], 'text "n/d"'),
    ("witness.error", "1/2", "is larger than the error at the point"),
    ("version", 2, "this kernel reads 1 to 1"),
    ("format", "other", "is not 'verify-certificate'"),
    ("provenance", 3, "must be an object"),
]


@pytest.mark.parametrize(("path", "value", "reason"), UNIVERSAL)
def test_a_changed_universal_certificate_is_refused(path: str, value: Any, reason: str) -> None:
    def change(document: Document) -> None:
        *parents, last = path.split(".")
        part: Any = document
        for key in parents:
            part = part[int(key)] if isinstance(part, list) else part[key]
        part[last] = value

    if isinstance(value, float):
        copied = copy.deepcopy(universal())
        change(copied)
        refused(json.dumps(copied).encode(), reason)
    else:
        refused(changed(universal(), change), reason)


def test_overflowing_differences_do_not_increase() -> None:
    refused(put(universal(), "family.edges", wrapped_edges(universal())), "must increase from 0 to 1")


def test_lines_without_symmetry() -> None:
    directions = unpack_integers(universal()["family"]["blocks"][0]["directions"])
    directions[0, 0] += 1

    def change(document: Document) -> None:
        document["family"]["blocks"][0]["directions"] = pack_integers(directions)
        document["witness"]["error"] = 0

    refused(changed(universal(), change), "not invariant")


def test_too_many_kinks() -> None:
    def change(document: Document) -> None:
        block = document["family"]["blocks"][0]
        bins = unpack_integers(document["family"]["constants"]).size
        block["directions"] = pack_integers(np.ones((20_000, 2), dtype=np.int64))
        block["weights"] = pack_integers(np.ones(20_000, dtype=np.int64))
        block["knots"] = pack_integers(np.arange(30))
        block["coefficients"] = pack_integers(np.zeros((30, bins), dtype=np.int64))

    refused(changed(universal(), change), "more than 400000 kinks")


def test_boxes_without_a_bound_prove_nothing() -> None:
    """V = 1000 on a box that is too coarse: its infinite bound once passed every claim of 32 or more."""

    def change(document: Document) -> None:
        constants = unpack_integers(document["family"]["constants"])
        constants[:] = 1000 << document["family"]["coefficient_bits"]
        document["family"]["constants"] = pack_integers(constants)
        document["proof"] |= {"depth": 0, "tree": pack_bits(np.zeros(1, dtype=np.bool_))}
        document["claim"] |= {"epsilon": 40, "bound": 40}

    refused(changed(universal(), change), "must be at most 1")


RADIAL = [
    ("claim.dimension", 3, "network.dimension"),
    ("claim.bound", "1/100", "is not proved"),
    ("claim.bound", -1, "must lie between 0 and epsilon"),
    ("claim.epsilon", "1/100", "must lie between 0 and epsilon"),
    ("claim.profile.lipschitz", "1/2", "beyond the declared constant"),
    ("claim.profile.piecewise_linear.knots", [0, 1, 1], "the knots must increase"),
    ("claim.profile.piecewise_linear.knots", [0, "2/3", 1], "is not proved"),
    ("claim.profile.piecewise_linear.values", [0, 1], "3 knots but 2 values"),
    ("network.dimension", 3, "shape"),
    ("network.hidden_denominator", 0, "must lie between"),
    ("network.output_denominator", 1, "is not proved"),
    ("network.width", 3, "shape"),
    ("network.width", 10**9, "must lie between"),
    ("network.constant", 0, "is not proved"),
    ("network.weights", [1], "entries where"),
    ("network.outputs", "x", "must be an object"),
    ("proof.rule", "cover-family", "is not one of cover-network"),
    ("proof.depth", 0, "deeper than the declared 0"),
    ("proof.tree", pack_bits(np.zeros(1, dtype=np.bool_)), "is not proved"),
    ("witness.point", [0, 0, 0], "has not the claim's dimension"),
    ("witness.point", [1, "1/1000"], "outside the unit ball"),
    ("witness.error", "1/2", "is larger than the error at the point"),
]


@pytest.mark.parametrize(("path", "value", "reason"), RADIAL)
def test_a_changed_network_certificate_is_refused(path: str, value: Any, reason: str) -> None:
    refused(put(bump(), path, value), reason)


def places(part: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document, packed arrays as one."""
    if path:
        yield path
    if isinstance(part, dict) and "base64" not in part:
        for key, value in part.items():
            yield from places(value, (*path, key))
    elif isinstance(part, list):
        for index, value in enumerate(part[:3]):
            yield from places(value, (*path, index))


def mutations(value: Any) -> Iterator[Any]:
    """Other values for one place."""
    yield None
    if isinstance(value, dict) and "shape" in value:
        array = unpack_integers(value)
        flat = array.reshape(-1)
        for index in sorted({0, flat.size // 2, flat.size - 1} if flat.size else set()):
            for step in (1, -1, 10**6):
                new = flat.copy()
                new[index] += step
                yield pack_integers(new.reshape(array.shape))
        yield pack_integers(flat[:-1])
    elif isinstance(value, dict) and "bits" in value and "base64" in value:
        yield {**value, "bits": value["bits"] + 1}
        yield {**value, "bits": value["bits"] - 1}
        yield {**value, "base64": "AAAA" + value["base64"][4:]}
    elif isinstance(value, dict):
        yield {**value, "unknown": 1}
    elif isinstance(value, bool | int):
        yield from (value + 1, value - 1, -value - 1, 1 << 200, str(value), [value])
    elif isinstance(value, str):
        yield from ("", value + "0", "1/3", "-1/3", 1)
    elif isinstance(value, list):
        yield from (value[:-1], [*value, 0])


def still_true(document: Document) -> bool:
    """Look for a point that refutes the document's claim: samples in float64."""
    claim = document["claim"]
    points = np.random.default_rng(3).normal(size=(4000, claim["dimension"]))
    points /= np.maximum(np.linalg.norm(points, axis=1), 1e-9)[:, None]
    points *= np.random.default_rng(4).random(4000)[:, None] ** (1 / claim["dimension"])
    if claim["kind"] == "universal-approximation":
        errors = family_from_document(document["family"]).error(points)
    else:
        proof = document["proof"]
        tube = Fields(proof["tube"], "tube") if "tube" in proof else None
        profile = read_profile(Fields(claim["profile"], "profile"), tube)
        knots, values = [[float(x) for x in part] for part in (profile.knots, profile.values)]
        target = np.interp(np.linalg.norm(points, axis=1), knots, values)
        errors = np.abs(read_depth2(document).evaluate(points) - target) - float(profile.radius)
    return float(errors.max()) <= float(Fraction(claim["bound"])) <= float(Fraction(claim["epsilon"]))


def read_depth2(document: Document) -> Depth2Network:
    network = read_network(Fields(document["network"], "network"))
    return Depth2Network(
        network.dimension,
        network.hidden_denominator,
        network.output_denominator,
        tuple(tuple(int(w) for w in row) for row in network.weights),
        tuple(int(b) for b in network.biases),
        tuple(int(a) for a in network.outputs),
        network.constant,
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_mutation_is_refused_or_proves_another_truth(example: Callable[[], Document]) -> None:
    original = example()
    refusals = 0
    for path in places(original):
        part: Any = original
        for key in path:
            part = part[key]
        for value in mutations(part):
            document = copy.deepcopy(original)
            parent: Any = document
            for key in path[:-1]:
                parent = parent[key]
            parent[path[-1]] = value
            if path != ("hash",):
                document = rehash(document)
            try:
                check_bytes(serialise(document))
            except CheckFailure:
                refusals += 1
                continue
            assert path[0] in ("producer", "provenance") or still_true(document), path
        document = copy.deepcopy(original)
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        if isinstance(parent, dict):
            del parent[path[-1]]
            if path[0] not in ("provenance", "hash"):
                with pytest.raises(CheckFailure):
                    check_bytes(serialise(rehash(document)))
    assert refusals > 100


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_attack_beats_a_shipped_bound(path: Path) -> None:
    """Sampling and local ascent, then 50 digits at the best point: the error stays below the bound."""
    document = json.loads(path.read_bytes())
    claim = document["claim"]
    bound = Fraction(claim["bound"])
    if claim["kind"] == "universal-approximation":
        family = family_from_document(document["family"])
        point, _ = climb(family.error, claim["dimension"], document["proof"]["domain"])
        value = precise_family_error(family, point)
    else:
        proof = document["proof"]
        tube = Fields(proof["tube"], "tube") if "tube" in proof else None
        profile = read_profile(Fields(claim["profile"], "profile"), tube)
        network = read_depth2(document)
        knots, values = [np.array([float(x) for x in part]) for part in (profile.knots, profile.values)]

        def error(points: np.ndarray) -> np.ndarray:
            return np.abs(np.interp(np.linalg.norm(points, axis=1), knots, values) - network.evaluate(points))

        point, _ = climb(error, claim["dimension"], proof["domain"])
        with mpmath.workdps(50):
            x = [mpmath.mpf(float(t)) for t in point]
            r = min(mpmath.sqrt(mpmath.fsum(t * t for t in x)), mpmath.mpf(1))
            exact = profile.interpolant(Fraction(int(mpmath.floor(r * 2**120)), 1 << 120))
            at = mpmath.mpf(exact.numerator) / exact.denominator
            value = abs(at - network(x)) - mpmath.mpf(2) ** -100
            value -= mpmath.mpf(profile.radius.numerator) / profile.radius.denominator
    assert value <= mpmath.mpf(bound.numerator) / bound.denominator
    assert value >= mpmath.mpf(0.9) * bound.numerator / bound.denominator - 2e-3


def precise_family_error(family: Any, point: np.ndarray) -> Any:
    """E at one point in 50 digits, by its definition: the bins and the formula written out once more."""
    with mpmath.workdps(50):
        x = [mpmath.mpf(float(t)) for t in point]
        r = mpmath.sqrt(mpmath.fsum(t * t for t in x))
        total = mpmath.mpf(0)
        edges = [mpmath.mpf(int(e)) / 2**family.edge_bits for e in family.edges]
        for index in range(len(edges) - 1):
            v = mpmath.mpf(int(family.constants[index])) / 2**family.coefficient_bits
            for block in family.blocks:
                inner = [
                    abs(mpmath.fdot([int(w) for w in row], x)) / 2**family.direction_bits for row in block.directions
                ]
                for knot, row in zip(block.knots, block.coefficients, strict=True):
                    s = mpmath.mpf(int(knot)) / 2**family.knot_bits
                    feature = mpmath.fsum(
                        int(weight) * (t - s) for weight, t in zip(block.weights, inner, strict=True) if t > s
                    )
                    v += feature / 2**family.weight_bits * int(row[index]) / 2**family.coefficient_bits
            a, b = edges[index], edges[index + 1]
            below = min(max(r - a, 0), b - a)
            total += below * abs(1 - v) + (b - a - below) * abs(v)
        return total


def test_a_bound_below_the_largest_error_is_never_proved() -> None:
    """The best witness known, a little below it: search and kernel both refuse."""
    lower = Fraction(tight()["witness"]["error"])
    with pytest.raises(Inconclusive):
        prove_norm(2, lower * Fraction(9_999, 10_000))
    refused(changed(tight(), lambda d: d["claim"].update(bound=str(lower - Fraction(1, 1 << 30)))), "proof")


@pytest.mark.parametrize("weights", [[1, -3, 2], [-5, 4, 0], [7, 7, -7]])
def test_on_the_line_the_bound_dominates_the_exact_maximum(weights: list[int]) -> None:
    """d = 1: phi - N is piecewise linear, so its maximum is at a kink or an end."""
    rows = [[Fraction(1)], [Fraction(-1)], [Fraction(2)]]
    biases = [Fraction(-1, 3), Fraction(-1, 5), Fraction(1, 7)]
    network = Depth2Network.from_rationals(rows, biases, [Fraction(a, 10) for a in weights], Fraction(1, 9))
    kinks = [Fraction(-1), Fraction(0), Fraction(1), Fraction(1, 3), Fraction(-1, 5), Fraction(-1, 14)]
    exact = max(abs(abs(x) - network([x])) for x in kinks)
    result = certify_network(network=network, profile="norm", eps=exact * Fraction(1001, 1000), workers=1)
    assert exact <= Fraction(result.certificate.document["claim"]["bound"])
    refuted = certify_network(network=network, profile="norm", eps=exact * Fraction(999, 1000), workers=1)
    assert refuted.theorem.refutes


@pytest.mark.parametrize(
    ("dimension", "eps", "profile", "width"),
    [
        (3, "1/100", "0*r", 0),
        (3, "1/100", "1/2", 0),
        (1, "1/100", "bump", 4),
        (1, "1/100000", "norm", 2),
        (4, "1/10", "1/2", 0),
    ],
)
def test_a_profile_that_a_network_equals_is_proved_with_a_positive_bound(
    dimension: int, eps: str, profile: str, width: int
) -> None:
    """The sampled error is exactly 0, or 0 up to rounding."""
    result = certify_thm2(d=dimension, eps=eps, profile=profile, workers=1)
    assert result.theorem.figures["width"] == width
    assert 0 < Fraction(result.certificate.document["claim"]["bound"]) <= Fraction(eps)
