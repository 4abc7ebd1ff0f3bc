"""Float64 bounds of the universal error E on boxes: the search's counterpart of kernel rule FAMILY.

Same mathematics as the rule (docs/rules/cover.md), written independently for speed; every rounding error of float64
is paid for with Higham's constants, so the bounds are rigorous by themselves. Nothing here is believed by the kernel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from verify.kernel.cover.family import FamilyBound, read_family
from verify.kernel.cover.tree import Grid
from verify.kernel.fields import Fields
from verify.networks.family import RidgeFamily
from verify.provers.radius import radial_expansion
from verify.provers.rounding import gamma

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

# The kernel rounds chord slopes to 2^-7; the search does the same, so that both judge boxes alike.
CHORD_UNIT = 128.0
# How far the kernel's V_l and its variation may be from ours, because it rounds to 2^-24.
KERNEL_GRAIN = 2.0**-20
# Boxes on which some V_l may leave [-TAME, TAME] are too coarse.
TAME = 4.0


class FamilyFloatBound:
    """Upper bounds of E over boxes for one family."""

    def __init__(self, family: RidgeFamily) -> None:
        self._edges: Floats = family.edges / 2.0**family.edge_bits
        self._constants: Floats = family.constants / 2.0**family.coefficient_bits
        self._lines = _Lines(family)
        # |fl(V_l) - V_l| <= gamma * (sum of absolute terms); coordinates and half sides are at most 1.
        operations = sum(block.weights.size + block.knots.size for block in family.blocks) + 8 * family.dimension + 32
        terms = np.abs(self._constants)
        for directions, weights, knots, coefficients in family.float_blocks():
            spread = np.abs(directions).sum(axis=1) * 3.0
            features = np.array([(np.abs(weights) * (spread + knot)).sum() for knot in knots])
            terms = terms + 3.0 * features @ np.abs(coefficients)
            # Active kinks are summed with prefix sums of the coefficients, and any kink's chord with two of them.
            prefix, moments = (np.abs(sums) for sums in _prefix_sums(knots, coefficients))
            terms += (np.abs(weights) * spread).sum() * (prefix.max(axis=0) + 2.0 * prefix.sum(axis=0))
            terms += np.abs(weights).sum() * moments.max(axis=0)
        self._value_error: Floats = gamma(2 * operations) * terms + kernel_slack(family)
        self._final_error = 64.0 * gamma(16 * self._edges.size + 64)
        # The kernel rounds V_l, its variation and the radius to 2^-24 and 2^-26: leave it that much room.
        self._final_error += (family.dimension + 8) * 2.0**-22

    def bound(self, centres: Floats, half_sides: Floats) -> Floats:
        """Return upper bounds of sup E over boxes: centres (n, d), half sides (d,) -> (n,)."""
        value, variation, slack = self._lines.linearise(centres, half_sides)
        value += self._constants
        variation *= half_sides[:, None]
        slack += self._value_error + 1e-30
        extent = np.abs(variation).sum(axis=1) + slack
        result = self._error(value, variation, slack, extent, centres, half_sides)
        result[(np.abs(value) + extent > TAME).any(axis=1)] = np.inf
        return result

    def _error(
        self, value: Floats, variation: Floats, slack: Floats, extent: Floats, centres: Floats, half_sides: Floats
    ) -> Floats:
        edges = self._edges
        radius = radial_expansion(centres, half_sides)
        below = np.clip(radius.at[:, None] - edges[:-1], 0.0, np.diff(edges))
        above = np.diff(edges) - below
        constant = np.zeros(value.shape[0])
        direction = np.zeros(value.shape)
        for weight, middle, turn in ((below, 1.0 - value, -1.0), (above, value, 1.0)):
            ratio = middle * (CHORD_UNIT / extent)
            floor = np.floor(ratio)
            chord = np.clip(floor * (1 / CHORD_UNIT), -1.0, 1.0)
            constant += (weight * (extent + np.abs(middle - chord * extent))).sum(axis=1)
            # Where the kernel's coarser arithmetic may round to the next chord, pay for the difference.
            torn = np.abs(ratio - floor - 0.5) > 0.5 - CHORD_UNIT * KERNEL_GRAIN / extent
            constant += (weight * extent * torn).sum(axis=1) * (2 / CHORD_UNIT)
            direction += turn * weight * chord
        low = np.minimum(radius.low, radius.at)[:, None]
        high = np.maximum(radius.high, radius.at)[:, None]
        touched = (edges[:-1] <= high) & (edges[1:] >= low)
        most = np.where(touched, np.clip(1.0 - 2.0 * (value - extent), -1.0, 1.0), -1.0).max(axis=1)
        least = np.where(touched, np.clip(1.0 - 2.0 * (value + extent), -1.0, 1.0), 1.0).min(axis=1)
        radial, radial_slope = radius.term(least, most)
        linear = np.einsum("nl,ndl->nd", direction, variation) + radial_slope
        spare = (np.abs(direction) * slack).sum(axis=1)
        total: Floats = constant + radial + np.abs(linear).sum(axis=1) + spare + self._final_error
        return total


def kernel_slack(family: RidgeFamily) -> Floats:
    """Return for each bin what the kernel adds to V_l's slack because it rounds features before summing them, (m,).

    The rounding is relative to the largest feature, so it is the same on every grid; 12 bits stand for all.
    """
    dimension = family.dimension
    bits = max(12, family.knot_bits - family.direction_bits)
    bound = FamilyBound(read_family(Fields(family.to_document(), "family")), Grid(dimension, "ball", bits))
    unit = 2.0 ** (bound.feature_shift - bound.feature_bits - family.coefficient_bits)
    size = np.zeros(family.constants.size)
    for block in family.blocks:
        size += np.abs(block.coefficients).sum(axis=0)
    return (2 + dimension) * unit * size


def _prefix_sums(knots: Floats, coefficients: Floats) -> tuple[Floats, Floats]:
    """Return sum_{j <= t} C_jl and sum_{j <= t} s_j C_jl for t = 0..J, both (J + 1, bins)."""
    zero = np.zeros((1, coefficients.shape[1]))
    prefix, moments = (np.cumsum(part, axis=0) for part in (coefficients, knots[:, None] * coefficients))
    return np.concatenate([zero, prefix]), np.concatenate([zero, moments])


class _Lines:
    """The lines of all blocks side by side: V_l on boxes, linearised (rule CHORD).

    Kinks are counted, not visited: on a line of a block with knots s_1 < ... < s_J, the kinks with s_j <= |w . x| are
    the first t of them, and what they add to V_l is lambda_i (|w . x| P_tl - Q_tl) with P_tl = sum_{j <= t} C_jl and
    Q_tl = sum_{j <= t} s_j C_jl. So only sums over the lines of one block with one t count, one *segment* of a box.
    Kinks that a box straddles are replaced by chords, one by one.
    """

    def __init__(self, family: RidgeFamily) -> None:
        blocks = family.float_blocks()
        bins = family.constants.size
        sizes = np.array([knots.size for _, _, knots, _ in blocks], dtype=np.int64)
        counts = [weights.size for _, weights, _, _ in blocks]
        self._unit = 2.0**family.knot_bits
        self._directions: Floats = np.concatenate([np.zeros((0, family.dimension)), *(b[0] for b in blocks)])
        self._weights: Floats = np.concatenate([np.zeros(0), *(b[1] for b in blocks)])
        self._weighted: Floats = self._weights[:, None] * self._directions
        self._knots: Floats = np.concatenate([np.zeros(0), *(b[2] for b in blocks)])
        coefficients = np.concatenate([np.zeros((0, bins)), *(b[3] for b in blocks)])
        self._coefficients, self._sizes = coefficients, np.abs(coefficients)
        # Of each line: its block's first knot, and its block's first segment (a block of J knots has J + 1).
        first_knots = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if blocks else sizes
        self._first_knot: Indices = np.repeat(first_knots, counts)
        self._first_segment: Indices = np.repeat(first_knots + np.arange(sizes.size), counts)
        self._segments = int((sizes + 1).sum())
        sums = [_prefix_sums(knots, c) for _, _, knots, c in blocks]
        self._prefix: Floats = np.concatenate([np.zeros((0, bins)), *(prefix for prefix, _ in sums)])
        self._moments: Floats = np.concatenate([np.zeros((0, bins)), *(moments for _, moments in sums)])
        # The knots around each segment; 0 below the first, where the far side begins.
        self._above: Floats = np.concatenate([np.zeros(0), *(np.append(k, np.inf) for _, _, k, _ in blocks)])
        self._below: Floats = np.concatenate([np.zeros(0), *(np.insert(k, 0, 0.0) for _, _, k, _ in blocks)])
        # Tables: how many knots of the block are <= t, for t + 1 = 0, 1, 2, ... in units of 2^-knot_bits, one after the
        # other; beyond its last knot a table only repeats itself, so that one more entry is enough.
        tables: list[Indices] = []
        starts: list[int] = []
        for block in family.blocks:
            starts.append(sum(table.size for table in tables))
            last = int(block.knots[-1])
            counted = np.searchsorted(block.knots, np.arange(-1, last + 1), side="right")
            tables.append(np.append(counted, counted[-1]))
        self._table: Indices = np.concatenate([np.zeros(0, dtype=np.int64), *tables])
        lasts = np.array([int(block.knots[-1]) + 1 for block in family.blocks], dtype=np.int64)
        self._start: Indices = np.repeat(np.array(starts, dtype=np.int64), counts)
        self._last: Floats = np.repeat(lasts.astype(np.float64), counts)

    def _look_up(self, points: Floats, last: Floats, start: Indices) -> Indices:
        """Return how many knots of its line's block each point is at or beyond; points below 0 none."""
        place = points * self._unit
        place += 1.0
        np.maximum(place, 0.0, out=place)
        np.minimum(place, last, out=place)
        index = place.astype(np.int64)
        index += start
        return self._table.take(index)

    def linearise(self, centres: Floats, half_sides: Floats) -> tuple[Floats, Floats, Floats]:
        """Return sum C F at the centres (n, bins), its gradient (n, d, bins), and its deviation (n, bins)."""
        n, d = centres.shape
        count, segments = self._knots.size, self._segments
        inner = centres @ self._directions.T
        distance = np.abs(inner)
        # A kink that rounding takes for decided is off by the rounding of w . x: the value's error pays for it.
        reach = np.abs(self._directions) @ half_sides
        active = self._look_up(distance, self._last, self._start)
        active += self._first_segment
        cells = (active + np.arange(n)[:, None] * segments).ravel()
        sign = np.copysign(1.0, inner)
        total = n * segments
        lambdas = np.bincount(cells, np.broadcast_to(self._weights, inner.shape).ravel(), total)
        gradients = np.empty((d, total))
        for axis in range(d):
            gradients[axis] = np.bincount(cells, (sign * self._weighted[:, axis]).ravel(), total)

        row, line, knot, side = self._straddled(distance, reach, active)
        extent = reach[line]
        offset = side * distance[row, line] - self._knots[knot]
        chord = np.clip(np.floor((offset + extent) * (CHORD_UNIT / 2) / extent) / CHORD_UNIT, 0.0, 1.0)
        top = np.maximum(chord * extent, offset + extent - chord * extent)
        bottom = chord * offset
        weight = self._weights[line]
        # What the sums over active kinks already hold: they never hold the far side, not even at t = s = 0.
        inside = (offset >= 0) & (side > 0)
        change = weight * ((top + bottom) / 2 - np.where(inside, offset, 0.0))
        turn = side * sign[row, line] * (chord - inside)
        # A knot's coefficient is the difference of two segments' prefix sums.
        after = row * segments + self._first_segment[line] + (knot - self._first_knot[line]) + 1
        both = np.concatenate([after, after - 1])
        for axis in range(d):
            tilt = turn * self._weighted[line, axis]
            gradients[axis] += np.bincount(both, np.concatenate([tilt, -tilt]), total)
            # The value is taken from the gradient, below.
            change -= tilt * centres[row, axis]
        flat = row * count + knot
        feature = np.bincount(flat, change, n * count)
        deviation = np.bincount(flat, np.abs(weight) * (top - bottom) / 2, n * count)
        gradient = (gradients.reshape(d * n, segments) @ self._prefix).reshape(d, n, self._prefix.shape[1])
        value = feature.reshape(n, count) @ self._coefficients - lambdas.reshape(n, segments) @ self._moments
        for axis in range(d):
            value += centres[:, axis, None] * gradient[axis]
        return value, gradient.transpose(1, 0, 2).copy(), deviation.reshape(n, count) @ self._sizes

    def _straddled(self, distance: Floats, reach: Floats, active: Indices) -> tuple[Indices, Indices, Indices, Floats]:
        """Return (row, line, knot, side) of the kinks |t| = s that a box straddles; side 1 is t = s, -1 is t = -s.

        Args:
            active: for each line the segment that |w . c| is in.
        """
        # Lines with a knot (or 0, for the far side) within reach: few, where boxes are small.
        near = self._above.take(active)
        near -= distance
        open_ = near <= reach
        np.subtract(distance, self._below.take(active), out=near)
        open_ |= near < reach
        row, line = np.divmod(np.flatnonzero(open_), max(1, reach.size))
        centre, extent, last, start = distance[row, line], reach[line], self._last[line], self._start[line]
        first = self._look_up(centre - extent, last, start)
        many = np.concatenate(
            [self._look_up(centre + extent, last, start) - first, self._look_up(extent - centre, last, start)]
        )
        # Each kink of each run of neighbouring ones, first those of the near sides.
        run = np.repeat(np.arange(many.size), many)
        step = np.arange(run.size) - np.repeat(np.cumsum(many) - many, many)
        far = run >= row.size
        run -= far * row.size
        knot = np.where(far, 0, first[run]) + step + self._first_knot[line[run]]
        return row[run], line[run], knot, np.where(far, -1.0, 1.0)
