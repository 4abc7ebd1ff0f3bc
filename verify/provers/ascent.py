"""Find points of the ball where an error is large: seeded sampling, then local ascent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from verify.sphere.sampling import ball_points

Floats = npt.NDArray[np.float64]

# Points sampled, and points from which the ascent starts; in low dimensions a few are often enough.
THOROUGH = (60_000, 200)
QUICK = (6_000, 30)


def climb(
    error: Callable[[Floats], Floats], dimension: int, domain: str, effort: tuple[int, int] = THOROUGH
) -> tuple[Floats, float]:
    """Maximise `error` (vectorised, float64) over the ball by random sampling and shrinking steps."""
    generator = np.random.default_rng(1)
    count, starts = effort
    points = ball_points(generator, count, dimension, domain)
    values = error(points)
    least = np.partition(values, count - starts)[count - starts]
    largest = np.flatnonzero(values >= least)
    best = points[largest[np.argsort(-values[largest], kind="stable")[:starts]]]
    best, top = ascend(error, best, (0.01 * 0.7 ** np.arange(30)).tolist(), generator)
    winner = int(top.argmax())
    return best[winner], float(top[winner])


def ascend(
    error: Callable[[Floats], Floats], points: Floats, steps: Iterable[float], generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move points (n, d) of the ball to where `error` is larger, by random steps of these sizes.

    Returns:
        The points moved, and `error` there.
    """
    count, dimension = points.shape
    best, top = points, error(points)
    for step in steps:
        moved = best[:, None, :] + step * generator.normal(size=(count, 12, dimension))
        moved = moved.reshape(-1, dimension)
        moved /= np.maximum(np.linalg.norm(moved, axis=1), 1.0)[:, None]
        new = error(moved).reshape(count, 12)
        choice = new.argmax(axis=1)
        rows = np.arange(count)
        better = new[rows, choice] > top
        best = np.where(better[:, None], moved.reshape(count, 12, dimension)[rows, choice], best)
        top = np.where(better, new[rows, choice], top)
    return best, top
