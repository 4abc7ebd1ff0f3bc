"""The Coq library compiles, its theorems rest on standard axioms, and flagship certificates are theorems."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.coq import examples
from verify.coq import MODULES, STANDARD_AXIOMS, CoqFailure, check_theorem, library_path
from verify.formats.coq import covering, inner_product, path_norm, radial_cubature, ridge
from verify.formats.coq.source import IntegerNetwork

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def coq_installed() -> None:
    if not os.environ.get("COQC") and shutil.which("coqc") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("coqc is not installed: install Coq 8.16 or newer")
        pytest.skip("coqc is not installed, so no Coq theorem was checked")


def test_the_library_compiles_without_admitted_proofs() -> None:
    path = library_path()
    for module in MODULES:
        assert (path / f"{module}.vo").is_file()
        text = (path / f"{module}.v").read_text(encoding="utf-8")
        for word in ("Admitted", "Axiom", "Parameter", "Abort", "admit."):
            assert word not in text, f"{module}.v: {word}"


@pytest.mark.parametrize(
    ("proof", "eps"),
    [
        (examples.quartic(3, [8, 12]), Fraction(11, 250)),
        (examples.quartic(6, [24, 24]), Fraction(1, 5)),
        (examples.gosset_sextic([64, 64]), Fraction(22, 1000)),
    ],
    ids=["thm3-d3-k2", "thm3-d6-k2-signed", "thm3-d8-k3-E8"],
)
def test_theorem_3(proof: ridge.RidgeProof, eps: Fraction) -> None:
    theorem = check_theorem(ridge.theorem(proof.network(), proof, eps, "Theorem 3"), "main")
    assert set(theorem.axioms) <= STANDARD_AXIOMS
    assert f"length x = {proof.d}" in theorem.statement


def test_theorem_3_of_another_network_is_refused() -> None:
    proof = examples.quartic(3, [8, 12])
    right = proof.network()
    a, w, b = right.neurons[5]
    wrong = replace(right, neurons=(*right.neurons[:5], (a + 1, w, b), *right.neurons[6:]))
    with pytest.raises(CoqFailure):
        check_theorem(ridge.theorem(wrong, proof, Fraction(1, 2), "wrong"), "main")


def test_theorem_3_with_too_small_an_error_is_refused() -> None:
    proof = examples.quartic(3, [8, 12])
    with pytest.raises(CoqFailure):
        check_theorem(ridge.theorem(proof.network(), proof, Fraction(1, 25), "too small"), "main")


def test_the_norm_is_covered_near_its_true_error() -> None:
    network = examples.octahedral_norm()
    source = covering.theorem(
        network, covering.norm_profile(network.denominator), 3, Fraction(448, 10000), "norm, d = 3", relative=True
    )
    assert "norm x" in check_theorem(source, "main").statement


def test_the_norm_is_covered_on_the_ball() -> None:
    network = examples.octahedral_norm()
    source = covering.theorem(network, covering.norm_profile(network.denominator), 3, Fraction(46, 1000), "norm")
    assert "norm x <= 1" in check_theorem(source, "main").statement


@pytest.mark.parametrize("domain", ["orthant", "chamber"])
def test_symmetry_is_decided_by_coq(domain: str) -> None:
    network = examples.octahedral_norm()
    profile = covering.norm_profile(network.denominator)
    source = covering.theorem(network, profile, 3, Fraction(46, 1000), "norm", domain=domain)
    assert "norm x <= 1" in check_theorem(source, "main").statement
    # Far away from the chamber x_1 >= x_2 >= x_3 >= 0 the network is wrong; on the chamber it is as it was.
    spoilt = replace(network, neurons=(*network.neurons, (1 << 20, (-1, 0, 0), 0)))
    with pytest.raises(CoqFailure):
        check_theorem(covering.theorem(spoilt, profile, 3, Fraction(46, 1000), "wrong", domain=domain), "main")


def test_a_cover_below_the_true_error_is_refused() -> None:
    network = examples.octahedral_norm()
    source = covering.theorem(
        network,
        covering.norm_profile(network.denominator),
        3,
        Fraction(43, 1000),
        "below the true error",
        relative=True,
        search=covering.CoverSearch(depth=18),
    )
    with pytest.raises(CoqFailure):
        check_theorem(source, "main")


def coordinate_lines(d: int, scale: int = 1) -> radial_cubature.RadialProof:
    """Two bins on the d coordinate axes, degree 2: q_1 = P_1 = 1, and q_2 a ridge that P_2 = r^2 / 2 stands for."""
    S, K, G = 1 << 20, 1 << 10, 1
    lines = tuple((1, tuple(scale * int(i == j) for j in range(d))) for i in range(d))
    # Q_2(t) = d t^2 / 2, and q_2 interpolates it between 0, 1/8, 1/4, ..., 1.
    knots = tuple((t, (S, d * S * t * t // (2 * K * K))) for t in (K * i // 8 for i in range(1, 9)))
    return radial_cubature.RadialProof(
        d=d,
        samples=2,
        mass_scale=d,
        direction_scale=scale,
        knot_scale=K,
        value_scale=S,
        classes=(radial_cubature.RidgeClass(lines, knots, 1, (d * S // 128 + 2, 0)),),
        gauge=G,
        inverses=(1, d),
        polynomials=((S, 0), (0, S // 2)),
        means=(d * S // 128 + 2, 0),
    )


def test_radial_functions_by_cubature() -> None:
    # At r = 0 the indicators cost 1/2; the ridges cost d/256, and the rounding of forms next to nothing.
    proof = coordinate_lines(4)
    eps = Fraction(1, 2) + Fraction(4, 256) + Fraction(1, 10**5)
    theorem = check_theorem(radial_cubature.theorem(proof, eps, "cubature"), "main")
    assert set(theorem.axioms) <= STANDARD_AXIOMS
    assert "width N = 56" in theorem.statement and "lipschitz1 phi" in theorem.statement
    with pytest.raises(CoqFailure):
        check_theorem(radial_cubature.theorem(proof, eps - Fraction(1, 1000), "too small"), "main")
    # Directions over 8 take the way of rounded ones; the rule wants a power of two.
    check_theorem(radial_cubature.theorem(coordinate_lines(4, 8), eps, "rounded"), "main")
    with pytest.raises(CoqFailure):
        check_theorem(radial_cubature.theorem(coordinate_lines(4, 3), eps, "no power of two"), "main")


@pytest.mark.parametrize("change", ["long", "line", "mass", "value", "knot", "majorant", "inverse", "reach", "gauge"])
def test_spoilt_cubatures_are_refused(change: str) -> None:
    proof = coordinate_lines(4, 64 if change == "long" else 1)
    [item] = proof.classes
    (mu, w), *others = item.lines
    last = item.knots[-1]
    spoilt = {
        "long": replace(item, lines=((mu, (65, *w[1:])), *others)),
        "line": replace(item, lines=((mu, (*w[:3], 1)), *others)),
        "mass": replace(item, lines=((2 * mu, w), *others)),
        "value": replace(item, knots=(*item.knots[:-1], (last[0], (last[1][0], last[1][1] * 11 // 10)))),
        "knot": replace(item, knots=((item.knots[0][0] * 3 // 2, item.knots[0][1]), *item.knots[1:])),
        "majorant": replace(item, majorant=(item.majorant[0] * 9 // 10, 0)),
        "reach": replace(item, knots=item.knots[:-1]),
    }
    proof = replace(proof, classes=(spoilt.get(change, item),))
    if change == "inverse":
        proof = replace(proof, inverses=(1, 5))
    if change == "gauge":
        proof = replace(proof, gauge=0)
    with pytest.raises(CoqFailure):
        check_theorem(
            radial_cubature.theorem(proof, Fraction(1, 2) + Fraction(5, 256), "spoilt"),
            "main",
        )


@pytest.mark.parametrize(
    ("n", "bound", "eps"), [(40, Fraction(1), Fraction(1, 2)), (13, Fraction(3, 2), Fraction(1, 3))]
)
def test_inner_product_mod_2(n: int, bound: Fraction, eps: Fraction) -> None:
    width = inner_product.provable_width(n, bound, eps)
    size = inner_product.depth3_size(n, bound)
    source = inner_product.theorem(n, bound, eps, width, size, "inner product mod 2")
    assert f"{width} <= INR (width N)" in check_theorem(source, "main").statement
    assert f"size3 N3) = {size}" in check_theorem(source, "main").statement
    assert f"size3 (parity_network {n}) = {2 * n}" in check_theorem(source, "depth3_free").statement
    with pytest.raises(CoqFailure):
        check_theorem(inner_product.theorem(n, bound, eps, width + 1, size, "too wide"), "main")
    with pytest.raises(CoqFailure):
        check_theorem(inner_product.theorem(n, bound, eps, width, size - 1, "too few neurons"), "main")


def zigzag(teeth: int) -> covering.Profile:
    """The distance from r to the nearest multiple of 1/teeth."""
    S = 1 << 10
    neurons = [(S, (1,), 0)]
    neurons += [((-1) ** j * 2 * S // (2 * teeth), (2 * teeth,), -j) for j in range(1, 2 * teeth)]
    return covering.Profile(IntegerNetwork(S, 0, tuple(neurons)))


def test_path_norm_lower_bound() -> None:
    # Alternating masses at the extrema of the zigzag.
    teeth = 8
    radii = [Fraction(j, 2 * teeth) for j in range(2 * teeth + 1)]
    masses = [Fraction((-1) ** (j + 1) * (2 if 0 < j < 2 * teeth else 1)) * 64 for j in range(2 * teeth + 1)]
    assert sum(masses) == 0
    measure = path_norm.integer_measure(radii, masses)
    assert measure is not None
    eps = Fraction(1, 200)
    norm = path_norm.provable_norm(measure, zigzag(teeth), eps)
    source = path_norm.theorem(zigzag(teeth), eps, norm, measure, "path norm")
    assert "<= path_norm N" in check_theorem(source, "main").statement
    with pytest.raises(CoqFailure):
        check_theorem(path_norm.theorem(zigzag(teeth), eps, norm * Fraction(1001, 1000), measure, "too much"), "main")
    heavier = replace(measure, scale=measure.scale // 2)
    with pytest.raises(CoqFailure):
        check_theorem(path_norm.theorem(zigzag(teeth), eps, norm, heavier, "not admissible"), "main")
