"""Expressions that are piecewise linear with rational kinks, as exact tables on [0, 1]."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from verify.kernel.profiles.expression import Expression, Node

MAX_PIECES = 2000
MAX_BITS = 150


@dataclass(frozen=True)
class PiecewiseLinear:
    """A continuous piecewise linear function on [0, 1] through (knots, values), exactly."""

    knots: tuple[Fraction, ...]
    values: tuple[Fraction, ...]

    def __call__(self, r: Fraction) -> Fraction:
        """Return the value at r in [0, 1]; beyond, the outer pieces continue."""
        place = min(max(bisect_right(self.knots, r), 1), len(self.knots) - 1)
        a, b, u, v = self.knots[place - 1], self.knots[place], self.values[place - 1], self.values[place]
        return u + (v - u) * (r - a) / (b - a)

    def slopes(self) -> list[Fraction]:
        """Return the slopes of the pieces."""
        return [(v - u) / (b - a) for (a, b), (u, v) in zip(pairwise(self.knots), pairwise(self.values), strict=True)]

    def simplified(self) -> PiecewiseLinear:
        """Return the same function without the knots at which the slope does not change."""
        slopes = self.slopes()
        kinks = [place for place in range(1, len(slopes)) if slopes[place] != slopes[place - 1]]
        kept = [0, *kinks, len(self.knots) - 1]
        return PiecewiseLinear(tuple(self.knots[p] for p in kept), tuple(self.values[p] for p in kept))

    def range_over(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
        """Return the least and the greatest value over [low, high]."""
        inside = [v for k, v in zip(self.knots, self.values, strict=True) if low < k < high]
        everything = [self(low), *inside, self(high)]
        return min(everything), max(everything)


def piecewise_linear(expression: Expression) -> PiecewiseLinear | None:
    """Return the expression as an exact table, or None if it is not (visibly) piecewise linear and small."""
    results: list[PiecewiseLinear | None] = []
    for node in expression.program:
        result = _apply(node, [results[place] for place in node.arguments])
        if result is not None:
            result = result.simplified()
            size = max(max(abs(n.numerator), n.denominator).bit_length() for n in result.knots + result.values)
            if len(result.knots) > MAX_PIECES or size > MAX_BITS:
                result = None
        results.append(result)
    return results[-1]


def _apply(node: Node, arguments: list[PiecewiseLinear | None]) -> PiecewiseLinear | None:
    if node.exact is not None:
        return PiecewiseLinear((Fraction(0), Fraction(1)), (node.exact, node.exact))
    if node.operator == "r":
        return PiecewiseLinear((Fraction(0), Fraction(1)), (Fraction(0), Fraction(1)))
    known = [argument for argument in arguments if argument is not None]
    if len(known) < len(arguments) or not known:
        return None
    first = known[0]
    match node.operator:
        case "add":
            return _fold(known, lambda a, b: _combine(a, b, Fraction(1)))
        case "sub":
            return _combine(first, known[1], Fraction(-1))
        case "neg":
            return _scaled(first, Fraction(-1))
        case "mul":
            return _fold(known, _product)
        case "div":
            divisor = _constant(known[1])
            return _scaled(first, 1 / divisor) if divisor else None
        case "pow":
            return first if node.exponent == 1 else None
        case "max":
            return _fold(known, _maximum)
        case "min":
            return _fold(known, _minimum)
        case "abs":
            return _maximum(first, _scaled(first, Fraction(-1)))
    return None


def _fold(
    functions: list[PiecewiseLinear],
    step: Callable[[PiecewiseLinear, PiecewiseLinear], PiecewiseLinear | None],
) -> PiecewiseLinear | None:
    result: PiecewiseLinear | None = functions[0]
    for function in functions[1:]:
        if result is None or len(result.knots) + len(function.knots) > MAX_PIECES:
            return None
        result = step(result, function)
    return result


def _constant(function: PiecewiseLinear) -> Fraction | None:
    return function.values[0] if len(set(function.values)) == 1 else None


def _scaled(function: PiecewiseLinear, factor: Fraction) -> PiecewiseLinear:
    return PiecewiseLinear(function.knots, tuple(factor * value for value in function.values))


def _product(a: PiecewiseLinear, b: PiecewiseLinear) -> PiecewiseLinear | None:
    left, right = _constant(a), _constant(b)
    if left is not None:
        return _scaled(b, left)
    return None if right is None else _scaled(a, right)


def _combine(a: PiecewiseLinear, b: PiecewiseLinear, factor: Fraction) -> PiecewiseLinear:
    """Return a + factor * b."""
    knots = tuple(sorted({*a.knots, *b.knots}))
    return PiecewiseLinear(knots, tuple(a(knot) + factor * b(knot) for knot in knots))


def _maximum(a: PiecewiseLinear, b: PiecewiseLinear) -> PiecewiseLinear:
    """Return max(a, b), with a knot at every crossing."""
    difference = _combine(a, b, Fraction(-1))
    knots = set(difference.knots)
    pieces = zip(pairwise(difference.knots), pairwise(difference.values), strict=True)
    for (low, high), (u, v) in pieces:
        if u * v < 0:
            knots.add(low + (high - low) * u / (u - v))
    ordered = tuple(sorted(knots))
    return PiecewiseLinear(ordered, tuple(max(a(knot), b(knot)) for knot in ordered))


def _minimum(a: PiecewiseLinear, b: PiecewiseLinear) -> PiecewiseLinear:
    return _scaled(_maximum(_scaled(a, Fraction(-1)), _scaled(b, Fraction(-1))), Fraction(-1))
