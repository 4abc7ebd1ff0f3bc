"""Rule RIDGE MAJORANT: how far even ridges, chords or stairs, lie from even polynomials (docs/rules/cubature.md)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt, prod

import numpy as np

from verify.kernel.cubature.absolute_sums import Work, require_sum_below
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.kernel.packing import IntArray, integer_array

RULE = "RIDGE MAJORANT"
MAX_KNOTS = 2000
MAX_BITS = 62


@dataclass(frozen=True)
class Ridges:
    """Even q_1, ..., q_L with common knots, constant between -t_0 and t_0, piecewise linear or (stairs) constant.

    Attributes:
        bits: the knots are integers over 2^bits.
        knots: 0 < t_0 < t_1 < ..., the last at least the norm of the directions.
        values: q_l at the knots, integers over 2^scale, shape (L, number of knots); for stairs, between the knot before
            (at which they jump) and this one.
        scale: bits of the values.
        stairs: whether they are piecewise constant.
    """

    bits: int
    knots: list[int]
    values: IntArray
    scale: int
    stairs: bool = False

    def interior(self, norm2: int) -> int:
        """Return how many knots are less than sqrt(norm2)."""
        limit = isqrt((norm2 << (2 * self.bits)) - 1)
        return sum(knot <= limit for knot in self.knots)

    def at(self, t: Fraction) -> list[Fraction]:
        """Return all q_l at t >= 0, exactly, up to the last knot; stairs jump at all knots but the last."""
        place = t * (1 << self.bits)
        after = bisect_left(self.knots, place)
        if after == len(self.knots):
            raise Malformed("network.ridges", "evaluated beyond the last knot")
        if self.stairs:
            after = min(bisect_right(self.knots, place), len(self.knots) - 1)
        column = self.values[:, after].tolist()
        if after == 0 or self.stairs:
            return [Fraction(v, 1 << self.scale) for v in column]
        a, b = self.knots[after - 1], self.knots[after]
        share = (place - a) / (b - a)
        before = self.values[:, after - 1].tolist()
        return [(u + (v - u) * share) / (1 << self.scale) for u, v in zip(before, column, strict=True)]


def read_ridges(fields: Fields, rows: int, scale: int, norm2: int, *, stairs: bool) -> Ridges:
    """Return the ridges at `fields`; their knots must increase and reach sqrt(norm2)."""
    bits = fields.integer("bits", 0, 48)
    knots = [int(knot) for knot in integer_array(fields, "knots", (None,), most=MAX_KNOTS)]
    values = integer_array(fields, "values", (rows, len(knots)), most=rows * MAX_KNOTS)
    fields.done()
    if not knots or knots[0] <= 0 or any(a >= b for a, b in pairwise(knots)):
        raise Malformed(fields.place("knots"), "must be positive and increase")
    if knots[-1] ** 2 < norm2 << (2 * bits):
        raise Rejected(RULE, fields.place("knots"), "do not reach the norm of the directions")
    if stairs and len(knots) > 1 and knots[-2] ** 2 >= norm2 << (2 * bits):
        raise Malformed(fields.place("knots"), "must have only one beyond the norm of the directions")
    return Ridges(bits, knots, values, scale, stairs)


def require_majorant(
    ridges: Ridges,
    polynomials: IntArray,
    majorant: Sequence[Fraction],
    share: Fraction,
    d: int,
    norm2: int,
    work: Work,
    where: str,
) -> None:
    """Require `share * sum_l |q_l(t) - Q_l(t)| <= sum_j a_j (t^2/norm2)^j` up to the last knot.

    Q_l(t) = sum_k p_lk / c(d,k) (t^2/norm2)^k, with p_lk = polynomials[l, k] over 2^scale.
    """
    degree = polynomials.shape[1] - 1
    odd = [prod(2 * j + 1 for j in range(k)) for k in range(degree + 1)]
    even = [prod(d + 2 * j for j in range(k)) for k in range(degree + 1)]
    unit = odd[degree] * norm2**degree << (2 * degree * ridges.bits)
    # Everything below is in units of 1/(2^scale * unit * length of the segment).
    factors = [
        even[k] * (odd[degree] // odd[k]) * norm2 ** (degree - k) << (2 * (degree - k) * ridges.bits)
        for k in range(degree + 1)
    ]
    ceiling = [
        (a / share) * (odd[degree] * norm2 ** (degree - j) << (2 * (degree - j) * ridges.bits)) * (1 << ridges.scale)
        for j, a in enumerate(majorant)
    ]
    values = ridges.values.tolist()
    table = polynomials.tolist()
    for index, (a, b) in enumerate([(0, ridges.knots[0]), *pairwise(ridges.knots)]):
        rows = []
        for value, coefficients in zip(values, table, strict=True):
            row = [0] * (2 * degree + 1)
            for k, p in enumerate(coefficients):
                row[2 * k] = -p * factors[k] * (b - a)
            left = value[index] if ridges.stairs or index == 0 else value[index - 1]
            right = value[index]
            row[0] += (left * b - right * a) * unit
            row[1] += (right - left) * unit
            rows.append(row)
        limit = [0] * (2 * degree + 1)
        for j, ceil in enumerate(ceiling):
            limit[2 * j] = (ceil * (b - a)).__floor__()
        require_sum_below(np.array(rows, dtype=object), [], limit, a, b, 1, work, where)
