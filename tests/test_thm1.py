"""Theorem 1 in any dimension: the kernel rule, its refusals, and attacks on its bound."""

from __future__ import annotations

import base64
import copy
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from binary_fields import times, trace
from hypothesis import given
from hypothesis import strategies as st

import verify
from verify.certificates.document import pack_integers, rehash
from verify.cli.main import run
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.cubature.absolute_sums import Ramp, Work, bernstein_matrix, require_sum_below
from verify.kernel.outcome import Rejected
from verify.sphere.codes import best_code, golay, reed_muller
from verify.sphere.hilbert import identities
from verify.sphere.orbits import Orbit


def unpacked(packed: dict[str, Any]) -> Any:
    data = np.frombuffer(base64.b64decode(packed["base64"]), dtype=f"<i{int(packed['type'][3:]) // 8}")
    return data.astype(np.int64).reshape(packed["shape"])


def from_orbits(**request: Any) -> dict[str, Any]:
    """Certify with directions in orbits, even where fewer listed ones are known (tests/test_defect.py)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("verify.constructions.radial_search.listed", lambda *_, **__: None)
        document: dict[str, Any] = verify.certify("thm1", **request).certificate.document
    return document


@pytest.fixture(scope="module")
def universal() -> dict[str, Any]:
    return from_orbits(d=8, eps="1/4")


@pytest.fixture(scope="module")
def bump() -> dict[str, Any]:
    return from_orbits(d=4, eps="1/10", profile="bump")


def directions(body: dict[str, Any]) -> list[tuple[Any, float]]:
    d, degree = body["claim"]["dimension"], body["network"]["directions"]["degree"]
    found = []
    for item in body["network"]["directions"]["classes"]:
        entries = tuple(tuple(pair) for pair in item["entries"])
        field = item.get("array", 0)
        if field:  # dual BCH rows have the moments of the cube, but are not the cube: list them
            found.append((dual_bch(d, degree, field), float(Fraction(item["mass"]))))
        else:
            lines = Orbit(entries, d, code=tuple(item.get("code", ()))).vectors()
            found.append((np.array(lines, dtype=float), float(Fraction(item["mass"]))))
    return found


def dual_bch(d: int, k: int, m: int) -> Any:
    rows = []
    for code in range(1 << (m * k)):
        row = []
        for a in range(d):
            total, power = 0, a
            for j in range(k):
                total ^= times(code >> (m * j) & ((1 << m) - 1), power, m)
                power = times(times(power, a, m), a, m)
            row.append((-1) ** trace(total, m))
        rows.append(row)
    return np.array(rows, dtype=float)


def values(body: dict[str, Any], points: Any) -> Any:
    """V_l at many points, from the document alone: (n, L)."""
    scale = body["proof"]["scale"]
    total: Any = 0.0
    for (lines, mass), ridge in zip(directions(body), body["network"]["ridges"], strict=True):
        knots = unpacked(ridge["knots"]) / 2.0 ** ridge["bits"]
        table = unpacked(ridge["values"]) / 2.0**scale
        inner = np.abs(points @ lines.T)
        total = total + mass * np.stack([np.interp(inner, knots, row).mean(axis=1) for row in table], axis=1)
    return total


def test_attack_no_point_and_no_function_beat_the_universal_bound(universal: dict[str, Any]) -> None:
    rng = np.random.default_rng(5)
    d = universal["claim"]["dimension"]
    bound = float(Fraction(universal["claim"]["bound"]))
    points = rng.normal(size=(3000, d))
    special = np.concatenate([np.eye(d)[:2], rng.integers(-1, 2, size=(60, d)) + 1e-12])
    points = np.concatenate([points, *(special * 1.0 for _ in range(20))])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points *= rng.random((len(points), 1)) ** 0.3
    r = np.linalg.norm(points, axis=1)[:, None]
    v = values(universal, points)
    share = 1 / v.shape[1]
    below = np.clip(r - share * np.arange(v.shape[1]), 0, share)
    error = (below * np.abs(1 - v) + (share - below) * np.abs(v)).sum(axis=1)
    assert 0.8 * bound < error.max() <= bound * (1 + 1e-9)


def test_attack_no_point_beats_the_bound_of_a_profile(bump: dict[str, Any]) -> None:
    rng = np.random.default_rng(6)
    d = bump["claim"]["dimension"]
    points = rng.normal(size=(20_000, d))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points *= rng.random((len(points), 1)) ** 0.5
    phi = np.maximum(0, 0.5 - np.linalg.norm(points, axis=1))
    error = np.abs(values(bump, points)[:, 0] - phi)
    bound = float(Fraction(bump["claim"]["bound"]))
    assert 0.7 * bound < error.max() <= bound * (1 + 1e-9)


def test_reach_of_the_eight_dimensional_example(universal: dict[str, Any]) -> None:
    result = verify.check(universal)
    assert result.theorem is not None
    width = result.theorem.figures["width"]
    assert isinstance(width, int) and width <= 500
    shipped = verify.check(Path(__file__).resolve().parent.parent / "certificates" / "thm1-d8-eps0.25.json").theorem
    assert shipped is not None and int(shipped.figures["width"]) <= 300


def _ridge(body: dict[str, Any], change: Any) -> None:
    ridge = body["network"]["ridges"][0]
    table = unpacked(ridge["values"]).copy()
    change(table)
    ridge["values"] = pack_integers(table)


def _knots(body: dict[str, Any], change: Any) -> None:
    ridge = body["network"]["ridges"][0]
    table = unpacked(ridge["knots"]).copy()
    change(table)
    ridge["knots"] = pack_integers(table)


def _polynomials(body: dict[str, Any], change: Any) -> None:
    table = unpacked(body["proof"]["polynomials"]).copy()
    change(table)
    body["proof"]["polynomials"] = pack_integers(table)


def _add(place: Any, amount: int) -> Any:
    def change(table: Any) -> None:
        table[place] += amount

    return change


REJECTIONS = {
    "bound": (lambda b: b["claim"].update(bound="1/5"), "the bound fails"),
    "bound above epsilon": (lambda b: b["claim"].update(bound="1/3"), "at most epsilon"),
    "ridge value": (lambda b: _ridge(b, _add((0, 1), 1 << 36)), "the bound fails"),
    "polynomial": (lambda b: _polynomials(b, _add((3, 1), 1 << 37)), "the bound fails"),
    "knot": (lambda b: _knots(b, _add(0, 1 << 30)), "the bound fails"),
    "last knot": (lambda b: _knots(b, _add(-1, -(1 << 20))), "do not reach"),
    "mass": (lambda b: b["network"]["directions"]["classes"][0].update(mass="1/3"), "differ"),
    "majorant": (lambda b: b["proof"]["majorants"][0].update(coefficients=[0, 0, 0]), "the bound fails"),
    "larger majorant": (
        lambda b: [row.update(coefficients=["1/2", 0, 10]) for row in b["proof"]["majorants"]],
        "claim.bound",
    ),
    "different negative majorants": (
        lambda b: b["proof"]["majorants"][0].update(coefficients=[1, "-1/1000", 50]),
        "positive masses",
    ),
    "witness": (lambda b: b["witness"].update(error="1/3"), "larger than the error"),
    "witness outside": (lambda b: b["witness"].update(radius="3/2"), "between 0 and 1"),
    "dimension": (lambda b: b["claim"].update(dimension=9), "an array needs"),
    "activation": (lambda b: b["claim"].update(activation="sigmoid"), "neither chords nor stairs"),
}


@pytest.mark.parametrize("reason", REJECTIONS)
def test_rejections(universal: dict[str, Any], reason: str) -> None:
    body = copy.deepcopy(universal)
    change, message = REJECTIONS[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == "rejected", result
    assert message in str(result.failure)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("network", "samples"), 7),
        (("network", "ridges"), []),
        (("network", "directions", "degree"), 13),
        (("network", "directions", "classes"), []),
        (("proof", "scale"), 63),
        (("proof", "majorants"), []),
        (("proof", "more"), 1),
        (("claim", "activation"), "square"),
    ],
)
def test_malformed(universal: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    body = copy.deepcopy(universal)
    place: Any = body
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert verify.check(rehash(body)).status == "malformed"


def test_a_profile_is_not_another_profile(bump: dict[str, Any]) -> None:
    assert verify.check(bump).status == "verified"
    body = copy.deepcopy(bump)
    table = body["claim"]["profile"]["piecewise_linear"]
    table["values"][0] = "3/10"
    body["claim"]["profile"]["lipschitz"] = 1
    assert verify.check(rehash(body)).status == "rejected"


@given(st.lists(st.lists(st.integers(-50, 50), min_size=4, max_size=4), min_size=1, max_size=4), st.integers(0, 6))
def test_bernstein_coefficients_enclose(rows: list[list[int]], a: int) -> None:
    b = a + 5
    table = np.array(rows, dtype=object) @ bernstein_matrix(3, a, b)
    scale = (np.array([[1, 0, 0, 0]], dtype=object) @ bernstein_matrix(3, a, b))[0, 0]
    for i in range(21):
        t = a + Fraction(5 * i, 20)
        for row, coefficients in zip(rows, table, strict=True):
            value = sum(c * t**j for j, c in enumerate(row)) * scale
            assert min(coefficients) <= value <= max(coefficients)


def test_sums_of_absolute_values() -> None:
    rows = np.array([[-8, 1, 0], [3, -1, 0]], dtype=object)  # |T - 8| + |3 - T| <= 5 on [3, 8], 11 at 0
    require_sum_below(rows, [], [5, 0, 0], 3, 8, 1, Work(), "x")
    with pytest.raises(Rejected, match="fails near"):
        require_sum_below(rows, [], [10, 0, 0], 0, 8, 1, Work(), "x")
    ramp = Ramp([1, 0, 0], 0, 1)  # T * 1
    require_sum_below(rows, [ramp], [5, 1, 0], 3, 8, 1, Work(), "x")
    with pytest.raises(Rejected):
        require_sum_below(rows, [ramp], [12, 0, 0], 3, 8, 1, Work(), "x")
    with pytest.raises(Rejected, match="subdivisions"):
        require_sum_below(rows, [], [5, 0, 0], 3, 8, 1, Work(10), "x")


def test_codes_have_no_short_words() -> None:
    for generators, length, least in ((golay(), 24, 8), (reed_muller(1, 4), 16, 8), (reed_muller(2, 5), 32, 8)):
        words = {0}
        for row in generators:
            words |= {word ^ row for word in words}
        assert len(words) == 1 << len(generators)
        assert min(word.bit_count() for word in words if word) == least
        assert max(words) < 1 << length
    for d in range(3, 33):
        for k in (2, 3, 4):
            rows = best_code(d, k)
            words = {0}
            for row in rows[:12]:
                words |= {word ^ row for word in words}
            assert all(word.bit_count() > 2 * k and word.bit_count() % 2 == 0 for word in words if word)


def test_the_e8_root_lines_are_found() -> None:
    assert min(identity.lines for identity in identities(8, 3) if identity.amplification == 1) == 120


def test_a_code_with_a_short_word_is_rejected() -> None:
    body = copy.deepcopy(verify.certify("thm3", d=8, k=3, eps="1/10").certificate.document)
    coded = [item for item in body["network"]["directions"]["classes"] if "code" in item]
    assert coded
    coded[0]["code"] = [0b1111]
    assert "weight 4" in str(verify.check(rehash(body)).failure)


def test_long_numbers_are_refused_before_the_sums_over_classes_and_polynomials(universal: dict[str, Any]) -> None:
    body = copy.deepcopy(universal)
    body["network"]["directions"]["classes"][0]["mass"] = f"{10**210}/{10**210 + 1}"
    assert str(verify.check(rehash(body)).failure).startswith("network.directions.classes[0].mass: must be")
    for claim, options in (("thm1", {"eps": "2/5"}), ("thm3", {"k": 1, "eps": "1/5"})):
        body = copy.deepcopy(verify.certify(claim, d=3, activation="sigmoid", **options).certificate.document)
        body["network"]["step"] = f"1/{10**410}"
        assert str(verify.check(rehash(body)).failure).startswith("network.step: must be")


def test_smooth_ridges_of_many_polynomials_cost_as_much_as_one() -> None:
    """400 polynomials and the longest step: the bound is linear in the coefficients, so they are added up first."""
    body = copy.deepcopy(verify.certify("thm1", d=3, eps="2/5", activation="sigmoid").certificate.document)
    table = unpacked(body["proof"]["polynomials"])
    body["network"].update(samples=400, step=f"1/{10**398}")
    body["proof"]["polynomials"] = pack_integers(np.repeat(table, 25, axis=0))
    assert verify.check(rehash(body)).status == "verified"


@pytest.mark.parametrize("activation", ["sigmoid", "hard-tanh", "leaky-relu:1/10"])
def test_other_activations(activation: str) -> None:
    result = verify.certify("thm1", d=3, eps="0.3", activation=activation)
    assert activation in result.theorem.statement
    body = copy.deepcopy(result.certificate.document)
    body["claim"]["activation"] = "threshold"
    assert verify.check(rehash(body)).status == "rejected"


def test_width_in_dimension_1000_and_constants() -> None:
    result = verify.certify("thm1", d=1000, eps="0.3")
    width = result.theorem.figures["width"]
    assert isinstance(width, int) and width <= 12_000
    assert verify.certify("thm1", d=1000, eps="1/2").theorem.figures["width"] == 0


@pytest.mark.parametrize(
    "options",
    [
        {"d": 0, "eps": "1/4"},
        {"d": 3, "eps": "0"},
        {"d": 3, "eps": "1/4", "activation": "square"},
        {"d": 3, "eps": "1/4", "profile": "2*r"},
        {"d": 3, "eps": "1/4", "lipschitz": Fraction(1)},
    ],
)
def test_requests_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem):
        verify.certify("thm1", **options)


def test_profiles_that_bend_between_all_sample_points() -> None:
    request: dict[str, Any] = {"d": 3, "profile": "zigzag:512"}
    assert verify.certify("thm1", eps="1/500", **request).theorem.figures["degree"] == 2
    assert verify.certify("thm1", eps="1/2000", activation="sigmoid", **request).theorem.figures["degree"] == 2
    with pytest.raises(Inconclusive, match="bends of the profile"):
        verify.certify("thm1", eps="1/2000", **request)


def test_command_line(tmp_path: Any) -> None:
    path = tmp_path / "c.json"
    assert run(["certify", "thm1", "--d", "5", "--eps", "0.3", "--profile", "norm", "--out", str(path)]) == 0
    assert run(["check", str(path)]) == 0
    assert run(["certify", "thm1", "--d", "5", "--eps", "0.3", "--activation", "square"]) == 2
