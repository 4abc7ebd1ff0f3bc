"""Evaluate a profile in float64, numpy arrays, exact rationals, mpmath numbers, mpmath intervals and Arb balls.

Intervals and balls in, enclosures out. mpmath intervals are trusted for + - * / and sqrt only: every other function of
an mpmath interval is computed by Arb on an enclosing ball.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from verify.exact.numbers import Number, convert
from verify.kernel.arithmetic.elementary import integer_root
from verify.kernel.profiles.expression import Expression, Node
from verify.targets.errors import TargetError
from verify.targets.lines import PiecewiseLinear

_ORDERED: dict[str, Callable[..., Number]] = {"min": min, "max": max, "power": operator.pow}
_NAMES = ("exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh")


def evaluate(expression: Expression, r: Number) -> Number:
    """Return the expression at r, in the arithmetic of r (float64 and arrays may yield nan where it is undefined)."""
    if isinstance(r, np.ndarray | float | np.floating):
        # nan and inf stand for undefined values here.
        with np.errstate(all="ignore"):
            value = np.broadcast_to(_run(expression, _arithmetic(r)), np.shape(r))
        return np.array(value) if isinstance(r, np.ndarray) else float(value)
    try:
        return _run(expression, _arithmetic(r))
    except ZeroDivisionError:
        raise TargetError(f"the profile is not defined at r = {r}: a division by 0") from None


def _run(expression: Expression, arithmetic: _Arithmetic) -> Number:
    results: list[Number] = []
    for node in expression.program:
        if node.exact is not None:
            results.append(arithmetic.rational(node.exact))
        elif node.operator == "r":
            results.append(arithmetic.variable)
        elif node.operator in ("pi", "e"):
            results.append(arithmetic.constants(node.operator))
        else:
            results.append(_apply(node, [results[place] for place in node.arguments], arithmetic))
    return results[-1]


def evaluate_table(table: PiecewiseLinear, r: Number) -> Number:
    """Return the piecewise linear function at r in [0, 1], in the arithmetic of r: exact, rounded or enclosed."""
    if isinstance(r, np.ndarray):
        return np.interp(r, [float(knot) for knot in table.knots], [float(value) for value in table.values])
    if isinstance(r, Fraction | int):
        return table(Fraction(r))
    low, high = ends(r)
    if low == high:
        return convert(table(low), r)
    bottom, top = table.range_over(low, high)
    return hull(convert(bottom, r), convert(top, r))


def ends(r: Number) -> tuple[Fraction, Fraction]:
    """Return the ends of a number, interval or ball, exactly."""
    kind = type(r).__module__
    if kind.startswith("flint"):
        if not r.is_finite():
            raise TargetError("the profile is not defined, or not bounded, there")
        return _dyadic(r.lower()), _dyadic(r.upper())
    if hasattr(r, "_mpi_"):
        from mpmath.libmp import finf, fnan, fninf, to_rational

        if any(end in (finf, fninf, fnan) for end in r._mpi_):
            raise TargetError("the profile is not defined, or not bounded, there")
        low, high = (Fraction(*map(int, to_rational(end))) for end in r._mpi_)
        return low, high
    if hasattr(r, "_mpf_"):
        from mpmath.libmp import to_rational

        value = Fraction(*map(int, to_rational(r._mpf_)))
    else:
        value = Fraction(float(r))
    return value, value


def hull(low: Number, high: Number) -> Number:
    """Return an enclosure of both, of the type of its arguments (mpmath intervals or Arb balls)."""
    if type(low).__module__.startswith("flint"):
        return low.union(high)
    return low.ctx.mpf([low.a, high.b])


def _dyadic(exact: Any) -> Fraction:
    mantissa, exponent = (int(part) for part in exact.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


@dataclass(frozen=True)
class _Arithmetic:
    """One arithmetic: the variable, and the functions of the language by name ("root" takes a degree)."""

    variable: Number
    functions: dict[str, Callable[..., Number]]
    constants: Callable[[str], Number]

    def rational(self, value: Fraction) -> Number:
        if isinstance(self.variable, np.ndarray):
            return float(value)
        return convert(value, self.variable)


def _arithmetic(r: Number) -> _Arithmetic:
    kind = type(r).__module__
    if isinstance(r, Fraction | int):
        return _exact(Fraction(r))
    if kind.startswith("flint"):
        return _balls(r)
    if hasattr(r, "_mpi_"):
        return _intervals(r)
    if hasattr(r, "_mpf_"):
        return _multiprecision(r)
    return _floats(r)


def _floats(r: Number) -> _Arithmetic:
    functions: dict[str, Callable[..., Number]] = {name: getattr(np, name) for name in _NAMES if name != "atan"}
    functions |= {"atan": np.arctan, "min": np.minimum, "max": np.maximum, "power": operator.pow}
    functions["root"] = lambda x, degree: np.sqrt(x) if degree == 2 else np.power(x, 1 / degree)
    return _Arithmetic(np.asarray(r, dtype=np.float64), functions, {"pi": np.pi, "e": np.e}.__getitem__)


def _exact(r: Fraction) -> _Arithmetic:
    def irrational(name: str) -> Callable[..., Number]:
        def fail(*_: Number) -> Number:
            raise TargetError(f"{name} has no exact rational value; evaluate in mpmath or Arb instead")

        return fail

    def root(value: Fraction, degree: int) -> Fraction:
        if value < 0:
            raise TargetError(f"the profile is not defined at r = {r}: a root of a negative number")
        top, bottom = (integer_root(part, degree) for part in (value.numerator, value.denominator))
        if top**degree != value.numerator or bottom**degree != value.denominator:
            irrational("a root")()
        return Fraction(top, bottom)

    functions = {name: irrational(name) for name in _NAMES}
    return _Arithmetic(r, {**functions, **_ORDERED, "root": root}, lambda name: irrational(name)())


def _multiprecision(r: Number) -> _Arithmetic:
    context = r.context

    def real(function: Callable[..., Number]) -> Callable[..., Number]:
        def apply(*arguments: Number) -> Number:
            value = function(*arguments)
            return value if isinstance(value, context.mpf) else context.nan

        return apply

    functions = {name: real(getattr(context, name)) for name in _NAMES}
    root = real(lambda x, degree: context.sqrt(x) if degree == 2 else context.root(x, degree))
    constants = {"pi": +context.pi, "e": +context.e}
    return _Arithmetic(r, {**functions, **_ORDERED, "root": root}, constants.__getitem__)


def _balls(r: Number) -> _Arithmetic:
    from flint import arb

    def root(x: Number, degree: int) -> Number:
        low, high = x.lower(), x.upper()
        if not (x.is_finite() and low >= 0):
            return arb("nan")
        # Arb's own root is nan on balls that touch 0.
        return (arb(0) if low == 0 else low.root(degree)).union(arb(0) if high == 0 else high.root(degree))

    def power(x: Number, exponent: int) -> Number:
        # Arb's own power of a wide ball loses sign and monotonicity: take it at the ends.
        low, high = x.lower(), x.upper()
        if exponent < 0:
            return 1 / power(x, -exponent)
        if not x.is_finite() or exponent == 0:
            return x**exponent
        ends = (low**exponent).union(high**exponent)
        return ends.union(arb(0)) if exponent % 2 == 0 and low < 0 < high else ends

    functions: dict[str, Callable[..., Number]] = {name: getattr(arb, name) for name in _NAMES}
    functions |= {"min": arb.min, "max": arb.max, "root": root, "power": power}
    constants = {"pi": arb.pi, "e": arb.const_e}
    return _Arithmetic(r, functions, lambda name: constants[name]())


def _intervals(r: Number) -> _Arithmetic:
    """Return mpmath's intervals with Arb's functions; an undefined value raises `TargetError`."""
    context = r.ctx

    def through_balls(name: str) -> Callable[..., Number]:
        def apply(x: Number, *rest: int) -> Number:
            from flint import ctx

            with ctx.workprec(context.prec + 16):
                low, high = ends(x)
                ball = hull(_ball(low), _ball(high))
                value = _balls(ball).functions[name](ball, *rest)
                if not value.is_finite():
                    raise TargetError(f"the profile is not defined, or not bounded, on {r}")
                return context.mpf([_outward(value.lower(), "f"), _outward(value.upper(), "c")])

        return apply

    def _outward(end: Number, rounding: str) -> Number:
        from mpmath.libmp import from_man_exp

        mantissa, exponent = (int(part) for part in end.man_exp())
        value = from_man_exp(mantissa, exponent, context.prec, rounding)
        return context.make_mpf((value, value))

    functions = {name: through_balls(name) for name in (*_NAMES, "root")}
    functions["min"] = lambda x, y: context.mpf([min(x.a, y.a), min(x.b, y.b)])
    functions["max"] = lambda x, y: context.mpf([max(x.a, y.a), max(x.b, y.b)])
    functions["power"] = operator.pow
    constants = {"pi": +context.pi, "e": +context.e}
    return _Arithmetic(r, functions, constants.__getitem__)


def _ball(value: Fraction) -> Number:
    from flint import arb, fmpq

    return arb(fmpq(value.numerator, value.denominator))


def _apply(node: Node, values: list[Number], arithmetic: _Arithmetic) -> Number:
    match node.operator:
        case "add":
            return _fold(values, lambda a, b: a + b)
        case "mul":
            return _fold(values, lambda a, b: a * b)
        case "sub":
            return values[0] - values[1]
        case "div":
            return values[0] / values[1]
        case "neg":
            return -values[0]
        case "abs":
            return abs(values[0])
        case "min" | "max":
            return _fold(values, arithmetic.functions[node.operator])
        case "pow":
            q = node.exponent
            base = values[0] if q.denominator == 1 else arithmetic.functions["root"](values[0], q.denominator)
            return arithmetic.functions["power"](base, q.numerator)
        case "sqrt":
            return arithmetic.functions["root"](values[0], 2)
    return arithmetic.functions[node.operator](values[0])


def _fold(values: list[Number], step: Callable[[Number, Number], Number]) -> Number:
    result = values[0]
    for value in values[1:]:
        result = step(result, value)
    return result
