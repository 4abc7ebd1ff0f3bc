"""Small depth-2 networks near a radial function, by minimax training: restarts, symmetric networks, pruning.

The sup norm of the error on sample points is approached through p-norms with growing p (L-BFGS); points where the error
is large join the sample. Then the hidden layer is rounded to dyadic numbers and the output weights are solved for by
linear programming, so that rounding costs nothing. Everything is seeded. Half of the runs train networks with a group
of symmetries (neuron_orbits.py): fewer parameters, so wide networks are found as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from verify.constructions.minimax import minimax
from verify.constructions.neuron_orbits import Pattern, random_pattern
from verify.errors import Inconclusive
from verify.networks.depth2 import Depth2Network
from verify.progress import Budget, Progress
from verify.provers.ascent import ascend, climb
from verify.sphere.directions import DIRECTION_BITS, candidates
from verify.sphere.sampling import ball_points

Floats = npt.NDArray[np.float64]

HIDDEN_BITS = 18
OUTPUT_BITS = 30
# The cover needs some slack: errors on samples must stay below this share of epsilon.
ROOM = 0.985
# p-norms and iterations of one training run.
SCHEDULE = ((4, 60), (12, 100), (40, 200), (120, 200), (300, 250))
POLISH = ((40, 100), (120, 200), (300, 250))
WIDEST = 400
# Wider networks are trained with symmetries only; those may be narrower than asked for by this factor.
MOST_FREE = 120
NARROWER = 0.9
# Bad points that join the sample at a time.
WORST = 200
COARSE = (0.02, 0.01, 0.005, 0.0025, 0.00125)
FINE = (0.02, 0.012, 0.007, 0.004, 0.002, 0.001, 0.0005)


@dataclass(frozen=True)
class Minimal:
    """A small network with dyadic weights and the largest error found on samples."""

    network: Depth2Network
    error: float


def smallest_network(
    dimension: int,
    knots: Floats,
    values: Floats,
    epsilon: Fraction,
    *,
    tries: int,
    seed: int,
    first: int | None = None,
    budget: Budget,
    progress: Progress,
) -> Minimal:
    """Return the narrowest network found whose sampled error is below ROOM * epsilon.

    Args:
        knots, values: the profile as a piecewise linear function on [0, 1].
        tries: training runs at each width before the search gives it up.
        first: the width to try first (default: one more than the dimension).

    Raises:
        Inconclusive: no width up to `WIDEST` was reached within the budget.
    """
    search = _Search(dimension, knots, values, ROOM * float(epsilon), np.random.default_rng(seed))
    middle = 0.5 * float(values.max() + values.min())
    if 0.5 * float(values.max() - values.min()) <= search.goal:
        constant = Fraction(round(middle * 2**20), 2**20)
        return Minimal(Depth2Network.from_rationals([], [], [], constant, dimension), float(values.max()) - middle)
    best: tuple[_Weights, Minimal] | None = None
    width = first or dimension + 1
    while best is None:
        # Upward in large steps, until some width succeeds.
        progress.stage(f"training networks of width {width}")
        best = search.attempt(width, max(2, tries // 4), None, budget)
        # Errors fall about like width^(-1.5): far from the goal, larger steps.
        growth = min(max(1.2, (search.closest / search.goal) ** 0.6), 2.0)
        width = max(width + 1, int(width * growth))
        if best is None and width > WIDEST:
            raise Inconclusive(f"no network of at most {WIDEST} neurons was found; raise --eps")
    while best[0].width > 1:
        progress.stage(f"width {best[1].network.width} found; training networks of width {best[0].width - 1}")
        try:
            better = search.attempt(best[0].width - 1, tries, best[0], budget)
        except Inconclusive:
            break
        if better is None:
            break
        best = better
    return best[1]


@dataclass(frozen=True)
class _Weights:
    """The float64 parameters of a network under training: weights (n, d), biases (n,), outputs (n,), constant."""

    weights: Floats
    biases: Floats
    outputs: Floats
    constant: float

    @property
    def width(self) -> int:
        return int(self.outputs.size)

    @staticmethod
    def from_flat(flat: Floats, dimension: int) -> _Weights:
        n = (flat.size - 1) // (dimension + 2)
        rest = flat[n * dimension :]
        return _Weights(flat[: n * dimension].reshape(n, dimension), rest[:n], rest[n:-1], float(rest[-1]))

    def flat(self) -> Floats:
        return np.concatenate([self.weights.ravel(), self.biases, self.outputs, [self.constant]])

    def value(self, points: Floats) -> Floats:
        result: Floats = np.maximum(points @ self.weights.T + self.biases, 0.0) @ self.outputs + self.constant
        return result

    def without(self, index: int) -> _Weights:
        keep = np.arange(self.width) != index
        return _Weights(self.weights[keep], self.biases[keep], self.outputs[keep], self.constant)


class _Search:
    def __init__(
        self, dimension: int, knots: Floats, values: Floats, goal: float, generator: np.random.Generator
    ) -> None:
        self.dimension = dimension
        self.goal = goal
        # The smallest error of the last attempt.
        self.closest = goal
        self._knots, self._values = knots, values
        self._generator = generator

    def target(self, points: Floats) -> Floats:
        """Return phi(|x|) at points (n, d)."""
        result: Floats = np.interp(np.sqrt((points * points).sum(axis=1)), self._knots, self._values)
        return result

    def attempt(
        self, width: int, tries: int, wider: _Weights | None, budget: Budget
    ) -> tuple[_Weights, Minimal] | None:
        """Train networks of this width until one is good enough, at most `tries` times."""
        best: tuple[float, _Weights] | None = None
        for start, schedule, pattern in self._starts(width, tries, wider):
            budget.spend(0)
            trained, error = self._train(start, schedule, pattern)
            if error <= 1.02 * self.goal:
                finished = self._finish(trained, pattern)
                if finished.error <= self.goal:
                    return trained, finished
            if best is None or error < best[0]:
                best = error, trained
        self.closest = best[0] if best is not None else self.goal
        # The best run, shaken.
        for _ in range(tries // 2 if best is not None else 0):
            budget.spend(0)
            assert best is not None
            trained, error = self._train(self._shaken(best[1]), POLISH, None)
            if error <= 1.02 * self.goal:
                finished = self._finish(trained, None)
                if finished.error <= self.goal:
                    return trained, finished
            if error < best[0]:
                best = error, trained
        return None

    def _starts(
        self, width: int, tries: int, wider: _Weights | None
    ) -> Iterator[tuple[_Weights, tuple[tuple[int, int], ...], Pattern | None]]:
        """Yield starting points: the wider network pruned, known line sets, random symmetric networks and neurons."""
        if wider is not None:
            points = ball_points(self._generator, 4000, self.dimension, "ball")
            hidden = np.maximum(points @ wider.weights.T + wider.biases, 0.0)
            # A neuron's own variation that the others cannot take over by their linear span.
            loss = np.abs(wider.outputs) * np.linalg.norm(hidden - hidden.mean(axis=0), axis=0)
            for index in np.argsort(loss)[: max(2, tries // 4)]:
                yield wider.without(int(index)), POLISH, None
        for lines in candidates(self.dimension):
            if width - 1 <= lines.count <= width:
                yield self._from_lines(lines.directions / 2.0**DIRECTION_BITS, lines.weights), SCHEDULE, None
        for turn in range(tries):
            pattern = None
            if turn % 2 == 0 or width > MOST_FREE:
                pattern = random_pattern(self._generator, self.dimension, int(NARROWER * width), width)
            if pattern is not None:
                yield _Weights.from_flat(pattern.basis @ pattern.start, self.dimension), SCHEDULE, pattern
            else:
                yield self._random(width), SCHEDULE, None

    def _random(self, width: int) -> _Weights:
        g = self._generator
        weights = g.normal(size=(width, self.dimension))
        weights /= np.linalg.norm(weights, axis=1)[:, None]
        biases = -np.maximum(g.uniform(-0.3, 0.7, width), 0.0)
        return _Weights(weights, biases, np.full(width, 2.0 / width), 0.1)

    def _from_lines(self, directions: Floats, shares: Floats) -> _Weights:
        """Return sum of |w . x| up to a small linear part: each line's sign is chosen against the sum so far."""
        signed = directions.copy()
        total = np.zeros(self.dimension)
        for index, row in enumerate(signed):
            if total @ row > 0:
                signed[index] = -row
            total += shares[index] * signed[index]
        mean = np.abs(directions @ directions[0]).mean()
        return _Weights(signed, np.zeros(shares.size), 2.0 * shares / mean, 0.0)

    def _shaken(self, weights: _Weights) -> _Weights:
        g = self._generator
        size = 10.0 ** g.uniform(-2, -0.5)
        return _Weights(
            weights.weights + size * g.normal(size=weights.weights.shape),
            weights.biases + size * g.normal(size=weights.width),
            weights.outputs,
            weights.constant,
        )

    def _train(
        self, start: _Weights, schedule: tuple[tuple[int, int], ...], pattern: Pattern | None
    ) -> tuple[_Weights, float]:
        """Return the trained network, within the pattern's symmetry, and its largest error on fresh points."""
        count = 600 * self.dimension + 10 * start.width
        points = ball_points(self._generator, count, self.dimension, "ball")
        points[0] = 0.0
        current = start
        for power, iterations in schedule:
            current = self._descend(current, points, power, iterations, pattern)
            fresh = ball_points(self._generator, 4 * count, self.dimension, "ball")
            worst, error = self._worst(current, fresh)
            points = np.concatenate([points, worst])
        return current, float(error.max())

    def _worst(self, weights: _Weights, points: Floats) -> tuple[Floats, Floats]:
        """Return points of large error near the worst of `points`, and the errors there."""

        def error(where: Floats) -> Floats:
            result: Floats = np.abs(weights.value(where) - self.target(where))
            return result

        first = points[np.argsort(-error(points), kind="stable")[:WORST]]
        return ascend(error, first, COARSE, self._generator)

    def _descend(
        self, start: _Weights, points: Floats, power: int, iterations: int, pattern: Pattern | None
    ) -> _Weights:
        d = self.dimension
        target = self.target(points)

        def objective(free: Floats) -> tuple[float, Floats]:
            now = _Weights.from_flat(free if pattern is None else pattern.basis @ free, d)
            inner = points @ now.weights.T + now.biases
            active = inner > 0
            hidden = inner * active
            error = hidden @ now.outputs + now.constant - target
            size = np.abs(error)
            top = float(size.max()) or 1e-300
            share = (size / top) ** (power - 1)
            mean = float((share * size).mean()) / top
            pull = mean ** (1 / power - 1) / target.size * share * np.sign(error)
            back = pull[:, None] * active
            slope = (back.T @ points) * now.outputs[:, None]
            gradient = np.concatenate([slope.ravel(), back.sum(axis=0) * now.outputs, pull @ hidden, [pull.sum()]])
            return top * mean ** (1 / power), gradient if pattern is None else gradient @ pattern.basis

        options = {"maxiter": iterations, "maxcor": 20}
        begin = start.flat() if pattern is None else np.linalg.lstsq(pattern.basis, start.flat(), rcond=None)[0]
        found = minimize(objective, begin, jac=True, method="L-BFGS-B", options=options).x
        return _Weights.from_flat(found if pattern is None else pattern.basis @ found, d)

    def _finish(self, trained: _Weights, pattern: Pattern | None) -> Minimal:
        """Round the hidden layer, solve for the outputs by linear programming, and look for the largest error."""
        scale = np.maximum(np.sqrt((trained.weights**2).sum(axis=1)), 1e-9)
        unit = float(1 << HIDDEN_BITS)
        weights = np.rint(trained.weights / scale[:, None] * unit) / unit
        biases = np.rint(trained.biases / scale * unit) / unit

        def features(points: Floats) -> Floats:
            hidden = np.maximum(points @ weights.T + biases, 0.0)
            return np.concatenate([hidden, np.ones((points.shape[0], 1))], axis=1)

        sums = np.eye(trained.width + 1)
        if pattern is not None:
            sums = np.block([[pattern.sums, np.zeros((trained.width, 1))], [np.zeros(pattern.sums.shape[1]), 1.0]])
        pool = ball_points(self._generator, 20_000, self.dimension, "ball")
        pool[0] = 0.0
        matrix, target = features(pool), self.target(pool)
        outputs = np.append(trained.outputs * scale, trained.constant)
        level = 0.0
        rows, goals = np.zeros((0, sums.shape[1])), np.zeros(0)
        for _ in range(10):
            worst = np.argsort(-np.abs(matrix @ outputs - target), kind="stable")[: 6 * sums.shape[1] + 100]

            def misfit(points: Floats, outputs: Floats = outputs) -> Floats:
                result: Floats = np.abs(features(points) @ outputs - self.target(points))
                return result

            places, errors = ascend(misfit, pool[worst], FINE, self._generator)
            if goals.size and errors.max() <= level * (1 + 1e-3):
                break
            # Equal outputs stay equal.
            rows = np.concatenate([rows, features(places) @ sums])
            goals = np.concatenate([goals, self.target(places)])
            found, level = minimax(rows, goals)
            outputs = sums @ found
            if level > self.goal:
                break
        grain = 1 << OUTPUT_BITS
        network = Depth2Network.from_rationals(
            [[Fraction(float(w)) for w in row] for row in weights],
            [Fraction(float(b)) for b in biases],
            [Fraction(round(float(a) * grain), grain) for a in outputs[:-1]],
            Fraction(round(float(outputs[-1]) * grain), grain),
            self.dimension,
        ).simplified()
        _, top = climb(lambda x: np.abs(network.evaluate(x) - self.target(x)), self.dimension, "ball")
        return Minimal(network, top)
