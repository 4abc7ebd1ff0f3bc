"""Rule ABSOLUTE SUMS: a sum of absolute values of polynomials stays below a polynomial (docs/rules/cubature.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb, lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.kernel.outcome import Rejected

RULE = "ABSOLUTE SUMS"
Matrix = npt.NDArray[Any]  # object arrays of Python integers: nothing can overflow


@dataclass
class Work:
    """How much more arithmetic the check may spend, in products of integers of up to 512 bits."""

    left: int = 150_000_000

    def spend(self, amount: int, where: str) -> None:
        """Raise `Rejected` if the work is used up."""
        self.left -= amount
        if self.left < 0:
            raise Rejected(RULE, where, "needs too many subdivisions")


@dataclass(frozen=True)
class Ramp:
    """The term `(T - root) |f(T)|` for sign = 1, `(root - T) |f(T)|` for sign = -1; the factor must not be negative."""

    polynomial: list[int]
    root: int
    sign: int

    def factor(self, place: int) -> int:
        """Return the factor before |f| at an integer."""
        return self.sign * (place - self.root)


def require_sum_below(
    rows: Matrix, ramps: Sequence[Ramp], limit: list[int], low: int, high: int, weight: int, work: Work, where: str
) -> None:
    """Require `weight * sum_l |f_l(T)| + sum ramps <= limit(T)` for all real T in [low, high].

    Args:
        rows: integer coefficients of 1, T, ..., T^n, one row for each f_l.
        limit: the coefficients of the right side, n + 1 of them.
    """
    degree = rows.shape[1] - 1
    table = np.array([*rows.tolist(), *(ramp.polynomial for ramp in ramps), limit], dtype=object)
    count = rows.shape[0]
    size = 1 + max(abs(coefficient).bit_length() for coefficient in table.flat) // 512
    stack = [(low, high)]
    while stack:
        a, b = stack.pop()
        work.spend((table.shape[0] + degree + 1) * (degree + 1) ** 2 * size, where)
        values = table @ bernstein_matrix(degree, a, b)
        plain = _raised(np.abs(values[:count]).sum(axis=0), weight, weight)
        for index, ramp in enumerate(ramps):
            plain = plain + _raised(np.abs(values[count + index]), ramp.factor(a), ramp.factor(b))
        if (plain <= _raised(values[-1], 1, 1)).all():
            continue
        if b - a <= 1:
            raise Rejected(RULE, where, f"the bound fails near {a} of [{low}, {high}]")
        middle = (a + b) // 2
        stack += [(middle, b), (a, middle)]


def bernstein_matrix(degree: int, a: int, b: int) -> Matrix:
    """Return the matrix from coefficients of 1, T, ..., T^n to a multiple of the Bernstein coefficients on [a, b]."""
    shift = np.zeros((degree + 1, degree + 1), dtype=object)
    for i in range(degree + 1):
        for j in range(i + 1):
            shift[i, j] = comb(i, j) * a ** (i - j) * (b - a) ** j
    result: Matrix = shift @ _to_bernstein(degree)
    return result


@cache
def _to_bernstein(degree: int) -> Matrix:
    common = lcm(*(comb(degree, j) for j in range(degree + 1)))
    matrix = np.zeros((degree + 1, degree + 1), dtype=object)
    for i in range(degree + 1):
        for j in range(i + 1):
            matrix[j, i] = comb(i, j) * common // comb(degree, j)
    return matrix


def _raised(values: Matrix, first: int, last: int) -> Matrix:
    """Return degree + 1 times the Bernstein coefficients of (the linear function from first to last) x values."""
    degree = len(values) - 1
    result = np.zeros(degree + 2, dtype=object)
    for j in range(degree + 2):
        if j <= degree:
            result[j] += (degree + 1 - j) * first * values[j]
        if j:
            result[j] += j * last * values[j - 1]
    return result
