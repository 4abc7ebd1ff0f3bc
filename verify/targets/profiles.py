"""Radial profiles phi on [0, 1]: the named ones, and any expression in r.

norm       phi(r) = r
bump       phi(r) = max(0, 1/2 - r)
sine:K     phi(r) = sin(K r) / K, K > 0 a rational number
zigzag:K   phi(r) = the distance from r to the nearest multiple of 1/K, K a positive integer (slopes 1 and -1)
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.exact.numbers import Number
from verify.kernel.profiles.expression import Expression
from verify.kernel.profiles.profile import MAX_KNOTS
from verify.targets.errors import TargetError
from verify.targets.evaluation import evaluate, evaluate_table
from verify.targets.lines import PiecewiseLinear, piecewise_linear
from verify.targets.syntax import parse, spelled

Document = dict[str, Any]

NAMED = ("norm", "bump", "sine:K", "zigzag:K")


@dataclass(frozen=True)
class Target:
    """A profile phi on [0, 1]: exactly one of `expression` and `table` defines it.

    Attributes:
        name: for file names, such as "sine20".
        text: what the user asked for.
        expression: phi as an expression in r, or None.
        table: phi as an exact piecewise linear function, or None.
    """

    name: str
    text: str
    expression: Expression | None = None
    table: PiecewiseLinear | None = None

    def __call__(self, r: Number) -> Number:
        """Return phi(r) in the arithmetic of r.

        Args:
            r: in [0, 1]: a float, a numpy array, a Fraction or an integer (exact, or `TargetError`), an mpmath number
                (rounded), an mpmath interval or an Arb ball (enclosed).
        """
        if self.table is not None:
            return evaluate_table(self.table, r)
        return evaluate(self._expression(), r)

    def document(self, lipschitz: Fraction) -> Document:
        """Return the claim's form of this profile, with the Lipschitz constant to declare."""
        if self.table is None:
            return {"lipschitz": spelled(lipschitz), "expression": self._expression().source}
        knots = [spelled(knot) for knot in self.table.knots]
        values = [spelled(value) for value in self.table.values]
        return {"lipschitz": spelled(lipschitz), "piecewise_linear": {"knots": knots, "values": values}}

    def _expression(self) -> Expression:
        if self.expression is None:
            raise TypeError("a target needs an expression or a table")
        return self.expression


def read_target(text: str) -> Target:
    """Return the profile that `text` names: one of `NAMED`, or an expression in r in sympy's syntax.

    Raises:
        TargetError: the text is neither.
    """
    stripped = text.strip()
    if not stripped:
        raise TargetError(f"an empty profile: give one of {', '.join(NAMED)} or an expression in r")
    match = re.fullmatch(r"([A-Za-z]\w{0,20})(?::(.{0,60}))?", stripped)
    if match is not None and match[1] in ("norm", "bump", "sine", "zigzag"):
        return _named(match[1], match[2], stripped)
    if ":" in stripped:
        raise TargetError(f"{stripped[:40]!r} is not a profile: give one of {', '.join(NAMED)} or an expression in r")
    expression = parse(stripped)
    table = piecewise_linear(expression)
    words = re.sub(r"[^A-Za-z0-9]+", "-", stripped).strip("-")[:24].strip("-") or "profile"
    name = f"{words}-{hashlib.sha256(stripped.encode()).hexdigest()[:6]}"
    return Target(name, stripped, None if table else expression, table)


def _named(name: str, parameter: str | None, text: str) -> Target:
    if name in ("norm", "bump"):
        if parameter is not None:
            raise TargetError(f"{name} takes no parameter; write {name}")
        return norm() if name == "norm" else bump()
    frequency = _parameter(name, parameter)
    if name == "sine":
        return sine(frequency)
    if frequency.denominator != 1:
        raise TargetError(f"zigzag:K needs an integer K, the number of teeth, not {frequency}")
    return zigzag(frequency.numerator)


def _parameter(name: str, parameter: str | None) -> Fraction:
    if parameter is None:
        raise TargetError(f"{name} needs a parameter, such as {name}:20")
    try:
        value = Fraction(parameter) if len(parameter) <= 30 and "e" not in parameter.lower() else None
    except (ValueError, ZeroDivisionError):
        value = None
    if value is None or not 0 < value <= 10**6:
        raise TargetError(f"{name}:K needs a number 0 < K <= 1000000, such as {name}:20, not {parameter[:30]!r}")
    return value


def norm() -> Target:
    """Return phi(r) = r."""
    return Target("norm", "norm", table=PiecewiseLinear((Fraction(0), Fraction(1)), (Fraction(0), Fraction(1))))


def bump() -> Target:
    """Return phi(r) = max(0, 1/2 - r)."""
    half = Fraction(1, 2)
    return Target(
        "bump", "bump", table=PiecewiseLinear((Fraction(0), half, Fraction(1)), (half, Fraction(0), Fraction(0)))
    )


def sine(frequency: Fraction) -> Target:
    """Return phi(r) = sin(K r) / K for the rational K = `frequency` > 0."""
    k = decimal_text(frequency)
    name = f"sine{k}".replace("/", "over")
    # K a fraction: 5/157 is easier to read than 1/(157/5).
    formula = f"sin({k}*r)/{k}" if frequency.denominator == 1 else f"({1 / frequency})*sin(({frequency})*r)"
    return Target(name, f"sine:{k}", expression=parse(formula))


def zigzag(teeth: int) -> Target:
    """Return the triangle wave of slopes 1 and -1 with `teeth` teeth on [0, 1], zero at 0 and at 1."""
    if not 1 <= teeth <= (MAX_KNOTS - 1) // 2:
        raise TargetError(f"zigzag:K needs 1 <= K <= {(MAX_KNOTS - 1) // 2}")
    pieces = 2 * teeth
    knots = tuple(Fraction(place, pieces) for place in range(pieces + 1))
    values = tuple(Fraction(place % 2, pieces) for place in range(pieces + 1))
    return Target(f"zigzag{teeth}", f"zigzag:{teeth}", table=PiecewiseLinear(knots, values))


def decimal_text(value: Fraction) -> str:
    """Return the value as a finite decimal if it has a short one, else as "n/d"."""
    for digits in range(7):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
            whole = f"{text[:-digits]}.{text[-digits:]}" if digits else text
            return f"-{whole}" if value < 0 else whole
    return str(value)
