"""Bound a polynomial with integer coefficients on [0, 1] by its Bernstein coefficients, splitting where needed.

Statement and proof: docs/rules/arithmetic.md, BERNSTEIN.
"""

from __future__ import annotations

import math
from itertools import pairwise

MAX_DEGREE = 400
MAX_DEPTH = 40
MAX_PARTS = 20_000


class NotBounded(ArithmeticError):
    """The polynomial exceeds the bound somewhere, or the splitting reached its limits; the text says which."""


def bernstein_form(coefficients: list[int]) -> tuple[list[int], int]:
    """Return (b, scale): sum_l coefficients[l] w^l = sum_i (b[i]/scale) C(n,i) w^i (1-w)^(n-i)."""
    degree = len(coefficients) - 1
    binomials = [math.comb(degree, index) for index in range(degree + 1)]
    scale = math.lcm(*binomials)
    weighted = [
        coefficient * (scale // binomial) for coefficient, binomial in zip(coefficients, binomials, strict=True)
    ]
    # b_i = sum_l C(i, l) weighted_l: the binomial transform, done by repeated addition.
    form = weighted[:]
    for start in range(1, degree + 1):
        for index in range(degree, start - 1, -1):
            form[index] += form[index - 1]
    return form, scale


def require_bounded(coefficients: list[int], bound: int, *, most_parts: int = MAX_PARTS) -> int:
    """Prove |sum_l coefficients[l] w^l| <= bound for every w in [0, 1], or raise `NotBounded`.

    Returns:
        the number of times that a part of [0, 1] was split, at most `most_parts`.
    """
    degree = len(coefficients) - 1
    if degree > MAX_DEGREE:
        raise NotBounded(f"a polynomial of degree {degree}; at most {MAX_DEGREE} is allowed")
    form, scale = bernstein_form(coefficients)
    parts = [(form, bound * scale, 0)]
    count = 0
    while parts:
        form, limit, depth = parts.pop()
        if -limit <= min(form) and max(form) <= limit:
            continue
        # The end coefficients are values of the polynomial.
        if max(abs(form[0]), abs(form[-1])) > limit:
            raise NotBounded("the bound is exceeded")
        count += 1
        if depth == MAX_DEPTH or count > min(most_parts, MAX_PARTS):
            raise NotBounded("the bound is reached too closely to be decided")
        left, right = halves(form)
        parts.append((left, limit << degree, depth + 1))
        parts.append((right, limit << degree, depth + 1))
    return count


def halves(form: list[int]) -> tuple[list[int], list[int]]:
    """Return the Bernstein coefficients on [0, 1/2] and on [1/2, 1], both multiplied by 2^degree (de Casteljau)."""
    degree = len(form) - 1
    row = form
    left, right = [], []
    for step in range(degree + 1):
        left.append(row[0] << (degree - step))
        right.append(row[-1] << (degree - step))
        row = [a + b for a, b in pairwise(row)]
    right.reverse()
    return left, right
