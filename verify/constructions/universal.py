"""Theorem 2's linear family: fit the bins V_l to the indicators 1[s_l <= r] so that sup E is small.

E(x) = sum_l (a_l(r) |1 - V_l(x)| + b_l(r) |V_l(x)|) is convex in the coefficients. Its supremum over sample points is
minimised through smoothed p-norms with growing p (L-BFGS); points where the fit is worst join the sample and the fit is
repeated (cutting planes). Everything is seeded: the same request gives the same family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from verify.networks.family import RidgeBlock, RidgeFamily
from verify.progress import Budget
from verify.sphere.directions import DIRECTION_BITS, Lines
from verify.sphere.sampling import ball_points, directions

Floats = npt.NDArray[np.float64]

WEIGHT_BITS = 16
KNOT_BITS = 10
EDGE_BITS = 12
COEFFICIENT_BITS = 16


@dataclass(frozen=True)
class Shape:
    """The size of a family: the lines, the number of knots on [0, 1) and of bins."""

    lines: Lines
    knots: int
    bins: int

    @property
    def width(self) -> int:
        """Hidden neurons: two a knot and line, one at the kink 0, and one for the linear part."""
        return self.lines.count * (2 * self.knots - 1) + 1


@dataclass(frozen=True)
class Effort:
    """How hard to fit: sample points, rounds of cutting planes, iterations, seed.

    Attributes:
        roughness: weight of sum_l h_l sum_j |C_jl|, which makes the cover cheaper at a small loss in sup E.
    """

    points: int = 6000
    rounds: int = 4
    iterations: int = 400
    roughness: float = 3e-6
    seed: int = 0


def fit_family(shape: Shape, effort: Effort | None = None, budget: Budget | None = None) -> tuple[RidgeFamily, float]:
    """Return a dyadic family of the given shape and the largest E found on fresh sample points.

    Raises:
        Inconclusive: the budget's time is used up.
    """
    effort = effort or Effort()
    budget = budget or Budget()
    generator = np.random.default_rng(effort.seed)
    lines = shape.lines
    dimension = lines.directions.shape[1]
    knots = np.rint(np.arange(shape.knots) / shape.knots * (1 << KNOT_BITS)).astype(np.int64)
    edges = np.rint(np.arange(shape.bins + 1) / shape.bins * (1 << EDGE_BITS)).astype(np.int64)
    weights = np.rint(lines.weights * (1 << WEIGHT_BITS)).astype(np.int64)
    model = _Model(
        lines.directions / 2.0**DIRECTION_BITS,
        weights / 2.0**WEIGHT_BITS,
        knots / 2.0**KNOT_BITS,
        edges / 2.0**EDGE_BITS,
    )
    radii = np.linspace(0.0, 1.0, effort.points)
    sample = radii[:, None] * directions(generator, effort.points, dimension, lines.symmetry)
    coefficients: Floats | None = None
    for turn in range(effort.rounds):
        coefficients = model.fit(sample, coefficients, effort, budget, first=turn == 0)
        fresh = ball_points(generator, 50_000, dimension, lines.symmetry)
        error = model.error(fresh, coefficients)
        level = model.error(sample, coefficients).max()
        worst = np.argsort(-error, kind="stable")[:3000]
        sample = np.concatenate([sample, fresh[worst[error[worst] > 0.98 * level]]])
    assert coefficients is not None
    rounded = np.rint(coefficients * (1 << COEFFICIENT_BITS)).astype(np.int64)
    family = RidgeFamily(
        dimension=dimension,
        direction_bits=DIRECTION_BITS,
        weight_bits=WEIGHT_BITS,
        knot_bits=KNOT_BITS,
        coefficient_bits=COEFFICIENT_BITS,
        edge_bits=EDGE_BITS,
        edges=edges,
        constants=rounded[0],
        blocks=(RidgeBlock(lines.directions, weights, knots, rounded[1:]),),
    )
    points = ball_points(generator, 50_000, dimension, lines.symmetry)
    return family, float(max(family.error(sample).max(), family.error(points).max()))


class _Model:
    """V = features @ coefficients, with features (1, F_1, ..., F_J) of the lines."""

    def __init__(self, directions: Floats, weights: Floats, knots: Floats, edges: Floats) -> None:
        self._directions = directions
        self._weights = weights
        self._knots = knots
        self._edges = edges

    def features(self, points: Floats) -> Floats:
        """Return the features at `points` (n, d), shape (n, 1 + J)."""
        distance = np.abs(points @ self._directions.T)
        columns = [np.maximum(distance - knot, 0.0) @ self._weights for knot in self._knots]
        return np.stack([np.ones(points.shape[0]), *columns], axis=1)

    def parts(self, points: Floats) -> tuple[Floats, Floats]:
        """Return the lengths of each bin below and above the radius of each point, shape (n, m) each."""
        radius = np.sqrt((points * points).sum(axis=1))[:, None]
        widths = np.diff(self._edges)
        below: Floats = np.clip(radius - self._edges[:-1], 0.0, widths)
        return below, widths - below

    def error(self, points: Floats, coefficients: Floats) -> Floats:
        """Return E at `points`, shape (n,)."""
        below, above = self.parts(points)
        value = self.features(points) @ coefficients
        error: Floats = (below * np.abs(1 - value) + above * np.abs(value)).sum(axis=1)
        return error

    def fit(self, points: Floats, start: Floats | None, effort: Effort, budget: Budget, *, first: bool) -> Floats:
        """Return coefficients (1 + J, m) that nearly minimise max E over `points`."""
        # Imported late: scipy takes half a second, and shipped designs need no fit.
        from scipy.optimize import minimize

        below, above = self.parts(points)
        matrix = self.features(points)
        n, count = matrix.shape
        bins = below.shape[1]
        # An orthonormal basis of the features makes the problem well conditioned.
        orthonormal, triangle = np.linalg.qr(matrix)
        basis = orthonormal * np.sqrt(n)
        back = np.linalg.pinv(triangle / np.sqrt(n))
        widths = np.diff(self._edges)
        if start is None:
            current = basis.T @ (below > above) / n
        else:
            current = triangle / np.sqrt(n) @ start
        steps = ((8, 150), (24, 300), (100, effort.iterations)) if first else ((60, 200), (150, effort.iterations))
        for power, iterations in steps:
            smoothing = 0.3 / power

            def objective(flat: Floats, power: int = power, smoothing: float = smoothing) -> tuple[float, Floats]:
                budget.spend(0)
                value = basis @ flat.reshape(count, bins)
                to_one = np.sqrt((1 - value) ** 2 + smoothing**2)
                to_zero = np.sqrt(value**2 + smoothing**2)
                error = (below * to_one + above * to_zero).sum(axis=1)
                top = error.max()
                share = (error / top) ** (power - 1)
                mean = (share * error / top).mean()
                norm = top * mean ** (1 / power)
                pull = mean ** (1 / power - 1) / n * share
                slope = basis.T @ (pull[:, None] * (below * (value - 1) / to_one + above * value / to_zero))
                kinks = (back @ flat.reshape(count, bins))[1:]
                size = np.sqrt(kinks * kinks + 1.0)
                rough = effort.roughness * (widths * size).sum()
                slope += back[1:].T @ (effort.roughness * widths * kinks / size)
                return float(norm + rough), slope.ravel()

            options = {"maxiter": iterations, "maxcor": 30, "maxfun": 3 * iterations}
            current = minimize(objective, current.ravel(), jac=True, method="L-BFGS-B", options=options).x
            current = current.reshape(count, bins)
        result: Floats = back @ current
        return result
