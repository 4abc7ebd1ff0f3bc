"""Hilbert identities: the norm to the power 2k as a combination of 2k-th powers of linear forms, over the rationals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from verify.kernel.cubature.moments import norm_coefficient, partitions, sphere_moment
from verify.sphere.orbits import Orbit, candidate_orbits

MAX_WORK = 4_000_000  # trials of the search for a better basis, times the cube of the system's size


@dataclass(frozen=True)
class HilbertIdentity:
    """`sum_o m_o mean_{w in o} (w.x/|w|)^(2k) = c(d,k) |x|^(2k)`, the masses m_o summing to 1.

    Attributes:
        k: half the degree.
        terms: pairs (orbit, mass); a mass may be negative.
    """

    k: int
    terms: tuple[tuple[Orbit, Fraction], ...]

    @property
    def lines(self) -> int:
        """Return the number of lines."""
        return sum(item.lines for item, _ in self.terms)

    @property
    def amplification(self) -> Fraction:
        """Return the sum of the absolute masses: 1 if none is negative."""
        return sum((abs(mass) for _, mass in self.terms), Fraction(0))

    @property
    def score(self) -> float:
        """Return what the least width at a given error is proportional to at a constant majorant."""
        total: float = sum(float(item.lines) ** (2 / 3) * abs(float(mass)) ** (1 / 3) for item, mass in self.terms)
        return math.sqrt(total) ** 3


@lru_cache(maxsize=64)
def identities(d: int, k: int) -> list[HilbertIdentity]:
    """Return Hilbert identities for (d, k), the one with the least score first.

    Every identity comes from a basis of orbits in which the linear system for the masses is square and nonsingular;
    the search starts from the orbits with the fewest lines and exchanges one orbit at a time while that helps.
    """
    shapes = list(partitions(k, d))
    candidates = candidate_orbits(d, k)
    target = [sphere_moment(d, k) * norm_coefficient(shape) for shape in shapes]
    # Rows divided by their target: the system is exact anyway, this keeps the numbers short.
    columns = [[item.coefficient(shape) / t for shape, t in zip(shapes, target, strict=True)] for item in candidates]
    basis = _first_basis(columns, len(shapes))
    best = _solve(candidates, columns, basis, k)
    if best is None:
        raise ArithmeticError(f"no Hilbert identity found for d = {d}, k = {k}")
    found = {best.score: best}
    improved = True
    trials = MAX_WORK // len(shapes) ** 3
    while improved:
        improved = False
        for place in range(len(basis)):
            for index in range(len(candidates)):
                if index in basis or trials == 0:
                    continue
                trials -= 1
                trial = [*basis[:place], index, *basis[place + 1 :]]
                identity = _solve(candidates, columns, trial, k)
                if identity is not None and identity.score < best.score * (1 - 1e-9):
                    basis, best, improved = trial, identity, True
                    found[identity.score] = identity
    return [found[score] for score in sorted(found)]


def _first_basis(columns: list[list[Fraction]], rank: int) -> list[int]:
    """Return the first columns, in order, that are linearly independent, by elimination."""
    chosen: list[int] = []
    reduced: list[tuple[int, list[Fraction]]] = []
    for index, column in enumerate(columns):
        row = list(column)
        for pivot, other in reduced:
            if row[pivot]:
                factor = row[pivot] / other[pivot]
                row = [a - factor * b for a, b in zip(row, other, strict=True)]
        lead = next((place for place, value in enumerate(row) if value), None)
        if lead is not None:
            chosen.append(index)
            reduced.append((lead, row))
        if len(chosen) == rank:
            break
    return chosen


def _solve(candidates: list[Orbit], columns: list[list[Fraction]], basis: list[int], k: int) -> HilbertIdentity | None:
    """Return the identity on the basis's orbits, or None if the system is singular."""
    from flint import fmpq, fmpq_mat

    def exact(value: Fraction) -> Any:
        return fmpq(value.numerator, value.denominator)

    size = len(columns[0])
    if len(basis) != size:
        return None
    matrix = fmpq_mat(size, size, [exact(columns[index][row]) for row in range(size) for index in basis])
    try:
        solution = matrix.solve(fmpq_mat(size, 1, [fmpq(1)] * size))
    except ZeroDivisionError:
        return None
    masses = [Fraction(int(solution[i, 0].p), int(solution[i, 0].q)) for i in range(size)]
    return HilbertIdentity(
        k, tuple((candidates[index], mass) for index, mass in zip(basis, masses, strict=True) if mass)
    )
