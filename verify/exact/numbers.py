"""One formula, many arithmetics: exact rationals into float64, mpmath, mpmath intervals and Arb balls.

mpmath intervals are trusted for + - * / and sqrt only; for transcendental functions use Arb.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Number = Any  # float, Fraction, mpmath.mpf, mpmath.iv.mpf or flint.arb


def convert(value: Fraction, like: Number) -> Number:
    """Return `value` in the arithmetic of `like`: exact, correctly rounded, or an enclosure."""
    if isinstance(like, Fraction | int):
        return value
    if isinstance(like, float):
        return float(value)
    kind = type(like).__module__
    if kind.startswith("flint"):
        from flint import arb, fmpq

        return arb(fmpq(value.numerator, value.denominator))
    if kind.startswith("mpmath"):
        from mpmath.libmp import from_rational

        context = _context(like)
        if hasattr(like, "_mpi_"):
            ends = (from_rational(value.numerator, value.denominator, context.prec, way) for way in ("f", "c"))
            return context.make_mpf(tuple(ends))
        return context.make_mpf(from_rational(value.numerator, value.denominator, context.prec, "n"))
    raise TypeError(f"no exact conversion to {type(like).__name__}")


def relu(value: Number) -> Number:
    """Return max(0, value) in the arithmetic of `value`; on enclosures, an enclosure."""
    if isinstance(value, float | Fraction | int):
        return value if value > 0 else type(value)(0)
    kind = type(value).__module__
    if kind.startswith("flint"):
        return value.max(0)
    if hasattr(value, "a") and hasattr(value, "b"):
        low, high = value.a, value.b
        zero = low * 0
        return _context(value).mpf([low if low > 0 else zero, high if high > 0 else zero])
    return value if value > 0 else value * 0


def _context(value: Number) -> Any:
    """Return the mpmath context of an mpmath number (`context`) or interval (`ctx`)."""
    return value.context if hasattr(value, "context") else value.ctx
