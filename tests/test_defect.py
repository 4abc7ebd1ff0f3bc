"""Directions that are exact only numerically: rule DEFECT, what thm1 builds from it, refusals, and attacks."""

from __future__ import annotations

import base64
import copy
import json
import math
from fractions import Fraction
from itertools import product
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verify
from verify.certificates.document import pack_integers, rehash
from verify.constructions.radial_cubature import FINE, Problem
from verify.errors import Inconclusive
from verify.kernel.cubature.defect import moment_defects
from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.outcome import Rejected
from verify.sphere.hilbert import identities
from verify.sphere.listed import BITS, dodecahedron, hexacosichoron, icosahedron, listed, product_rule
from verify.sphere.numerical import Conditions, found_lines, least_lines

CERTIFICATES = Path(__file__).resolve().parent.parent / "certificates"


def unpacked(packed: dict[str, Any]) -> Any:
    data = np.frombuffer(base64.b64decode(packed["base64"]), dtype=f"<i{int(packed['type'][3:]) // 8}")
    return data.astype(np.int64).reshape(packed["shape"])


def sphere_points(rng: np.random.Generator, count: int, d: int) -> Any:
    points = rng.normal(size=(count, d))
    points[: count // 4] = np.where(rng.random((count // 4, d)) < 0.4, 0, points[: count // 4]) + 1e-9
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@given(
    st.integers(1, 4).flatmap(
        lambda d: st.lists(
            st.tuples(st.lists(st.integers(-9, 9), min_size=d, max_size=d), st.integers(1, 40)), min_size=1, max_size=5
        )
    )
)
@settings(max_examples=60, deadline=None)
def test_the_defect_is_the_norm_in_the_reproducing_kernel_space(lines: list[tuple[list[int], int]]) -> None:
    """Compare with sum_ij (w_i.w_j)^(2k) - ..., in rationals: the certified number lies just above its root."""
    d, bits, weight_bits = len(lines[0][0]), 5, 6
    vectors, weights = [row for row, _ in lines], [weight for _, weight in lines]
    proved = moment_defects(
        np.array(vectors, dtype=object), np.array(weights, dtype=object), d, 3, bits, weight_bits, "x"
    )  # fmt: skip
    w = [[Fraction(v, 1 << bits) for v in row] for row in vectors]
    share = [Fraction(weight, 1 << weight_bits) for weight in weights]
    for k, delta in enumerate(proved):
        mean = sphere_moment(d, k)
        square = mean
        for a, x in zip(share, w, strict=True):
            square -= 2 * mean * a * sum(v * v for v in x) ** k
            for b, y in zip(share, w, strict=True):
                square += a * b * sum(u * v for u, v in zip(x, y, strict=True)) ** (2 * k)
        assert square <= delta**2
        assert delta <= math.sqrt(square) + Fraction(1, 10**30) + Fraction(math.sqrt(square)) / 10**12


@pytest.mark.parametrize(("d", "k"), [(2, 3), (2, 8), (3, 2), (3, 4), (3, 7), (4, 5), (4, 9), (5, 3), (6, 2)])
def test_attack_no_direction_beats_the_defect(d: int, k: int) -> None:
    """The cubatures are right to 15 digits; spoiled ones are still within the defects that are then computed."""
    cubature = listed(d, k)
    assert cubature is not None and cubature.k >= k
    assert int(cubature.weights.min()) > 0 and int(cubature.weights.sum()) == 1 << BITS
    assert max(sum(v * v for v in row) for row in cubature.vectors.tolist()) <= 1 << (2 * BITS)
    assert cubature.defects.max() < 3e-14
    rng = np.random.default_rng(d * 100 + k)
    x = sphere_points(rng, 4000, d)
    spoiled = cubature.vectors // 2**40 * 2**39  # shorter, and coarse
    exact = moment_defects(spoiled.astype(object), cubature.weights.astype(object), d, cubature.k, BITS, BITS, "x")
    w, weights = spoiled / 2.0**BITS, cubature.weights / 2.0**BITS
    inner = (x @ w.T) ** 2
    for j, delta in enumerate(exact):
        error = np.abs(inner**j @ weights - float(sphere_moment(d, j))).max()
        assert error <= float(delta) * (1 + 1e-9) + 1e-14
        if j:
            assert error > 0.02 * float(delta)  # not far above what happens


def test_the_polytopes() -> None:
    for lines, count, cosine in ((icosahedron(), 6, 1 / math.sqrt(5)), (dodecahedron(), 10, math.sqrt(5) / 3)):
        units = lines / np.linalg.norm(lines, axis=1)[:, None]
        inner = np.abs(units @ units.T)
        assert len(lines) == count
        assert np.abs(np.sort(inner.ravel())[::-1][count] - cosine) < 1e-12
    sixty = hexacosichoron()
    inner = np.abs(sixty @ sixty.T)
    levels = [0, math.cos(2 * math.pi / 5), 0.5, math.cos(math.pi / 5), 1]
    assert len(sixty) == 60
    assert np.abs(inner[:, :, None] - np.array(levels)).min(axis=2).max() < 1e-12


@pytest.mark.parametrize("d", [2, 3, 4, 5])
def test_product_rules_of_any_dimension(d: int) -> None:
    for k in (1, 2, 3):
        cubature = product_rule(d, k)
        assert cubature.lines == (k + 1) ** (d - 1)
        assert cubature.defects.max() < 1e-14
        more = moment_defects(
            cubature.vectors.astype(object), cubature.weights.astype(object), d, k + 1, BITS, BITS, "x"
        )  # fmt: skip
        assert more[-1] > Fraction(1, 10**4)  # and the next degree is not exact


def test_lines_found_numerically_are_nearly_as_few_as_there_are_conditions() -> None:
    for d, k in ((3, 3), (3, 6), (4, 4), (5, 2), (5, 3), (8, 2)):
        lines = found_lines(d, k)
        assert lines is not None
        vectors, weights = lines
        assert least_lines(d, k) <= len(vectors) <= 1.06 * least_lines(d, k) + 1
        assert weights.min() > 0 and np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-12
    cubature = listed(8, 2)
    assert cubature is not None and cubature.lines <= 48 and cubature.defects.max() < 1e-14
    assert listed(8, 2, fewer_than=40) is None  # not even tried
    assert found_lines(2, 3) is None and found_lines(9, 6) is None


def test_the_derivative_of_the_conditions() -> None:
    system = Conditions(3, 2)
    rng = np.random.default_rng(4)
    v, h = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    step = 1e-6
    difference = (system.residual(v + step * h) - system.residual(v - step * h)) / (2 * step)
    assert np.abs(system.derivative(v) @ h.ravel() - difference).max() < 1e-6


def test_fewer_lines_than_the_orbits_have() -> None:
    for d, k, most in ((2, 8, 9), (3, 4, 16), (3, 7, 43), (3, 10, 85), (4, 5, 60), (4, 9, 360)):
        cubature = listed(d, k)
        assert cubature is not None and cubature.lines == most
        if k < 10:
            assert most < min(identity.lines for identity in identities(d, k))
    assert listed(9, 5) is None


def test_too_many_lines_are_refused_before_the_work() -> None:
    vectors, weights = np.ones((20_000, 5), dtype=object), np.ones(20_000, dtype=object)
    with pytest.raises(Rejected, match="too many lines"):
        moment_defects(vectors, weights, 5, 12, 60, 60, "x")
    assert comb(28, 4) * 20_000 > 40_000_000
    # One line in R^1000 has few monomials of degree 2, but their enumeration takes 10^11 steps.
    vector = np.zeros((1, 1000), dtype=object)
    with pytest.raises(Rejected, match="too many lines"):
        moment_defects(vector, np.array([1], dtype=object), 1000, 1, 1, 0, "directions")
    with pytest.raises(Rejected, match="too many lines"):  # one line, millions of monomials
        moment_defects(vectors[:1, :1].repeat(16, axis=1), weights[:1], 16, 12, 60, 60, "x")


def test_no_listed_lines_in_high_dimensions(found: dict[str, Any]) -> None:
    body = copy.deepcopy(found)
    body["claim"]["dimension"] = 17
    assert "dimensions up to 16" in str(verify.check(rehash(body)).failure)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CERTIFICATES / "thm1-d3-eps0.1.json").read_text())
    return document


