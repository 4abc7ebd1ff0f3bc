"""Rule DUAL MEASURE: the response of a measure against quadrature, each reason of rejection, and attacks."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verify
from verify.certificates.document import rehash
from verify.claims.path_norm import vectorised
from verify.kernel import Malformed, Rejected, check_document
from verify.kernel.arithmetic.bernstein import NotBounded, bernstein_form, halves, require_bounded
from verify.kernel.arithmetic.elementary import Arithmetic
from verify.kernel.sup_norm.mean_neuron import RadialMeasure, inverse_kappa, require_response_bounded
from verify.kernel.sup_norm.path_norm import least_width
from verify.provers.path_norm import mean_neuron, solve
from verify.targets.profiles import read_target

PROFILE = "sin(12*(r**2-1/2))/24"


@pytest.fixture(scope="module", params=[2, 3, 4, 5])
def certified(request: pytest.FixtureRequest) -> verify.Certified:
    return verify.certify("pathnorm", d=request.param, profile=PROFILE, eps="1/100", one_sided=True)


def changed(certified: verify.Certified, **changes: Any) -> dict[str, Any]:
    """Return the document with entries of claim and proof replaced and the hash renewed."""
    body = dict(certified.certificate.document)
    for part in ("claim", "proof"):
        body[part] = {key: changes.get(key, value) for key, value in body[part].items()}
        body[part] |= {key: value for key, value in changes.items() if key.startswith("extra") and part == "proof"}
    return rehash(body)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=8), st.fractions(0, 1, max_denominator=50))
def test_bernstein_form_and_halves_are_the_polynomial(coefficients: list[int], w: Fraction) -> None:
    n = len(coefficients) - 1

    def value(form: list[int], scale: int, t: Fraction) -> Fraction:
        return sum(
            (Fraction(b, scale) * math.comb(n, i) * t**i * (1 - t) ** (n - i) for i, b in enumerate(form)), Fraction(0)
        )

    form, scale = bernstein_form(coefficients)
    exact = sum(c * w**k for k, c in enumerate(coefficients))
    assert value(form, scale, w) == exact
    left, right = halves(form)
    side, t = (left, 2 * w) if w <= Fraction(1, 2) else (right, 2 * w - 1)
    assert value(side, scale << n, t) == exact


@given(st.lists(st.integers(-99, 99), min_size=1, max_size=7), st.integers(0, 300))
def test_an_accepted_polynomial_is_bounded(coefficients: list[int], bound: int) -> None:
    values = [sum(c * Fraction(j, 40) ** k for k, c in enumerate(coefficients)) for j in range(41)]
    if max(map(abs, values)) > bound:
        with pytest.raises(NotBounded):
            require_bounded(coefficients, bound)
    elif sum(map(abs, coefficients)) <= bound:
        require_bounded(coefficients, bound)


@pytest.mark.parametrize("d", range(2, 12))
def test_kappa_is_the_density_of_one_coordinate(d: int) -> None:
    low, high = inverse_kappa(d, Arithmetic(128))
    with mpmath.workdps(40):
        exact = mpmath.sqrt(mpmath.pi) * mpmath.gamma(mpmath.mpf(d - 1) / 2) / mpmath.gamma(mpmath.mpf(d) / 2)
        assert mpmath.mpf(low.numerator) / low.denominator <= exact * (1 + mpmath.mpf(10) ** -35)
        assert mpmath.mpf(high.numerator) / high.denominator >= exact * (1 - mpmath.mpf(10) ** -35)
        assert abs(mpmath.mpf(low.numerator) / low.denominator - exact) < mpmath.mpf(10) ** -30


@pytest.mark.parametrize("d", [2, 3, 4, 5, 8])
@pytest.mark.parametrize("r, s", [(1.0, 0.0), (0.7, 0.3), (1.0, 0.95)])
def test_mean_neuron_against_quadrature(d: int, r: float, s: float) -> None:
    """E max(0, r u_1 - s): polar angle with density sin^(d-2)."""
    top = mpmath.acos(s / r)
    area = mpmath.quad(lambda a: mpmath.sin(a) ** (d - 2), [0, mpmath.pi])
    value = mpmath.quad(lambda a: (r * mpmath.cos(a) - s) * mpmath.sin(a) ** (d - 2), [0, top]) / area
    assert abs(float(value) - mean_neuron(d, np.array([r]), np.array([s]))[0, 0]) < 1e-12


@settings(max_examples=60)
@given(
    st.integers(2, 9),
    st.dictionaries(st.integers(1, 64), st.integers(-50, 50).filter(bool), min_size=1, max_size=6),
)
def test_the_response_bound_is_right_for_random_measures(d: int, atoms: dict[int, int]) -> None:
    radii = sorted(atoms)
    masses = [atoms[radius] for radius in radii]
    measure = RadialMeasure((0, *radii), 6, (-sum(masses) or 0, *masses), 3)
    r, c = np.array(radii) / 64, np.array(masses) / 8
    s = np.linspace(0, 1, 4001)
    sampled = float(np.abs(mean_neuron(d, r, s).T @ c).max())
    require_response_bounded(measure, d, Fraction(sampled * 1.002 + 1e-5), 40)
    if sampled > 1e-6:
        with pytest.raises(NotBounded):
            require_response_bounded(measure, d, Fraction(sampled * 0.999), 40)


def test_certificate_is_verified_and_deterministic(certified: verify.Certified) -> None:
    again = verify.certify(
        "pathnorm", d=certified.theorem.figures["dimension"], profile=PROFILE, eps="1/100", one_sided=True
    )
    assert again.certificate.to_bytes() == certified.certificate.to_bytes()
    assert "path norm" in certified.theorem.statement


def test_each_reason_of_rejection(certified: verify.Certified) -> None:
    document = certified.certificate.document
    proof, claim = document["proof"], document["claim"]
    masses, radii = proof["masses"], proof["radii"]
    norm = Fraction(claim["path_norm"])
    cases: list[tuple[dict[str, Any], str]] = [
        ({"masses": [masses[0] + 1, *masses[1:]]}, "total mass is not 0"),
        ({"masses": [*masses[:-1], 0]}, "without mass"),
        ({"masses": masses[:-1]}, "masses at"),
        ({"radii": [radii[1], radii[0], *radii[2:]]}, "must increase"),
        ({"masses": [masses[0], masses[2], masses[1], *masses[3:]]}, "not proved for every bias"),
        ({"response_bound": str(Fraction(proof["response_bound"]) * Fraction(999, 1000))}, "not proved for every bias"),
        ({"response_bound": "-1/2"}, "must be positive"),
        ({"path_norm": str(norm * Fraction(1001, 1000))}, "the measure proves only"),
        ({"width": claim["width"] + 1}, "the path norm forces only width"),
        ({"epsilon": "1/99"}, "the measure proves only"),
    ]
    for changes, why in cases:
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, **changes))


def test_malformed_documents(certified: verify.Certified) -> None:
    proof = certified.certificate.document["proof"]
    for changes, why in [
        ({"extra": 1}, "unknown key"),
        ({"radii": [-1, *proof["radii"][1:]]}, "must lie between"),
        ({"dimension": 1}, "must lie between"),
        ({"epsilon": 0}, "must be positive"),
        ({"weight_bound": "-1/2"}, "must be positive"),
        ({"rule": "magic"}, "is not one of"),
    ]:
        with pytest.raises(Malformed, match=why):
            check_document(changed(certified, **changes))


def test_a_dimension_too_low_for_the_claim_is_rejected() -> None:
    """The same measure proves less, or its response is larger, in another dimension."""
    certified = verify.certify("pathnorm", d=5, profile=PROFILE, eps="1/100", one_sided=True)
    with pytest.raises(Rejected):
        check_document(changed(certified, dimension=3))


def test_least_width_is_exact() -> None:
    assert least_width(Fraction(6), Fraction(1), 4) == 3
    assert least_width(Fraction(6) + Fraction(1, 10**30), Fraction(1), 4) == 4
    assert least_width(Fraction(6), Fraction(1, 2), 4) == 12
    assert least_width(Fraction(1, 100), Fraction(1), 9) == 1


# Attacks: networks whose path norm and error are known can never contradict the bound.


def proved_bound(certified: verify.Certified, epsilon: float) -> float:
    """Return the path norm that the certificate's measure forces at another accuracy."""
    document = certified.certificate.document
    proof, d = document["proof"], document["claim"]["dimension"]
    assert d
    radii = np.array([radius / 2 ** proof["radius_bits"] for radius in proof["radii"]])
    masses = np.array([mass / 2 ** proof["mass_bits"] for mass in proof["masses"]])
    phi = vectorised(read_target(PROFILE))
    gain = phi(radii) @ masses - epsilon * np.abs(masses).sum()
    return float(gain / Fraction(proof["response_bound"]))


