"""Growth in every dimension at once: the kernel's rule EVERY DIMENSION, its refusals, and attacks on the claim."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_thm1 import unpacked

import verify
from verify.certificates.document import pack_integers, rehash
from verify.cli.main import run
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.every_dimension import GeometricKnots, require_law
from verify.kernel.cubature.power_law import PowerLaw
from verify.kernel.outcome import Rejected

SHIPPED = Path(__file__).resolve().parent.parent / "certificates"


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SHIPPED / "growth-eps0.3.json").read_text())
    return document


@pytest.fixture(scope="module")
def bump() -> dict[str, Any]:
    document = verify.certify("growth", eps="1/5", profile="bump", exponent="6/5").certificate.document
    return dict(document)


def knots_of(body: dict[str, Any], d: int) -> Any:
    """The knots below sqrt(d) and the next one."""
    first, ratio = (float(Fraction(body["network"][key])) for key in ("first", "ratio"))
    found = [first**0.5]
    while found[-1] < d**0.5:
        found.append(found[-1] * ratio)
    return np.array(found), ratio


def square_mean(body: dict[str, Any], points: Any) -> Any:
    """G(x), neuron by neuron: sigma(t - s) + sigma(-t - s) for each knot s below sqrt(d) and each coordinate."""
    d = points.shape[1]
    knots, ratio = knots_of(body, d)
    peak = (ratio + 1) ** 2 / (4 * ratio)
    heights = 2 / (1 + peak) * knots**2
    slopes = np.concatenate([[0.0], np.diff(heights) / np.diff(knots)])
    t = points * d**0.5
    total = np.full(len(points), heights[0])
    for s, change in zip(knots[:-1], np.diff(slopes), strict=True):
        total += change * (np.maximum(t - s, 0) + np.maximum(-t - s, 0)).mean(axis=1)
    return total


def ball(d: int, count: int) -> Any:
    rng = np.random.default_rng(d)
    points = rng.standard_normal((count, d)) * (rng.random((count, d)) < rng.random((count, 1)) ** 3)
    points[:20, 0] += 30
    points[20:40] = np.sign(points[20:40] + 1e-9)
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9) * rng.random((count, 1)) ** 0.3


@pytest.mark.parametrize("d", [1, 2, 3, 8, 13, 14, 100, 1000, 5000])
def test_attack_no_dimension_no_point_and_no_function_beat_the_bound(shipped: dict[str, Any], d: int) -> None:
    points = ball(d, 600 if d > 200 else 4000)
    table = unpacked(shipped["proof"]["polynomials"]) / 2.0 ** shipped["proof"]["scale"]
    v = table[:, :1] + table[:, 1:] * square_mean(shipped, points)
    share, radii = 1 / len(v), np.linalg.norm(points, axis=1)
    below = np.clip(radii - share * np.arange(len(v))[:, None], 0, share)
    error = (below * abs(1 - v) + (share - below) * abs(v)).sum(axis=0)
    assert 0.22 < error.max() <= 0.3


def test_attack_no_point_beats_the_bound_of_a_profile(bump: dict[str, Any]) -> None:
    ((constant, slope),) = unpacked(bump["proof"]["polynomials"]) / 2.0 ** bump["proof"]["scale"]
    for d in (1, 2, 7, 60, 900):
        points = ball(d, 1000)
        phi = np.maximum(0, 0.5 - np.linalg.norm(points, axis=1))
        error = np.abs(constant + slope * square_mean(bump, points) - phi).max()
        assert 0.05 < error <= 0.2


def test_attack_the_law_in_many_dimensions(shipped: dict[str, Any]) -> None:
    claim, network = shipped["claim"], shipped["network"]
    knots = GeometricKnots(Fraction(network["first"]), Fraction(network["ratio"]))
    law = PowerLaw(Fraction(claim["constant"]), Fraction(claim["exponent"]))
    least = np.inf
    jumps = [int(knots.first * knots.ratio ** (2 * j)) + i for j in range(9) for i in (0, 1)]
    for d in [*range(1, 3000), *(d for d in jumps if d > 0)]:
        width = 2 * d * (len(knots_of(shipped, d)[0]) - 1)
        assert width == 2 * d * knots.count(d)
        assert law.allows(width, d)
        least = min(least, float(law.constant) * d ** float(law.exponent) / width)
    assert 1 <= least < 1.005


def test_statement(shipped: dict[str, Any], bump: dict[str, Any]) -> None:
    theorem = verify.check(shipped).theorem
    assert theorem is not None
    assert "every dimension d >= 1 and every function phi" in theorem.statement
    assert "6.16 * d^1.1" in theorem.statement and "EVERY DIMENSION" in theorem.rests_on[0]
    assert theorem.figures["width for d = 1,000"] == 10_000
    assert len(json.dumps(shipped)) < 1000
    theorem = verify.check(bump).theorem
    assert theorem is not None and "1/2" in theorem.statement and "every function" not in theorem.statement


@settings(max_examples=60, deadline=None)
@given(
    st.fractions(Fraction(1, 50), 3, max_denominator=50),
    st.fractions(Fraction(3, 2), 9, max_denominator=8),
    st.fractions(Fraction(21, 20), 2, max_denominator=20),
    st.fractions(Fraction(1, 2), 30, max_denominator=10),
    st.integers(1, 50),
)
def test_the_law_is_settled_exactly_when_it_holds(
    first: Fraction, ratio: Fraction, exponent: Fraction, constant: Fraction, start: int
) -> None:
    knots, law = GeometricKnots(first, ratio), PowerLaw(constant, exponent)
    jumps = [max(start, int(first * ratio ** (2 * j)) + 1) for j in range(80)]
    holds = all(law.allows(2 * d * knots.count(d), d) for d in [start, *jumps])
    try:
        require_law(law, knots, start, Work())
        assert holds
    except Rejected as failure:
        assert not holds
        assert "the width for d" in failure.why


def test_a_ratio_that_is_no_decimal_is_the_base_of_the_power(shipped: dict[str, Any]) -> None:
    body = copy.deepcopy(shipped)
    body["network"].update(ratio="28/9")
    body["claim"].update(constant=10)
    theorem = verify.check(rehash(body)).theorem
    assert theorem is not None
    assert "0.014 * (28/9)^(2j) < d" in theorem.statement


def _spoil(b: dict[str, Any]) -> None:
    table = unpacked(b["proof"]["polynomials"]).copy()
    table[3, 1] += 1 << 39
    b["proof"]["polynomials"] = pack_integers(table)


REJECTIONS: dict[str, tuple[Callable[[dict[str, Any]], Any], str, str]] = {
    "polynomial": (_spoil, "claim.epsilon", "the bound fails"),
    "epsilon": (lambda b: b["claim"].update(epsilon="299/1000"), "claim.epsilon", "the bound fails"),
    "farther knots": (lambda b: b["network"].update(ratio="13/4"), "claim.epsilon", "the bound fails"),
    "a later first knot": (lambda b: b["network"].update(first="1/50"), "claim.epsilon", "the bound fails"),
    "nearer knots": (lambda b: b["network"].update(ratio=2), "claim.constant", "the width for d = 1 is 8"),
    "constant": (lambda b: b["claim"].update(constant="153/25"), "claim.constant", "the width for d = "),
    "exponent": (lambda b: b["claim"].update(exponent="109/100"), "claim.constant", "the width for d = "),
    "exponent 1": (lambda b: b["claim"].update(exponent=1, constant=10**9), "claim.exponent", "must exceed 1"),
    "activation": (lambda b: b["claim"].update(activation="sigmoid"), "claim.activation", "does not build chords"),
    "stairs": (lambda b: b["claim"].update(activation="threshold"), "claim.activation", "does not build chords"),
}


@pytest.mark.parametrize("reason", REJECTIONS)
def test_rejections(shipped: dict[str, Any], reason: str) -> None:
    body = copy.deepcopy(shipped)
    change, place, why = REJECTIONS[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == "rejected", result
    assert str(result.failure).startswith(place) and why in str(result.failure)


MALFORMED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "first": (lambda b: b["network"].update(first=0), "network.first: must be positive"),
    "ratio 1": (lambda b: b["network"].update(ratio=1), "network.ratio: must be at least 1.01"),
    "ratio 10": (lambda b: b["network"].update(ratio=10), "network.ratio: must be at least 1.01 and at most 9"),
    # The widths of the figures: 170,000 knots, fractions that grow by 80 bits each.
    "ratio next to 1": (
        lambda b: [
            b["network"].update(ratio="100004100001/99999999999", first=1),
            b["claim"].update(epsilon=10, exponent=100, constant=10**50),
        ],
        "network.ratio: must be at least 1.01",
    ),
    "long ratio": (lambda b: b["network"].update(ratio=f"{10**25 + 1}/{10**25}"), "network.ratio: must be"),
    "negative exponent": (lambda b: b["claim"].update(exponent="-11/10"), "claim.exponent: must lie between"),
    "huge denominator": (lambda b: b["claim"].update(exponent="112/101"), "claim.exponent: has a denominator above"),
    "samples": (lambda b: b["network"].update(samples=15), "proof.polynomials: shape"),
    "steps as well": (lambda b: b.update(steps=[]), "document: unknown key 'steps'"),
    "rule": (lambda b: b["proof"].update(rule="restriction"), "proof.rule"),
    "an end": (lambda b: b["claim"].update(to=100), "proof.rule: 'every-dimension' is not one of restriction"),
}


@pytest.mark.parametrize("reason", MALFORMED)
def test_malformed(shipped: dict[str, Any], reason: str) -> None:
    body = copy.deepcopy(shipped)
    change, message = MALFORMED[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == "malformed", result
    assert message in str(result.failure)


def test_a_profile_is_not_another_profile(bump: dict[str, Any]) -> None:
    body = copy.deepcopy(bump)
    body["claim"]["profile"]["piecewise_linear"]["values"][0] = "3/4"
    body["claim"]["profile"]["lipschitz"] = 2
    assert "the bound fails" in str(verify.check(rehash(body)).failure)


def test_hostile_laws_cost_bounded_work() -> None:
    close = GeometricKnots(Fraction(1, 70), 1 + Fraction(1, 10**11))
    for law in (PowerLaw(Fraction(10**50), Fraction(3, 2)), PowerLaw(Fraction(10**59 + 1), Fraction(9999, 100))):
        with pytest.raises(Rejected, match="subdivisions"):
            require_law(law, close, 1, Work())


def test_other_activations(bump: dict[str, Any]) -> None:
    result = verify.certify("growth", eps="1/4", profile="bump", activation="leaky-relu:1/10", exponent="6/5")
    assert "leaky-relu:1/10" in result.theorem.statement
    assert "leaky-relu" in result.certificate.name and "bump" in result.certificate.name


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"eps": "0.3", "activation": "sigmoid"}, UsageProblem, "builds no chords"),
        ({"eps": "0.3", "exponent": "1"}, UsageProblem, "at least 1.01"),
        ({"eps": "0.3", "lipschitz": Fraction(1)}, UsageProblem, "belongs to --profile"),
        ({"eps": "0"}, UsageProblem, "positive"),
        ({"eps": "0.2"}, Inconclusive, "leaves an error of 0.264"),
        ({"eps": "0.1", "profile": "norm"}, Inconclusive, "leaves an error of 0.125"),
    ],
)
def test_requests_that_make_no_sense(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        verify.certify("growth", **options)


def test_command_line(tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "c.json"
    words = ["certify", "growth", "--eps", "0.2", "--profile", "norm", "--exponent", "1.2", "--out", str(path)]
    assert run(words) == 0
    assert "For every dimension d >= 1" in " ".join(capsys.readouterr().out.split())
    assert run(["check", str(path)]) == 0
    assert run(["show", str(path)]) == 0
    assert "in every dimension d >= 1" in " ".join(capsys.readouterr().out.split())
