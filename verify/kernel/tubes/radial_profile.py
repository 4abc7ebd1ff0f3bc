"""Radial profiles, piecewise linear in u or in u^2, and their moments in fixed point (docs/rules/tubes.md)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from verify.kernel.fields import Fields
from verify.kernel.outcome import Rejected

RULE = "fourier-tubes"

MAX_KNOTS = 512
MAX_BITS = 128
MAX_RADIUS = 1000
MAX_VALUE = 1000

Cuts = list[tuple[Fraction, dict[int, Fraction]]]
"""[(r_j, {p: q_jp})]: the function F(v) = sum over j of 1[v < r_j] * sum over p of q_jp v^p, with 0 <= r_j <= 1."""


@dataclass(frozen=True)
class RadialProfile:
    """f(y) = g(|y|^e), g the piecewise linear function through (knot^e, value), constant outside.

    Attributes:
        exponent: e, 1 or 2.
        knots: 0 <= u_0 < ... < u_n, radii.
        values: f at the knots; values[0] below u_0, values[-1] beyond u_n.
    """

    exponent: int
    knots: tuple[Fraction, ...]
    values: tuple[Fraction, ...]

    @property
    def radius(self) -> Fraction:
        """A = u_n: f is constant where |y| >= A."""
        return self.knots[-1]

    def slopes(self) -> list[Fraction]:
        """Return the slopes of g between consecutive knots."""
        powers = [knot**self.exponent for knot in self.knots]
        rises = zip(pairwise(self.values), pairwise(powers), strict=True)
        return [(right - left) / (end - start) for (left, right), (start, end) in rises]

    def largest_difference(self) -> Fraction:
        """Return max |f - f(infinity)|."""
        return max(abs(value - self.values[-1]) for value in self.values)

    def cuts(self) -> Cuts:
        """Return f - f(infinity) as a function of v = |y| / A, supported in [0, 1]."""
        e, limit, scale = self.exponent, self.values[-1], self.radius**self.exponent
        # (constant, coefficient of v^e) left of u_0, between the knots, right of u_n
        pieces = [(self.values[0] - limit, Fraction(0))]
        for knot, value, slope in zip(self.knots, self.values, self.slopes(), strict=False):
            pieces.append((value - limit - slope * knot**e, slope * scale))
        pieces.append((Fraction(0), Fraction(0)))
        return [
            (knot / self.radius, {0: left[0] - right[0], e: left[1] - right[1]})
            for knot, (left, right) in zip(self.knots, pairwise(pieces), strict=True)
        ]

    def square_cuts(self) -> Cuts:
        """Return (f - f(infinity))^2 as a function of v = |y| / A."""
        e, limit, scale = self.exponent, self.values[-1], self.radius**self.exponent
        pieces = [((self.values[0] - limit) ** 2, Fraction(0), Fraction(0))]
        for knot, value, slope in zip(self.knots, self.values, self.slopes(), strict=False):
            constant, linear = value - limit - slope * knot**e, slope * scale
            pieces.append((constant**2, 2 * constant * linear, linear**2))
        pieces.append((Fraction(0), Fraction(0), Fraction(0)))
        return [
            (knot / self.radius, {p * e: left[p] - right[p] for p in range(3)})
            for knot, (left, right) in zip(self.knots, pairwise(pieces), strict=True)
        ]


def read_profile(fields: Fields, exponent: int) -> RadialProfile:
    """Read `knots` and `values`; reject profiles that are not functions or too large to handle."""
    where = fields.where
    knots = fields.rationals("knots", most=MAX_KNOTS)
    values = fields.rationals("values", most=MAX_KNOTS)
    if len(knots) < 2 or len(knots) != len(values):
        raise Rejected(RULE, where, "needs at least two knots and one value for each")
    if any(max(abs(q.numerator), q.denominator).bit_length() > MAX_BITS for q in (*knots, *values)):
        raise Rejected(RULE, where, f"knots and values must have at most {MAX_BITS} bits above and below the line")
    if knots[0] < 0 or any(right <= left for left, right in pairwise(knots)):
        raise Rejected(RULE, where, "the knots must be nonnegative and increasing")
    if knots[-1] > MAX_RADIUS or max(map(abs, values)) > MAX_VALUE:
        raise Rejected(RULE, where, f"knots beyond {MAX_RADIUS} or values beyond {MAX_VALUE}")
    return RadialProfile(exponent, tuple(knots), tuple(values))


def moments(cuts: Cuts, first: int, count: int, bits: int) -> tuple[list[int], int]:
    """Return (list, error): |list[l] / 2^bits - integral_0^1 F(v) v^(first + 2l) dv| <= error / 2^bits.

    The integral is the sum over j, p of q_jp r_j^p * r_j^(n+1) / (n+p+1), n = first + 2l. Powers are rounded down at
    each of at most `count` steps, the constants q_jp r_j^p to the nearest unit or so (rule tubes/moments).
    """
    one = 1 << bits
    exponents = sorted({p for _, q in cuts for p in q})
    squares = [r * r for r, _ in cuts]
    powers = [(r.numerator ** (first + 1) << bits) // r.denominator ** (first + 1) for r, _ in cuts]
    constants = {p: [q.get(p, Fraction(0)) * r**p for r, q in cuts] for p in exponents}
    rounded = {p: [b.numerator * one // b.denominator for b in constants[p]] for p in exponents}
    error = 0
    for p in exponents:
        error += 1 + sum(1 + -(-abs(b.numerator) // b.denominator) * count for b in constants[p])
    result = []
    for n in range(first, first + 2 * count, 2):
        total = 0
        for p in exponents:
            inner = sum(b * x for b, x in zip(rounded[p], powers, strict=True))
            total += inner // (n + p + 1) >> bits
        result.append(total)
        powers = [x * s.numerator // s.denominator for x, s in zip(powers, squares, strict=True)]
    return result, error
