"""Signed-permutation orbits of integer vectors, and rows of orthogonal arrays, as sets of lines, never listed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, permutations, product

from verify.kernel.cubature.moments import Entries, norm_squared, orbit_lines, power_coefficient, support
from verify.sphere.codes import best_code


@dataclass(frozen=True)
class Orbit:
    """The lines through an orbit in R^d, or through the rows of a sign array with the same moments.

    Attributes:
        entries: pairs (positive value, multiplicity), values decreasing; the other coordinates are 0.
        d: dimension.
        field: 0 for the whole orbit; m > 0 for the rows of the dual BCH array over GF(2^m), entries ((1, d),).
        degree: for that array, half the strength: moments up to degree 2 * degree are those of the orbit.
        code: generators (bit masks) of an even binary code; if any, the lines are through the sign vectors orthogonal
            to it, entries ((1, d),).
    """

    entries: Entries
    d: int
    field: int = 0
    degree: int = 0
    code: tuple[int, ...] = ()

    @property
    def lines(self) -> int:
        """Return the number of lines, one per pair w, -w (rows of an array counted as often as they occur)."""
        if self.code:
            return 1 << (self.d - len(self.code) - 1)
        return 1 << (self.field * self.degree) if self.field else orbit_lines(self.entries, self.d)

    @property
    def norm2(self) -> int:
        """Return the squared norm of each vector."""
        return norm_squared(self.entries)

    def coefficient(self, alpha: tuple[int, ...]) -> Fraction:
        """Return the coefficient of x^(2 alpha) in the mean of (w.x / |w|)^(2k)."""
        scale: int = self.norm2 ** sum(alpha)
        return power_coefficient(self.entries, alpha, self.d) / scale

    def vectors(self) -> list[tuple[int, ...]]:
        """Return one vector of each line (whole orbits only; for small d)."""
        if self.field:
            raise ValueError("the rows of a sign array are not listed")
        if self.code:
            words = range(1 << (self.d - 1))
            orthogonal = (word for word in words if all((word & c).bit_count() % 2 == 0 for c in self.code))
            return [tuple(-1 if word >> i & 1 else 1 for i in range(self.d)) for word in orthogonal]
        values = [value for value, count in self.entries for _ in range(count)]
        padded = values + [0] * (self.d - len(values))
        found = set()
        for arrangement in set(permutations(padded)):
            for signs in product((1, -1), repeat=self.d):
                vector = tuple(s * a for s, a in zip(signs, arrangement, strict=True))
                if tuple(-a for a in vector) not in found:
                    found.add(vector)
        return sorted(found)


def orbit(vector: tuple[int, ...], d: int) -> Orbit:
    """Return the orbit of `vector` (its zero coordinates may be left out) in R^d."""
    values = sorted({abs(value) for value in vector} - {0}, reverse=True)
    return Orbit(tuple((value, sum(abs(v) == value for v in vector)) for value in values), d)


def candidate_orbits(d: int, k: int, *, largest: int = 3, most_lines: int | None = None) -> list[Orbit]:
    """Return direction sets worth trying in a Hilbert identity of degree 2k, fewest lines first."""
    found = []
    for size in range(1, min(k, d) + 1):
        for values in combinations_with_replacement(range(1, largest + 1), size):
            if math.gcd(*values) == 1:
                found.append(orbit(values, d))
    for low in range(max(k + 1, d - 2), d + 1):
        found.append(Orbit(((1, low),), d))
        if low < d:
            found.append(Orbit(((2, 1), (1, low)), d))
        elif d > 1:
            found += [Orbit(((value, 1), (1, d - 1)), d) for value in (2, 3)]
    if d > 2:
        found.append(Orbit(((1, d),), d, field=max(1, (d - 1).bit_length()), degree=k))
    if code := best_code(d, k):
        found.append(Orbit(((1, d),), d, code=code))
    unique = {(item.entries, item.field, item.code): item for item in found if support(item.entries) <= d}
    limit = most_lines if most_lines is not None else 64 * (4 * d) ** k
    kept = (item for item in unique.values() if item.lines <= limit)
    return sorted(kept, key=lambda item: (item.lines, item.entries))
