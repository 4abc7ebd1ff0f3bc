"""Rule DEFECT: listed directions with the moments of the sphere up to a proved defect (docs/rules/cubature.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial, isqrt, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.kernel.cubature.moments import norm_coefficient, sphere_moment
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.kernel.packing import integer_array

RULE = "DEFECT"
MAX_LINES = 20_000
MAX_COORDINATES = 100_000
MAX_BITS = 62
FIXED_BITS = 128
MAX_DIMENSION = 16
MAX_WORK = 40_000_000  # products of two numbers of FIXED_BITS bits
MONOMIAL = 100  # what each monomial costs besides, in such products
MAX_TABLE = 1_500_000

Column = npt.NDArray[Any]  # object arrays of Python integers: nothing can overflow


@dataclass(frozen=True)
class ListedLines:
    """Directions w_i of norm at most 1, with positive weights, given one by one.

    Attributes:
        first: for each line, the absolute value of w_i's first coordinate, and its weight's share of the mass.
        mass: the sum of the weights.
        defects: delta_0, ..., delta_K with |sum_i weight_i (w_i.x)^(2k) - c(d,k) |x|^(2k)| <= delta_k |x|^(2k).
        norm2: what squared norms are at most.
    """

    first: list[tuple[Fraction, Fraction]]
    mass: Fraction
    defects: list[Fraction]
    norm2: int = 1

    @property
    def lines(self) -> int:
        """Return the number of lines."""
        return len(self.first)

    def marginal(self, d: int) -> list[tuple[Fraction, Fraction]]:
        """Return the absolute values of the first coordinate with their shares of the mass."""
        return self.first


def read_lines(fields: Fields, d: int, degree: int) -> ListedLines:
    """Return the lines at `fields` with their defects up to the moments of degree 2 * degree."""
    if not 1 <= d <= MAX_DIMENSION:
        raise Malformed(fields.where, f"rule {RULE} reads dimensions up to {MAX_DIMENSION}")
    bits = fields.integer("bits", 1, MAX_BITS)
    weight_bits = fields.integer("weight_bits", 0, MAX_BITS)
    vectors = integer_array(fields, "vectors", (None, d), most=MAX_COORDINATES).astype(object)
    weights = integer_array(fields, "weights", (len(vectors),), most=MAX_LINES).astype(object)
    if not len(vectors):
        raise Malformed(fields.place("vectors"), "must be at least one")
    if min(weights) <= 0:
        raise Rejected(RULE, fields.place("weights"), "must be positive")
    if max((vectors * vectors).sum(axis=1)) > 1 << (2 * bits):
        raise Rejected(RULE, fields.place("vectors"), "has a vector of norm more than 1")
    total = sum(weights)
    defects = moment_defects(vectors, weights, d, degree, bits, weight_bits, fields.where)
    first = [
        (Fraction(abs(v), 1 << bits), Fraction(weight, total))
        for v, weight in zip(vectors[:, 0].tolist(), weights.tolist(), strict=True)
    ]
    return ListedLines(first, Fraction(total, 1 << weight_bits), defects)


def moment_defects(
    vectors: Column, weights: Column, d: int, degree: int, bits: int, weight_bits: int, where: str
) -> list[Fraction]:
    """Return delta_0, ..., delta_degree for w_i = vectors[i] / 2^bits of norm at most 1, weights over 2^weight_bits.

    delta_k^2 = sum over monomials a of degree 2k of (2k)!/a! (sum_i weight_i w_i^a - mean of u^a over the sphere)^2.
    """
    # Monomials of even degree, and the nodes of the tree that they are computed in.
    monomials = comb(2 * degree + d, d - 1) + sum(comb(2 * k + d - 1, d - 1) for k in range(degree + 1))
    if (len(vectors) + MONOMIAL) * monomials > MAX_WORK or len(vectors) * d * (2 * degree + 1) > MAX_TABLE:
        raise Rejected(RULE, where, "too many lines for this dimension and degree")
    unit = 2 * FIXED_BITS + weight_bits  # sums are integers over 2^unit, results over 2^FIXED_BITS
    mass = -(-sum(weights) // (1 << weight_bits))
    squares = [0] * (degree + 1)
    for exponents, total in _moments(vectors << (FIXED_BITS - bits), weights, degree):
        k = sum(exponents) // 2
        power = factorial(2 * k) // prod(factorial(e) for e in exponents)
        mean = Fraction(0)
        if all(e % 2 == 0 for e in exponents):
            mean = sphere_moment(d, k) * norm_coefficient(tuple(e // 2 for e in exponents)) / power
        distance = abs(total - (mean.numerator << unit) // mean.denominator) + 1
        # Each of at most 2k roundings of a monomial loses at most 2^-FIXED_BITS.
        error = (distance >> (unit - FIXED_BITS)) + 1 + 2 * k * mass
        squares[k] += power * error * error
    return [Fraction(isqrt(square) + 1, 1 << FIXED_BITS) for square in squares]


def _moments(columns: Column, weights: Column, degree: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield (a, sum_i weight_i w_i^a) for every monomial a of even degree up to 2 * degree.

    Args:
        columns: w_i, integers over 2^FIXED_BITS, shape (N, d). Products are rounded down to that many bits.
    """
    d = columns.shape[1]
    one = np.full(len(columns), 1 << FIXED_BITS, dtype=object)
    powers = []  # powers[coordinate][exponent]
    for column in columns.T:
        row = [one, column]
        while len(row) <= 2 * degree:
            row.append((row[-1] * column) >> FIXED_BITS)
        powers.append(row)
    weighted = [power * weights for power in powers[-1]]
    # Depth first over the exponents of all coordinates but the last: (exponents, product before the last one).
    stack: list[tuple[tuple[int, ...], Column]] = [((), one)]
    while stack:
        exponents, before = stack.pop()
        product = before
        if exponents and exponents[-1]:
            product = (before * powers[len(exponents) - 1][exponents[-1]]) >> FIXED_BITS
        left = 2 * degree - sum(exponents)
        if len(exponents) == d - 1:
            for last in range(sum(exponents) % 2, left + 1, 2):
                yield (*exponents, last), int(np.dot(product, weighted[last]))
        else:
            stack.extend(((*exponents, e), product) for e in range(left + 1))
