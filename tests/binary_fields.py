"""The fields with 2^m elements, as several tests of codes need them; independent of the project's own arithmetic."""

from __future__ import annotations

MODULUS = {1: 0b11, 2: 0b111, 3: 0b1011, 4: 0b10011}


def times(a: int, b: int, m: int) -> int:
    """Return the product of two elements, given as polynomials over the field with two elements, bit by bit."""
    result = 0
    for bit in range(m):
        if b >> bit & 1:
            result ^= a << bit
    for bit in range(2 * m - 2, m - 1, -1):
        if result >> bit & 1:
            result ^= MODULUS[m] << (bit - m)
    return result


def trace(a: int, m: int) -> int:
    """Return the sum of the conjugates of an element: 0 or 1."""
    total, value = 0, a
    for _ in range(m):
        total, value = total ^ value, times(value, value, m)
    return total
