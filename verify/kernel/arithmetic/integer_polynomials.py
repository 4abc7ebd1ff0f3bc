"""Products of integer polynomials through one product of integers (docs/rules/arithmetic.md, PRODUCTS)."""

from __future__ import annotations


def product(a: list[int], b: list[int]) -> list[int]:
    """Return the coefficients of the product of two nonempty integer polynomials, exactly.

    Kronecker's substitution: with every coefficient of the product below 2^(width-1) in absolute value, the value at
    2^width plus 2^(width-1) in every place has the coefficients, shifted by 2^(width-1), as its digits.
    """
    largest = max(1, *map(abs, a)) * max(1, *map(abs, b)) * min(len(a), len(b))
    size = largest.bit_length() // 8 + 1  # bytes a coefficient: largest < 2^(8 size - 1)
    left = _packed(a, size)
    value = left * (left if b is a else _packed(b, size))
    count = len(a) + len(b) - 1
    half = 1 << (8 * size - 1)
    shifted = value + int.from_bytes(half.to_bytes(size, "little") * count, "little")
    digits = shifted.to_bytes(size * count, "little")
    return [int.from_bytes(digits[k : k + size], "little") - half for k in range(0, size * count, size)]


def _packed(a: list[int], size: int) -> int:
    """Return the value of the polynomial at 2^(8 size)."""
    above = b"".join(max(x, 0).to_bytes(size, "little") for x in a)
    below = b"".join(max(-x, 0).to_bytes(size, "little") for x in a)
    return int.from_bytes(above, "little") - int.from_bytes(below, "little")
