"""Depth-3 ReLU networks for radial targets, with few neurons and small weights.

N(x) = q(p(x_1) + ... + p(x_d)): p(t) is a piecewise linear approximation of t^2 and q one of the target as a function
of |x|^2. Both are minimum-link paths in a corridor: p between (1 - C) t^2 - A and (1 + C) t^2 + A, where the free ratio
C/A lets the error grow where few coordinates can be large; q between the bounds that the target and the uncertainty
of the sum leave it. What results is proved by rule "radial depth 3" (docs/rules/sup_norm.md).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from verify.errors import Inconclusive
from verify.kernel.sup_norm.radial_depth3 import Hinges, RadialDepth3, SquareBand
from verify.provers.path_norm import Function

FloatArray = npt.NDArray[np.float64]

BITS = 44
_STARTS = 48


@dataclass(frozen=True)
class InnerSquare:
    """Knots of an even piecewise linear p with |p(t) - t^2| <= constant + growth t^2 on [-1, 1], in floats."""

    knots: tuple[float, ...]
    constant: float
    growth: float


def square_zigzag(constant: float, growth: float) -> list[float]:
    """Return the knots in [0, 1) of the minimum-link even path between (1 -+ growth) t^2 -+ constant.

    It starts flat at height `constant` and bounces: each line touches the upper parabola and ends on the lower one.
    """
    low, high = 1 - growth, 1 + growth
    knot = math.sqrt(2 * constant / low)
    knots: list[float] = []
    while knot < 1 and len(knots) < 20_000:
        knots.append(knot)
        height = low * knot * knot - constant
        touch = knot + math.sqrt(knot * knot + (constant - height) / high)
        # The line of slope 2 high touch meets the lower parabola in two points of sum slope / low.
        knot = 2 * high * touch / low - knot
    return knots


@functools.lru_cache(maxsize=4096)
def best_square(dimension: int, count: int) -> InnerSquare:
    """Return the p with `count` positive knots of least total uncertainty d constant + growth of sum_i p(x_i)."""
    best: tuple[float, float, float] | None = None
    for ratio in (0.0, *np.geomspace(0.05, 60, 30).tolist()):
        low, high = 0.0, 0.5 / max(1.0, ratio)
        for _ in range(40):
            constant = (low + high) / 2
            if len(square_zigzag(constant, ratio * constant)) <= count:
                high = constant
            else:
                low = constant
        total = (dimension + ratio) * high
        if best is None or total < best[0]:
            best = (total, high, ratio * high)
    assert best is not None
    # A hair wider, so that rounding cannot break the band.
    constant, growth = best[1] * (1 + 1e-9) + 1e-12, best[2] * (1 + 1e-9)
    return InnerSquare(tuple(square_zigzag(constant, growth)), constant, growth)


@dataclass(frozen=True)
class Corridor:
    """Where q may run: lower <= q <= upper at the places `sums`."""

    sums: FloatArray
    lower: FloatArray
    upper: FloatArray

    def open(self) -> bool:
        """Return whether the corridor is nowhere closed."""
        return bool(np.all(self.lower <= self.upper))

    def widened(self, by: float) -> Corridor:
        """Return the corridor with both walls moved outwards."""
        return Corridor(self.sums, self.lower - by, self.upper + by)


def corridor(
    dimension: int, phi: Function, epsilon: float, square: InnerSquare, *, points: int | None = None
) -> Corridor:
    """Return the corridor for q: within epsilon of phi(r) for every r that the sum S may come from.

    Args:
        points: places at which it is computed; the default follows the oscillations of phi.
    """
    spread = dimension * square.constant
    points = points or _resolution(phi, square)
    squares = np.linspace(0.0, 1.0, points)
    values = phi(np.sqrt(squares))
    sums = np.linspace(-spread, 1 + square.growth + spread, points)
    first = np.clip((sums - spread) / (1 + square.growth), 0.0, 1.0)
    last = np.clip((sums + spread) / (1 - square.growth), 0.0, 1.0)
    i = np.floor(first * (points - 1)).astype(int)
    j = np.ceil(last * (points - 1)).astype(int)
    return Corridor(sums, _range_maximum(values, i, j) - epsilon, epsilon - _range_maximum(-values, i, j))


def _resolution(phi: Function, square: InnerSquare) -> int:
    turns = np.diff(phi(np.sqrt(np.linspace(0.0, 1.0, 20001))))
    oscillations = int(np.count_nonzero(turns[1:] * turns[:-1] < 0)) + 1
    return max(2000, 128 * oscillations)


def _range_maximum(values: FloatArray, i: npt.NDArray[np.int64], j: npt.NDArray[np.int64]) -> FloatArray:
    """Return max(values[i..j]) elementwise, by a sparse table."""
    table = [values]
    width = 1
    while 2 * width <= len(values):
        row = table[-1]
        table.append(np.maximum(row[:-width], row[width:]))
        width *= 2
    level = np.floor(np.log2(j - i + 1)).astype(int)
    result = np.empty(len(i))
    for k in np.unique(level):
        here = level == k
        row = table[k]
        result[here] = np.maximum(row[i[here]], row[j[here] - (1 << int(k)) + 1])
    return result


Path = list[tuple[float, float]]


def minimum_link_path(tube: Corridor, most: int, *, flat_start: bool, starts_tried: int = _STARTS) -> Path | None:
    """Return the vertices of a path through the corridor with as few links as possible, or None if more than `most`.

    Greedy (Suri 1986): from `starts_tried` points of the last line, take the line that reaches farthest.
    """
    x, low, high = tube.sums, tube.lower, tube.upper
    end = len(x) - 1
    if flat_start:
        roof, floor = np.minimum.accumulate(high), np.maximum.accumulate(low)
        reach = int(np.flatnonzero(floor <= roof)[-1])
        height = float((floor[reach] + roof[reach]) / 2)
        starts = np.linspace(x[0], x[reach], starts_tried)[1:]
        heights = np.full(len(starts), height)
        path: Path = [(float(x[0]), height)]
        slope_here = 0.0
        if reach == end:
            return [*path, (float(x[end]), height)]
    else:
        starts = np.full(starts_tried, x[0])
        heights = np.linspace(low[0], high[0], starts_tried)
        path = []
    span = 64
    while len(path) <= most:
        start, height, reach, slope = _farthest(x, low, high, starts, heights, span)
        span = max(16, int(1.3 * (reach - np.searchsorted(x, starts[0]))))
        path.append((start, height))
        if reach == end:
            path.append((float(x[end]), height + slope * (float(x[end]) - start)))
            return path
        if x[reach] <= start:
            return None
        slope_here = slope
        starts = np.linspace(start, x[reach], starts_tried + 1)[1:]
        heights = height + slope_here * (starts - start)
    return None


def _farthest(
    x: FloatArray, low: FloatArray, high: FloatArray, starts: FloatArray, heights: FloatArray, span: int
) -> tuple[float, float, int, float]:
    """Return the start, its height, the last grid index reached and the slope of the farthest-reaching line.

    Args:
        span: about how many places ahead to look first.
    """
    end = len(x) - 1
    first = np.searchsorted(x, starts, side="right")
    while True:
        columns = first[:, None] + np.arange(span)
        inside = columns <= end
        columns = np.minimum(columns, end)
        run = np.maximum(x[columns] - starts[:, None], 1e-300)
        steepest = np.where(inside, (high[columns] - heights[:, None]) / run, np.inf)
        flattest = np.where(inside, (low[columns] - heights[:, None]) / run, -np.inf)
        steepest = np.minimum.accumulate(steepest, axis=1)
        flattest = np.maximum.accumulate(flattest, axis=1)
        good = (flattest <= steepest).sum(axis=1)
        reach = np.minimum(first + good - 1, end)
        choice = int(np.lexsort((starts, reach))[-1])
        if reach[choice] == end or good[choice] < span:
            place = max(0, int(good[choice]) - 1)
            slope = float(flattest[choice, place] + steepest[choice, place]) / 2
            if not math.isfinite(slope):
                slope = 0.0
            return float(starts[choice]), float(heights[choice]), int(reach[choice]), slope
        span *= 2


@dataclass(frozen=True)
class Depth3Design:
    """An exact network with the band of its inner function."""

    network: RadialDepth3
    band: SquareBand


def build(
    dimension: int,
    phi: Function,
    epsilon: float,
    weight_bound: Fraction,
    *,
    most: int = 20_000,
    inner: int | None = None,
) -> Depth3Design:
    """Return a network of at most `most` neurons within about epsilon of phi(|x|), with as few neurons as it finds.

    Args:
        inner: kinks of the square on each half axis; None tries several numbers.
    """
    best: tuple[int, InnerSquare, Path] | None = None
    misses = 0
    count = _first_open(dimension, phi, epsilon, most) if inner is None else inner
    while 2 * dimension * count < (best[0] if best else most):
        square = best_square(dimension, count)
        limit = (best[0] if best else most) - 2 * dimension * count
        path = _shortest(corridor(dimension, phi, epsilon, square), limit)
        if path is not None:
            total = 2 * dimension * len(square.knots) + _outer_neurons(path)
            if best is None or total < best[0]:
                best, misses = (total, square, path), 0
            else:
                misses += 1
        elif best is not None:
            misses += 1
        if misses > 3 or inner is not None:
            break
        count += 1
    if best is not None:
        scales = (_scales(weight_bound, second) for second in (range(-6, 9) if weight_bound < 1 else range(1)))
        designs = [_exact(dimension, best[1], best[2], weight_bound, pair) for pair in scales]
        design = min(designs, key=lambda design: design.network.neurons())
        if design.network.neurons() <= most:
            return design
    raise Inconclusive(f"no depth-3 network of at most {most} neurons found; raise --eps or the budget")


def _first_open(dimension: int, phi: Function, epsilon: float, most: int) -> int:
    """Return the least number of inner knots for which the corridor is open (at most about most / 2d)."""
    low, high = 0, 1
    while 2 * dimension * high < most and not corridor(dimension, phi, epsilon, best_square(dimension, high)).open():
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if corridor(dimension, phi, epsilon, best_square(dimension, middle)).open():
            high = middle
        else:
            low = middle
    return high


def _shortest(tube: Corridor, most: int) -> Path | None:
    if not tube.open():
        return None
    paths = [path for flat in (False, True) if (path := minimum_link_path(tube, most, flat_start=flat)) is not None]
    return min(paths, key=_outer_neurons, default=None)


def _outer_neurons(path: Path) -> int:
    """Return one neuron for each kink, and one for the first slope unless it is 0."""
    flat = path[0][1] == path[1][1]
    return len(path) - 2 + (0 if flat else 1)


def _scales(weight_bound: Fraction, exponent: int) -> tuple[Fraction, Fraction]:
    """Return the scales of both layers: input weights of 1 need the bound 1, smaller bounds smaller ones."""
    return min(Fraction(1), weight_bound), Fraction(2) ** exponent


def _exact(
    dimension: int, square: InnerSquare, path: Path, weight_bound: Fraction, scales: tuple[Fraction, Fraction]
) -> Depth3Design:
    # What the hinges' coefficients may be before the scales: a larger one is shared by several neurons.
    inner_bound, outer_bound = weight_bound * scales[0] / scales[1], weight_bound * scales[1]

    def dyadic(value: float) -> Fraction:
        return Fraction(round(value * 2**BITS), 1 << BITS)

    knots = [dyadic(knot) for knot in square.knots]
    low = 1 - square.growth
    heights = [square.constant, *(low * knot * knot - square.constant for knot in square.knots[1:])]
    # The last line touches the upper parabola beyond its knot.
    last = square.knots[-1]
    touch = last + math.sqrt(last * last + (square.constant - heights[-1]) / (1 + square.growth))
    slopes = [(b - a) / (t - s) for (s, a), (t, b) in pairwise(zip(square.knots, heights, strict=True))]
    inner = _hinges(dyadic(square.constant), knots, [0.0, *slopes, 2 * (1 + square.growth) * touch], inner_bound)
    rises = [(b - a) / (t - s) for (s, a), (t, b) in pairwise(path)]
    flat = path[0][1] == path[1][1]
    kinks = [dyadic(s) for s, _ in path[1:-1]]
    if flat:
        outer = _hinges(dyadic(path[0][1]), kinks, rises, outer_bound)
    else:
        outer = _hinges(dyadic(path[0][1]), [dyadic(path[0][0]), *kinks], [0.0, *rises], outer_bound)
    margin = Fraction(1, 1 << 30)
    pair = (Fraction(square.constant) + margin, Fraction(square.growth) + margin)
    rounded = tuple(Fraction(math.ceil(value * 2**40), 1 << 40) for value in pair)
    return Depth3Design(
        RadialDepth3(dimension, inner, outer, scales), SquareBand((rounded[0], rounded[1]), (rounded[0], rounded[1]))
    )


def _hinges(offset: Fraction, knots: list[Fraction], slopes: list[float], weight_bound: Fraction) -> Hinges:
    """Return the hinge sum with these slopes; a coefficient beyond the weight bound is shared by equal neurons."""
    exact = [Fraction(round(slope * 2**BITS), 1 << BITS) for slope in slopes]
    # Parts are rounded to BITS places: leave a unit where the bound itself is not such a number.
    bound = weight_bound - (Fraction(1, 1 << BITS) if (1 << BITS) % weight_bound.denominator else 0)
    places: list[Fraction] = []
    coefficients: list[Fraction] = []
    for knot, (before, after) in zip(knots, pairwise(exact), strict=True):
        jump = after - before
        shares = max(1, math.ceil(abs(jump) / bound))
        for share in range(shares):
            # Dyadic parts whose sum is the jump.
            part = Fraction((jump.numerator * (share + 1) // shares) - (jump.numerator * share // shares))
            places.append(knot)
            coefficients.append(part / jump.denominator)
    return Hinges(offset, tuple(places), tuple(coefficients))
