"""Networks on directions that a group generates (rule GROUP ORBITS): attacks on their bounds, refusals, exports."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import verify
from verify.certificates.document import rational, rehash
from verify.cli.main import run
from verify.errors import UsageProblem
from verify.exact.spelling import unpack_integers
from verify.formats.coq.certificates import NoCoqRule, coq_source, has_coq_rule
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.growth import restricted_width
from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.cubature.radial_cubature import prove_radial_cubature
from verify.kernel.fields import Fields
from verify.sphere.group_orbits import group_cubatures, orbit_of

SHIPPED = Path(__file__).resolve().parent.parent / "certificates"


@cache
def shipped(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SHIPPED / f"{name}.json").read_text(encoding="ascii"))
    return body


def generated(body: dict[str, Any]) -> list[tuple[Any, float]]:
    """Return the lines of each class with its mass."""
    part = body["network"]["directions"]
    generators = unpack_integers(part["generators"])
    found = []
    for item in part["classes"]:
        rows = [orbit_of(tuple(start), generators.tolist()) for start in unpack_integers(item["starts"]).tolist()]
        found.append((np.concatenate(rows).astype(float), float(Fraction(item["mass"]))))
    return found


def errors(body: dict[str, Any], points: Any) -> Any:
    """The error of the worst 1-Lipschitz profile at each point, from the document alone."""
    scale, total = body["proof"]["scale"], 0.0
    for (lines, mass), ridge in zip(generated(body), body["network"]["ridges"], strict=True):
        knots = unpack_integers(ridge["knots"]) / 2.0 ** ridge["bits"]
        table = unpack_integers(ridge["values"]) / 2.0**scale
        inner = np.abs(points @ lines.T)
        total = total + mass * np.stack([np.interp(inner, knots, row).mean(axis=1) for row in table], axis=1)
    r = np.linalg.norm(points, axis=1)[:, None]
    share = 1 / total.shape[1]
    below = np.clip(r - share * np.arange(total.shape[1]), 0, share)
    return (below * np.abs(1 - total) + (share - below) * np.abs(total)).sum(axis=1)


def hard_points(d: int, special: Any, count: int) -> Any:
    """Random points of the ball, and points in special directions with radii up to 1."""
    rng = np.random.default_rng(24)
    points = np.concatenate([rng.normal(size=(count, d)), *(np.asarray(special, dtype=float) for _ in range(3))])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points * rng.random((len(points), 1)) ** (1 / d)


def test_attack_no_point_beats_the_bound_on_leech_directions() -> None:
    body = shipped("thm1-d24-eps0.2-leech")
    (item,) = group_cubatures(24)[0].terms
    special = [*item[0].starts, [1] + [0] * 23, [1] * 24, [5] + [1] * 23]
    points = hard_points(24, special, 12)
    worst = np.concatenate([errors(body, part) for part in np.array_split(points, 10)])
    assert worst.max() <= float(Fraction(body["claim"]["bound"])) * (1 + 1e-9)
    assert errors(body, np.zeros((1, 24)))[0] == pytest.approx(float(Fraction(body["witness"]["error"])), rel=1e-5)


def test_attack_no_point_beats_the_bound_on_equiangular_lines() -> None:
    body = shipped("thm1-d7-eps0.2")
    rows = generated(body)[0][0]
    points = hard_points(7, np.concatenate([rows, np.eye(7), np.ones((1, 7))]), 4000)
    points = np.concatenate([points, np.zeros((1, 7))])
    bound = float(Fraction(body["claim"]["bound"]))
    assert 0.9 * bound < errors(body, points).max() <= bound * (1 + 1e-9)


def test_theorem_3_on_generated_directions() -> None:
    result = verify.certify("thm3", d=7, k=3, eps="1/50")
    body = result.certificate.document
    assert "GROUP ORBITS" in result.theorem.rests_on[0]
    assert result.theorem.figures["lines"] == 91
    points = hard_points(7, np.eye(7), 3000)
    value = np.full(len(points), float(Fraction(body["network"]["offset"])))
    for (lines, mass), ridge in zip(generated(body), body["network"]["ridges"], strict=True):
        norm2 = float((lines[0] ** 2).sum())
        steps = np.repeat([step for _, step in ridge["blocks"]], [count for count, _ in ridge["blocks"]])
        knots = (ridge["first"] + np.concatenate([[0], np.cumsum(steps)])) / 2.0 ** ridge["bits"]
        heights = np.interp(np.abs(points @ lines.T), knots, knots**6).mean(axis=1)
        value += mass / (float(sphere_moment(7, 3)) * norm2**3) * heights
    error = np.abs(value - np.linalg.norm(points, axis=1) ** 6)
    bound = float(Fraction(body["claim"]["bound"]))
    assert 0.3 * bound < error.max() <= bound * (1 + 1e-9)
    for change, message in (
        (lambda b: b["claim"].update(bound="1/100"), "was found"),
        (lambda b: b["network"]["directions"]["classes"][0].update(mass="1/3"), "do not sum"),
        (lambda b: b["claim"].update(power=4), "no cubature of degree 8"),
        (lambda b: b["witness"].update(error="1/40"), "larger than the error"),
    ):
        broken = copy.deepcopy(body)
        change(broken)  # type: ignore[no-untyped-call]
        failure = verify.check(rehash(broken)).failure
        assert message in str(failure), failure


def test_orbits_are_all_directions_but_these() -> None:
    kinds = {}
    for directions in ("auto", "orbits"):
        document = verify.certify("thm3", d=7, k=2, eps="1/10", directions=directions).certificate.document
        kinds[directions] = document["network"]["directions"]["kind"]
    assert kinds == {"auto": "group-orbits", "orbits": "orbits"}


@pytest.mark.parametrize("activation", ["sigmoid", "threshold"])
def test_other_activations(activation: str) -> None:
    result = verify.certify("thm3", d=7, k=2, eps="1/10", activation=activation, directions="projective")
    assert result.theorem.figures["lines"] == 28
    assert "projective" in result.certificate.document["provenance"]["command"]


def test_majorants_must_agree() -> None:
    body = copy.deepcopy(shipped("thm1-d7-eps0.15"))
    rows = body["proof"]["majorants"]
    assert len(rows) == 3 and rows[0] == rows[1] == rows[2]
    first = [Fraction(value) for value in rows[0]["coefficients"]]
    rows[0]["coefficients"] = [rational(value + Fraction(1, 10**6)) for value in first]
    failure = str(verify.check(rehash(body)).failure)
    # Different majorants are compared by their largest coefficients, which takes them to be nonnegative.
    assert "one common majorant" in failure if min(first) < 0 else "claim.bound" in failure


def test_restriction_counts_all_generated_lines() -> None:
    body = {key: shipped("thm1-d7-eps0.2")[key] for key in ("claim", "network", "proof", "witness")}
    step = prove_radial_cubature(Fields(copy.deepcopy(body), ""), Work())
    assert step.width == restricted_width(step, 5, Work()) == 392
    claim = {"kind": "growth", "from": 6, "to": 7, "epsilon": "1/5", "constant": 392, "exponent": 0}
    document = {
        "format": shipped("thm1-d7-eps0.2")["format"],
        "version": shipped("thm1-d7-eps0.2")["version"],
        "producer": "test",
        "claim": claim | {"activation": "relu"},
        "steps": [body],
        "proof": {"rule": "restriction"},
    }
    result = verify.check(rehash(document))
    assert result.theorem is not None, result.failure
    assert "RADIAL CUBATURE, GROUP ORBITS" in result.theorem.rests_on[0]
    many = [copy.deepcopy(body) for _ in range(4)]
    assert "dimensions must increase" in str(verify.check(rehash(document | {"steps": many})).failure)


def test_named_directions_that_do_not_exist() -> None:
    with pytest.raises(UsageProblem, match=r"one of auto, orbits$"):
        verify.certify("thm1", d=9, eps="1/4", directions="leech")
    with pytest.raises(UsageProblem, match="auto, orbits, leech"):
        verify.certify("thm3", d=24, k=2, eps="1/4", directions="e8")
    with pytest.raises(UsageProblem, match="no identity of degree 12"):
        verify.certify("thm3", d=24, k=6, eps="1/4", directions="leech")


def test_coq_and_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    assert run(["certify", "thm3", "--d", "24", "--k", "4", "--eps", "0.1", "--out", str(path)]) == 0
    document = json.loads(path.read_text(encoding="ascii"))
    assert document["network"]["directions"]["kind"] == "group-orbits"
    assert not has_coq_rule(document)
    with pytest.raises(NoCoqRule):
        coq_source(document, "c")
    for name, written in (("thm1-d7-eps0.2", True), ("thm1-d24-eps0.2-leech", False)):
        assert has_coq_rule(shipped(name)) is written
    # All 28 lines stand in the Coq file, each with its weight 1/28.
    lines = generated(shipped("thm1-d7-eps0.2"))[0][0].astype(int)
    source = coq_source(shipped("thm1-d7-eps0.2"), "c")
    assert all("; ".join(f"({x})" if x < 0 else str(x) for x in row) in source for row in lines.tolist())
    with pytest.raises(NoCoqRule, match="more than 100,000 coordinates"):
        coq_source(shipped("thm1-d24-eps0.2-leech"), "c")
    assert run(["check", str(path)]) == 0
    assert run(["certify", "thm1", "--d", "8", "--eps", "0.3", "--directions", "leech"]) == 2
