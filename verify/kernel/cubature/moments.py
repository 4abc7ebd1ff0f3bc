"""Moments of signed-permutation orbits, exactly: what Hilbert identities are checked by (docs/rules/cubature.md)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import factorial, prod

Entries = tuple[tuple[int, int], ...]  # pairs (positive value, how many coordinates have it), values decreasing


def sphere_moment(d: int, k: int) -> Fraction:
    """Return c(d, k), the mean of (w.e)^(2k) over the unit sphere of R^d."""
    return Fraction(prod(2 * j + 1 for j in range(k)), prod(d + 2 * j for j in range(k)))


def partitions(k: int, longest: int) -> Iterator[tuple[int, ...]]:
    """Yield the partitions of k into at most `longest` parts, each in decreasing order."""
    stack: list[tuple[tuple[int, ...], int, int]] = [((), k, k)]
    while stack:
        parts, left, largest = stack.pop()
        if left == 0:
            yield parts
        elif len(parts) < longest:
            stack.extend(((*parts, part), left - part, part) for part in range(1, min(left, largest) + 1))


def falling(n: int, j: int) -> int:
    """Return n (n-1) ... (n-j+1)."""
    return prod(range(n - j + 1, n + 1))


def support(entries: Entries) -> int:
    """Return the number of nonzero coordinates of the orbit's vectors."""
    return sum(count for _, count in entries)


def norm_squared(entries: Entries) -> int:
    """Return the squared Euclidean norm of the orbit's vectors."""
    return sum(value * value * count for value, count in entries)


def orbit_lines(entries: Entries, d: int) -> int:
    """Return the number of lines (pairs w, -w) in the orbit under signed permutations of d coordinates."""
    size = support(entries)
    arrangements = falling(d, size) // prod(factorial(count) for _, count in entries)
    return arrangements << (size - 1)


def orbit_moment(entries: Entries, alpha: tuple[int, ...], d: int) -> Fraction:
    """Return the mean of w_1^(2 alpha_1) w_2^(2 alpha_2) ... over the orbit's vectors w in R^d.

    The coordinates 1..len(alpha) receive values one after another; `used` counts the entries taken so far.
    """
    states: dict[tuple[int, ...], int] = {(0,) * len(entries): 1}
    for exponent in alpha:
        following: dict[tuple[int, ...], int] = {}
        for used, weight in states.items():
            for index, (value, count) in enumerate(entries):
                if used[index] < count:
                    after = (*used[:index], used[index] + 1, *used[index + 1 :])
                    ways = weight * (count - used[index]) * value ** (2 * exponent)
                    following[after] = following.get(after, 0) + ways
        states = following
    return Fraction(sum(states.values()), falling(d, len(alpha)))


def power_coefficient(entries: Entries, alpha: tuple[int, ...], d: int) -> Fraction:
    """Return the coefficient of x^(2 alpha) in the mean of (w.x)^(2k) over the orbit, k the sum of alpha.

    Terms with an odd exponent cancel under the sign changes.
    """
    k = sum(alpha)
    multinomial = factorial(2 * k) // prod(factorial(2 * part) for part in alpha)
    return multinomial * orbit_moment(entries, alpha, d)


def norm_coefficient(alpha: tuple[int, ...]) -> int:
    """Return the coefficient of x^(2 alpha) in the norm of x to the power 2k, k the sum of alpha."""
    return factorial(sum(alpha)) // prod(factorial(part) for part in alpha)
