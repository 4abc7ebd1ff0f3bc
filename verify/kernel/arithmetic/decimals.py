"""Decimal text of exact numbers, rounded in a stated direction, for statements and figures."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.reader import decimal_text


def rounded_down(value: Fraction, digits: int = 6) -> str:
    """Return a decimal number <= value with `digits` significant digits."""
    return _decimal(value, digits, up=False)


def rounded_up(value: Fraction, digits: int = 6) -> str:
    """Return a decimal number >= value with `digits` significant digits."""
    return _decimal(value, digits, up=True)


def _decimal(value: Fraction, digits: int, *, up: bool) -> str:
    if value == 0:
        return "0"
    if value < 0:
        return "-" + _decimal(-value, digits, up=not up)
    # Find the exponent e with 10^e <= value < 10^(e+1).
    exponent = len(decimal_text(value.numerator)) - len(decimal_text(value.denominator))
    while Fraction(10) ** exponent > value:
        exponent -= 1
    while Fraction(10) ** (exponent + 1) <= value:
        exponent += 1
    scaled = value / Fraction(10) ** (exponent - digits + 1)
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    if whole == 10**digits:
        whole //= 10
        exponent += 1
    text = decimal_text(whole)
    if exponent >= digits or exponent < -5:
        mantissa = f"{text[0]}.{text[1:]}".rstrip("0").rstrip(".")
        return mantissa if exponent == 0 else f"{mantissa}e{exponent}"
    if exponent < 0:
        return "0." + ("0" * (-exponent - 1) + text).rstrip("0")
    whole_part, fraction_part = text[: exponent + 1], text[exponent + 1 :].rstrip("0")
    return f"{whole_part}.{fraction_part}" if fraction_part else whole_part
