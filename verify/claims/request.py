"""Check what a caller asks for: whole numbers in range, exact positive numbers."""

from __future__ import annotations

from fractions import Fraction

from verify.errors import UsageProblem


def whole(name: str, value: int, most: int, least: int = 1) -> int:
    """Return `value` if it is an integer in [least, most]; raise `UsageProblem` otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise UsageProblem(f"--{name} must be a whole number between {least} and {most}, not {value}")
    return value


def exact(name: str, value: Fraction | int | str) -> Fraction:
    """Return the positive exact number that `value` spells; raise `UsageProblem` otherwise."""
    if isinstance(value, float):
        raise UsageProblem(f"--{name}: give an exact number, as text such as '0.05' or '1/20' or as a Fraction")
    try:
        number = Fraction(value)
    except (ValueError, ZeroDivisionError, TypeError):
        raise UsageProblem(f"--{name}: {str(value)[:40]!r} is not a number such as 0.05 or 1/20") from None
    if number <= 0:
        raise UsageProblem(f"--{name} must be positive, not {value}")
    return number


def as_name(number: Fraction) -> str:
    """Return a short exact spelling of `number` for file names: "0.05", "1_27"."""
    text = f"{float(number):.6g}"
    return text if Fraction(text) == number else f"{number.numerator}_{number.denominator}"
