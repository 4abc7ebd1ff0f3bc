"""Rule ORBITS: directions in signed-permutation orbits or sign arrays, never listed (docs/rules/cubature.md)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from verify.kernel.cubature.group_orbits import GroupClass
from verify.kernel.cubature.moments import (
    Entries,
    norm_coefficient,
    norm_squared,
    orbit_lines,
    partitions,
    power_coefficient,
    sphere_moment,
    support,
)
from verify.kernel.fields import Fields, as_integer
from verify.kernel.outcome import Malformed, Rejected

RULE = "ORBITS"
MAX_DIMENSION = 10**6
MAX_POWER = 12
MAX_CLASSES = 60
MAX_VALUE = 1000
MAX_SUPPORT = 256
MAX_FIELD = 24
MASS_DIGITS = 200  # the identity adds up fractions of 60 classes for each of 77 partitions
MAX_CODE_LENGTH = 200
MAX_CODE_DIMENSION = 16


@dataclass(frozen=True)
class OrbitClass:
    """One class of directions, all of the same norm and weight.

    Attributes:
        entries: pairs (value, multiplicity) of the nonzero coordinates, up to order and signs.
        lines: how many lines it has, one per pair w, -w (rows of an array counted as often as they occur).
        norm2: the squared norm of its vectors.
        mass: its total weight in the identity; the masses of an identity sum to 1.
    """

    entries: Entries
    lines: int
    norm2: int
    mass: Fraction

    def coefficient(self, alpha: tuple[int, ...], d: int) -> Fraction:
        """Return the coefficient of x^(2 alpha) in the mean of (w.x/|w|)^(2k) over the class, k the sum of alpha."""
        scale: int = self.norm2 ** sum(alpha)
        return power_coefficient(self.entries, alpha, d) / scale

    def marginal(self, d: int) -> list[tuple[int, Fraction]]:
        """Return the values of the first coordinate of the class's vectors, up to sign, with their probabilities."""
        zero = 1 - Fraction(support(self.entries), d)
        values = [(value, Fraction(count, d)) for value, count in self.entries]
        return values if zero == 0 else [*values, (0, zero)]


LineClass = OrbitClass | GroupClass


def read_orbits(fields: Fields, d: int, k: int) -> list[OrbitClass]:
    """Return the classes at `fields` and require their Hilbert identity of degree 2k in dimension d:

    sum_o mass_o mean_{w in o} (w.x/|w|)^(2k) = c(d,k) |x|^(2k). No class at all is allowed and proves nothing.
    """
    if not (1 <= d <= MAX_DIMENSION and 1 <= k <= MAX_POWER):
        raise Malformed(fields.where, f"rule {RULE} reads d up to {MAX_DIMENSION} and k up to {MAX_POWER}")
    classes = [_read_class(item, d, k) for item in fields.objects("classes", most=MAX_CLASSES)]
    for alpha, total in _sums([(item.mass, item) for item in classes], k, d) if classes else ():
        if total != sphere_moment(d, k) * norm_coefficient(alpha):
            raise Rejected(RULE, fields.where, f"the coefficients of x^(2 alpha), alpha = {list(alpha)}, differ")
    return classes


def _read_class(fields: Fields, d: int, k: int) -> OrbitClass:
    pairs = fields.sequence("entries", most=3)
    where = fields.place("entries")
    entries: list[tuple[int, int]] = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise Malformed(where, "must be a list of pairs [value, multiplicity]")
        entries.append((as_integer(pair[0], where, 1, MAX_VALUE), as_integer(pair[1], where, 1, MAX_DIMENSION)))
    if not entries or any(a[0] <= b[0] for a, b in itertools.pairwise(entries)):
        raise Malformed(where, "must have at least one pair, with decreasing values")
    size = support(tuple(entries))
    if size > d:
        raise Rejected(RULE, where, f"more nonzero coordinates than the dimension {d}")
    mass = fields.rational("mass", digits=MASS_DIGITS)
    if fields.has("array"):
        # Rows of the dual BCH array over GF(2^m): same moments up to degree 2k as all of {-1, 1}^d.
        field = fields.integer("array", 1, MAX_FIELD)
        if entries != [(1, d)]:
            raise Rejected(RULE, where, "an array needs the entries [[1, d]]")
        if 1 << field < d:
            raise Rejected(RULE, fields.place("array"), f"the field has fewer than d = {d} elements")
        lines = 1 << (field * k)
    elif fields.has("code"):
        # Rows orthogonal to a binary code without short words: same moments up to degree 2k as all of {-1, 1}^d.
        if entries != [(1, d)]:
            raise Rejected(RULE, where, "a code needs the entries [[1, d]]")
        lines = 1 << (d - _code_dimension(fields, d, k) - 1)
    else:
        if size > MAX_SUPPORT:
            raise Malformed(where, f"more than {MAX_SUPPORT} nonzero coordinates")
        lines = orbit_lines(tuple(entries), d)
    fields.done()
    return OrbitClass(tuple(entries), lines, norm_squared(tuple(entries)), mass)


