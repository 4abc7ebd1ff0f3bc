"""Cubatures of the sphere that are exact only numerically: polygons, Lebedev's rules, products, polytopes, found ones.

Their vectors are generated in floating point and rounded to dyadic numbers; rule DEFECT of the kernel proves how far
the rounded ones are from exact.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from verify.kernel.cubature.defect import moment_defects
from verify.sphere.directions import LEBEDEV_DEGREES, one_per_line
from verify.sphere.numerical import found_lines, least_lines

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BITS = 53
MOST_LINES = 2500


@dataclass(frozen=True, eq=False)
class ListedCubature:
    """N lines with positive weights whose even moments up to degree 2k are those of the sphere, nearly.

    Attributes:
        name: what the lines are, such as "Lebedev 21".
        k: half the degree.
        vectors: integers over 2^BITS of norm at most 1, shape (N, d).
        weights: integers over 2^BITS, shape (N,), their sum 1.
    """

    name: str
    k: int
    vectors: Integers
    weights: Integers

    @property
    def lines(self) -> int:
        """Return the number of lines."""
        return len(self.vectors)

    @cached_property
    def defects(self) -> Floats:
        """Return the defects of the moments of degree 0, 2, ..., 2k that the kernel proves, shape (k + 1,)."""
        d = self.vectors.shape[1]
        vectors, weights = self.vectors.astype(object), self.weights.astype(object)
        exact = moment_defects(vectors, weights, d, self.k, BITS, BITS, "directions")
        return np.array([float(value) for value in exact])


def listed(d: int, k: int, *, fewer_than: int | None = None) -> ListedCubature | None:
    """Return the cubature with the fewest lines known here for moments up to degree 2k at least, None if none is.

    Args:
        fewer_than: None is as good as a cubature with that many lines or more.
    """
    found = [candidate for candidate in _known(d) if candidate.k >= k]
    product_lines = (k + 1) ** (d - 1)
    if all(candidate.lines > product_lines for candidate in found) and product_lines <= MOST_LINES and 2 <= d <= 6:
        found.append(product_rule(d, k))
    most = min([candidate.lines for candidate in found] + ([] if fewer_than is None else [fewer_than]), default=None)
    # Named cubatures, which are symmetric, win unless a search promises a tenth fewer lines.
    if d >= 3 and (most is None or 1.1 * least_lines(d, k) < most):
        numerical = _found(d, k)
        if numerical is not None:
            found.append(numerical)
    return min(found, key=lambda candidate: (candidate.lines, -candidate.k), default=None)


@cache
def _found(d: int, k: int) -> ListedCubature | None:
    lines = found_lines(d, k)
    return None if lines is None else _rounded(f"{len(lines[0])} lines found numerically", k, *lines)


@cache
def _known(d: int) -> tuple[ListedCubature, ...]:
    if d == 3:
        ten, six = dodecahedron(), icosahedron()
        both = _weighted("icosahedron and dodecahedron", 4, [six, ten])
        return (_rounded("icosahedron", 2, six, np.ones(6)), both, *(_lebedev(n) for n in LEBEDEV_DEGREES if n <= 35))
    if d == 4:
        sixty = hexacosichoron()
        dual = _dual_lines(sixty)
        return (
            _rounded("600-cell", 5, sixty, np.ones(len(sixty))),
            _weighted("600-cell and 120-cell", 9, [sixty, dual]),
        )
    return ()


@cache
def product_rule(d: int, k: int) -> ListedCubature:
    """Return the product of Gauss rules in hyperspherical coordinates: (k + 1)^(d - 1) lines, for every d >= 2.

    A point of the sphere of R^d is (t, sqrt(1 - t^2) y), y on the sphere of R^(d-1), with density (1 - t^2)^((d-3)/2);
    the circle has a regular polygon of 2k + 2 points, no vertex on an axis.
    """
    from scipy.special import roots_gegenbauer, roots_legendre

    angles = np.pi * (np.arange(2 * k + 2) + 0.5) / (k + 1)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    weights = np.ones(len(points))
    for dimension in range(3, d + 1):
        nodes, shares = roots_legendre(k + 1) if dimension == 3 else roots_gegenbauer(k + 1, dimension / 2 - 1)
        nodes = (nodes - nodes[::-1]) / 2  # symmetric to the last bit
        heights = np.repeat(nodes, len(points))
        around = np.tile(points, (len(nodes), 1)) * np.sqrt(1 - heights**2)[:, None]
        points = np.concatenate([heights[:, None], around], axis=1)
        weights = np.outer(shares, weights).ravel()
    keep = one_per_line(points)
    name = f"regular polygon with {2 * k + 2} vertices" if d == 2 else f"product of Gauss rules with {k + 1} nodes"
    return _rounded(name, k, points[keep], weights[keep])


def icosahedron() -> Floats:
    """Return the 6 lines through the vertices of the icosahedron."""
    golden = (1 + math.sqrt(5)) / 2
    return _cyclic([[0, 1, golden], [0, 1, -golden]])


def dodecahedron() -> Floats:
    """Return the 10 lines through the vertices of the dodecahedron."""
    golden = (1 + math.sqrt(5)) / 2
    cube = np.array([[1, a, b] for a in (1, -1) for b in (1, -1)])
    return np.concatenate([_cyclic([[0, golden, 1 / golden], [0, golden, -1 / golden]]), cube])


def hexacosichoron() -> Floats:
    """Return the 60 lines through the vertices of the 600-cell."""
    golden = (1 + math.sqrt(5)) / 2
    even = [p for p in itertools.permutations(range(4)) if np.linalg.det(np.eye(4)[list(p)]) > 0]
    signs = np.array(list(itertools.product((1, -1), repeat=4)))
    found = [*np.eye(4), *(signs / 2)]
    found += [row[list(p)] for row in np.unique(signs * [golden / 2, 0.5, 0.5 / golden, 0], axis=0) for p in even]
    vertices = np.array(found)
    return vertices[one_per_line(vertices)]


def _dual_lines(lines: Floats) -> Floats:
    """Return the lines through the centres of the cells of the 600-cell: the vertices of the 120-cell.

    A cell has four vertices with inner products cos(pi/5), the largest between different vertices.
    """
    vertices = np.concatenate([lines, -lines])
    near = np.abs(vertices @ vertices.T - math.cos(math.pi / 5)) < 1e-9
    centres = []
    for a in range(len(vertices)):
        around = [int(b) for b in np.flatnonzero(near[a]) if b > a]
        for b, c, e in itertools.combinations(around, 3):
            if near[b, c] and near[b, e] and near[c, e]:
                centres.append(vertices[[a, b, c, e]].sum(axis=0))
    units: Floats = np.array(centres) / np.linalg.norm(centres, axis=1)[:, None]
    return units[one_per_line(units)]


def _cyclic(rows: list[list[float]]) -> Floats:
    array = np.array(rows)
    return np.concatenate([array[:, order] for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0])])


def _lebedev(degree: int) -> ListedCubature:
    from scipy.integrate import lebedev_rule

    points, weights = lebedev_rule(degree)
    keep = one_per_line(points.T)
    return _rounded(f"Lebedev {degree}", (degree - 1) // 2, points.T[keep], weights[keep])


def _weighted(name: str, k: int, groups: list[Floats]) -> ListedCubature:
    """Return the union of two groups of lines, weighted such that the first moment in which each fails is right.

    Both are orbits of one reflection group; its invariants of lower degree agree on all orbits, so one equation
    `sum_i weight_i L(w_i . u) = 0` at one point u determines the ratio of the weights.
    """
    units = [group / np.linalg.norm(group, axis=1)[:, None] for group in groups]
    d = units[0].shape[1]
    degree = {3: 6, 4: 12}[d]
    values = [float(_zonal(d, degree, group @ units[0][0]).mean()) for group in units]
    masses = [values[1], -values[0]] if values[1] > 0 else [-values[1], values[0]]
    weights = [np.full(len(group), mass / len(group)) for group, mass in zip(units, masses, strict=True)]
    return _rounded(name, k, np.concatenate(units), np.concatenate(weights))


def _zonal(d: int, degree: int, inner: Floats) -> Floats:
    from scipy.special import eval_gegenbauer

    values: Floats = eval_gegenbauer(degree, d / 2 - 1, inner)
    return values


def _rounded(name: str, k: int, vectors: Floats, weights: Floats) -> ListedCubature:
    """Return the lines rounded to BITS bits, such that no norm exceeds 1 and the weights sum to 1."""
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    order = np.lexsort(np.round(units, 9).T[::-1])
    rows = np.rint(units[order] * 2.0**BITS).astype(np.int64).tolist()
    for row in rows:
        place = max(range(len(row)), key=lambda i: abs(row[i]))
        while sum(v * v for v in row) > 1 << (2 * BITS):
            row[place] -= 1 if row[place] > 0 else -1
    shares = np.rint(weights[order] / weights.sum() * 2.0**BITS).astype(np.int64)
    shares[np.argmax(shares)] += (1 << BITS) - int(shares.sum())
    return ListedCubature(name, k, np.array(rows, dtype=np.int64), shares)
