"""Which member of the sine family separates depth 2 from depth 3 best, under a budget of depth-3 neurons.

The family is sin(omega (r^2 - 1/2)) / (2 omega) at the accuracy alpha / (2 omega). A depth-3 network spends 2 d neurons
for each kink of its square and about one for each half oscillation; what the coarseness of the square costs decides
which alpha it reaches. The depth-2 path norm grows like omega^((d+1)/2) h(alpha), with h known from small programs: so
the search needs no large ones. Floating point throughout; nothing here is believed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from verify.constructions.depth3 import Corridor, best_square, corridor, minimum_link_path
from verify.errors import Inconclusive
from verify.progress import Budget, Progress
from verify.provers.path_norm import Function, solve

FREQUENCIES = (30, 60)
"""omega of the programs from which the growth of the path norm is read off."""
ACCURACIES = (0.2, 0.4, 0.55, 0.7, 0.85)
ROOM = 0.9815
"""The share of epsilon that is left after the tube and the margins of the exact construction."""


@dataclass(frozen=True)
class Care:
    """How carefully the least accuracy of a network is estimated.

    Attributes:
        shares: omega, as shares of the frequency with one outer neuron for each half oscillation.
        places: of the corridor, for each unit of frequency.
        starts: points of each link from which the next one is tried.
        step: the resolution of the accuracy.
    """

    shares: tuple[float, ...]
    places: int
    starts: int
    step: float


COARSE = Care((1.0, 0.94, 0.88), 20, 16, 0.004)
FINE = Care((1.0, 0.98, 0.96, 0.94, 0.92, 0.9), 48, 40, 0.001)


@dataclass(frozen=True)
class Candidate:
    """A member of the family and a relative accuracy, with an estimate of the depth-2 path norm.

    Attributes:
        frequency: omega.
        accuracy: alpha.
        inner: kinks of the depth-3 network's square on each half axis.
        path_norm: of depth 2, about.
    """

    frequency: int
    accuracy: float
    inner: int
    path_norm: float


def sine(frequency: float) -> Function:
    """Return the member of the family as a function of arrays of radii."""
    return lambda r: np.sin(frequency * (r * r - 0.5)) / (2 * frequency)


class _Growth:
    """The depth-2 path norm as a function of omega and alpha: omega^((d+1)/2) (c(alpha) - b(alpha) / omega)."""

    def __init__(self, dimension: int, limit: Budget) -> None:
        self._power = (dimension + 1) / 2
        self._rows = []
        for frequency in FREQUENCIES:
            norms = []
            for accuracy in ACCURACIES:
                epsilon = accuracy / (2 * frequency)
                solution = solve(dimension, sine(frequency), epsilon, budget=limit, tolerance=3e-2)
                norms.append(solution.path_norm / frequency**self._power)
            self._rows.append(norms)

    def path_norm(self, frequency: float, accuracy: float) -> float:
        """Return about the least path norm."""
        low, high = (float(np.interp(accuracy, (*ACCURACIES, 1.0), (*row, 0.0))) for row in self._rows)
        first, second = FREQUENCIES
        # For large d the programs are noisy: the share grows, whatever they say.
        slope = max(0.0, high - low) / (1 / second - 1 / first)
        norm: float = frequency**self._power * (high + slope * (1 / frequency - 1 / second))
        return norm


def search(dimension: int, budget: int, limit: Budget, progress: Progress) -> Candidate:
    """Return the candidate with the largest estimated depth-2 bound among those within the depth-3 budget.

    Raises:
        Inconclusive: the budget is too small for any.
    """
    growth = _Growth(dimension, limit)
    most = (budget - 3) // (2 * dimension)
    tried: dict[int, Candidate | None] = {}
    best: Candidate | None = None
    count = 0
    counts = sorted({max(1, round(most * share)) for share in np.linspace(0.15, 0.97, 9).tolist()}) if most else []
    while counts:
        for count in counts:
            if limit.remaining() != 0 or not tried:
                tried[count] = _best_with(dimension, budget, count, growth, COARSE)
        found = {key: candidate for key, candidate in tried.items() if candidate is not None}
        if not found:
            break
        count = max(found, key=lambda key: found[key].path_norm)
        best = found[count]
        progress.stage(f"omega = {best.frequency}, accuracy {best.accuracy:.3f}: path norm about {best.path_norm:.4g}")
        # Then halfway between the best count and its neighbours on both sides.
        known = sorted({0, *tried, most + 1})
        gaps = [(a, b) for a, b in pairwise(known) if count in (a, b) and b - a > 1]
        counts = [] if limit.remaining() == 0 else [(a + b) // 2 for a, b in gaps]
    if best is None:
        raise Inconclusive(f"no depth-3 network of at most {budget} neurons is accurate enough; raise --budget")
    if limit.remaining() == 0:
        return best
    return _best_with(dimension, budget, count, growth, FINE) or best


def _best_with(dimension: int, budget: int, count: int, growth: _Growth, care: Care) -> Candidate | None:
    """Return the best candidate whose square has `count` kinks on each half axis."""
    kinks = budget - 2 * dimension * count
    best: Candidate | None = None
    for share in care.shares:
        frequency = int(math.pi * (kinks - 1) * share)
        if frequency < 4:
            continue
        accuracy = least_accuracy(dimension, frequency, count, kinks, care)
        if accuracy is None:
            continue
        accuracy /= ROOM
        norm = growth.path_norm(frequency, accuracy) if accuracy < 1 else 0.0
        if norm > 0 and (best is None or norm > best.path_norm):
            best = Candidate(frequency, accuracy, count, norm)
    return best


def least_accuracy(dimension: int, frequency: int, count: int, kinks: int, care: Care) -> float | None:
    """Return the least alpha that a network with `count` inner and `kinks` outer kinks reaches, about; None: none."""
    square = best_square(dimension, count)
    points = max(1000, care.places * frequency)
    walls = corridor(dimension, sine(frequency), 0.0, square, points=points)
    tightest = float((walls.lower - walls.upper).max()) * frequency
    if tightest >= 1 or not _passes(walls, 1 / (2 * frequency), kinks, care):
        return None
    low, high = max(0.0, tightest), 1.0
    while high - low > care.step:
        middle = (low + high) / 2
        if _passes(walls, middle / (2 * frequency), kinks, care):
            high = middle
        else:
            low = middle
    return high


def _passes(walls: Corridor, epsilon: float, kinks: int, care: Care) -> bool:
    path = minimum_link_path(walls.widened(epsilon), kinks + 2, flat_start=True, starts_tried=care.starts)
    return path is not None and len(path) - 2 <= kinks
