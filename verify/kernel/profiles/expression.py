"""The language of profiles: an expression in one variable r, as nested prefix lists of bounded size.

    expression := integer | "n/d" | "pi" | "e" | "r" | [operator, expression, ...]

For example ["mul", "1/60", ["sin", ["mul", 30, ["sub", ["pow", "r", 2], "1/2"]]]]. Operators and their numbers of
arguments are in `OPERATORS`; "pow" takes an expression and a constant rational exponent. Values are real: a root of a
negative number, a logarithm of 0 and a division by 0 are undefined.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.kernel.arithmetic.elementary import MAX_ROOT
from verify.kernel.fields import as_integer, as_rational
from verify.kernel.outcome import Malformed

MAX_NODES = 500
MAX_DEPTH = 28
MAX_ARGUMENTS = 64
MAX_DIGITS = 60
MAX_EXPONENT = 1000
MAX_EXACT_BITS = 2000
"""Rational constants are folded exactly up to this size; larger ones are enclosed like everything else."""

FUNCTIONS = ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "abs")

OPERATORS: dict[str, tuple[int, int]] = {
    "add": (2, MAX_ARGUMENTS),
    "sub": (2, 2),
    "mul": (2, MAX_ARGUMENTS),
    "div": (2, 2),
    "neg": (1, 1),
    "pow": (2, 2),
    "min": (2, MAX_ARGUMENTS),
    "max": (2, MAX_ARGUMENTS),
    **dict.fromkeys(FUNCTIONS, (1, 1)),
}
"""Each operator with the least and the largest number of its arguments."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of a program, its arguments the places of earlier nodes.

    Attributes:
        operator: an operator, or "r", "pi", "e", "rational".
        arguments: places of the arguments in the program.
        exponent: of "pow", else 0.
        exact: the node's value where it is a rational constant of moderate size.
    """

    operator: str
    arguments: tuple[int, ...] = ()
    exponent: Fraction = Fraction(0)
    exact: Fraction | None = None


@dataclass(frozen=True)
class Expression:
    """A checked expression as a straight-line program: arguments first, the value is that of the last node."""

    program: tuple[Node, ...]
    source: Any

    @property
    def text(self) -> str:
        """The expression in sympy's syntax."""
        return _text(self.program)


def read_expression(value: object, where: str) -> Expression:
    """Return the expression that the parsed JSON `value` spells; raise `Malformed` if it is none."""
    program: list[Node] = []
    results: list[int] = []
    # Entries still to do: a value to read with its depth, or the operator whose arguments have just been read.
    todo: list[tuple[object, int] | tuple[str, int, Fraction]] = [(value, 1)]
    seen = 0
    while todo:
        entry = todo.pop()
        if len(entry) == 3:
            operator, count, exponent = entry
            arguments = tuple(results[len(results) - count :])
            del results[len(results) - count :]
            program.append(Node(operator, arguments, exponent, _fold(operator, arguments, exponent, program)))
            results.append(len(program) - 1)
            continue
        item, depth = entry
        seen += 1
        if seen > MAX_NODES:
            raise Malformed(where, f"an expression of more than {MAX_NODES} nodes")
        if depth > MAX_DEPTH:
            raise Malformed(where, f"an expression nested deeper than {MAX_DEPTH} levels")
        if not isinstance(item, list):
            program.append(_leaf(item, where))
            results.append(len(program) - 1)
            continue
        operator, items, exponent = _operation(item, where)
        todo.append((operator, len(items), exponent))
        todo.extend((argument, depth + 1) for argument in reversed(items))
    return Expression(tuple(program), value)


def _leaf(item: object, where: str) -> Node:
    if item in ("r", "pi", "e") and isinstance(item, str):
        return Node(item)
    if isinstance(item, str) and item[:1] not in "-0123456789":
        raise Malformed(where, f"{item[:40]!r} is none of r, pi, e or a rational number")
    value = as_rational(item, where, digits=MAX_DIGITS)
    if max(abs(value.numerator), value.denominator) >= 10**MAX_DIGITS:
        raise Malformed(where, f"a constant of more than {MAX_DIGITS} digits")
    return Node("rational", exact=value)


