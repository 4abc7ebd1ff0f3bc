"""Enclosures of an expression, its difference quotients and its second derivative over an interval of r.

What a `Jet` over an interval X means, for the function f that it encloses (proofs: `docs/rules/profiles.md`, "Jets"):

- value contains f(x) for all x in X;
- first, unless None, contains (f(y) - f(x)) / (y - x) for all x != y in X; if X is one point x, it contains all limits
  of that quotient as y tends to x, from either side;
- second, unless None: f is twice continuously differentiable on X, and second contains f''(x) for all x in X.

While an expression is evaluated, the two derivatives are carried without an exact rational `factor`, which they share:
so the slopes of sin(20 r/3) / (20/3) are exactly those of cos, with nothing lost to rounding 20/3.

None says that nothing is known: a kink of |u|, min, max, or an unbounded derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from verify.kernel.arithmetic.elementary import Arithmetic, DomainFailure, Interval
from verify.kernel.profiles.expression import MAX_EXACT_BITS, Expression, Node

ZERO: Interval = (0, 0)


class Jet(NamedTuple):
    """Enclosures of the values, the difference quotients and the second derivative, the latter two over `factor`."""

    value: Interval
    first: Interval | None
    second: Interval | None
    factor: Fraction = Fraction(1)


def enclose(expression: Expression, arithmetic: Arithmetic, low: Fraction, high: Fraction) -> Interval:
    """Return an enclosure of the values over [low, high]; raise `DomainFailure` where they may be undefined."""
    return _evaluate(expression, arithmetic, Jet(arithmetic.between(low, high), None, None)).value


def jet(expression: Expression, arithmetic: Arithmetic, low: Fraction, high: Fraction) -> Jet:
    """Return the jet over [low, high]; raise `DomainFailure` where the values may be undefined."""
    return _evaluate(expression, arithmetic, Jet(arithmetic.between(low, high), (arithmetic.one,) * 2, ZERO))


def slopes(expression: Expression, arithmetic: Arithmetic, low: Fraction, high: Fraction) -> Interval | None:
    """Return an enclosure of the difference quotients over [low, high], sharpened where f'' is known."""
    whole = jet(expression, arithmetic, low, high)
    if whole.first is None or whole.second is None:
        return whole.first
    second = whole.second
    if second[0] >= 0 or second[1] <= 0:
        # f' is monotone: its values lie between those at the ends, and so do the difference quotients.
        ends = _derivative(expression, arithmetic, low), _derivative(expression, arithmetic, high)
        if ends[0] is None or ends[1] is None:
            return whole.first
        sharper = (ends[0][0], ends[1][1]) if second[0] >= 0 else (ends[1][0], ends[0][1])
    else:
        middle = _derivative(expression, arithmetic, (low + high) / 2)
        if middle is None:
            return whole.first
        deviation = arithmetic.between((low - high) / 2, (high - low) / 2)
        sharper = arithmetic.add(middle, arithmetic.mul(second, deviation))
    low_slope, high_slope = max(whole.first[0], sharper[0]), min(whole.first[1], sharper[1])
    if low_slope > high_slope:
        raise DomainFailure("two enclosures of the slopes contradict each other")
    return low_slope, high_slope


def _derivative(expression: Expression, arithmetic: Arithmetic, point: Fraction) -> Interval | None:
    return _evaluate(expression, arithmetic, Jet(arithmetic.rational(point), (arithmetic.one,) * 2, None)).first


def _evaluate(expression: Expression, arithmetic: Arithmetic, variable: Jet) -> Jet:
    # At one point, an equality u(x) = v(x) does not say which of the two max(u, v) follows beside the point.
    tie = 1 if variable.value[0] == variable.value[1] else 0
    results: list[Jet] = []
    for node in expression.program:
        if node.exact is not None:
            results.append(Jet(arithmetic.rational(node.exact), ZERO, ZERO))
            continue
        match node.operator:
            case "r":
                result = variable
            case "pi":
                result = Jet(arithmetic.pi(), ZERO, ZERO)
            case "e":
                result = Jet(arithmetic.exp((arithmetic.one, arithmetic.one)), ZERO, ZERO)
            case _:
                arguments = [results[place] for place in node.arguments]
                exact = [expression.program[place].exact for place in node.arguments]
                result = _apply(node, arithmetic, arguments, exact, tie)
        results.append(result)
    return _plain(arithmetic, results[-1])


def _plain(a: Arithmetic, u: Jet) -> Jet:
    """Return the same jet with factor 1."""
    if u.factor == 1:
        return u
    return Jet(
        u.value,
        None if u.first is None else a.scale(u.first, u.factor),
        None if u.second is None else a.scale(u.second, u.factor),
    )


def _apply(node: Node, a: Arithmetic, arguments: list[Jet], exact: list[Fraction | None], tie: int) -> Jet:
    match node.operator:
        case "add":
            result = arguments[0]
            for argument in arguments[1:]:
                result = _sum(a, result, argument)
            return result
        case "sub":
            return _sum(a, arguments[0], _scale(a, arguments[1], Fraction(-1)))
        case "neg":
            return _scale(a, arguments[0], Fraction(-1))
        case "mul":
            return _product(a, arguments, exact)
        case "div":
            return _quotient(a, arguments, exact)
        case "pow":
            return _power(a, arguments[0], node.exponent)
        case "min":
            return _scale(a, _maximum(a, tie, [_scale(a, u, Fraction(-1)) for u in arguments]), Fraction(-1))
        case "max":
            return _maximum(a, tie, arguments)
        case "abs":
            return _maximum(a, tie, [arguments[0], _scale(a, arguments[0], Fraction(-1))], a.absolute)
        case operator:
            return _function(a, operator, arguments[0])


def _sum(a: Arithmetic, u: Jet, v: Jet) -> Jet:
    u, v = _plain(a, u), _plain(a, v)
    return Jet(
        a.add(u.value, v.value),
        None if u.first is None or v.first is None else a.add(u.first, v.first),
        None if u.second is None or v.second is None else a.add(u.second, v.second),
    )


def _scale(a: Arithmetic, u: Jet, factor: Fraction) -> Jet:
    scaled = Jet(a.scale(u.value, factor), u.first, u.second, u.factor * factor)
    size = max(abs(scaled.factor.numerator), scaled.factor.denominator)
    return scaled if size.bit_length() <= MAX_EXACT_BITS else _plain(a, scaled)


def _product(a: Arithmetic, arguments: list[Jet], exact: list[Fraction | None]) -> Jet:
    """Return the product; its exact rational factors are multiplied first, so that they round once."""
    factor = Fraction(1)
    result: Jet | None = None
    for argument, constant in zip(arguments, exact, strict=True):
        if constant is not None:
            factor *= constant
        elif result is None:
            result = argument
        else:
            result = _times(a, result, argument)
    if result is None:
        return Jet(a.rational(factor), ZERO, ZERO)
    return result if factor == 1 else _scale(a, result, factor)


def _times(a: Arithmetic, u: Jet, v: Jet) -> Jet:
    u, v = _plain(a, u), _plain(a, v)
    first = second = None
    if u.first is not None and v.first is not None:
        first = a.add(a.mul(u.value, v.first), a.mul(v.value, u.first))
        if u.second is not None and v.second is not None:
            cross = a.mul(u.first, v.first)
            second = a.add(a.add(a.mul(u.value, v.second), a.mul(v.value, u.second)), a.add(cross, cross))
    return Jet(a.mul(u.value, v.value), first, second)


def _quotient(a: Arithmetic, arguments: list[Jet], exact: list[Fraction | None]) -> Jet:
    u, v = arguments
    numerator, divisor = exact
    if divisor:
        return _scale(a, u, 1 / divisor)
    if numerator is not None:
        return _scale(a, _power(a, v, Fraction(-1)), numerator)
    u, v = _plain(a, u), _plain(a, v)
    value = a.div(u.value, v.value)
    first = second = None
    if u.first is not None and v.first is not None:
        first = a.div(a.sub(u.first, a.mul(value, v.first)), v.value)
        if u.second is not None and v.second is not None:
            cross = a.mul(first, v.first)
            rest = a.sub(a.sub(u.second, a.mul(value, v.second)), a.add(cross, cross))
            second = a.div(rest, v.value)
    return Jet(value, first, second)


def _maximum(a: Arithmetic, tie: int, arguments: list[Jet], value: Callable[[Interval], Interval] | None = None) -> Jet:
    """Return the maximum; an argument is dropped if another exceeds it by `tie` units at least, all over X.

    `value`, if given, computes the values from those of the first argument.
    """
    result = arguments[0]
    for other in arguments[1:]:
        if result.value[0] >= other.value[1] + tie:
            continue
        if other.value[0] >= result.value[1] + tie:
            result = other
            continue
        result, other = _plain(a, result), _plain(a, other)
        bound = value(result.value) if value else a.maximum(result.value, other.value)
        unknown = result.first is None or other.first is None
        result = Jet(bound, None if unknown else a.hull(result.first or ZERO, other.first or ZERO), None)
    return result


def _power(a: Arithmetic, u: Jet, exponent: Fraction) -> Jet:
    def derivative(order: int) -> Interval:
        factor = exponent if order == 1 else exponent * (exponent - 1)
        return a.scale(a.rational_power(u.value, exponent - order), factor) if factor else ZERO

    return _chain(a, u, a.rational_power(u.value, exponent), lambda: derivative(1), lambda: derivative(2))


def _function(a: Arithmetic, operator: str, u: Jet) -> Jet:
    """Return the jet of f(u) for an elementary f, from its value and its two derivatives over the values of u."""
    x = u.value
    one = (a.one, a.one)
    match operator:
        case "sqrt":
            return _power(a, u, Fraction(1, 2))
        case "exp":
            y = a.exp(x)
            return _chain(a, u, y, lambda: y, lambda: y)
        case "log":
            return _chain(a, u, a.log(x), lambda: a.div(one, x), lambda: a.neg(a.power(a.div(one, x), 2)))
        case "sin":
            sine, cosine = a.sine_and_cosine(x)
            return _chain(a, u, sine, lambda: cosine, lambda: a.neg(sine))
        case "cos":
            sine, cosine = a.sine_and_cosine(x)
            return _chain(a, u, cosine, lambda: a.neg(sine), lambda: a.neg(cosine))
        case "tan":
            y = a.tan(x)
            slope = a.add(one, a.power(y, 2))
            return _chain(a, u, y, lambda: slope, lambda: a.scale(a.mul(y, slope), Fraction(2)))
        case "atan":
            slope = a.div(one, a.add(one, a.power(x, 2)))
            return _chain(a, u, a.atan(x), lambda: slope, lambda: a.scale(a.mul(x, a.power(slope, 2)), Fraction(-2)))
        case "sinh":
            return _chain(a, u, y := a.sinh(x), lambda: a.cosh(x), lambda: y)
        case "cosh":
            return _chain(a, u, y := a.cosh(x), lambda: a.sinh(x), lambda: y)
        case "tanh":
            y = a.tanh(x)
            slope = a.sub(one, a.power(y, 2))
            return _chain(a, u, y, lambda: slope, lambda: a.scale(a.mul(y, slope), Fraction(-2)))
    raise DomainFailure(f"no enclosure of {operator}")


def _chain(
    a: Arithmetic, u: Jet, value: Interval, first: Callable[[], Interval], second: Callable[[], Interval]
) -> Jet:
    """Return the jet of f(u); `first` and `second` enclose f' and f'' over u's values, or fail where unbounded."""
    if u.first is None:
        return Jet(value, None, None)
    try:
        outer = first()
    except DomainFailure:
        return Jet(value, None, None)
    slope = a.mul(outer, u.first)
    if u.second is None:
        return Jet(value, slope, None, u.factor)
    try:
        squared = a.scale(a.power(u.first, 2), u.factor)
        curvature = a.add(a.mul(second(), squared), a.mul(outer, u.second))
    except DomainFailure:
        curvature = None
    return Jet(value, slope, curvature, u.factor)