@pytest.fixture(scope="module")
def stairs() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CERTIFICATES / "thm1-d3-eps0.2-threshold.json").read_text())
    return document


@pytest.fixture(scope="module")
def bump() -> dict[str, Any]:
    document: dict[str, Any] = verify.certify("thm1", d=2, eps="0.05", profile="bump").certificate.document
    return document


def neurons(body: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The directions as float rows, their weights, and the ridges as a function of t >= 0: shape (..., L)."""
    directions, (ridge,) = body["network"]["directions"], body["network"]["ridges"]
    w = unpacked(directions["vectors"]) / 2.0 ** directions["bits"]
    weights = unpacked(directions["weights"]) / 2.0 ** directions["weight_bits"]
    knots = unpacked(ridge["knots"]) / 2.0 ** ridge["bits"]
    table = unpacked(ridge["values"]) / 2.0 ** body["proof"]["scale"]

    def ridges(t: Any) -> Any:
        if body["claim"]["activation"] == "threshold":
            # neuron by neuron: sigma(t - s) + sigma(-t - s)
            total = np.broadcast_to(table[:, 0], (*t.shape, len(table))).copy()
            for s, jump in zip(knots[:-1], np.diff(table, axis=1).T, strict=True):
                total += ((t >= s) * 1.0 + (-t >= s))[..., None] * jump
            return total
        return np.stack([np.interp(np.abs(t), knots, row) for row in table], axis=-1)

    return w, weights, ridges


@pytest.mark.parametrize("which", ["found", "stairs"])
def test_attack_no_point_and_no_function_beat_the_universal_bound(which: str, request: pytest.FixtureRequest) -> None:
    body = request.getfixturevalue(which)
    d, bound = body["claim"]["dimension"], float(Fraction(body["claim"]["bound"]))
    assert body["network"]["directions"]["kind"] == "lines"
    w, weights, ridges = neurons(body)
    rng = np.random.default_rng(8)
    special = np.concatenate([w, np.array([row for row in product((-1.0, 0.0, 1.0), repeat=d) if any(row)])])
    special /= np.linalg.norm(special, axis=1)[:, None]
    points = np.concatenate([sphere_points(rng, 3000, d), *([special] * 10)])
    points *= rng.random((len(points), 1)) ** 0.3
    r = np.linalg.norm(points, axis=1)[:, None]
    v = np.einsum("i,nil->nl", weights, ridges(points @ w.T))
    share = 1 / v.shape[1]
    below = np.clip(r - share * np.arange(v.shape[1]), 0, share)
    error = (below * np.abs(1 - v) + (share - below) * np.abs(v)).sum(axis=1)
    assert 0.7 * bound < error.max() <= bound * (1 + 1e-9)


def test_attack_no_point_beats_the_bound_of_a_profile(bump: dict[str, Any]) -> None:
    w, weights, ridges = neurons(bump)
    rng = np.random.default_rng(9)
    points = sphere_points(rng, 20_000, 2) * rng.random((20_000, 1)) ** 0.5
    phi = np.maximum(0, 0.5 - np.linalg.norm(points, axis=1))
    error = np.abs(np.einsum("i,nil->nl", weights, ridges(points @ w.T))[:, 0] - phi)
    bound = float(Fraction(bump["claim"]["bound"]))
    assert 0.6 * bound < error.max() <= bound * (1 + 1e-9)


def test_statement(found: dict[str, Any], stairs: dict[str, Any]) -> None:
    theorem = verify.check(found).theorem
    assert theorem is not None
    assert "32 lines" in theorem.statement and theorem.figures["width"] == 896
    assert "defect of" in theorem.statement and "DEFECT" in theorem.rests_on[0]
    assert Fraction(str(theorem.figures["defect"])) < Fraction(1, 10**12)
    assert "threshold network" in str(verify.check(stairs).theorem)


def _array(place: tuple[Any, ...], entry: tuple[int, ...], amount: int) -> Any:
    def change(body: dict[str, Any]) -> None:
        holder = body
        for key in place[:-1]:
            holder = holder[key]
        table = unpacked(holder[place[-1]]).copy()
        table[entry] += amount
        holder[place[-1]] = pack_integers(table)

    return change


VECTORS, WEIGHTS = ("network", "directions", "vectors"), ("network", "directions", "weights")
REJECTIONS = {
    "direction": (_array(VECTORS, (0, 0), 1 << 48), "the bound fails", "rejected"),
    "weight": (_array(WEIGHTS, (0,), 1 << 48), "the bound fails", "rejected"),
    "no weight": (_array(WEIGHTS, (0,), -(1 << 53)), "must be positive", "rejected"),
    "long direction": (_array(VECTORS, (0, 0), -(1 << 50)), "norm more than 1", "rejected"),
    "two majorants": (
        lambda b: b["proof"]["majorants"].append(b["proof"]["majorants"][0]),
        "one for each class",
        "malformed",
    ),
    "degree": (lambda b: b["network"]["directions"].update(degree=11), "shape", "malformed"),
    "weights missing": (lambda b: b["network"]["directions"].pop("weights"), "missing", "malformed"),
    "no lines": (
        lambda b: b["network"]["directions"].update(
            vectors=pack_integers(np.zeros((0, 3), dtype=np.int64)), weights=pack_integers(np.zeros(0, dtype=np.int64))
        ),
        "at least one",
        "malformed",
    ),
    "another dimension": (lambda b: b["claim"].update(dimension=2), "shape", "malformed"),
    "classes as well": (lambda b: b["network"]["directions"].update(classes=[]), "unknown key", "malformed"),
    "bits": (lambda b: b["network"]["directions"].update(bits=63), "between 1 and 62", "malformed"),
    "chords for stairs": (lambda b: b["claim"].update(activation="threshold"), "the bound fails", "rejected"),
}


@pytest.mark.parametrize("reason", REJECTIONS)
def test_rejections(found: dict[str, Any], reason: str) -> None:
    body = copy.deepcopy(found)
    change, message, status = REJECTIONS[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == status, result
    assert message in str(result.failure)


def test_stairs_jump_only_within_the_norm(stairs: dict[str, Any]) -> None:
    body = copy.deepcopy(stairs)
    ridge = body["network"]["ridges"][0]
    knots, table = unpacked(ridge["knots"]), unpacked(ridge["values"])
    ridge["knots"] = pack_integers(np.append(knots, knots[-1] * 2))
    ridge["values"] = pack_integers(np.concatenate([table, table[:, -1:]], axis=1))
    assert "only one beyond" in str(verify.check(rehash(body)).failure)
    body = copy.deepcopy(stairs)
    table[:, 1] += 1 << 39
    body["network"]["ridges"][0]["values"] = pack_integers(table)
    assert "the bound fails" in str(verify.check(rehash(body)).failure)


@pytest.mark.parametrize("activation", ["sigmoid", "leaky-relu:1/10", "hard-tanh"])
def test_other_activations(activation: str) -> None:
    result = verify.certify("thm1", d=2, eps="0.25", activation=activation)
    assert activation in result.theorem.statement
    assert result.certificate.document["network"]["directions"]["kind"] == "lines"


def test_a_time_limit_and_what_is_out_of_reach() -> None:
    with pytest.raises(Inconclusive, match=r"no proof within 0\.001 s"):
        verify.certify("thm1", d=3, eps="0.1", time_limit=0.001)
    with pytest.raises(Inconclusive, match="leave an error of"):
        verify.certify("thm1", d=4, eps="0.005", profile="bump")


def test_the_search_leaves_time_for_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once there is a plan, its linear programs have only a share of the limit, and the last one has the rest."""
    solve, limits = Problem.solve, []

    def recorded(self: Problem, knots: Any, *, dense: int = 5, seconds: float | None = None) -> Any:
        solution = solve(self, knots, dense=dense, seconds=seconds)
        if knots is not None:
            limits.append((dense, seconds))
        return solution

    monkeypatch.setattr(Problem, "solve", recorded)
    verify.certify("thm1", d=3, eps="0.3", time_limit=1000)
    seconds = [limit for _, limit in limits]
    assert all(limit is not None for limit in seconds)
    searching = [limit for dense, limit in limits if dense != FINE]
    assert 600 < searching[0] <= 1000
    assert 0 < searching[-1] <= 600
    assert seconds[-1] > 600
