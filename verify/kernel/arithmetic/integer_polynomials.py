"""Products of integer polynomials through one product of numbers (docs/rules/arithmetic.md, PRODUCTS)."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation, Overflow, Rounded, Subnormal

from verify.kernel.reader import decimal_integer, decimal_text

LONG = 200_000
"""Bytes of the product from which on it is taken in decimal: `decimal` multiplies by number-theoretic transforms."""


def product(a: list[int], b: list[int]) -> list[int]:
    """Return the coefficients of the product of two nonempty integer polynomials, exactly.

    Kronecker's substitution: with every coefficient of the product below base/2 in absolute value, the value at the
    base plus base/2 in every place has the coefficients, shifted by base/2, as its digits.
    """
    largest = max(1, *map(abs, a)) * max(1, *map(abs, b)) * min(len(a), len(b))
    count = len(a) + len(b) - 1
    size = largest.bit_length() // 8 + 1  # bytes a coefficient: largest < 2^(8 size - 1)
    if size * count < LONG:
        return _by_bytes(a, b, size, count)
    return _by_digits(a, b, len(decimal_text(2 * largest)), count)


def _by_bytes(a: list[int], b: list[int], size: int, count: int) -> list[int]:
    """Return the product with the base 256^size, in integers."""

    def packed(p: list[int]) -> int:
        above = b"".join(max(x, 0).to_bytes(size, "little") for x in p)
        below = b"".join(max(-x, 0).to_bytes(size, "little") for x in p)
        return int.from_bytes(above, "little") - int.from_bytes(below, "little")

    left = packed(a)
    value = left * (left if b is a else packed(b))
    half = 1 << (8 * size - 1)
    shifted = value + int.from_bytes(half.to_bytes(size, "little") * count, "little")
    digits = shifted.to_bytes(size * count, "little")
    return [int.from_bytes(digits[k : k + size], "little") - half for k in range(0, size * count, size)]


def _by_digits(a: list[int], b: list[int], size: int, count: int) -> list[int]:
    """Return the product with the base 10^size, in decimal numbers; whatever would not be exact is trapped."""
    traps = [Inexact, InvalidOperation, Overflow, Rounded, Subnormal]
    context = Context(prec=size * count + 1, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=traps)

    def packed(p: list[int]) -> Decimal:
        above = "".join(decimal_text(max(x, 0)).zfill(size) for x in reversed(p))
        below = "".join(decimal_text(max(-x, 0)).zfill(size) for x in reversed(p))
        return context.subtract(context.create_decimal(above), context.create_decimal(below))

    left = packed(a)
    value = context.multiply(left, left if b is a else packed(b))
    half = 5 * 10 ** (size - 1)
    shifted = context.add(value, context.create_decimal(decimal_text(half) * count))
    digits = format(shifted, "f").zfill(size * count)
    return [decimal_integer(digits[k : k + size]) - half for k in range(0, size * count, size)][::-1]
