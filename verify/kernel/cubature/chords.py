"""Rule CHORD-POWER: how far the chords of t^(2k) between given knots lie above it (docs/rules/cubature.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from verify.kernel.fields import Fields, as_integer
from verify.kernel.outcome import Malformed, Rejected

RULE = "CHORD-POWER"
MAX_BITS = 64
MAX_BLOCKS = 20_000
MAX_COUNT = 1 << 40
GUARD_BITS = 128


@dataclass(frozen=True)
class Knots:
    """Knots 0 < t_0 < t_1 < ... of an even piecewise linear interpolant I of t^(2k), in units of 2^-bits.

    I is the constant t_0^(2k) on [-t_0, t_0], equals t^(2k) at all knots and is linear between them.

    Attributes:
        blocks: pairs (count, step): that many further knots, `step` apart.
    """

    bits: int
    first: int
    blocks: tuple[tuple[int, int], ...]

    def last(self) -> int:
        """Return the last knot."""
        return self.first + sum(count * step for count, step in self.blocks)

    def below(self, limit: int) -> int:
        """Return how many knots are less than `limit`."""
        if self.first >= limit:
            return 0
        total, start = 1, self.first
        for count, step in self.blocks:
            total += min(count, max(0, (limit - 1 - start) // step))
            start += count * step
        return total

    def interval(self, t: Fraction) -> tuple[Fraction, Fraction] | None:
        """Return the neighbouring knots around t >= t_0 as numbers, None beyond the last."""
        position, start = t * (1 << self.bits), self.first
        for count, step in self.blocks:
            if position <= start + count * step:
                index = min(int((position - start) // step), count - 1)
                low = start + index * step
                return Fraction(low, 1 << self.bits), Fraction(low + step, 1 << self.bits)
            start += count * step
        return None


def read_knots(fields: Fields, norm2: int) -> Knots:
    """Return the knots at `fields`; they must reach the norm sqrt(norm2)."""
    bits = fields.integer("bits", 0, MAX_BITS)
    first = fields.integer("first", 1, 1 << (MAX_BITS + 16))
    blocks = []
    where = fields.place("blocks")
    for pair in fields.sequence("blocks", most=MAX_BLOCKS):
        if not isinstance(pair, list) or len(pair) != 2:
            raise Malformed(where, "must be a list of pairs [count, step]")
        blocks.append((as_integer(pair[0], where, 1, MAX_COUNT), as_integer(pair[1], where, 1, 1 << (MAX_BITS + 16))))
    fields.done()
    knots = Knots(bits, first, tuple(blocks))
    if knots.last() ** 2 < norm2 << (2 * bits):
        raise Rejected(RULE, fields.where, "the knots do not reach the norm of the directions")
    return knots


def interior_knots(knots: Knots, norm2: int) -> int:
    """Return how many knots are less than sqrt(norm2): only they bend the network inside the unit ball."""
    return knots.below(isqrt((norm2 << (2 * knots.bits)) - 1) + 1)


def chord_excess(knots: Knots, k: int, majorant: Sequence[Fraction], norm2: int) -> Fraction:
    """Return a number e such that 0 <= I(t) - t^(2k) <= e + sum_{j>=1} a_j (t^2/norm2)^j up to the last knot.

    Args:
        majorant: a_1, a_2, ... , at most k numbers >= 0.

    On [a, b] the function G = t^(2k) + sum a_j (t^2/norm2)^j is convex, and tangents of it at two neighbouring integers
    bound it from below. In a block of equal steps the chord's largest excess over t^(2k) grows with the position and
    so does the majorant: the last step against the majorant at the block's beginning.
    """
    # Powers of knots are integers over 2^scale; the majorant, rounded down, has GUARD_BITS more.
    scale = 2 * k * knots.bits
    slopes = [
        (value.numerator << (scale - 2 * j * knots.bits + GUARD_BITS)) // (value.denominator * norm2**j)
        for j, value in enumerate(majorant, start=1)
    ]
    worst: int = knots.first ** (2 * k) << GUARD_BITS
    start = knots.first
    for count, step in knots.blocks:
        end = start + count * step
        if count == 1:
            worst = max(worst, _excess(start, end, k, slopes))
        else:
            worst = max(worst, _excess(end - step, end, k, []) - _value(start, slopes))
        start = end
    return Fraction(worst, 1 << (scale + GUARD_BITS))


def stair_excess(knots: Knots, k: int, majorant: Sequence[Fraction], norm2: int) -> Fraction:
    """Return a number e such that |q(t) - t^(2k)| <= e + sum_{j>=1} a_j (t^2/norm2)^j up to the last knot.

    q is even, with the value (a^(2k) + b^(2k))/2 between neighbouring knots a < b, and t_0^(2k)/2 on (-t_0, t_0).
    """
    scale = 2 * k * knots.bits
    slopes = [
        (value.numerator << (scale - 2 * j * knots.bits + GUARD_BITS)) // (value.denominator * norm2**j)
        for j, value in enumerate(majorant, start=1)
    ]
    worst: int = knots.first ** (2 * k) << (GUARD_BITS - 1)
    start = knots.first
    for count, step in knots.blocks:
        end = start + count * step
        # The last step of a block is the highest, the majorant the least at the block's beginning.
        jump = (end ** (2 * k) - (end - step) ** (2 * k)) << (GUARD_BITS - 1)
        worst = max(worst, jump - _value(start, slopes))
        start = end
    return Fraction(worst, 1 << (scale + GUARD_BITS))


def _value(t: int, coefficients: Sequence[int]) -> int:
    """Return sum_j coefficients[j-1] t^(2j)."""
    total = 0
    for coefficient in reversed(coefficients):
        total = (total + coefficient) * t * t
    return total


def _excess(a: int, b: int, k: int, coefficients: Sequence[int]) -> int:
    """Return e, in units of 2^-GUARD_BITS, such that the chord of t^(2k) over [a, b] is at most G(t) + e.

    Here G(t) = t^(2k) + sum c_j t^(2j) in the same units, and t, a, b are integers.
    """

    def slope(t: int) -> int:
        total: int = 2 * k * t ** (2 * k - 1) << GUARD_BITS
        power = t
        for j, coefficient in enumerate(coefficients, start=1):
            total += 2 * j * coefficient * power
            power *= t * t
        return total

    top: int = b ** (2 * k) << GUARD_BITS
    bottom: int = a ** (2 * k) << GUARD_BITS
    chord = (top - bottom) // (b - a)  # exact: a polynomial in a and b
    if slope(a) >= chord:
        return -_value(a, coefficients)
    low, high = a, b
    while high - low > 1:
        middle = (low + high) // 2
        if slope(middle) < chord:
            low = middle
        else:
            high = middle
    # slope(low) < chord <= slope(high), high = low + 1: see docs/rules/cubature.md, CHORD-POWER.
    tangent = (low ** (2 * k) << GUARD_BITS) + _value(low, coefficients) + slope(low)
    excess: int = bottom + chord * (high - a) - tangent
    return excess
