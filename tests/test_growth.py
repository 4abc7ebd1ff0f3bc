"""Growth with the dimension: the kernel's rules RESTRICTION and GROWTH, their refusals, and attacks on the claim."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_thm1 import unpacked

import verify
from verify.certificates.document import rehash
from verify.claims.growth import least_law
from verify.cli.main import run
from verify.errors import UsageProblem
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.growth import _require_law, restricted_lines
from verify.kernel.cubature.moments import Entries, norm_squared, orbit_lines
from verify.kernel.cubature.orbits import OrbitClass
from verify.kernel.cubature.power_law import PowerLaw, spelled
from verify.kernel.outcome import Rejected

SHIPPED = Path(__file__).resolve().parent.parent / "certificates"


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SHIPPED / "growth-d10-1000-eps0.3.json").read_text())
    return document


@pytest.fixture(scope="module")
def profiled() -> dict[str, Any]:
    return verify.certify("growth", d=(3, 6), eps="1/4", profile="norm", exponent=2).certificate.document


def test_the_claim_names_an_exponent_near_one(shipped: dict[str, Any]) -> None:
    theorem = verify.check(shipped).theorem
    assert theorem is not None
    assert 1 <= float(theorem.figures["exponent"]) <= 1.2 and float(theorem.figures["constant"]) <= 10
    assert "from 10 to 1000" in theorem.statement and "RESTRICTION" in theorem.rests_on[0]


def test_attack_every_dimension_by_brute_force(shipped: dict[str, Any]) -> None:
    """Count neurons in every dimension from the document alone, and evaluate networks restricted to subspaces."""
    claim = shipped["claim"]
    constant, exponent = float(Fraction(claim["constant"])), float(Fraction(claim["exponent"]))
    epsilon = float(Fraction(claim["epsilon"]))
    least = np.inf
    for d in range(claim["from"], claim["to"] + 1):
        step = next(step for step in shipped["steps"] if step["claim"]["dimension"] >= d)
        assert step["network"]["directions"]["classes"] == [{"entries": [[1, 1]], "mass": 1}]
        (ridge,) = step["network"]["ridges"]
        width = 2 * d * int((unpacked(ridge["knots"]) < 1 << ridge["bits"]).sum())
        least = min(least, constant * d**exponent / width)
    assert 1 <= least < 1.01
    rng = np.random.default_rng(3)
    for d in (10, 17, 64, 200, 366, 900):
        step = next(step for step in shipped["steps"] if step["claim"]["dimension"] >= d)
        points = rng.standard_normal((400, d)) * rng.integers(0, 2, (400, d))
        points[:d] += np.eye(d)[:400] * 9
        points *= rng.random((400, 1)) ** 0.4 / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
        error = restricted_error(step, points)
        assert 0.5 * epsilon < error.max() <= epsilon + 1e-9


def restricted_error(step: dict[str, Any], points: Any) -> Any:
    """The largest |phi - N| over all phi, at points of a coordinate subspace; cross-polytopes only."""
    (ridge,) = step["network"]["ridges"]
    knots = unpacked(ridge["knots"]) / 2.0 ** ridge["bits"]
    table = unpacked(ridge["values"]) / 2.0 ** step["proof"]["scale"]
    whole, d = step["claim"]["dimension"], points.shape[1]
    v = np.stack([(np.interp(abs(points), knots, row).sum(axis=1) + (whole - d) * row[0]) / whole for row in table])
    share, radii = 1 / len(v), np.linalg.norm(points, axis=1)
    below = np.clip(radii - share * np.arange(len(v))[:, None], 0, share)
    return (below * abs(1 - v) + (share - below) * abs(v)).sum(axis=0)


ENTRIES: list[Entries] = [((1, 1),), ((1, 2),), ((1, 4),), ((2, 1), (1, 2)), ((3, 1), (2, 1), (1, 1))]


@pytest.mark.parametrize("entries", ENTRIES)
def test_restricted_lines_are_counted_exactly(entries: Entries) -> None:
    for dimension in (4, 5):
        values = [value for value, count in entries for _ in range(count)]
        values += [0] * (dimension - len(values))
        vectors = {
            tuple(s * v for s, v in zip(signs, order, strict=True))
            for order in set(itertools.permutations(values))
            for signs in itertools.product((1, -1), repeat=dimension)
        }
        item = OrbitClass(entries, orbit_lines(entries, dimension), norm_squared(entries), Fraction(1))
        assert item.lines == len(vectors) // 2
        for d in range(1, dimension + 1):
            parts = {vector[:d] for vector in vectors} - {(0,) * d}
            assert restricted_lines(item, dimension, d, Work()) == len(parts) // 2


def test_large_orbits_count_all_their_lines() -> None:
    entries = ((3, 80), (2, 80), (1, 80))
    item = OrbitClass(entries, orbit_lines(entries, 300), norm_squared(entries), Fraction(1))
    assert restricted_lines(item, 300, 150, Work()) == item.lines
    array = OrbitClass(((1, 10**6),), 1 << 200, 10**6, Fraction(1))
    assert restricted_lines(array, 10**6, 90_000, Work()) == 1 << 200
    assert restricted_lines(array, 10**6, 20, Work()) == 1 << 19


@given(
    st.integers(0, 10**9),
    st.integers(1, 10**5),
    st.fractions(Fraction(1, 50), 50, max_denominator=60),
    st.fractions(0, 4, max_denominator=100),
)
def test_the_power_law_is_compared_exactly(width: int, d: int, constant: Fraction, exponent: Fraction) -> None:
    law = PowerLaw(constant, exponent)
    right = float(constant) * d ** float(exponent)
    if abs(width - right) > 1e-6 * right:
        assert law.allows(width, d) == (width < right)
    whole = PowerLaw(constant, Fraction(2))
    assert whole.allows((constant * d * d).__floor__(), d) and not whole.allows((constant * d * d).__floor__() + 1, d)


def test_laws_are_spelled_exactly() -> None:
    assert str(PowerLaw(Fraction("4.47"), Fraction("1.14"))) == "4.47 * d^1.14"
    assert str(PowerLaw(Fraction(1, 3), Fraction(7, 6))) == "1/3 * d^(7/6)"
    assert str(PowerLaw(Fraction(10), Fraction(1))) == "10 * d"
    assert [spelled(Fraction(x)) for x in ("100", "0", "0.000001", "1/7")] == ["100", "0", "0.000001", "1/7"]


def test_the_least_constant_and_the_fitted_exponent() -> None:
    assert least_law({d: 10 * d for d in range(5, 50)}, None) == PowerLaw(Fraction(10), Fraction(1))
    assert least_law({d: 7 * d * d for d in range(2, 90)}, Fraction(1)) == PowerLaw(Fraction(623), Fraction(1))
    assert least_law(dict.fromkeys(range(2, 9), 0), None).exponent == 0


def _step(b: dict[str, Any], index: int) -> dict[str, Any]:
    found: dict[str, Any] = b["steps"][index]
    return found


REJECTIONS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a step fails": (lambda b: _step(b, 1)["claim"].update(bound="1/5"), "steps[1].claim.bound: the bound fails"),
    "order": (
        lambda b: (b["steps"].reverse(), b["claim"].update(constant=10)),
        "steps[1].claim.dimension: the dimensions must increase",
    ),
    "a step twice": (lambda b: b["steps"].insert(1, b["steps"][0]), "the dimensions must increase"),
    "a step below the range": (lambda b: b["claim"].update({"from": 64}), "from the first on"),
    "the end is missing": (lambda b: b["steps"].pop(), "steps: do not reach dimension 1000"),
    "no step": (lambda b: b["steps"].clear(), "do not reach"),
    "beyond": (lambda b: b["claim"].update(to=1001), "do not reach dimension 1001"),
    "activation": (
        lambda b: _step(b, 2)["claim"].update(activation="leaky-relu:1/2"),
        "steps[2].claim.activation: dif",
    ),
    "epsilon": (lambda b: _step(b, 2)["claim"].update(epsilon="2/5"), "steps[2].claim.epsilon: differs"),
    "a smaller epsilon claimed": (lambda b: b["claim"].update(epsilon="299/1000"), "steps[0].claim.epsilon: differs"),
    "constant": (lambda b: b["claim"].update(constant="223/50"), "claim.constant: the width for d = 64 is"),
    "exponent": (lambda b: b["claim"].update(exponent="113/100"), "claim.constant: the width for d = 64 is"),
    "a gap between steps": (lambda b: b["steps"].pop(1), "claim.constant: the width for d = 64 is"),
}


@pytest.mark.parametrize("reason", REJECTIONS)
def test_rejections(shipped: dict[str, Any], reason: str) -> None:
    body = copy.deepcopy(shipped)
    change, message = REJECTIONS[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == "rejected", result
    place, _, why = message.rpartition(": ")
    failure = str(result.failure)
    assert failure.startswith(place) and why in failure


MALFORMED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "negative exponent": (lambda b: b["claim"].update(exponent="-1/2"), "claim.exponent: must lie between"),
    "huge exponent": (lambda b: b["claim"].update(exponent=101), "claim.exponent: must lie between"),
    "huge denominator": (lambda b: b["claim"].update(exponent="115/101"), "claim.exponent: has a denominator above"),
    "constant 0": (lambda b: b["claim"].update(constant=0), "claim.constant: must be positive"),
    "long constant": (lambda b: b["claim"].update(constant=10**60), "claim.constant: an integer of more than 60"),
    "an empty range": (lambda b: b["claim"].update({"from": 1001}), "claim.to: must lie between 1001"),
    "a huge range": (lambda b: b["claim"].update(to=100_001), "claim.to: must lie between"),
    "dimension 0": (lambda b: b["claim"].update({"from": 0}), "claim.from: must lie between 1"),
    "many steps": (lambda b: b.update(steps=b["steps"][:1] * 61), "steps: more than 60 items"),
    "another proof": (lambda b: b["proof"].update(rule="induction"), "proof.rule"),
    "more in a step": (lambda b: _step(b, 0).update(hash="x"), "steps[0]: unknown key 'hash'"),
    "a step of another kind": (lambda b: _step(b, 0)["claim"].update(kind="power"), "steps[0].claim.kind: 'power' is"),
    "a step without claim": (lambda b: _step(b, 0).pop("claim"), "steps[0]: key 'claim' is missing"),
    "no activation": (
        lambda b: [part["claim"].pop("activation") for part in (b, *b["steps"])],
        "key 'activation' is missing",
    ),
    "more in the claim": (lambda b: b["claim"].update(bound="1/4"), "claim: unknown key 'bound'"),
}


@pytest.mark.parametrize("reason", MALFORMED)
def test_malformed(shipped: dict[str, Any], reason: str) -> None:
    body = copy.deepcopy(shipped)
    change, message = MALFORMED[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == "malformed", result
    assert message in str(result.failure)


def test_one_profile_and_no_other(profiled: dict[str, Any]) -> None:
    theorem = verify.check(profiled).theorem
    assert theorem is not None and "phi(r) = r" in theorem.statement.replace("phi(r) = 1 * r", "phi(r) = r")
    body = copy.deepcopy(profiled)
    body["claim"].pop("profile")
    assert str(verify.check(rehash(body)).failure).startswith("steps[0].claim.profile: rule GROWTH: differs")


def test_hostile_laws_cost_bounded_work(shipped: dict[str, Any]) -> None:
    body = copy.deepcopy(shipped)
    body["claim"].update(exponent="9999/100", constant=f"{10**59 + 1}/{10**59}")
    assert verify.check(rehash(body)).status == "verified"
    law = PowerLaw(Fraction(10**59 + 1, 10**59), Fraction(9999, 100))
    assert law.cost(1, 10**5) > 10**5
    with pytest.raises(Rejected, match="subdivisions"):
        _require_law(law, 1, 10**5, Work(10**5))


@pytest.mark.slow
def test_few_of_the_networks_chosen_list_their_lines() -> None:
    """In low dimensions most networks that are found do, but the kernel takes only a few of them."""
    result = verify.certify("growth", d=(3, 8), eps="27/100")
    kinds = [step["network"]["directions"]["kind"] for step in result.certificate.document["steps"]]
    assert 0 < sum(kind != "orbits" for kind in kinds) <= 2


@pytest.mark.parametrize(
    "options",
    [
        {"d": (10, 10), "eps": "0.3"},
        {"d": (10, 5), "eps": "0.3"},
        {"d": (0, 5), "eps": "0.3"},
        {"d": (10, 200_000), "eps": "0.3"},
        {"d": (5, 10), "eps": "0.4", "exponent": "-1"},
        {"d": (5, 10), "eps": "0.4", "exponent": "x"},
        {"d": (5, 10), "eps": "0.4", "exponent": "1/1000"},
    ],
)
def test_requests_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem):
        verify.certify("growth", **options)


def test_command_line(tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "c.json"
    assert run(["certify", "growth", "--d", "3", "9", "--eps", "0.4", "--exponent", "1", "--out", str(path)]) == 0
    assert "* d with" in " ".join(capsys.readouterr().out.split())
    assert run(["check", str(path)]) == 0
    assert run(["show", str(path)]) == 0
    assert "in every dimension d from 3 to 9" in " ".join(capsys.readouterr().out.split())
    assert run(["certify", "growth", "--d", "9", "3", "--eps", "0.4", "--out", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_profile_is_proved_once_for_all_steps() -> None:
    document = verify.certify("growth", d=(2, 5), eps="1/10", profile="sin(3*r)/3", exponent=2).certificate.document
    assert len(document["steps"]) > 1 and "tube" in document["steps"][1]["proof"]
    assert document["steps"][0]["proof"]["tube"] == document["steps"][1]["proof"]["tube"]
    body = copy.deepcopy(document)
    body["steps"][1]["proof"]["tube"]["radius"] = "1/10000000"
    failure = verify.check(rehash(body)).failure
    assert isinstance(failure, Rejected) and "differs from the first step's" in str(failure)
    body = copy.deepcopy(document)
    for step in body["steps"]:
        step["proof"]["tube"]["radius"] = "1/10000000"
    failure = verify.check(rehash(body)).failure
    assert isinstance(failure, Rejected) and failure.rule == "TUBE"
