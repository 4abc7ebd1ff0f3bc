"""Read an expression in r, in sympy's syntax, into the kernel's prefix lists, without evaluating any text.

Python's own parser makes the syntax tree (it runs nothing); only the node types, functions and names listed here pass.
"""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from typing import Any

from verify.kernel.outcome import Malformed
from verify.kernel.profiles.expression import MAX_ARGUMENTS, MAX_DIGITS, MAX_EXPONENT, Expression, read_expression
from verify.targets.errors import TargetError

Source = Any
"""A parsed expression: an integer, text such as "1/2", "pi", "e", "r", or a list [operator, argument, ...]."""

MAX_LENGTH = 2000
MAX_SYNTAX_DEPTH = 150

FUNCTIONS = {
    **{name: name for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh")},
    "Abs": "abs",
    "abs": "abs",
    "ln": "log",
    "arctan": "atan",
}
EXTREMA = {"Max": "max", "max": "max", "Min": "min", "min": "min"}
NAMES = {"r": "r", "pi": "pi", "E": "e"}
_FUNCTION_LIST = ", ".join(sorted(set(FUNCTIONS) | set(EXTREMA)))


def parse(text: str) -> Expression:
    """Return the expression that `text` spells, such as "sin(20*r)/20" or "Max(0, 1/2 - r)".

    Raises:
        TargetError: the text is too long, no expression, or uses something that a profile may not use.
    """
    if len(text) > MAX_LENGTH:
        raise TargetError(f"an expression of {len(text)} characters is too long (at most {MAX_LENGTH})")
    # sympy reads ^ as a power, at the strength of a power.
    prepared = text.strip().replace("^", "**")
    if not prepared.isascii() or any(not character.isprintable() for character in prepared):
        raise TargetError(f"{_short(text)}: an expression is plain ASCII text on one line")
    try:
        tree = ast.parse(prepared, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        raise TargetError(f"{_short(text)} is not an expression such as sin(20*r)/20") from None
    source = _Reader(prepared).read(tree.body, 0)
    try:
        return read_expression(source, "the expression")
    except Malformed as failure:
        raise TargetError(f"{_short(text)}: {failure.why}") from None


class _Reader:
    """Translate one syntax tree; every method returns a prefix list in which constants are folded exactly."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, node: ast.expr, depth: int) -> Source:
        if depth > MAX_SYNTAX_DEPTH:
            raise TargetError(f"{_short(self._text)}: nested deeper than {MAX_SYNTAX_DEPTH} levels")
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name():
                return self._name(node.id)
            case ast.UnaryOp(op=ast.USub()):
                return negated(self.read(node.operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.read(node.operand, depth + 1)
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow()):
                return self._binary(node, self.read(node.left, depth + 1), self.read(node.right, depth + 1))
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                if name not in FUNCTIONS and name not in EXTREMA and name != "Rational":
                    raise TargetError(f"unknown function {_short(name)}: use one of {_FUNCTION_LIST}")
                return self._call(name, [self.read(argument, depth + 1) for argument in node.args])
        raise self._refused(node)

    def _refused(self, node: ast.expr) -> TargetError:
        part = ast.get_source_segment(self._text, node) or self._text
        return TargetError(
            f"{_short(part)} is not allowed in a profile: use numbers, r, pi, E, + - * / ** and {_FUNCTION_LIST}"
        )

    def _number(self, node: ast.Constant) -> Source:
        segment = (ast.get_source_segment(self._text, node) or "").replace("_", "")
        if isinstance(node.value, bool | str | bytes | complex) or node.value is None or node.value is Ellipsis:
            raise self._refused(node)
        # The text, not the float that Python made of it: 0.1 means 1/10.
        match = re.fullmatch(r"(\d*\.?\d*)(?:[eE]([+-]?\d{1,3}))?", segment)
        if match is None or len(match[1]) > MAX_DIGITS or abs(int(match[2] or 0)) > MAX_DIGITS:
            raise TargetError(f"{_short(segment)} is not a number of at most {MAX_DIGITS} digits")
        return self._spell(Fraction(segment))

    def _name(self, name: str) -> Source:
        if name in NAMES:
            return NAMES[name]
        if name in ("I", "j", "oo", "zoo", "nan", "inf"):
            raise TargetError(f"{name!r} is not allowed in a profile: its values must be real numbers")
        if name in FUNCTIONS or name in EXTREMA:
            raise TargetError(f"{name} needs its argument in parentheses, such as {name}(r)")
        raise TargetError(f"unknown name {_short(name)}: the variable of a profile is r, the constants are pi and E")

    def _call(self, name: str, arguments: list[Source]) -> Source:
        if name in EXTREMA:
            if not 1 <= len(arguments) <= MAX_ARGUMENTS:
                raise TargetError(f"{name} takes 1 to {MAX_ARGUMENTS} arguments, not {len(arguments)}")
            constants = [as_constant(argument) for argument in arguments]
            known = [constant for constant in constants if constant is not None]
            if len(known) == len(arguments):
                return self._spell(max(known) if EXTREMA[name] == "max" else min(known))
            return [EXTREMA[name], *arguments] if len(arguments) > 1 else arguments[0]
        if name == "Rational" and len(arguments) == 2:
            return self._quotient(*arguments)
        if len(arguments) != 1 or name not in FUNCTIONS:
            raise TargetError(f"{name} takes {2 if name == 'Rational' else 1} argument(s), not {len(arguments)}")
        constant = as_constant(arguments[0])
        if FUNCTIONS[name] == "abs" and constant is not None:
            return self._spell(abs(constant))
        return [FUNCTIONS[name], arguments[0]]

    def _binary(self, node: ast.BinOp, left: Source, right: Source) -> Source:
        match node.op:
            case ast.Add():
                return self._sum(left, right)
            case ast.Sub():
                return self._difference(left, right)
            case ast.Mult():
                return self._product(left, right)
            case ast.Div():
                return self._quotient(left, right)
        return self._power(left, right)

    def _sum(self, left: Source, right: Source) -> Source:
        a, b = as_constant(left), as_constant(right)
        if a is not None and b is not None:
            return self._spell(a + b)
        return _joined("add", left, right)

    def _difference(self, left: Source, right: Source) -> Source:
        a, b = as_constant(left), as_constant(right)
        if a is not None and b is not None:
            return self._spell(a - b)
        if isinstance(left, list) and left[0] == "add":
            return _joined("add", left, negated(right))
        return ["sub", left, right]

    def _product(self, left: Source, right: Source) -> Source:
        a, b = as_constant(left), as_constant(right)
        if a is not None and b is not None:
            return self._spell(a * b)
        return _joined("mul", left, right)

    def _quotient(self, left: Source, right: Source) -> Source:
        a, b = as_constant(left), as_constant(right)
        if b == 0:
            raise TargetError(f"{_short(self._text)} divides by 0")
        if a is not None and b is not None:
            return self._spell(a / b)
        return ["div", left, right]

    def _power(self, base: Source, exponent: Source) -> Source:
        a, q = as_constant(base), as_constant(exponent)
        if q is None:
            return ["exp", exponent] if base == "e" else ["exp", _joined("mul", exponent, ["log", base])]
        if abs(q.numerator) > MAX_EXPONENT:
            raise TargetError(f"an exponent beyond {MAX_EXPONENT} in {_short(self._text)}")
        if a is not None and q.denominator == 1 and (a != 0 or q >= 0):
            return self._spell(a**q.numerator)
        return ["pow", base, spelled(q)]

    def _spell(self, value: Fraction) -> Source:
        if max(abs(value.numerator), value.denominator) >= 10**MAX_DIGITS:
            raise TargetError(f"{_short(self._text)} has a constant of more than {MAX_DIGITS} digits")
        return spelled(value)


def _joined(operator: str, left: Source, right: Source) -> Source:
    """Return left + right or left * right as one flat list while it is short enough."""
    if isinstance(left, list) and left[0] == operator and len(left) <= MAX_ARGUMENTS:
        return [*left, right]
    return [operator, left, right]


def negated(source: Source) -> Source:
    """Return -source."""
    constant = as_constant(source)
    return ["neg", source] if constant is None else spelled(-constant)


def spelled(value: Fraction) -> Source:
    """Return the format's spelling of a rational."""
    return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def as_constant(source: Source) -> Fraction | None:
    """Return the rational that a leaf spells, or None."""
    if isinstance(source, int):
        return Fraction(source)
    if isinstance(source, str) and source not in ("r", "pi", "e"):
        return Fraction(source)
    return None


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
