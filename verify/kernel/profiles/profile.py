"""The radial profile phi of a claim, its Lipschitz constant (rule LIPSCHITZ) and its tube (rule TUBE).

Document forms, all numbers exact:

    profile: {"lipschitz": L, "piecewise_linear": {"knots": [0, ..., 1], "values": [...]}}
           | {"lipschitz": L, "expression": prefix list}                       (see `kernel/expression.py`)
    tube:    {"scale": s, "knots": packed, "values": packed, "radius": "n/d"}  (integers in units of 2^-s)

Rules and proofs: `docs/rules/profiles.md`, sections LIPSCHITZ and TUBE.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.arithmetic.elementary import Arithmetic, DomainFailure, Interval
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.kernel.packing import integer_array
from verify.kernel.profiles import jets
from verify.kernel.profiles.expression import Expression, rational_text, read_expression

MAX_KNOTS = 20_000
MAX_DIGITS = 60
MAX_SCALE = 60
PRECISION = 128
WORK = 500_000
"""Nodes of an expression that one rule may evaluate: seconds, for the costliest operations a minute."""
MAX_SPLITS = 60


def profile_arithmetic() -> Arithmetic:
    """Return the arithmetic of both rules; profiles whose evaluation passes 2^128 on the way are refused."""
    return Arithmetic(PRECISION, 128)


@dataclass(frozen=True)
class Profile:
    """A continuous phi on [0, 1] whose properties have been proved.

    Attributes:
        text: phi in words, such as "phi(r) = max(0, 1/2 - r)".
        knots: 0 = knots[0] < ... < knots[-1] = 1 of the piecewise linear interpolant psi.
        values: psi at the knots.
        radius: |phi(r) - psi(r)| <= radius for all r in [0, 1] (0 if phi = psi).
        lipschitz: |phi(s) - phi(r)| <= lipschitz |s - r| for all r, s in [0, 1].
        source: the document form of the claim's profile.
    """

    text: str
    knots: tuple[Fraction, ...]
    values: tuple[Fraction, ...]
    radius: Fraction
    lipschitz: Fraction
    source: dict[str, Any]
    expression: Expression | None = None

    @property
    def lipschitz_text(self) -> str:
        """The Lipschitz constant as text: "1", "7/5", or "1 + 2^-120" where it is so close to an integer."""
        whole = self.lipschitz.numerator // self.lipschitz.denominator
        rest = self.lipschitz - whole
        if rest.numerator == 1 and rest < Fraction(1, 10**6) and rest.denominator.bit_count() == 1:
            return f"{whole} + 2^-{rest.denominator.bit_length() - 1}"
        return str(self.lipschitz)

    def interpolant(self, r: Fraction) -> Fraction:
        """Return psi(r), exactly, for r in [0, 1]."""
        return _interpolate(self.knots, self.values, r)

    def enclose(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
        """Return an enclosure of phi over [low, high], a part of [0, 1]; exact if phi is piecewise linear."""
        if not 0 <= low <= high <= 1:
            raise Rejected("PROFILE", "claim.profile", "is needed outside 0 <= r <= 1")
        first, last = bisect_right(self.knots, low), bisect_left(self.knots, high)
        inside = [self.interpolant(low), *self.values[first:last], self.interpolant(high)]
        bottom, top = min(inside) - self.radius, max(inside) + self.radius
        if self.expression is None:
            return bottom, top
        arithmetic = profile_arithmetic()
        try:
            direct = arithmetic.fractions(jets.enclose(self.expression, arithmetic, low, high))
        except DomainFailure:
            return bottom, top
        return max(bottom, direct[0]), min(top, direct[1])


def read_profile(fields: Fields, tube: Fields | None) -> Profile:
    """Return the profile that a claim declares, its Lipschitz constant and its tube proved.

    Args:
        fields: the claim's profile; every key is read.
        tube: the proof's tube, required for an expression and forbidden for a piecewise linear profile.
    """
    lipschitz = fields.rational("lipschitz", digits=MAX_DIGITS)
    if lipschitz < 0 or lipschitz > 10**9:
        raise Malformed(fields.place("lipschitz"), "must lie between 0 and 10^9")
    if fields.has("piecewise_linear"):
        if tube is not None:
            raise Malformed(tube.where, "a piecewise linear profile needs no tube")
        profile = _read_piecewise_linear(fields, lipschitz)
    else:
        expression = read_expression(fields.raw("expression"), fields.place("expression"))
        if tube is None:
            raise Malformed(fields.where, "an expression needs a tube in the proof")
        knots, values, radius = _read_tube(tube)
        check_lipschitz(expression, lipschitz, knots, fields.place("lipschitz"))
        check_tube(expression, knots, values, radius, tube.where)
        source = {"lipschitz": _json(lipschitz), "expression": expression.source}
        profile = Profile(f"phi(r) = {expression.text}", knots, values, radius, lipschitz, source, expression)
    fields.done()
    return profile


def _read_piecewise_linear(fields: Fields, lipschitz: Fraction) -> Profile:
    table = fields.fields("piecewise_linear")
    knots = _rationals(table, "knots")
    values = _rationals(table, "values")
    table.done()
    _check_knots(knots, values, table.where)
    for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True):
        if abs(v - u) > lipschitz * (b - a):
            why = f"the slope on [{a}, {b}] is {(v - u) / (b - a)}, beyond the declared constant {lipschitz}"
            raise Rejected("LIPSCHITZ", fields.place("lipschitz"), why)
    source = {
        "lipschitz": _json(lipschitz),
        "piecewise_linear": {"knots": [_json(k) for k in knots], "values": [_json(v) for v in values]},
    }
    return Profile(piecewise_linear_text(knots, values), knots, values, Fraction(0), lipschitz, source)


def _rationals(table: Fields, key: str) -> tuple[Fraction, ...]:
    numbers = table.rationals(key, most=MAX_KNOTS)
    if any(max(abs(n.numerator), n.denominator) >= 10**MAX_DIGITS for n in numbers):
        raise Malformed(table.place(key), f"a number of more than {MAX_DIGITS} digits")
    return tuple(numbers)


def _read_tube(tube: Fields) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...], Fraction]:
    unit = Fraction(1, 1 << tube.integer("scale", 0, MAX_SCALE))
    arrays = [integer_array(tube, key, (None,), most=MAX_KNOTS) for key in ("knots", "values")]
    radius = tube.rational("radius", digits=MAX_DIGITS)
    tube.done()
    if radius < 0:
        raise Malformed(tube.place("radius"), "is negative")
    knots, values = (tuple(int(n) * unit for n in array) for array in arrays)
    _check_knots(knots, values, tube.where)
    return knots, values, radius


def _check_knots(knots: tuple[Fraction, ...], values: tuple[Fraction, ...], where: str) -> None:
    if len(knots) != len(values):
        raise Malformed(where, f"{len(knots)} knots but {len(values)} values")
    if len(knots) < 2 or knots[0] != 0 or knots[-1] != 1:
        raise Malformed(where, "the knots must run from 0 to 1")
    if any(a >= b for a, b in pairwise(knots)):
        raise Malformed(where, "the knots must increase")


def check_lipschitz(
    expression: Expression, bound: Fraction, knots: tuple[Fraction, ...], where: str, *, work: int | None = None
) -> None:
    """Prove |phi(s) - phi(r)| <= bound |s - r| on [0, 1], starting from the cells between `knots`."""
    arithmetic = profile_arithmetic()
    cells = _Cells(expression, knots, "LIPSCHITZ", where, work)
    for low, high in cells:
        try:
            slopes = jets.slopes(expression, arithmetic, low, high)
        except DomainFailure as failure:
            cells.split(low, high, f"on {_cell(low, high)} {failure}")
            continue
        if slopes is None:
            cells.split(low, high, f"the slopes of phi on {_cell(low, high)} have no known bound")
        elif (steepest := arithmetic.magnitude(slopes)) > bound:
            why = f"on {_cell(low, high)} the slopes are bounded by {rounded_up(steepest)} only"
            cells.split(low, high, f"{why}, beyond the declared constant {bound}")


def check_tube(
    expression: Expression,
    knots: tuple[Fraction, ...],
    values: tuple[Fraction, ...],
    radius: Fraction,
    where: str,
) -> None:
    """Prove |phi(r) - psi(r)| <= radius on [0, 1] for the piecewise linear psi through (knots, values)."""
    arithmetic = profile_arithmetic()
    cells = _Cells(expression, knots, "TUBE", where)
    for low, high in cells:
        line = _interpolate(knots, values, low), _interpolate(knots, values, high)
        try:
            worst = distance(expression, arithmetic, (low, high), line)
        except DomainFailure as failure:
            cells.split(low, high, f"on {_cell(low, high)} {failure}")
            continue
        if worst > radius:
            why = f"on {_cell(low, high)} the distance to the interpolant is bounded by {rounded_up(worst)} only"
            cells.split(low, high, f"{why}, beyond the radius {radius}")


def distance(
    expression: Expression, a: Arithmetic, cell: tuple[Fraction, Fraction], line: tuple[Fraction, Fraction]
) -> Fraction:
    """Bound |phi - line| over one cell from above, by the best of three estimates (rule TUBE)."""
    low, high = cell
    width = high - low
    jet = jets.jet(expression, a, low, high)
    best = a.magnitude(a.sub(jet.value, a.between(min(line), max(line))))
    if jet.first is None:
        return best
    ends: list[Interval] = [jets.enclose(expression, a, point, point) for point in cell]
    at_ends = max(a.magnitude(a.sub(end, a.rational(value))) for end, value in zip(ends, line, strict=True))
    slope = a.magnitude(a.sub(jet.first, a.rational((line[1] - line[0]) / width)))
    best = min(best, at_ends + slope * width / 2)
    if jet.second is not None:
        best = min(best, at_ends + a.magnitude(jet.second) * width * width / 8)
    return best


class _Cells:
    """The cells that are still to prove, a stack; splitting is bounded in depth and in total work."""

    def __init__(
        self, expression: Expression, knots: tuple[Fraction, ...], rule: str, where: str, work: int | None = None
    ) -> None:
        self._todo = [(low, high, 0) for low, high in pairwise(knots)]
        self._todo.reverse()
        self._budget = (WORK if work is None else work) // len(expression.program)
        self._rule = rule
        self._where = where
        self._splits = 0

    def __iter__(self) -> _Cells:
        return self

    def __next__(self) -> tuple[Fraction, Fraction]:
        if not self._todo:
            raise StopIteration
        if self._budget <= 0:
            raise Rejected(self._rule, self._where, "takes more work than the kernel allows")
        self._budget -= 1
        low, high, self._splits = self._todo.pop()
        return low, high

    def split(self, low: Fraction, high: Fraction, why: str) -> None:
        """Put the two halves of the cell that has just been given out on the stack; `why` says what failed."""
        if self._splits == MAX_SPLITS:
            raise Rejected(self._rule, self._where, why)
        middle = (low + high) / 2
        self._todo.append((middle, high, self._splits + 1))
        self._todo.append((low, middle, self._splits + 1))


def _interpolate(knots: tuple[Fraction, ...], values: tuple[Fraction, ...], r: Fraction) -> Fraction:
    if r == 1:
        return values[-1]
    place = bisect_right(knots, r)
    a, b, u, v = knots[place - 1], knots[place], values[place - 1], values[place]
    return u + (v - u) * (r - a) / (b - a)


def piecewise_linear_text(knots: tuple[Fraction, ...], values: tuple[Fraction, ...]) -> str:
    """Return a piecewise linear phi in words that determine it (for very many knots: refer to the claim's table)."""
    slopes = [(v - u) / (b - a) for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True)]
    lines = [_line_text(slope, u - slope * a) for slope, a, u in zip(slopes, knots[:-1], values[:-1], strict=True)]
    if len(slopes) == 1:
        return f"phi(r) = {lines[0]}"
    if len(slopes) <= 3 and all(s < t for s, t in pairwise(slopes)):
        return f"phi(r) = max({', '.join(reversed(lines))})"
    if len(slopes) <= 3 and all(s > t for s, t in pairwise(slopes)):
        return f"phi(r) = min({', '.join(lines)})"
    if _is_triangle_wave(knots, slopes) and values[0] == 0:
        return f"phi(r) = the distance from r to the nearest multiple of {Fraction(2, len(slopes))}"
    if len(knots) <= 12:
        table = ", ".join(f"phi({k}) = {v}" for k, v in zip(knots, values, strict=True))
        return f"phi piecewise linear with {table}"
    return f"phi the piecewise linear function with the claim's {len(knots)} knots, phi(0) = {values[0]}"


def _is_triangle_wave(knots: tuple[Fraction, ...], slopes: list[Fraction]) -> bool:
    pieces = len(slopes)
    equal = all(knot * pieces == place for place, knot in enumerate(knots))
    return equal and pieces % 2 == 0 and all(slope == (-1) ** place for place, slope in enumerate(slopes))


def _line_text(slope: Fraction, offset: Fraction) -> str:
    """Return slope * r + offset as text, the positive term first."""
    if slope == 0:
        return str(offset)
    size, strength = rational_text(abs(slope))
    linear = "r" if size == "1" else f"{size}*r" if strength == 5 else f"({size})*r"
    if slope < 0:
        return f"{offset} - {linear}" if offset > 0 else f"-{linear}" + (f" - {-offset}" if offset else "")
    return linear + (f" + {offset}" if offset > 0 else f" - {-offset}" if offset else "")


def _cell(low: Fraction, high: Fraction) -> str:
    return f"[{rounded_down(low)}, {rounded_up(high)}]"


def _json(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else str(value)