def _operation(item: list[Any], where: str) -> tuple[str, list[Any], Fraction]:
    """Return the operator, the arguments to read and the exponent of one list."""
    operator = item[0] if item else None
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise Malformed(where, f"{str(operator)[:40]!r} is not an operator")
    least, most = OPERATORS[operator]
    items = item[1:]
    if not least <= len(items) <= most:
        raise Malformed(where, f"{operator} with {len(items)} arguments")
    if operator != "pow":
        return operator, items, Fraction(0)
    exponent = as_rational(items[1], where, digits=MAX_DIGITS)
    as_integer(exponent.numerator, f"{where} (exponent)", -MAX_EXPONENT, MAX_EXPONENT)
    as_integer(exponent.denominator, f"{where} (denominator of an exponent)", 1, MAX_ROOT)
    return operator, items[:1], exponent


def _fold(operator: str, arguments: tuple[int, ...], exponent: Fraction, program: list[Node]) -> Fraction | None:
    """Return the exact value of an operation on rational constants, where it is rational and not too large."""
    values = [exact for place in arguments if (exact := program[place].exact) is not None]
    if len(values) < len(arguments):
        return None
    bits = sum(max(abs(value.numerator), value.denominator).bit_length() for value in values)
    if operator == "pow":
        bits *= abs(exponent.numerator) + 1
    if bits > MAX_EXACT_BITS:
        return None
    match operator:
        case "add":
            return sum(values, Fraction(0))
        case "sub":
            return values[0] - values[1]
        case "mul":
            product = Fraction(1)
            for value in values:
                product *= value
            return product
        case "div" if values[1] != 0:
            return values[0] / values[1]
        case "neg":
            return -values[0]
        case "abs":
            return abs(values[0])
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "pow" if exponent.denominator == 1 and (exponent >= 0 or values[0] != 0):
            return values[0] ** exponent.numerator
    return None


# Rendering: (text, strength), where a sum binds with strength 1, a product 2, a power 4 and an atom 5.

_NAMES = {"abs": "Abs", "min": "Min", "max": "Max"}


def _text(program: tuple[Node, ...]) -> str:
    rendered: list[tuple[str, int]] = []
    for node in program:
        rendered.append(_render(node, [rendered[place] for place in node.arguments]))
    return rendered[-1][0]


def _render(node: Node, parts: list[tuple[str, int]]) -> tuple[str, int]:
    match node.operator:
        case "rational":
            return rational_text(node.exact or Fraction(0))
        case "r" | "pi":
            return node.operator, 5
        case "e":
            return "E", 5
        case "add":
            return _wrap(parts[0], 1) + "".join(_term(part) for part in parts[1:]), 1
        case "sub":
            return f"{_wrap(parts[0], 1)} - {_wrap(parts[1], 2, inner=True)}", 1
        case "mul":
            return "*".join([_wrap(parts[0], 2), *(_wrap(part, 4) for part in parts[1:])]), 2
        case "div":
            return f"{_wrap(parts[0], 2)}/{_wrap(parts[1], 4)}", 2
        case "neg":
            return f"-{_wrap(parts[0], 2, inner=True)}", 2
        case "pow":
            exponent = node.exponent
            plain = exponent.denominator == 1 and exponent >= 0
            return f"{_wrap(parts[0], 5)}**" + (str(exponent) if plain else f"({exponent})"), 4
    return f"{_NAMES.get(node.operator, node.operator)}({', '.join(text for text, _ in parts)})", 5


def rational_text(value: Fraction) -> tuple[str, int]:
    """Return a rational as text, with the strength of its outermost operation."""
    return str(value), 5 if value.denominator == 1 and value >= 0 else 2


def _term(part: tuple[str, int]) -> str:
    """Return one further term of a sum with its sign."""
    text, strength = part
    if text.startswith("-") and strength >= 2:
        return f" - {text[1:]}"
    return f" + {_wrap(part, 1, inner=True)}"


def _wrap(part: tuple[str, int], strength: int, *, inner: bool = False) -> str:
    """Return the text, in parentheses if it binds weaker than `strength`, or starts with a sign inside."""
    text, own = part
    return f"({text})" if own < strength or (inner and text.startswith("-")) else text
