"""Cubatures found numerically: as many lines as there are conditions on them, by a damped Newton method.

Vectors v_1, ..., v_N with `sum_i (v_i.x)^(2k) = |x|^(2k)` for all x are a cubature with the lines v_i/|v_i| and weights
proportional to |v_i|^(2k) > 0: the unknowns are N d numbers, the conditions one for each monomial of degree 2k in d
variables. All lower even degrees follow. What is found is rounded, and rule DEFECT proves what it is worth.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from verify.kernel.cubature.moments import norm_coefficient

Floats = npt.NDArray[np.float64]

MOST_CONDITIONS = 500
MOST_POWER = 9
SPARE = (1.0, 1.02, 1.06)  # so many times the least number of unknowns, one after another
SEEDS = 2
ITERATIONS = 60


def least_lines(d: int, k: int) -> int:
    """Return the number of lines with as many unknowns, up to rotations, as there are conditions."""
    return math.ceil((math.comb(2 * k + d - 1, d - 1) + d * (d - 1) // 2) / d)


@cache
def found_lines(d: int, k: int) -> tuple[Floats, Floats] | None:
    """Return unit vectors (N, d) and positive weights (N,), the moments up to degree 2k nearly exact; None if none."""
    if d < 3 or k > MOST_POWER or math.comb(2 * k + d - 1, d - 1) > MOST_CONDITIONS:
        return None
    system = Conditions(d, k)
    with threadpool_limits(1):  # sums must not depend on the number of cores
        for spare in SPARE:
            for seed in range(SEEDS):
                generator = np.random.default_rng([d, k, seed])
                start = generator.normal(size=(math.ceil(least_lines(d, k) * spare), d))
                vectors = system.solved(start)
                if vectors is not None:
                    norms = np.linalg.norm(vectors, axis=1)
                    return vectors / norms[:, None], norms ** (2 * k)
    return None


class Conditions:
    """The equations `sum_i (v_i.x)^(2k) = |x|^(2k)`, one for each monomial, scaled to the norm of rule DEFECT."""

    def __init__(self, d: int, k: int) -> None:
        self.k = k
        chosen = np.array(list(combinations_with_replacement(range(d), 2 * k)))
        self.exponents = np.stack([(chosen == c).sum(axis=1) for c in range(d)], axis=1)
        binomials = [
            math.factorial(2 * k) / math.prod(math.factorial(int(e)) for e in row) for row in self.exponents
        ]  # fmt: skip
        self.scale = np.sqrt(np.array(binomials))
        self.target = np.array(
            [
                0.0 if (row % 2).any() else norm_coefficient(tuple(int(e) // 2 for e in row)) / binomial
                for row, binomial in zip(self.exponents, binomials, strict=True)
            ]
        )

    def residual(self, vectors: Floats) -> Floats:
        """Return the errors of all conditions."""
        errors: Floats = (self._products(self._powers(vectors)).sum(axis=0) - self.target) * self.scale
        return errors

    def derivative(self, vectors: Floats) -> Floats:
        """Return the derivative of the residual by all coordinates, shape (conditions, N d)."""
        powers = self._powers(vectors)
        parts = []
        for c in range(vectors.shape[1]):
            lower = np.maximum(self.exponents - (np.arange(vectors.shape[1]) == c), 0)
            parts.append(self._products(powers, lower) * self.exponents[:, c] * self.scale)
        result: Floats = np.stack(parts, axis=2).transpose(1, 0, 2).reshape(len(self.scale), -1)
        return result

    def solved(self, vectors: Floats) -> Floats | None:
        """Return a solution near `vectors` (N, d), None if the method does not get there."""
        vectors = vectors / np.linalg.norm(vectors, axis=1)[:, None]
        powers = self._products(self._powers(vectors)).sum(axis=0)
        weight = self.scale**2
        best = (powers * self.target * weight).sum() / (powers**2 * weight).sum()
        vectors = vectors * float(best ** (1 / (2 * self.k)))
        residual = self.residual(vectors)
        size, damping = float(residual @ residual), 1e-2
        for _ in range(ITERATIONS):
            slopes = self.derivative(vectors)
            normal = slopes @ slopes.T
            moved = vectors
            for _ in range(8):
                shifted = normal + damping * size * np.eye(len(residual))
                step = slopes.T @ np.linalg.solve(shifted, residual)
                moved = vectors - step.reshape(vectors.shape)
                there = self.residual(moved)
                if float(there @ there) < size:
                    damping = max(damping / 4, 1e-12)
                    break
                damping *= 8
            else:
                return vectors if size < 1e-27 else None
            vectors, residual, size = moved, there, float(there @ there)
            if size < 1e-31:
                break
        return vectors if size < 1e-27 else None

    def _powers(self, vectors: Floats) -> Floats:
        return np.power(vectors[:, :, None], np.arange(2 * self.k + 1))

    def _products(self, powers: Floats, exponents: npt.NDArray[np.int64] | None = None) -> Floats:
        chosen = self.exponents if exponents is None else exponents
        result = np.ones((len(powers), len(chosen)))
        for c in range(powers.shape[1]):
            result *= powers[:, c, :][:, chosen[:, c]]
        return result