def _code_dimension(fields: Fields, d: int, k: int) -> int:
    """Return the dimension of the even binary code at `fields` after checking that its words are longer than 2k."""
    if d > MAX_CODE_LENGTH:
        raise Malformed(fields.where, f"a code of length more than {MAX_CODE_LENGTH}")
    words = fields.integers("code", most=MAX_CODE_DIMENSION, low=1, high=(1 << d) - 1)
    word = 0
    for index in range(1, 1 << len(words)):
        # Gray code: one generator changes at a time.
        word ^= words[(index & -index).bit_length() - 1]
        if word.bit_count() <= 2 * k or word.bit_count() % 2:
            raise Rejected(RULE, fields.place("code"), f"has a word of weight {word.bit_count()}")
    return len(words)


def mean_coefficients(classes: Sequence[LineClass], majorants: Sequence[Sequence[Fraction]], d: int) -> list[Fraction]:
    """Return numbers m_j with sum_o |mass_o| mean_{w in o} M_o(w.x/|w|) <= sum_j m_j |x|^(2j) for all x.

    M_o(s) = sum_j a_oj s^(2j); the coefficients a_oj must not be negative. For each j the sum is a form with
    nonnegative coefficients in the squares of the coordinates, so it is at most |x|^(2j) times the largest ratio of its
    coefficients to those of |x|^(2j). Of classes of rule GROUP ORBITS all must be given, as only their sum is known: a
    cubature integrates the largest majorant.
    """
    orbits = [item for item in classes if isinstance(item, OrbitClass)]
    means = []
    for j in range(max((len(row) for row in majorants), default=0)):
        if len(orbits) < len(classes):
            means.append(sphere_moment(d, j) * max(row[j] for row in majorants if j < len(row)))
            continue
        terms = [
            (abs(item.mass) * row[j], item)
            for item, row in zip(orbits, majorants, strict=True)
            if j < len(row) and row[j]
        ]
        means.append(max(total / norm_coefficient(alpha) for alpha, total in _sums(terms, j, d)))
    return means


def _sums(
    terms: Sequence[tuple[Fraction, OrbitClass]], k: int, d: int
) -> Iterator[tuple[tuple[int, ...], Fraction]]:  # fmt: skip
    """Yield the coefficient of x^(2 alpha) in sum_o weight_o mean_{w in o} (w.x/|w|)^(2k), for the partitions of k.

    Weights may be long fractions: they are brought to one denominator before the sums.
    """
    scaled = [weight / item.norm2**k for weight, item in terms]
    common = lcm(*(weight.denominator for weight in scaled))
    whole = [weight.numerator * (common // weight.denominator) for weight in scaled]
    for alpha in partitions(k, d):
        parts = (n * power_coefficient(item.entries, alpha, d) for n, (_, item) in zip(whole, terms, strict=True))
        yield alpha, sum(parts, Fraction(0)) / common


def mean_bound(classes: Sequence[LineClass], majorants: Sequence[Sequence[Fraction]], d: int) -> Fraction:
    """Return a bound of sum_o |mass_o| mean_{w in o} M_o(w.x/|w|) over the unit ball."""
    return sum(mean_coefficients(classes, majorants, d), Fraction(0))
