"""How much of a radial function's energy lies at high frequencies: enclosures in integers (docs/rules/tubes.md).

Everything is a power series with rational coefficients, because the functions are multiples of
E_mu(x) = 0F1(; mu+1; -x^2/4) = sum over i of (-x^2/4)^i / (i! (mu+1)_i), and the profile is a polynomial between
rational knots. No quadrature, no Bessel functions; the only irrational number is pi, for odd dimensions.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from verify.kernel.arithmetic.integer_polynomials import product
from verify.kernel.arithmetic.series import pi
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.radial_profile import RULE, Cuts, RadialProfile, moments

MAX_DIMENSION = 200
MAX_MEASURE = 8
MIN_BITS = 64
MAX_BITS = 16_384
MAX_TERMS = 6_000
MAX_WORK = 32_000_000
MAX_MOMENT_WORK = 3_000_000_000
"""Bounds of terms times bits, and of that times knots: each some ten seconds of the kernel's time."""

Enclosure = tuple[Fraction, Fraction]


class TailMass:
    """Encloses G(c) = Z * integral_c^infinity k H(k)^2 dk and other integrals of one profile f against mu.

    mu has the density phi^2 / ||phi||^2, phi(y) = E_{d/2+m}(|y|). Every method returns rational ends that contain the
    real number; `bits` changes how far they lie apart, never whether they are right.
    """

    def __init__(self, profile: RadialProfile, d: int, m: int, largest: Fraction, bits: int, where: str) -> None:
        """Expand the transform of (f - f(infinity)) phi on |frequency| <= `largest`.

        Raises:
            Rejected: the expansion would need more than MAX_TERMS terms, or too much time.
        """
        self.d, self.m, self.bits, self.largest = d, m, bits, largest
        self.profile = profile
        radius = profile.radius
        self._phi, self._phi_error = self._entire(radius, d + 2 * m + 2, where)
        self._wave, self._wave_errors = _terms(radius * largest, d, bits, where)
        work = (len(self._phi) + len(self._wave)) * bits
        if work > MAX_WORK or work * len(profile.knots) > MAX_MOMENT_WORK:
            raise Rejected(RULE, where, "the expansion is too long: smaller radii or fewer bits are needed")
        self._square = product(self._phi, self._phi)
        self._spectrum, self._spectrum_error = self._expand()

    def _entire(self, radius: Fraction, lowest: int, where: str) -> tuple[list[int], int]:
        """Return signed coefficients of E_mu(radius * v) in powers of v^2, 2 mu + 2 = lowest, and a sup error."""
        terms, errors = _terms(radius, lowest, self.bits, where)
        return [-t if i % 2 else t for i, t in enumerate(terms)], sum(errors) + 1

    def _expand(self) -> tuple[list[int], int]:
        """Return the coefficients of p(s), h(largest * t) = A^d p(t^2), and a bound of the error on [0, 1]."""
        bits, phi, wave = self.bits, self._phi, self._wave
        f, moment_error = moments(self.profile.cuts(), self.d - 1, len(phi) + len(wave), bits)
        # inner[j] = sum over i of phi[i] f[i + j]
        sums = product(phi[::-1], f)[len(phi) - 1 : len(phi) - 1 + len(wave)]
        sum_error = (moment_error * sum(map(abs, phi)) >> bits) + 2
        spectrum = []
        error = 0
        for j, (term, term_error, inner) in enumerate(zip(wave, self._wave_errors, sums, strict=True)):
            inner >>= bits
            value = term * inner >> bits
            spectrum.append(-value if j % 2 else value)
            error += ((term + term_error) * sum_error + abs(inner) * term_error >> bits) + 2
        size = self._size(1)
        # Replacing phi, cutting the series of E_{d/2-1} (its rest is below one unit), rounding the coefficients.
        error += _ceil(size * (self._phi_error + 1 + Fraction(self._phi_error, 1 << bits)))
        return spectrum, error

    def _size(self, power: int) -> Fraction:
        """Return a bound of integral_0^1 |f - f(infinity)|^power v^(d-1) dv."""
        return self.profile.largest_difference() ** power / self.d

    def against_measure(self, cuts: Cuts, largest: Fraction) -> Enclosure:
        """Enclose the integral of F(|y| / A) against mu, for |F| <= largest supported in [0, 1]."""
        bits = self.bits
        square = self._square
        f, moment_error = moments(cuts, self.d - 1, len(square), bits)
        total = sum(c * x for c, x in zip(square, f, strict=True))  # at scale 2^-3 bits
        error = moment_error * sum(map(abs, square))
        slack = Fraction(self._phi_error, 1 << bits)
        spread = Fraction(error, 1 << 3 * bits) + largest / self.d * slack * (2 + slack)
        value = Fraction(total, 1 << 3 * bits)
        scale = self.profile.radius**self.d
        low, high = self._density()
        return _times((low * scale, high * scale), (value - spread, value + spread))

    def square_norm(self) -> Enclosure:
        """Enclose M = the integral of (f - f(infinity))^2 against mu."""
        return self.against_measure(self.profile.square_cuts(), self.profile.largest_difference() ** 2)

    def mean(self) -> Enclosure:
        """Enclose the integral of f - f(infinity) against mu."""
        return self.against_measure(self.profile.cuts(), self.profile.largest_difference())

    def share_inside(self) -> Enclosure:
        """Enclose mu(|y| <= A)."""
        return self.against_measure([(Fraction(1), {0: Fraction(1)})], Fraction(1))

    def _gamma_square(self) -> Enclosure:
        """Enclose Gamma(d/2)^2: an integer for even d, pi times a rational for odd d."""
        if self.d % 2 == 0:
            exact = Fraction(factorial(self.d // 2 - 1)) ** 2
            return exact, exact
        root = Fraction(1)  # Gamma(d/2) / sqrt(pi)
        for k in range(1, self.d, 2):
            root *= Fraction(k, 2)
        low, high = pi(self.bits)
        return root**2 * Fraction(low, 1 << self.bits), root**2 * Fraction(high, 1 << self.bits)

    def _density(self) -> Enclosure:
        """Enclose alpha = 1 / integral_0^infinity E_{d/2+m}(u)^2 u^(d-1) du."""
        d, m = self.d, self.m
        rational = Fraction(factorial(m) ** 2, 2 ** (d - 1) * factorial(2 * m))
        rational *= _rising(Fraction(d, 2), 2 * m + 1) / _rising(Fraction(d, 2), m + 1) ** 2
        low, high = self._gamma_square()
        return rational / high, rational / low

    def _frequency_scale(self) -> Fraction:
        """Return an upper bound of A^(2d) * 4 alpha / (2^d Gamma(d/2)^2), the factor before p^2 in D."""
        radius_power: Fraction = self.profile.radius ** (2 * self.d)
        result: Fraction = self._density()[1] * 4 / (2**self.d * self._gamma_square()[0]) * radius_power
        return result

    def _spread(self) -> Fraction:
        """Return a bound of the integral over [0, 1] of |p(t^2)^2 - its computed value| t^(d-1)."""
        delta = Fraction(self._spectrum_error, 1 << self.bits)
        return delta * (2 * self._size(1) + delta) / self.d

    def slack(self) -> Fraction:
        """Return how much D(largest) may be overestimated by the rounding of the expansion (for choosing `bits`)."""
        return 2 * self._frequency_scale() * self.largest**self.d * self._spread()

    def inside(self, points: list[Fraction]) -> list[Fraction]:
        """Return an upper bound of D(c) = M - G(c) for every c of `points`, 0 < c <= largest."""
        d, bits = self.d, self.bits
        square = product(self._spectrum, self._spectrum)
        coefficients = [s // (2 * n + d) for n, s in enumerate(square)]
        spread, scale = self._spread(), self._frequency_scale()
        bounds = []
        for c in points:
            top, bottom = ((c / self.largest) ** 2).as_integer_ratio()
            value = 0
            for s in reversed(coefficients):
                value = value * top // bottom + s
            # Each of the roundings loses less than one unit, and later steps multiply by at most 1.
            integral = Fraction(value + 2 * len(coefficients), 1 << 2 * bits) + spread
            bounds.append(scale * c**d * integral)
        return bounds

    def outside(self, points: list[Fraction]) -> list[Fraction]:
        """Return a lower bound of G(c) >= 0 for every c of `points`, 0 < c <= largest."""
        norm = self.square_norm()[0]
        return [max(Fraction(0), norm - inside) for inside in self.inside(points)]


def _terms(x: Fraction, lowest: int, bits: int, where: str) -> tuple[list[int], list[int]]:
    """Return lower bounds t_i of 2^bits (x/2)^(2i) / (i! (mu+1)_i), 2 mu + 2 = lowest, and how far they may be off.

    The list ends where the first term left out is below one unit and the terms fall from there on: the rest of the
    alternating series is then below one unit wherever its variable is at most x.
    """
    top, bottom = (x * x).as_integer_ratio()
    low = high = 1 << bits
    terms, errors = [], []
    i = 0
    while high > 1 or top > 2 * bottom * (i + 1) * (lowest + 2 * i):
        if i == MAX_TERMS:
            raise Rejected(RULE, where, f"the power series need more than {MAX_TERMS} terms")
        terms.append(low)
        errors.append(high - low)
        divisor = 2 * bottom * (i + 1) * (lowest + 2 * i)
        low = low * top // divisor
        high = -(-high * top // divisor)
        i += 1
    return terms, errors


def _times(a: Enclosure, b: Enclosure) -> Enclosure:
    """Return the product of an enclosure of a positive number and any enclosure."""
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def _rising(x: Fraction, n: int) -> Fraction:
    """Return x (x+1) ... (x+n-1)."""
    result = Fraction(1)
    for k in range(n):
        result *= x + k
    return result


def _ceil(x: Fraction) -> int:
    return -(-x.numerator // x.denominator)
