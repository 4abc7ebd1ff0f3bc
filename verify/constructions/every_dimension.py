"""Theorem 1 in every dimension at once: A + B |x|^2, with |x|^2 from chords at knots in geometric progression.

The bound that rule EVERY DIMENSION proves is a linear program in the polynomials P_l(r) = p_l0 + p_l1 r^2; the knots
T rho^j are chosen for the least constant C in width <= C d^p (floating point).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.kernel.cubature.every_dimension import GeometricKnots
from verify.progress import Budget

Floats = npt.NDArray[np.float64]
Phi = Callable[[Floats], Floats]

STEP = Fraction(1, 4)
RATIOS = [Fraction(7, 4) + n * STEP for n in range(16)]  # of neighbouring knots; then half a step from the best one
FIRST_UNIT = 1000  # T^2 is a multiple of its reciprocal
FARTHEST = 1e60  # dimensions beyond matter for no exponent above 1.01


@dataclass(frozen=True)
class Problem:
    """The linear program.

    Attributes:
        samples: bins of the universal claim; 1 with a profile.
        phi: the profile, None for all 1-Lipschitz profiles at once.
        breaks: radii where the profile bends.
    """

    samples: int
    phi: Phi | None = None
    breaks: tuple[float, ...] = ()

    def radii(self, dense: int) -> Floats:
        """Return sample radii in [0, 1]."""
        count = self.samples if self.phi is None else 16
        grid: Floats = np.union1d(np.linspace(0, 1, count * dense + 1), np.array(self.breaks))
        return grid

    def bound(self, polynomials: Floats, knots: GeometricKnots, dense: int = 200) -> float:
        """Return the bound of polynomials, shape (L, 2), at many radii."""
        r = self.radii(dense)
        values = polynomials[:, :1] + polynomials[:, 1:] * r**2
        if self.phi is not None:
            error = np.abs(values[0] - self.phi(r))
        else:
            share = 1 / self.samples
            below = np.clip(r - share * np.arange(self.samples)[:, None], 0, share)
            error = (below * np.abs(1 - values) + (share - below) * np.abs(values)).sum(axis=0)
        slope = float(np.abs(polynomials[:, 1]).mean())
        return float((error + slope * (float(knots.near) + float(knots.relative) * r**2)).max())

    def solve(self, near: float, relative: float, dense: int = 4) -> tuple[float, Floats]:
        """Return the least bound at sample radii, and the polynomials, if ||x|^2 - G| <= near + relative |x|^2."""
        from scipy import sparse
        from scipy.optimize import linprog

        count, r = self.samples, self.radii(dense)
        share, points = 1 / count, len(r)
        eye = sparse.identity
        sides = ((1, self.phi(r)),) if self.phi is not None else ((1, np.ones(points)), (0, np.zeros(points)))
        # Variables: p_l0 | p_l1 | |p_l1| | |P_l - goal| at the radii, for each goal | bound
        values = sparse.hstack([sparse.kron(eye(count), column[:, None]) for column in (np.ones(points), r**2)])
        size = count * points
        zero = sparse.csr_matrix
        rows, right = [], []
        for place, (_, goal) in enumerate(sides):
            for sign in (1, -1):
                slack = [-eye(size) if index == place else zero((size, size)) for index in range(len(sides))]
                rows.append(sparse.hstack([sign * values, zero((size, count)), *slack, zero((size, 1))]))
                right.append(sign * np.tile(goal, count))
        for sign in (1, -1):
            parts = [zero((count, count)), sign * eye(count), -eye(count), zero((count, len(sides) * size + 1))]
            rows.append(sparse.hstack(parts))
            right.append(np.zeros(count))
        if self.phi is None:
            below = np.clip(r[:, None] - share * np.arange(count), 0, share)
            weights = [sparse.hstack([sparse.diags(w[:, i]) for i in range(count)]) for w in (below, share - below)]
        else:
            weights = [eye(points)]
        spread = np.outer(near + relative * r**2, np.full(count, share))
        rows.append(sparse.hstack([zero((points, 2 * count)), spread, *weights, -np.ones((points, 1))]))
        right.append(np.zeros(points))
        free = 2 * count
        bounds = [(None, None)] * free + [(0, None)] * (count + len(sides) * size) + [(None, None)]
        cost = np.zeros(len(bounds))
        cost[-1] = 1
        matrix = sparse.vstack(rows).tocsr()
        outcome = linprog(cost, A_ub=matrix, b_ub=np.concatenate(right), bounds=bounds, method="highs-ipm")
        if outcome.x is None:
            return math.inf, np.zeros((count, 2))
        return float(outcome.fun), np.stack([outcome.x[:count], outcome.x[count:free]], axis=1)


def best_knots(problem: Problem, epsilon: float, exponent: Fraction, budget: Budget) -> GeometricKnots | None:
    """Return the knots within epsilon that allow the least C; None if there are none, or no time for any."""
    found: list[tuple[float, GeometricKnots]] = []

    def tried(ratio: Fraction) -> bool:
        knots = None if budget.remaining() == 0 else _farthest(problem, epsilon, ratio)
        if knots is not None:
            found.append((least_constant(knots, float(exponent)), knots))
        return knots is not None

    for ratio in RATIOS:
        if not tried(ratio):
            break  # a larger ratio is farther from |x|^2
    if found:
        _, best = min(found, key=lambda pair: pair[0])
        for ratio in (best.ratio - STEP / 2, best.ratio + STEP / 2):
            tried(ratio)
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _farthest(problem: Problem, epsilon: float, ratio: Fraction) -> GeometricKnots | None:
    """Return the knots of this ratio with the largest T, by bisection of T^2."""
    low, high = 0, 2 * FIRST_UNIT
    while high - low > 1 + low // 50:
        middle = (low + high) // 2
        knots = GeometricKnots(Fraction(middle, FIRST_UNIT), ratio)
        if problem.solve(float(knots.near), float(knots.relative))[0] < epsilon:
            low = middle
        else:
            high = middle
    return GeometricKnots(Fraction(low, FIRST_UNIT), ratio) if low else None


def least_constant(knots: GeometricKnots, exponent: float, start: int = 1) -> float:
    """Return sup 2 k(d) / d^(p - 1) over the dimensions d >= start, k(d) the number of knots."""
    worst, square = 0.0, float(knots.first)
    k = 1
    while square < FARTHEST:
        d = max(start, math.floor(square) + 1)
        if d <= square * float(knots.ratio) ** 2:
            worst = max(worst, 2 * k / d ** (exponent - 1))
        square *= float(knots.ratio) ** 2
        k += 1
    return worst
