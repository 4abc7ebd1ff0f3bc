"""Hilbert identities: the norm to the power 2k as a combination of 2k-th powers of linear forms, over the rationals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from verify.kernel.cubature.moments import norm_coefficient, partitions, sphere_moment
from verify.sphere.orbits import Orbit, candidate_orbits

STARTS = 4  # bases that the search begins with, besides that of the fewest lines
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


class _System:
    """The linear system for the masses of the candidate orbits, exactly; a basis of orbits is a list of indices."""

    def __init__(self, d: int, k: int) -> None:
        shapes = list(partitions(k, d))
        target = [sphere_moment(d, k) * norm_coefficient(shape) for shape in shapes]
        self.k, self.size = k, len(shapes)
        self.candidates = candidate_orbits(d, k)
        # Rows divided by their target: the system is exact anyway, this keeps the numbers short.
        self.columns = [
            [item.coefficient(shape) / t for shape, t in zip(shapes, target, strict=True)] for item in self.candidates
        ]

    def descend(self, basis: list[int], score: Callable[[HilbertIdentity], float]) -> list[HilbertIdentity]:
        """Return the identities met from `basis` on, exchanging one orbit at a time while that lowers the score."""
        best = _solve(self.candidates, self.columns, basis, self.k)
        if best is None:
            return []
        least, found = score(best), [best]
        improved, trials = True, MAX_WORK // self.size**3
        while improved:
            improved = False
            for place in range(len(basis)):
                for index in range(len(self.candidates)):
                    if index in basis or trials == 0:
                        continue
                    trials -= 1
                    trial = [*basis[:place], index, *basis[place + 1 :]]
                    identity = _solve(self.candidates, self.columns, trial, self.k)
                    if identity is not None and score(identity) < least * (1 - 1e-9):
                        basis, least, improved = trial, score(identity), True
                        found.append(identity)
        return found


@lru_cache(maxsize=64)
def identities(d: int, k: int) -> list[HilbertIdentity]:
    """Return Hilbert identities for (d, k), the one with the least score first.

    Every identity comes from a basis of orbits in which the linear system for the masses is square and nonsingular;
    the search starts from the orbits with the fewest lines and exchanges one orbit at a time while that helps.
    """
    system = _System(d, k)
    found = system.descend(_first_basis(system.columns, system.size), lambda identity: identity.score)
    if not found:
        raise ArithmeticError(f"no Hilbert identity found for d = {d}, k = {k}")
    return sorted({identity.score: identity for identity in found}.values(), key=lambda identity: identity.score)


@lru_cache(maxsize=64)
def priced_identities(d: int, k: int) -> list[HilbertIdentity]:
    """Return Hilbert identities for (d, k) by what networks for |x|^(2k) pay for their lines, the cheapest first.

    An error e of s^(2j) along the lines of a class costs at most e g_j |x|^(2j), and chords of s^(2k) below it number
    sqrt(k (2k-1) / (4 e)) / (k - j). So a line is the cheaper the more its class is spread over the sphere: by the
    factor min_j sqrt(g_j) / (k - j). Many lines in general position may be worth more than a few near the axes, which
    is why every large class is also tried as a start.
    """
    system = _System(d, k)
    prices = {item: _price(item, k) for item in system.candidates}

    def score(identity: HilbertIdentity) -> float:
        shares = (
            (float(item.lines) * prices[item]) ** (2 / 3) * abs(float(mass)) ** (1 / 3) for item, mass in identity.terms
        )
        return math.sqrt(sum(shares)) ** 3

    order = range(len(system.candidates))
    starts = {tuple(_first_basis(system.columns, system.size))}
    cheapest = sorted(order, key=lambda index: prices[system.candidates[index]])
    for first in cheapest[:STARTS]:
        moved = [first, *(index for index in order if index != first)]
        basis = _first_basis([system.columns[index] for index in moved], system.size)
        starts.add(tuple(moved[index] for index in basis))
    found = [identity for start in sorted(starts) for identity in system.descend(list(start), score)]
    return sorted({score(identity): identity for identity in found}.values(), key=score)


def _price(item: Orbit, k: int) -> float:
    """Return what a line of this class costs beside one whose ridge function has the same error everywhere, times k."""
    worst = [
        max(float(item.coefficient(alpha) / norm_coefficient(alpha)) for alpha in partitions(j, item.d))
        for j in range(k)
    ]
    return min(k * math.sqrt(value) / (k - j) for j, value in enumerate(worst))


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
