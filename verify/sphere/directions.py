"""Sets of lines through the origin with cubature weights, rounded to dyadic directions.

A set is given by one vector for each line and weights that sum to 1; it approximates the uniform measure of the sphere
up to some degree. Rounding comes first: constructions solve for output weights on the rounded directions, so nothing is
lost by it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DIRECTION_BITS = 12

# Degrees of Lebedev's rules on the sphere of R^3 with nonnegative weights.
LEBEDEV_DEGREES = (3, 5, 7, 9, 11, 15, 17, 19, 21, 23, 29, 31, 35, *range(41, 132, 6))


@dataclass(frozen=True)
class Lines:
    """M lines of R^d.

    Attributes:
        directions: integers / 2^DIRECTION_BITS, one vector for each line, shape (M, d); nearly unit vectors.
        weights: cubature weights, shape (M,), sum 1.
        symmetry: the largest group that keeps the weighted set: "chamber" (signed permutations), "orthant" or "ball".
    """

    directions: Integers
    weights: Floats
    symmetry: str

    @property
    def count(self) -> int:
        """The number of lines."""
        return int(self.directions.shape[0])


def from_vectors(vectors: Floats, weights: Floats, symmetry: str) -> Lines:
    """Return lines through unit `vectors` (M, d), one for each line, rounded to dyadics."""
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    order = np.lexsort(np.round(units, 9).T[::-1])
    rounded = np.rint(units[order] * (1 << DIRECTION_BITS)).astype(np.int64)
    return Lines(rounded, weights[order] / weights.sum(), symmetry)


def one_per_line(vectors: Floats) -> npt.NDArray[np.bool_]:
    """Return which of the antipodal `vectors` to keep: those whose first nonzero entry is positive."""
    scaled = np.where(np.abs(vectors) > 1e-9, vectors, 0.0)
    first = (scaled != 0).argmax(axis=1)
    keep: npt.NDArray[np.bool_] = np.take_along_axis(scaled, first[:, None], axis=1)[:, 0] > 0
    return keep


def polygon(count: int) -> Lines:
    """Return `count` equispaced lines of the plane, at angles pi (i + 1/2) / count (exact to degree 2 count - 1)."""
    angles = np.pi * (np.arange(count) + 0.5) / count
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    symmetry = "chamber" if count % 2 == 0 else "orthant"
    return from_vectors(vectors, np.ones(count), symmetry)


def lebedev(degree: int) -> Lines:
    """Return the lines of Lebedev's rule of this odd degree on the sphere of R^3."""
    # scipy is imported late: it takes half a second, and shipped designs do not need it.
    from scipy.integrate import lebedev_rule

    points, weights = lebedev_rule(degree)
    vectors = points.T
    keep = one_per_line(vectors)
    return from_vectors(vectors[keep], weights[keep], "chamber")


def orbit(vector: Sequence[int]) -> Floats:
    """Return the orbit of `vector` under signed permutations, one vector for each line."""
    images = {
        tuple(sign * vector[k] for sign, k in zip(signs, order, strict=True))
        for order in itertools.permutations(range(len(vector)))
        for signs in itertools.product((1, -1), repeat=len(vector))
    }
    array = np.array(sorted(images), dtype=np.float64)
    return array[one_per_line(array)]


def orbits(vectors: Sequence[Sequence[int]], degree: int) -> Lines:
    """Return the union of orbits with nonnegative weights that fit the uniform measure up to `degree`.

    The weights minimise the defects D_k = sum_ij lambda_i lambda_j L_k(w_i . w_j), k = 2, 4, ..., by nonnegative
    least squares; orbits of weight zero are dropped.
    """
    from scipy.optimize import nnls

    dimension = len(vectors[0])
    groups = [orbit(vector) for vector in vectors]
    units = [group / np.linalg.norm(group, axis=1)[:, None] for group in groups]
    rows, target = [np.ones(len(units))], [1.0]
    for k in range(2, degree + 1, 2):
        kernel = np.array([[_zonal(dimension, k, u @ v.T).mean() for v in units] for u in units])
        values, basis = np.linalg.eigh(kernel)
        for value, column in zip(values, basis.T, strict=True):
            if value > 1e-12:
                rows.append(np.sqrt(value) * column)
                target.append(0.0)
    scale = np.array([100.0] + [1.0] * (len(rows) - 1))
    shares, _ = nnls(np.array(rows) * scale[:, None], np.array(target) * scale)
    used = [i for i, share in enumerate(shares) if share > 1e-9]
    return from_vectors(
        np.concatenate([groups[i] for i in used]),
        np.concatenate([np.full(len(groups[i]), shares[i] / len(groups[i])) for i in used]),
        "chamber",
    )


@functools.cache
def candidates(dimension: int) -> tuple[Lines, ...]:
    """Return line sets of R^dimension, fewest lines first, for constructions to choose from."""
    if dimension == 1:
        return (Lines(np.array([[1 << DIRECTION_BITS]]), np.ones(1), "orthant"),)
    if dimension == 2:
        return tuple(polygon(count) for count in (2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64, 80, 96, 128))
    if dimension == 3:
        corners = ((1, 0, 0), (1, 1, 0), (1, 1, 1))
        golden = (1 + 5**0.5) / 2
        icosahedron = np.array([[0, 1, golden], [0, 1, -golden]])
        dodecahedron = np.array([[0, 1 / golden, golden], [0, 1 / golden, -golden]])
        cyclic = [[0, 1, 2], [2, 0, 1], [1, 2, 0]]
        six = np.concatenate([icosahedron[:, order] for order in cyclic])
        ten = np.concatenate([dodecahedron[:, order] for order in cyclic] + [_signs3()])
        small = (
            from_vectors(six, np.ones(6), "orthant"),
            from_vectors(ten, np.ones(10), "orthant"),
            orbits(corners, 6),
            orbits(((1, 0, 0), (2, 1, 1)), 6),
        )
        return (*small, *(lebedev(degree) for degree in LEBEDEV_DEGREES if 9 <= degree <= 59))
    base = [(1,) * ones + (0,) * (dimension - ones) for ones in range(1, dimension + 1)]
    twos = [(2,) + (1,) * ones + (0,) * (dimension - 1 - ones) for ones in range(1, dimension)]
    threes = [(3,) + (1,) * ones + (0,) * (dimension - 1 - ones) for ones in range(1, dimension)]
    mixed = [(2, 2) + (1,) * ones + (0,) * (dimension - 2 - ones) for ones in range(1, dimension - 1)]
    found = [orbits(base[:2], 4), orbits([base[0], base[-1]], 4), orbits(base, 6)]
    for extra, degree in ((twos, 8), (twos + threes, 10), (twos + threes + mixed, 12)):
        found.append(orbits(base + extra, degree))
    unique = {lines.count: lines for lines in found}
    return tuple(unique[count] for count in sorted(unique))


def _signs3() -> Floats:
    """Return the four lines through the vertices of the cube."""
    return np.array([[1, a, b] for a in (1.0, -1.0) for b in (1.0, -1.0)])


def _zonal(dimension: int, degree: int, inner: Floats) -> Floats:
    """Return the Legendre polynomial L_degree of the sphere of R^dimension, normalised to 1 at 1."""
    order = dimension / 2 - 1
    from scipy.special import eval_gegenbauer

    values: Floats = eval_gegenbauer(degree, order, inner) / eval_gegenbauer(degree, order, 1.0)
    return values
