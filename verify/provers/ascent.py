"""Find points of the ball where an error is large: seeded sampling, then local ascent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from verify.sphere.sampling import ball_points

Floats = npt.NDArray[np.float64]


def climb(error: Callable[[Floats], Floats], dimension: int, domain: str) -> tuple[Floats, float]:
    """Maximise `error` (vectorised, float64) over the ball by random sampling and shrinking steps."""
    generator = np.random.default_rng(1)
    points = ball_points(generator, 60_000, dimension, domain)
    values = error(points)
    best = points[np.argsort(-values, kind="stable")[:200]]
    top = error(best)
    for step in 0.01 * 0.7 ** np.arange(30):
        moved = best[:, None, :] + step * generator.normal(size=(best.shape[0], 12, dimension))
        moved = moved.reshape(-1, dimension)
        moved /= np.maximum(np.linalg.norm(moved, axis=1), 1.0)[:, None]
        new = error(moved).reshape(best.shape[0], 12)
        choice = new.argmax(axis=1)
        rows = np.arange(best.shape[0])
        better = new[rows, choice] > top
        best = np.where(better[:, None], moved.reshape(best.shape[0], 12, dimension)[rows, choice], best)
        top = np.where(better, new[rows, choice], top)
    winner = int(top.argmax())
    return best[winner], float(top[winner])
