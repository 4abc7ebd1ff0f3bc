"""Random points of the ball for fitting and for finding bad points; always seeded by the caller.

Errors of symmetric networks peak on the walls of the symmetry's chamber, which random points miss: a share of the
directions lies on walls (equal or vanishing coordinates), and a share of the points on the sphere itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def directions(generator: np.random.Generator, count: int, dimension: int, domain: str) -> Floats:
    """Return `count` unit vectors of the domain ("ball", "orthant" or "chamber"), some on its walls."""
    vectors = generator.normal(size=(count, dimension))
    if domain != "ball":
        vectors = np.abs(vectors)
        on_wall = generator.random((count, dimension)) < 0.15
        on_wall[:, 0] = False
        vectors = np.where(on_wall, 0.0, vectors)
    if domain == "chamber":
        vectors = -np.sort(-vectors, axis=1)
        for axis in range(1, dimension):
            tied = (generator.random(count) < 0.15) & (vectors[:, axis] > 0)
            vectors[tied, axis] = vectors[tied, axis - 1]
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    return unit


def ball_points(generator: np.random.Generator, count: int, dimension: int, domain: str) -> Floats:
    """Return `count` points of the ball's part in the domain, denser in the radius than uniform, some with norm 1."""
    radius = generator.random((count, 1)) ** (1.0 / min(dimension, 2))
    radius[generator.random(count) < 0.1] = 1.0
    points: Floats = directions(generator, count, dimension, domain) * radius
    return points