def test_the_primal_mixture_never_beats_the_bound(certified: verify.Certified) -> None:
    d = int(certified.theorem.figures["dimension"])
    phi = vectorised(read_target(PROFILE))
    solution = solve(d, phi, 0.01)
    norm = float(np.abs(solution.weights).sum())
    bound = proved_bound(certified, solution.error)
    assert bound <= norm * (1 + 1e-6)
    assert norm <= 1.01 * bound, "the two sides of the linear program should meet"


@pytest.mark.parametrize("d", [2, 3])
def test_explicit_networks_never_beat_the_bound(d: int) -> None:
    """Least path norm over 600 random neurons by linear programming; the error is then measured on new points."""
    from scipy.optimize import linprog

    certified = verify.certify("pathnorm", d=d, profile=PROFILE, eps="1/100", one_sided=True)
    phi = vectorised(read_target(PROFILE))
    rng = np.random.default_rng(d)

    def points(count: int) -> np.ndarray:
        x = rng.normal(size=(count, d))
        return x / np.linalg.norm(x, axis=1)[:, None] * np.sqrt(rng.random(count))[:, None]

    w = rng.normal(size=(600, d))
    w /= np.linalg.norm(w, axis=1)[:, None]
    b = rng.uniform(-1, 1, 600)
    x = points(400)
    features = np.maximum(0, x @ w.T + b)
    columns = np.hstack([features, -features, np.ones((400, 1)), -np.ones((400, 1))])
    target = phi(np.linalg.norm(x, axis=1))
    for eps in (0.015,):
        cost = np.concatenate([np.ones(1200), np.zeros(2)])
        found = linprog(
            cost, A_ub=np.vstack([columns, -columns]), b_ub=np.concatenate([target + eps, eps - target]), method="highs"
        )
        if found.status != 0:
            continue
        fresh = points(20_000)
        coefficients = found.x[:600] - found.x[600:1200]
        network = np.maximum(0, fresh @ w.T + b) @ coefficients + found.x[1200] - found.x[1201]
        error = float(np.abs(network - phi(np.linalg.norm(fresh, axis=1))).max())
        assert found.fun >= proved_bound(certified, error)


def test_a_polygon_network_obeys_the_bound_for_the_norm() -> None:
    """N(x) = a sum_i |w_i.x| over m lines in the plane: path norm 2 a m, error (1 - rho)/(1 + rho)."""
    lines = 6
    angles = np.pi * np.arange(lines) / lines
    circle = np.linspace(0, 2 * np.pi, 20001)
    sums = np.abs(np.cos(circle[:, None] - angles)).sum(axis=1)
    scale = 2 / (sums.min() + sums.max())
    error = float(np.abs(scale * sums - 1).max())
    certified = verify.certify("pathnorm", d=2, profile="norm", eps=Fraction(error + 1e-9).limit_denominator(10**6))
    assert Fraction(certified.certificate.document["claim"]["path_norm"]) <= 2 * scale * lines
