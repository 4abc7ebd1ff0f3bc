"""Check what a caller asks for: whole numbers in range, exact positive numbers."""

from __future__ import annotations

from fractions import Fraction

from verify.errors import UsageProblem

LARGEST = 10**30  # the searches calculate in floating point, which ends at 1e308 and squares what it is given


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
        return positive_number(value)
    except ValueError as problem:
        raise UsageProblem(f"--{name} {problem}") from None


def positive_number(value: Fraction | int | str) -> Fraction:
    """Return the number that `value` spells, between 1/LARGEST and LARGEST; a `ValueError` says what else it is."""
    spelled = value.strip() if isinstance(value, str) else value
    if isinstance(spelled, str) and (len(spelled) > 60 or len(spelled.lower().partition("e")[2]) > 4):
        raise ValueError(f"{spelled[:40]!r} is too long for a number")
    try:
        number = Fraction(spelled)
    except (ValueError, ZeroDivisionError, TypeError):
        raise ValueError(f"{str(spelled)[:40]!r} is not a number such as 0.05 or 1/20") from None
    if number <= 0:
        raise ValueError(f"must be positive, not {spelled}")
    if not 1 <= number * LARGEST <= LARGEST**2:
        raise ValueError("must lie between 1e-30 and 1e30")
    return number


def as_name(number: Fraction) -> str:
    """Return a short exact spelling of `number` for file names: "0.05", "1_27"."""
    text = f"{float(number):.6g}"
    return text if Fraction(text) == number else f"{number.numerator}_{number.denominator}"
