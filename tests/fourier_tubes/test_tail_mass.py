"""The kernel's enclosures against independent evaluations: Arb, mpmath quadrature, brute-force transforms, Parseval."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from tests.fourier_tubes.conftest import oscillation
from verify.kernel.arithmetic import integer_polynomials
from verify.kernel.arithmetic.integer_polynomials import product
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.radial_profile import RadialProfile, moments
from verify.kernel.tubes.share import tube_share
from verify.kernel.tubes.tail_mass import TailMass
from verify.provers.fourier_tube import tail_mass
from verify.provers.tube_search import TailEstimate

HAT = RadialProfile(1, (Fraction(0), Fraction(5, 2)), (Fraction(1), Fraction(0)))
ROUGH = RadialProfile(
    1,
    (Fraction(1, 3), Fraction(1), Fraction(7, 5), Fraction(3)),
    (Fraction(1, 2), Fraction(-1), Fraction(2), Fraction(1, 7)),
)


def value(profile: RadialProfile, u: float) -> float:
    e = profile.exponent
    return float(np.interp(u**e, [float(k) ** e for k in profile.knots], [float(v) for v in profile.values]))


@given(
    st.lists(st.integers(-(10**25), 10**25), min_size=1, max_size=12),
    st.lists(st.integers(-(10**25), 10**25), min_size=1, max_size=12),
)
def test_product_is_the_product(a: list[int], b: list[int]) -> None:
    plain = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            plain[i + j] += x * y
    assert product(a, b) == plain
    largest = max(1, *map(abs, a)) * max(1, *map(abs, b)) * min(len(a), len(b))
    for more in (0, 1, 7):  # any base beyond twice the coefficients will do
        assert integer_polynomials._by_digits(a, b, len(str(2 * largest)) + more, len(plain)) == plain


@pytest.mark.parametrize(
    "a", [[127], [128], [-128], [255], [-255], [1 << 63], [0, 0], [49], [50], [-50], [499, -500], [10**9]]
)
@pytest.mark.parametrize("long", [0, integer_polynomials.LONG])
def test_product_at_the_edge_of_a_digit(a: list[int], long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integer_polynomials, "LONG", long)
    assert product(a, [1]) == a
    assert product(a, [-1]) == [-x for x in a]
    assert product(a, a)[0] == a[0] ** 2


def test_long_products_agree() -> None:
    generator = random.Random(1)
    bound = 1 << 9000  # longer than the interpreter's limit for int and str
    a, b = ([generator.randint(-bound, bound) for _ in range(60)] for _ in range(2))
    size, count = (2 * 9000 + 8) // 8 + 1, 119
    assert size * count > integer_polynomials.LONG
    assert product(a, b) == integer_polynomials._by_bytes(a, b, size, count)


@pytest.mark.parametrize("profile", [HAT, ROUGH, oscillation(Fraction(3, 4), Fraction(2), 5)])
def test_moments_enclose_exact_integrals(profile: RadialProfile) -> None:
    radius, limit, e = profile.radius, profile.values[-1], profile.exponent
    for cuts, power in ((profile.cuts(), 1), (profile.square_cuts(), 2)):
        approximate, error = moments(cuts, 2, 6, 80)
        for k, number in enumerate(approximate):
            n = 2 + 2 * k
            ends = [Fraction(0), *profile.knots]
            exact = Fraction(0)
            for left, right in pairwise(ends):
                # Polynomial of degree <= 2 e in u on this piece: integrate by exact interpolation of its two numbers.
                if left == right:
                    continue
                if right <= profile.knots[0]:
                    constant, slope = profile.values[0] - limit, Fraction(0)
                else:
                    j = profile.knots.index(right)
                    slope = (profile.values[j] - profile.values[j - 1]) / (right**e - left**e)
                    constant = profile.values[j] - limit - slope * right**e
                terms = {0: constant, e: slope}
                if power == 2:
                    terms = {0: constant**2, e: 2 * constant * slope, 2 * e: slope**2}
                for p, c in terms.items():
                    exact += c * (right ** (n + p + 1) - left ** (n + p + 1)) / (n + p + 1) / radius ** (n + 1)
            assert abs(Fraction(number, 1 << 80) - exact) <= Fraction(error, 1 << 80)


@pytest.mark.parametrize("d", [2, 3, 4, 5, 8, 13, 20])
@pytest.mark.parametrize("c", [Fraction(101, 100), Fraction(3, 2), Fraction(7), Fraction(120)])
def test_share_is_just_above_arb(d: int, c: Fraction) -> None:
    ctx.prec = 200
    x = 1 / arb(fmpq(c.numerator, c.denominator)) ** 2
    exact = x.beta_lower(arb(d - 1) / 2, arb(1) / 2, regularized=True)
    bound = tube_share(d, c, "here")
    ball = arb(fmpq(bound.numerator, bound.denominator))
    assert ball >= exact.lower()
    assert ball <= exact.upper() * (1 + arb(2) ** -100)


def test_share_in_three_dimensions_is_a_cap() -> None:
    assert float(tube_share(3, Fraction(5, 4), "here")) == pytest.approx(1 - math.sqrt(1 - (4 / 5) ** 2), rel=1e-12)


def test_share_refuses_radii_at_one() -> None:
    with pytest.raises(Rejected, match="must exceed 1"):
        tube_share(3, Fraction(1), "here")
    with pytest.raises(Rejected, match="too close to 1"):
        tube_share(3, Fraction(10**6 + 1, 10**6), "here")


@pytest.mark.parametrize("d", [2, 3, 4, 7])
@pytest.mark.parametrize("m", [0, 1, 2])
@pytest.mark.parametrize("profile", [HAT, ROUGH])
def test_norms_against_quadrature(d: int, m: int, profile: RadialProfile) -> None:
    mpmath.mp.dps = 20
    nu, limit = mpmath.mpf(d) / 2, float(profile.values[-1])
    z = 2 ** (1 + 2 * m) * mpmath.gamma(1 + m) ** 2 * mpmath.gamma(nu + 2 * m + 1)
    z /= mpmath.gamma(1 + 2 * m) * mpmath.gamma(nu)

    def density(u: float) -> float:
        return z * mpmath.besselj(nu + m, u) ** 2 * mpmath.mpf(u) ** (-1 - 2 * m)

    ends = [0.0, *(float(k) for k in profile.knots if k > 0)]
    mass = tail_mass(profile, d, m, Fraction(6), 1e-12)
    for (low, high), integrand in (
        (mass.square_norm(), lambda u: density(u) * (value(profile, u) - limit) ** 2),
        (mass.mean(), lambda u: density(u) * (value(profile, u) - limit)),
        (mass.share_inside(), density),
    ):
        expected = float(mpmath.quad(integrand, ends))
        assert float(low) - 1e-12 <= expected <= float(high) + 1e-12
        assert high - low < Fraction(1, 10**10)


@pytest.mark.parametrize("d", [2, 3, 6])
@pytest.mark.parametrize("m", [0, 1])
def test_the_measure_has_mass_one(d: int, m: int) -> None:
    """Far out the ball holds all but about 1/radius^(1+2m) of the mass."""
    shares = []
    for radius in (8, 16, 32):
        profile = RadialProfile(1, (Fraction(0), Fraction(radius)), (Fraction(1), Fraction(0)))
        low, high = tail_mass(profile, d, m, Fraction(2), 1e-9).share_inside()
        assert low <= high <= 1 + Fraction(1, 10**9)
        shares.append(1 - float(low))
    assert shares[2] < shares[0] * 4.0 ** -(0.8 * (1 + 2 * m))


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("profile", [HAT, oscillation(Fraction(3, 2), Fraction(5, 2), 3)])
def test_transform_against_brute_force(d: int, profile: RadialProfile) -> None:
    """G from a d-dimensional Fourier transform on a grid, without any Bessel function on the frequency side."""
    from scipy.special import jv

    # f phi along one axis: integrate out the other d - 1 coordinates, then transform in one variable.
    u = np.linspace(1e-9, float(profile.radius), 6001)
    f = np.interp(
        u**profile.exponent,
        np.array([float(k) for k in profile.knots]) ** profile.exponent,
        [float(v) for v in profile.values],
    ) - float(profile.values[-1])
    radial = f * jv(d / 2 + 1, u) / u ** (d / 2 + 1)
    radial *= 2 ** (d / 2 + 1) * math.gamma(d / 2 + 2)
    t = np.linspace(0, float(profile.radius), 3001)
    if d == 3:  # marginal = 2 pi * integral_t^A r F(r) dr
        cumulative = np.concatenate(
            [[0], np.cumsum((u[1:] - u[:-1]) * (u[1:] * radial[1:] + u[:-1] * radial[:-1]) / 2)]
        )
        marginal = 2 * math.pi * (cumulative[-1] - np.interp(t, u, cumulative))
    else:  # marginal = 2 * integral_0 F(sqrt(t^2 + s^2)) ds
        s = np.linspace(0, float(profile.radius), 3001)
        marginal = np.array([2 * np.trapezoid(np.interp(np.hypot(x, s), u, radial, right=0.0), s) for x in t])
    k = np.linspace(0, 9, 1801)
    transform = np.array([2 * np.trapezoid(marginal * np.cos(x * t), t) for x in k])
    sphere = 2 * math.pi ** (d / 2) / math.gamma(d / 2)
    r = np.linspace(1e-9, 4000, 4_000_001)
    norm = sphere * np.trapezoid((jv(d / 2 + 1, r) / r ** (d / 2 + 1)) ** 2 * r ** (d - 1), r)
    norm *= (2 ** (d / 2 + 1) * math.gamma(d / 2 + 2)) ** 2
    energy = sphere * transform**2 * k ** (d - 1) / (2 * math.pi) ** d / norm
    points = [Fraction(3, 2), Fraction(3), Fraction(6), Fraction(9)]
    mass = tail_mass(profile, d, 1, Fraction(9), 1e-12)
    for c, inside in zip(points, mass.inside(points), strict=True):
        assert float(inside) == pytest.approx(np.trapezoid(energy[k <= float(c)], k[k <= float(c)]), rel=2e-4)


@pytest.mark.parametrize("d", [2, 3, 5, 10])
def test_parseval(d: int) -> None:
    """All the energy is found at some frequency: G falls to nearly 0."""
    profile = oscillation(Fraction(1), Fraction(3), 4)
    mass = tail_mass(profile, d, 1, Fraction(40), 1e-12)
    tails = mass.outside([Fraction(k) for k in (1, 5, 10, 20, 40)])
    assert all(right <= left for left, right in pairwise(tails))
    assert 0 < tails[-1] < Fraction(1, 1000) * mass.square_norm()[0]


@pytest.mark.parametrize(("d", "m"), [(2, 0), (3, 1), (6, 1), (15, 2)])
def test_float_estimates_agree(d: int, m: int) -> None:
    profile = oscillation(Fraction(d, 3), Fraction(d), 7)
    mass = tail_mass(profile, d, m, Fraction(14), 1e-12)
    estimate = TailEstimate(profile, d, m, 14.0)
    points = [Fraction(2), Fraction(5), Fraction(14)]
    for c, tail in zip(points, mass.outside(points), strict=True):
        assert estimate.tail(float(c)) == pytest.approx(float(tail), abs=1e-8)


def test_more_bits_only_tighten() -> None:
    profile = oscillation(Fraction(1), Fraction(3), 4)
    points = [Fraction(2), Fraction(6)]
    last = [Fraction(0), Fraction(0)]
    for bits in (64, 96, 160, 400):
        tails = TailMass(profile, 3, 1, Fraction(6), bits, "here").outside(points)
        assert all(new >= old for new, old in zip(tails, last, strict=True))
        last = tails


def test_too_long_a_series_is_refused() -> None:
    profile = RadialProfile(1, (Fraction(0), Fraction(1000)), (Fraction(1), Fraction(0)))
    with pytest.raises(Rejected, match="more than 6000 terms"):
        TailMass(profile, 3, 1, Fraction(1000), 64, "here")


def spectrum_at(mass: TailMass, s: Fraction) -> Fraction:
    return sum((c * s**n for n, c in enumerate(mass._spectrum)), Fraction(0)) / (1 << mass.bits)


@pytest.mark.parametrize(("d", "m"), [(2, 0), (3, 1), (9, 1)])
@pytest.mark.parametrize("profile", [HAT, ROUGH, oscillation(Fraction(3, 4), Fraction(2), 5)])
def test_the_error_of_the_expansion_is_bounded(d: int, m: int, profile: RadialProfile) -> None:
    """With few bits the rounding errors show: they stay below the bound that the class claims for them."""
    coarse = TailMass(profile, d, m, Fraction(6), 64, "here")
    fine = TailMass(profile, d, m, Fraction(6), 400, "here")
    allowed = Fraction(coarse._spectrum_error, 1 << 64) + Fraction(fine._spectrum_error, 1 << 400)
    differences = [abs(spectrum_at(coarse, Fraction(k, 8)) - spectrum_at(fine, Fraction(k, 8))) for k in range(9)]
    assert 0 < max(differences) <= allowed


@pytest.mark.parametrize(("d", "m"), [(2, 0), (3, 1), (5, 2)])
def test_the_transform_at_one_frequency(d: int, m: int) -> None:
    """p(t^2) against quadrature with 25 digits: E_mu from mpmath's 0F1."""
    mpmath.mp.dps = 25
    mass = TailMass(ROUGH, d, m, Fraction(6), 200, "here")
    radius, limit = mpmath.mpf(3), mpmath.mpf(1) / 7
    squares = [mpmath.mpf(k.numerator) / k.denominator for k in ROUGH.knots]
    heights = [mpmath.mpf(v.numerator) / v.denominator for v in ROUGH.values]

    def entire(mu: mpmath.mpf, x: mpmath.mpf) -> mpmath.mpf:
        return mpmath.hyp0f1(mu + 1, -x * x / 4)

    def target(u: mpmath.mpf) -> mpmath.mpf:
        if u <= squares[0]:
            return heights[0] - limit
        for left, right, a, b in zip(squares, squares[1:], heights, heights[1:], strict=False):
            if u <= right:
                return a + (b - a) * (u - left) / (right - left) - limit
        return mpmath.mpf(0)

    for t in (Fraction(0), Fraction(1, 3), Fraction(1)):
        kappa = 6 * mpmath.mpf(t.numerator) / t.denominator
        nu = mpmath.mpf(d) / 2
        exact = mpmath.quad(
            lambda u, k=kappa, n=nu: target(u) * entire(n + m, u) * entire(n - 1, k * u) * u ** (d - 1),
            [0, *squares],
        )
        value = spectrum_at(mass, t * t)
        assert abs(mpmath.mpf(value.numerator) / value.denominator - exact / radius**d) < mpmath.mpf(10) ** -20
