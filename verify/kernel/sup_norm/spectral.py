"""Rule SPECTRAL: how little a neuron correlates with the hard function of Theorem 4.

Theorem 4 of Safran, Eldan and Shamir (2019): f(x) = sin(2 pi d^3 |x|^2) / (2 pi d^3) on the unit ball of R^d, accuracy
1/(101 e^2 pi^3 d^3), weights at most 2^(d+1)/(2 pi d^3). Statement and proof: docs/rules/sup_norm.md, rule SPECTRAL.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from verify.kernel.arithmetic import series
from verify.kernel.arithmetic.elementary import Arithmetic

MASS_BITS = 256
SLOPES = {"1-Lipschitz": 2, "relu": 4}
"""kappa of the rule: 2 for every 1-Lipschitz activation, 4 for slopes in [0, 1]."""


@dataclass(frozen=True)
class HalfSine:
    """Enclosures, as integers in units of 2^-precision, of what depends on h = pi d^3 in sin(h t).

    Attributes:
        dimension: d.
        precision: binary places.
        half: enclosure of h/2.
        quarter_square: enclosure of h^2/4.
    """

    dimension: int
    precision: int
    half: tuple[int, int]
    quarter_square: tuple[int, int]


def half_sine(dimension: int, precision: int) -> HalfSine:
    """Return the enclosures for h = pi d^3."""
    low, high = series.pi(precision)
    low, high = low * dimension**3, high * dimension**3
    half = (low // 2, -(-high // 2))
    return HalfSine(dimension, precision, half, (half[0] ** 2 >> precision, -(-(half[1] ** 2) >> precision)))


def masses(sine: HalfSine, first: int, count: int) -> list[tuple[int, int]]:
    """Return enclosures, in units of 2^-MASS_BITS, of the L2 masses of sin(h y.z) at k = first, first + 2, ... (odd).

    m_k = N(d, k) B_k^2 with B_k = (h/2)^k / (d/2)_k A_k, A_k = sum_j (-h^2/4)^j / (j! (d/2 + k)_j). The two highest B_k
    come from the series, the others from B_{k-1} = ((d + 2k - 2)/h) B_k - B_{k+1}.
    """
    d, bits = sine.dimension, sine.precision
    last = first + 2 * (count - 1)
    beyond, here = _coefficient(sine, last + 1), _coefficient(sine, last)
    low = (1 << 2 * bits - 1) // sine.half[1]
    spread = -(-(1 << 2 * bits - 1) // sine.half[0]) - low
    shift = 2 * bits - MASS_BITS
    result = []
    for degree in range(last, first - 1, -1):
        value, error = here
        if degree % 2:
            harmonics = dimension_of_harmonics(d, degree)
            least, most = max(0, abs(value) - error), abs(value) + error
            result.append((_scaled(harmonics * least**2, shift), -_scaled(-harmonics * most**2, shift)))
        factor = d + 2 * degree - 2
        # value / h, with 1/h in [low, low + spread]
        following = (factor * value * low >> bits) - beyond[0]
        spoiled = (factor * (error * (low + spread) + abs(value) * spread) >> bits) + beyond[1] + 2
        beyond, here = here, (following, spoiled)
    return result[::-1]


def _scaled(value: int, shift: int) -> int:
    """Return value / 2^shift, rounded down."""
    return value >> shift if shift >= 0 else value << -shift


def _coefficient(sine: HalfSine, degree: int) -> tuple[int, int]:
    """Return (b, e): |B_k - b| <= e in units of 2^-precision, from the series."""
    d, bits = sine.dimension, sine.precision
    amplitude, error = _cosine_mean(sine, degree)
    low = high = 1 << bits
    for index in range(degree):
        divisor = d + 2 * index << bits
        low, high = low * 2 * sine.half[0] // divisor, -(-high * 2 * sine.half[1] // divisor)
    return amplitude * low >> bits, (abs(amplitude) * (high - low) + error * high >> bits) + 2


def _cosine_mean(sine: HalfSine, degree: int) -> tuple[int, int]:
    """Return (a, e): |A - a| <= e in units of 2^-precision."""
    d, bits = sine.dimension, sine.precision
    x, spread = sine.quarter_square[0], sine.quarter_square[1] - sine.quarter_square[0]
    term, radius = 1 << bits, 0
    total, error = term, 0
    index = 0
    while True:
        # term_{j+1} = term_j x / ((j+1)(d/2 + k + j)), signs apart.
        divisor = (index + 1) * (d + 2 * degree + 2 * index)
        following = (term * 2 * x >> bits) // divisor
        radius = ((2 * radius * (x + spread) >> bits) + (2 * term * spread >> bits) + 2) // divisor + 3
        term = following
        index += 1
        if term <= radius and 2 * (x + spread) < (index + 1) * (d + 2 * degree + 2 * index) << bits:
            # From here on the terms decrease, and the rest of an alternating series is at most its first term.
            return total, error + term + radius
        total += -term if index % 2 else term
        error += radius


def dimension_of_harmonics(dimension: int, degree: int) -> int:
    """Return N(d, k), the dimension of the spherical harmonics of degree k in R^d."""
    lower = math.comb(dimension + degree - 3, degree - 2) if degree >= 2 else 0
    return math.comb(dimension + degree - 1, degree) - lower


def scaled_accuracy() -> tuple[Fraction, Fraction]:
    """Return an enclosure of 2 pi d^3 epsilon = 2/(101 e^2 pi^2), the accuracy relative to the amplitude."""
    arithmetic = Arithmetic(200)
    e_square = arithmetic.exp(arithmetic.rational(2))
    pi_square = arithmetic.square(arithmetic.pi())
    return arithmetic.fractions(
        arithmetic.div(arithmetic.rational(Fraction(2, 101)), arithmetic.mul(e_square, pi_square))
    )


@dataclass(frozen=True)
class Quotient:
    """The rule's quotient: X = numerator / sqrt(denominator), a lower and an upper bound of the two parts."""

    numerator: Fraction
    denominator: Fraction


def quotient(dimension: int, first: int, weights: list[int], precision: int) -> Quotient:
    """Return bounds of sum c m - eps sqrt(sum c^2 m) and of sum c^2 m / (N lambda), over k = first, first + 2, ..."""
    sine = half_sine(dimension, precision)
    linear = square = 0
    spread = Fraction(0)
    for index, (weight, (low, high)) in enumerate(zip(weights, masses(sine, first, len(weights)), strict=True)):
        degree = first + 2 * index
        linear += weight * low
        square += weight * weight * high
        eigenvalue = degree * (degree + dimension - 2)
        spread += Fraction(weight * weight * high, dimension_of_harmonics(dimension, degree) * eigenvalue)
    unit = Fraction(1, 1 << MASS_BITS)
    root = Fraction(isqrt(square << MASS_BITS) + 1, 1 << MASS_BITS)
    return Quotient(linear * unit - scaled_accuracy()[1] * root, spread * unit)


def width_bound(dimension: int, bound: Quotient, kappa: int) -> int:
    """Return the least integer width that the rule allows: kappa X 2 pi d^3 / (4^(d+1) sqrt(d - 1)), rounded up."""
    pi_low = Arithmetic(200).fractions(Arithmetic(200).pi())[0]
    factor = kappa * 2 * pi_low * dimension**3 / Fraction(4) ** (dimension + 1)
    square = (factor * bound.numerator) ** 2 / (bound.denominator * (dimension - 1))
    root = isqrt(square.numerator // square.denominator)
    return root if root * root == square else root + 1
