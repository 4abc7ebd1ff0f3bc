"""Rule SPECTRAL: masses against Bessel functions and closed forms, the audit of Theorem 4, rejections, attacks."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb, ctx
from scipy.special import eval_legendre, roots_legendre

import verify
from verify.certificates.document import rehash
from verify.errors import UsageProblem
from verify.kernel import Malformed, Rejected, check_document
from verify.kernel.sup_norm.spectral import MASS_BITS, dimension_of_harmonics, half_sine, masses, scaled_accuracy
from verify.provers.alternating_measure import Extrema, alternating_measure


@pytest.fixture(scope="module", params=[3, 5, 7])
def certified(request: pytest.FixtureRequest) -> verify.Certified:
    return verify.certify("thm4", d=request.param)


def changed(certified: verify.Certified, part: str, **changes: Any) -> dict[str, Any]:
    body = dict(certified.certificate.document)
    body[part] = {**body[part], **changes}
    return rehash(body)


@pytest.mark.parametrize("d", [3, 4, 5])
def test_masses_are_those_of_the_bessel_functions(d: int) -> None:
    first, count = (21, 40) if d == 3 else (101, 90)
    enclosed = masses(half_sine(d, 1600), first, count)
    with ctx.workprec(1000):
        h, nu = arb.pi() * d**3, arb(d - 2) / 2
        for index, (low, high) in enumerate(enclosed):
            k = first + 2 * index
            g = nu.gamma() * (2 / h) ** nu * (k + nu) * h.bessel_j(k + nu) * math.comb(k + d - 3, k)
            exact = g * g / dimension_of_harmonics(d, k) * arb(2) ** MASS_BITS
            assert low - 1 <= exact <= high + 1
            assert high - low <= 2 + (high >> 100)


@pytest.mark.parametrize("d", [3, 4])
def test_the_masses_sum_to_the_mean_of_the_square(d: int) -> None:
    """E sin^2(h t) = (1 - E cos(2 h t))/2, where E cos(2ht) = Gamma(d/2) (1/h)^nu J_nu(2h)."""
    from scipy.special import gamma, jv

    h, nu = math.pi * d**3, (d - 2) / 2
    top = int(1.3 * h) | 1
    total = sum(low for low, _ in masses(half_sine(d, 3000), 1, (top + 1) // 2)) / 2**MASS_BITS
    assert abs(total - (1 - gamma(d / 2) * h**-nu * jv(nu, 2 * h)) / 2) < 1e-10


def test_audit_of_the_paper() -> None:
    """The facts that the statement of Theorem 4 uses, and the one that the paper states differently."""
    r, d = sympy.symbols("r d", positive=True)
    f = sympy.sin(2 * sympy.pi * d**3 * r**2) / (2 * sympy.pi * d**3)
    slope = sympy.simplify(sympy.diff(f, r))
    assert sympy.simplify(slope - 2 * r * sympy.cos(2 * sympy.pi * d**3 * r**2)) == 0
    integer = sympy.symbols("n", integer=True, positive=True)
    assert slope.subs(r, 1).subs(d, integer) == 2, "the Lipschitz constant is 2, attained at r = 1"
    # |(y+z)/2|^2 = (1 + y.z)/2 on the sphere
    y, z = sympy.symbols("y1:4"), sympy.symbols("z1:4")
    identity = sum(((a + b) / 2) ** 2 for a, b in zip(y, z, strict=True))
    expected = (sum(a * a for a in y) + sum(b * b for b in z)) / 4 + sum(a * b for a, b in zip(y, z, strict=True)) / 2
    assert sympy.expand(identity - expected) == 0
    # 2 pi d^3 epsilon = 2/(101 e^2 pi^2) < 1/(50 e^2 pi^2)
    low, high = scaled_accuracy()
    with ctx.workprec(400):
        exact = 2 / (101 * arb(1).exp() ** 2 * arb.pi() ** 2)
        assert arb(low.numerator) / low.denominator <= exact <= arb(high.numerator) / high.denominator
    assert high < Fraction(1, 50) * low * Fraction(101, 2)
    # sin(pi d^3 (1 + t)) = (-1)^d sin(pi d^3 t)
    t = sympy.symbols("t")
    for n in (3, 4):
        shifted = sympy.sin(sympy.pi * n**3 * (1 + t)) - (-1) ** n * sympy.sin(sympy.pi * n**3 * t)
        assert sympy.simplify(sympy.expand_trig(sympy.expand(shifted))) == 0


def test_verified_deterministic_and_growing(certified: verify.Certified) -> None:
    d = int(certified.theorem.figures["dimension"])
    assert verify.certify("thm4", d=d).certificate.to_bytes() == certified.certificate.to_bytes()
    claim = certified.certificate.document["claim"]
    assert claim["width_relu"] >= {3: 3_000_000, 5: 2 * 10**10, 7: 11 * 10**13}[d]
    assert claim["width_1_lipschitz"] >= {3: 500, 5: 190_000, 7: 81_000_000}[d]


def test_the_dual_measure_part_is_checked() -> None:
    certified = verify.certify("thm4", d=5)
    proof = certified.certificate.document["proof"]
    dual = proof["dual_measure"]
    for changes, why in (
        ({"masses": [dual["masses"][0] + 1, *dual["masses"][1:]]}, "total mass"),
        ({"masses": [-mass for mass in dual["masses"]]}, "gives no bound"),
        ({"response_bound": str(Fraction(dual["response_bound"]) * Fraction(99, 100))}, "not proved for every bias"),
        ({"response_bound": str(Fraction(dual["response_bound"]) * Fraction(101, 100))}, "only"),
    ):
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, "proof", dual_measure={**dual, **changes}))
    body = changed(certified, "proof")
    del body["proof"]["dual_measure"]
    with pytest.raises(Rejected, match="only"):
        check_document(rehash(body))


def test_shipped_widths_grow_with_the_dimension() -> None:
    folder = Path(__file__).resolve().parent.parent / "certificates"
    claims = [json.loads((folder / f"thm4-d{d}.json").read_text(encoding="utf-8"))["claim"] for d in range(4, 13)]
    for name, factor in (("width_relu", 10), ("width_1_lipschitz", 15)):
        widths = [claim[name] for claim in claims]
        assert all(after > factor * before for before, after in pairwise(widths)), name


@pytest.mark.parametrize("d", [4, 7, 10])
def test_the_measure_in_closed_form_annihilates_polynomials(d: int) -> None:
    """In u = r^2, on the exact places: what keeps masses of 10^20 and more from any response to smooth functions."""
    extrema = Extrema(Fraction(1, 4 * d**3), Fraction(1, 2 * d**3), 2 * d**3, 1).outer(60)
    measure, peak = alternating_measure(d, extrema)
    assert 0.9 < peak < 1.3
    squares = [extrema.first + k * extrema.spacing for k in range(60)]
    assert squares[-1] < 1 <= squares[-1] + extrema.spacing
    for power in range(d + 1):
        assert sum(mass * u**power for u, mass in zip(squares, measure.masses, strict=True)) == 0
    signs = [math.sin(2 * math.pi * d**3 * u) for u in map(float, squares)]
    assert all(mass * sign > 0 and abs(sign) > 1 - 1e-9 for mass, sign in zip(measure.masses, signs, strict=True))


@pytest.mark.parametrize("d", [4, 7])
def test_attack_no_bias_exceeds_the_proved_response(d: int) -> None:
    """E max(0, r u_1 - s) by the incomplete beta function at 80 digits, at many biases, most of them near the atoms."""
    document = json.loads(
        (Path(__file__).resolve().parent.parent / "certificates" / f"thm4-d{d}.json").read_text(encoding="utf-8")
    )
    dual = document["proof"]["dual_measure"]
    rng = np.random.default_rng(d)
    with mpmath.workdps(80):
        half = mpmath.mpf(d - 1) / 2
        kappa = mpmath.gamma(mpmath.mpf(d) / 2) / mpmath.gamma(half) / mpmath.sqrt(mpmath.pi)
        radii = [mpmath.mpf(radius) / 2 ** dual["radius_bits"] for radius in dual["radii"]]
        largest = mpmath.mpf(0)
        for s in [0, *rng.uniform(0, 1, 10), *(1 - rng.uniform(0, 0.1, 25) ** 2)]:
            response = mpmath.mpf(0)
            for r, mass in zip(radii, dual["masses"], strict=True):
                if r > s:
                    q = 1 - (s / r) ** 2
                    tail = mpmath.betainc(half, mpmath.mpf(1) / 2, 0, q, regularized=True) / 2
                    response += mass * (r * kappa * q**half / (d - 1) - s * tail)
            largest = max(largest, abs(response) / 2 ** dual["mass_bits"])
        bound = Fraction(dual["response_bound"])
        assert bound * Fraction(1, 2) < largest <= bound


def test_each_reason_of_rejection(certified: verify.Certified) -> None:
    document = certified.certificate.document
    claim, proof = document["claim"], document["proof"]
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("claim", {"width_relu": claim["width_relu"] + 1}, "only"),
        ("claim", {"width_1_lipschitz": claim["width_1_lipschitz"] + 1}, "only"),
        ("proof", {"first_degree": proof["first_degree"] + 1}, "must be odd"),
        ("proof", {"weights": [0, 0]}, "all zero"),
        ("proof", {"weights": [1], "first_degree": 1}, "only|swallows"),
        ("proof", {"weights": [0] * 60 + [1], "first_degree": 1 + 2 * (3 * claim["dimension"] ** 3 // 2)}, "swallows"),
        ("proof", {"precision": 64}, "swallows|only"),
        ("proof", {"weights": [w if i % 2 else 0 for i, w in enumerate(proof["weights"])]}, "only"),
    ]
    for part, changes, why in cases:
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, part, **changes))
    for changes, why in (
        ({"precision": 10**6}, "must lie between"),
        ({"weights": [-1]}, "must lie between"),
        ({"weights": [1] * 1000}, "more than"),
        ({"extra": 0}, "unknown key"),
    ):
        with pytest.raises(Malformed, match=why):
            check_document(changed(certified, "proof", **changes))


def test_attack_no_neuron_correlates_more_than_the_rule_says() -> None:
    """d = 3, by quadrature in t = w.y/|w| and s = w.z/|w|, both uniform on [-1, 1]: <h, F> for many neurons."""
    proof = verify.certify("thm4", d=3).certificate.document["proof"]
    degrees = proof["first_degree"] + 2 * np.arange(len(proof["weights"]))
    c = np.array(proof["weights"], dtype=float)
    enclosed = masses(half_sine(3, proof["precision"]), proof["first_degree"], len(c))
    m = np.array([low / 2**MASS_BITS for low, _ in enclosed])
    n = 2 * degrees + 1
    lam = degrees * (degrees + 1)
    limit = math.sqrt(float((c**2 * m / (n * lam)).sum())) * math.sqrt(2 / 3)
    nodes, weights = roots_legendre(900)
    table = np.array([eval_legendre(k, nodes) for k in degrees]) * (weights / 2)
    signs = np.where(np.random.default_rng(0).random((8, len(c))) < 0.5, 1, -1)
    signs[0], signs[1] = 1, np.where(np.arange(len(c)) % 2, 1, -1)
    largest = 0.0
    for size in (1.0, 60.0, 85.0):
        for b in np.linspace(-1.2, 1.2, 13) * size:
            argument = size * (nodes[:, None] + nodes[None, :]) / 2 + b
            for activation, kappa in ((np.maximum(0, argument), 4), (np.abs(argument), 2), (np.sin(argument), 2)):
                eta = n * np.einsum("ki,ij,kj->k", table, activation, table, optimize=True)
                # |<h, F>| <= sum_k c_k |eta_k| sqrt(m_k/N_k), whatever the signs of the coefficients g_k
                correlation = np.abs(signs @ (c * eta * np.sqrt(m / n))).max()
                assert correlation <= size * limit / kappa
                largest = max(largest, correlation * kappa / (size * limit))
    assert largest > 0.03, "the attack should come within sight of the bound"


def test_dimensions_out_of_range() -> None:
    for d in (2, 17):
        with pytest.raises(UsageProblem, match="--d"):
            verify.certify("thm4", d=d)
