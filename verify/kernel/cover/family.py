"""Rule FAMILY: bound on a box the universal error E(x) of a linear family of ridge networks.

V_l(x) = c_l + sum_blocks sum_j C_jl sum_i lambda_i relu(|w_i . x| - s_j)      (l = 1..m, bins of [0, 1])
E(x)   = sum_l integral over bin l of |1[s <= |x|] - V_l(x)| ds

E(x) is the exact supremum over all 1-Lipschitz phi of |phi(|x|) - N_phi(x)| (docs/rules/cover.md, UNIVERSAL).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from verify.kernel.arithmetic.fixed import Integers, ceil_shift, fits_int64, floor_shift
from verify.kernel.cover.radius import RADIUS_BITS, Radii, radial_term, radii
from verify.kernel.cover.tree import MAX_DIMENSION, Grid, Level
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed
from verify.kernel.packing import IntArray, increasing, integer_array

RULE = "family"

CHORD_BITS = 7  # slopes of chords are rounded to multiples of 2^-CHORD_BITS
TAME = 4
INFINITE = (1 << 63) - 1
VALUE_BITS = 24  # V_l is rounded to multiples of 2^-VALUE_BITS
MAX_LINES = 20_000
MAX_KNOTS = 256
MAX_BINS = 256
MAX_KNOT_BITS = 14
MAX_KINKS = 400_000


@dataclass(frozen=True)
class Block:
    """Lines that share their knots and coefficients.

    Attributes:
        directions: shape (M, d), units 2^-direction_bits.
        weights: lambda_i, shape (M,), units 2^-weight_bits.
        knots: 0 <= s_1 < s_2 < ..., shape (J,), units 2^-knot_bits.
        coefficients: C_jl, shape (J, m), units 2^-coefficient_bits.
    """

    directions: IntArray
    weights: IntArray
    knots: IntArray
    coefficients: IntArray


@dataclass(frozen=True)
class Family:
    """The family as the file says it; all numbers are dyadic."""

    dimension: int
    direction_bits: int
    weight_bits: int
    knot_bits: int
    coefficient_bits: int
    edge_bits: int
    edges: IntArray
    constants: IntArray
    blocks: tuple[Block, ...]

    @property
    def width(self) -> int:
        """Number of hidden neurons of N_phi, the same for every phi.

        A kink at s > 0 costs two neurons a line; a kink at 0 costs one a line, since |t| = 2 relu(t) - t, and the
        linear parts of a block add up to one multiple of one fixed linear form, one neuron that is always active
        on the ball (none if the form vanishes).
        """
        total = 0
        for block in self.blocks:
            lines = block.directions.shape[0]
            at_zero = int(block.knots[0]) == 0
            total += lines * (2 * block.knots.size - at_zero)
            # Python integers: products of up to 2^61, summed over many lines, could wrap around to 0 in int64.
            form = block.weights.astype(object) @ block.directions.astype(object)
            total += int(at_zero and bool(form.any()))
        return total

    @property
    def samples(self) -> int:
        """Number of values of phi that the output weights depend on."""
        return int(self.edges.size)


def read_family(fields: Fields) -> Family:
    """Read the object "family" of a certificate."""
    dimension = fields.integer("dimension", 1, MAX_DIMENSION)
    direction_bits = fields.integer("direction_bits", 0, 20)
    weight_bits = fields.integer("weight_bits", 0, 30)
    knot_bits = fields.integer("knot_bits", 0, MAX_KNOT_BITS)
    coefficient_bits = fields.integer("coefficient_bits", 0, 40)
    edge_bits = fields.integer("edge_bits", 0, RADIUS_BITS)
    edges = integer_array(fields, "edges", (None,), most=MAX_BINS + 1)
    if edges.size < 2 or edges[0] != 0 or edges[-1] != 1 << edge_bits or not increasing(edges):
        raise Malformed(fields.place("edges"), "must increase from 0 to 1")
    bins = edges.size - 1
    constants = integer_array(fields, "constants", (bins,), most=MAX_BINS)
    _bound(constants, 1 << 50, fields.place("constants"))
    blocks = []
    kinks = 0
    for block in fields.objects("blocks", most=64):
        directions = integer_array(block, "directions", (None, dimension), most=MAX_LINES * MAX_DIMENSION)
        lines = directions.shape[0]
        if lines == 0:
            raise Malformed(block.where, "has no lines")
        _bound(directions, 2 << direction_bits, block.place("directions"))
        weights = integer_array(block, "weights", (lines,), most=MAX_LINES)
        _bound(weights, 1 << 40, block.place("weights"))
        knots = integer_array(block, "knots", (None,), most=MAX_KNOTS)
        if knots.size == 0 or knots[0] < 0 or not increasing(knots) or knots[-1] >= 4 << knot_bits:
            raise Malformed(block.place("knots"), "must increase within [0, 4)")
        coefficients = integer_array(block, "coefficients", (knots.size, bins), most=MAX_KNOTS * MAX_BINS)
        _bound(coefficients, 1 << 50, block.place("coefficients"))
        block.done()
        kinks += lines * knots.size
        if kinks > MAX_KINKS:
            raise Malformed(fields.place("blocks"), f"more than {MAX_KINKS} kinks")
        blocks.append(Block(directions, weights, knots, coefficients))
    fields.done()
    return Family(
        dimension,
        direction_bits,
        weight_bits,
        knot_bits,
        coefficient_bits,
        edge_bits,
        edges,
        constants,
        tuple(blocks),
    )


def _bound(array: IntArray, limit: int, where: str) -> None:
    # Compared on both sides: abs(-2^63) would overflow.
    if array.size and (int(array.max()) > limit or int(array.min()) < -limit):
        raise Malformed(where, f"has an entry beyond 2^{limit.bit_length() - 1} units")


class FamilyBound:
    """Integer upper bounds of E on boxes of one grid; `bound` is in units of 2^-`BOUND_BITS`."""

    BOUND_BITS = VALUE_BITS + CHORD_BITS + RADIUS_BITS + 1

    def __init__(self, family: Family, grid: Grid) -> None:
        self.family = family
        self.grid = grid
        self._line_bits = family.direction_bits + grid.bits
        self.feature_bits = family.weight_bits + self._line_bits + CHORD_BITS + 1
        self._plan_rounding()
        axes, bins = family.dimension + 2, family.constants.size
        self.entries = bins * axes + max(
            (block.directions.shape[0] + block.knots.size * axes for block in family.blocks), default=0
        )
        self.work = axes * sum((block.directions.shape[0] + block.knots.size * bins for block in family.blocks), bins)

    @staticmethod
    def least_grid_bits(family: Family) -> int:
        """Return the grid on which every knot is a multiple of the unit of w . x."""
        return max(1, family.knot_bits - family.direction_bits)

    def _plan_rounding(self) -> None:
        """Choose how far features are rounded before they meet coefficients, and whether int64 is enough."""
        family = self.family
        root = 1 << self.grid.bits
        largest_feature = 1
        for block in family.blocks:
            weights = np.abs(block.weights).astype(object)
            spread = np.abs(block.directions).sum(axis=1).astype(object) * root * 2
            largest_feature = max(largest_feature, int((weights * spread).sum()) << (CHORD_BITS + 2))
        columns = max(
            int(sum(np.abs(block.coefficients[:, l]).astype(object).sum() for block in family.blocks))
            for l in range(family.constants.size)  # noqa: E741 - the bins of the paper are numbered by l
        )
        room = 60 - max(columns, 1).bit_length()
        self.feature_shift = max(0, largest_feature.bit_length() - room)
        self._value_shift = family.coefficient_bits + self.feature_bits - self.feature_shift - VALUE_BITS
        if self._value_shift < 0:
            # Tiny magnitudes: lift the features so that they reach the unit of V (shifts may be negative).
            self.feature_shift += self._value_shift
            self._value_shift = 0
        # Features, and gradients times half sides, are at most `largest_feature` (a quarter of it, in fact).
        enough = room >= 8 and fits_int64(
            largest_feature * 4 << max(0, 1 - self.feature_shift),
            (columns + 1) * (int(Fraction(largest_feature) / Fraction(2) ** self.feature_shift) + 2) * 2,
            int(np.abs(family.constants).max()) << max(0, VALUE_BITS - family.coefficient_bits),
        )
        self.dtype: Any = np.int64 if enough else object

    def bound(self, centres: IntArray, level: Level) -> Integers:
        """Return an upper bound of sup E over each box (inside the ball), shape (n,), in 2^-BOUND_BITS."""
        value, variation, slack = self._bins(centres, level)
        # Boxes on which some V_l leaves [-TAME, TAME] are too coarse to be proved; they get an infinite bound, so that
        # the magnitudes of the last stage are known: every product there stays below 2^63.
        wild = (np.abs(value) + np.abs(variation).sum(axis=2) + slack > TAME << VALUE_BITS).any(axis=1)
        value[wild] = variation[wild] = slack[wild] = 0
        result = self._error(value, variation, slack, radii(centres, level, self.grid))
        result[wild] = INFINITE
        return result

    def _bins(self, centres: IntArray, level: Level) -> tuple[Integers, Integers, Integers]:
        """Return V at the centre (n, m), its coefficients of y_k/half_k (n, m, d), and its slack (n, m)."""
        family = self.family
        n, d = centres.shape
        half = np.array(level.half_sides, dtype=self.dtype)
        bins = family.constants.size
        total = np.zeros((n, bins), dtype=self.dtype)
        variation = np.zeros((n, bins, d), dtype=self.dtype)
        slack = np.zeros((n, bins), dtype=self.dtype)
        for block in family.blocks:
            feature, gradient, deviation = self._features(block, centres.astype(self.dtype), half)
            coefficients = block.coefficients.astype(self.dtype)
            size = np.abs(coefficients)
            total += floor_shift(feature, self.feature_shift) @ coefficients
            for axis in range(d):
                moved = floor_shift(gradient[:, axis] * half[axis], self.feature_shift - 1)
                variation[:, :, axis] += moved @ coefficients
            # Every feature and every axis of the gradient has just been rounded, by less than one unit each.
            slack += (ceil_shift(deviation, self.feature_shift) + (1 + d)) @ size
        lifted = floor_shift(family.constants.astype(self.dtype), family.coefficient_bits - VALUE_BITS)
        value = floor_shift(total, self._value_shift) + lifted
        variation = floor_shift(variation, self._value_shift)
        # Two floors in `value`, d in `variation`, each off by less than one unit.
        return value, variation, ceil_shift(slack, self._value_shift) + (2 + d)

    def _features(self, block: Block, centres: Integers, half: Integers) -> tuple[Integers, Integers, Integers]:
        """Linearise F_j(x) = sum_i lambda_i relu(|w_i . x| - s_j) on boxes (rule CHORD).

        Returns:
            F_j at the centre (n, J) and its deviation (n, J), both in 2^-feature_bits, and the gradient (n, d, J)
            in 2^-(weight_bits + direction_bits + CHORD_BITS).
        """
        family = self.family
        n, d = centres.shape
        count = block.knots.size
        directions = block.directions.astype(self.dtype)
        weights = block.weights.astype(self.dtype)
        knot_shift = self._line_bits - family.knot_bits
        knots = block.knots.astype(self.dtype) << knot_shift
        inner = centres @ directions.T
        sign = np.where(inner < 0, -1, 1).astype(self.dtype)
        distance = np.abs(inner)
        reach = np.abs(directions) @ half

        passed = _KnotCounter(block.knots, knot_shift)
        active = passed(distance)
        rows = np.arange(n)[:, None] * (count + 1)
        cells = (rows + active).ravel()
        signed = weights * sign
        weight_sum = _scatter(cells, np.broadcast_to(weights, distance.shape), n, count, self.dtype)
        moment = _scatter(cells, weights * distance, n, count, self.dtype)
        feature = (moment - knots * weight_sum) << (CHORD_BITS + 1)
        gradient = np.empty((n, d, count), dtype=self.dtype)
        for axis in range(d):
            gradient[:, axis] = _scatter(cells, signed * directions[:, axis], n, count, self.dtype) << CHORD_BITS
        deviation = np.zeros((n, count), dtype=self.dtype)

        def straddle(first: Integers, last: Integers, side: int) -> None:
            """Replace the kinks first <= j < last on one side by chords."""
            row, line = np.nonzero(first < last)
            knot = first[row, line]
            end = last[row, line]
            while row.size:
                extent = reach[line]
                offset = side * distance[row, line] - knots[knot]
                chord = ((offset + extent) << CHORD_BITS) // np.maximum(2 * extent, 1)
                top = np.maximum(chord * extent, ((offset + extent) << CHORD_BITS) - chord * extent)
                bottom = chord * offset
                # What the sums over active kinks already hold: they never hold the far side, not even at t = s = 0.
                inside = offset >= (0 if side > 0 else 1)
                exact = np.where(inside, offset, 0) << (CHORD_BITS + 1)
                change = chord - np.where(inside, 1 << CHORD_BITS, 0)
                target = (row, knot)
                np.add.at(feature, target, weights[line] * (top + bottom - exact))
                np.add.at(deviation, target, np.abs(weights[line]) * (top - bottom))
                turn = side * signed[row, line] * change
                for axis in range(d):
                    np.add.at(gradient[:, axis], target, turn * directions[line, axis])
                more = knot + 1 < end
                row, line, knot, end = row[more], line[more], knot[more] + 1, end[more]

        straddle(passed(distance - reach), passed(distance + reach), 1)
        far = passed(reach - distance)
        straddle(np.zeros_like(far), far, -1)
        return feature, gradient, deviation

    def _error(self, value: Integers, variation: Integers, slack: Integers, radius: Radii) -> Integers:
        """Combine the bins: sum of a_l |1 - V_l| + b_l |V_l| at radius `at`, and the radial term."""
        family = self.family
        edges = family.edges.astype(self.dtype) << (RADIUS_BITS - family.edge_bits)
        at = radius.at.astype(self.dtype)[:, None]
        below = np.clip(at - edges[:-1], 0, edges[1:] - edges[:-1])  # the part of bin l below `at`
        above = (edges[1:] - edges[:-1]) - below
        extent = np.abs(variation).sum(axis=2) + slack
        safe = np.maximum(extent, 1)
        one = 1 << VALUE_BITS
        chord_one = 1 << CHORD_BITS
        constant = np.zeros(value.shape[0], dtype=self.dtype)
        direction = np.zeros(value.shape, dtype=self.dtype)
        for weight, middle, turn in ((below, one - value, -1), (above, value, 1)):
            # |z| <= extent + |middle - chord * extent| + chord * (z - middle) on |z - middle| <= extent
            chord = np.clip((middle << CHORD_BITS) // safe, -chord_one, chord_one)
            height = (extent << CHORD_BITS) + np.abs((middle << CHORD_BITS) - chord * extent)
            constant += (weight * height).sum(axis=1)
            direction += turn * weight * chord
        constant = constant << 1
        least, most = self._slopes(value, extent, edges, radius)
        radial, radial_slope = radial_term(radius, least, most)
        constant += radial << CHORD_BITS
        linear = (direction[:, :, None] * variation).sum(axis=1) * 2 + (radial_slope << CHORD_BITS)
        # z - middle = sum_k variation_k y_k / half_k + (at most slack), and the chord's slope multiplies both.
        spare = 2 * (np.abs(direction) * slack).sum(axis=1)
        result: Integers = constant + np.abs(linear).sum(axis=1) + spare
        return result

    def _slopes(self, value: Integers, extent: Integers, edges: Integers, radius: Radii) -> tuple[Integers, Integers]:
        """Return bounds of dE/dr = |1 - V_l| - |V_l| = clip(1 - 2 V_l, -1, 1) over the bins that r can reach."""
        one = 1 << VALUE_BITS
        low = np.minimum(radius.low, radius.at)[:, None]
        high = np.maximum(radius.high, radius.at)[:, None]
        touched = (edges[:-1] <= high) & (edges[1:] >= low)
        highest = np.clip(one - 2 * (value - extent), -one, one)
        lowest = np.clip(one - 2 * (value + extent), -one, one)
        most = np.where(touched, highest, -one).max(axis=1)
        least = np.where(touched, lowest, one).min(axis=1)
        return least, most


class _KnotCounter:
    """Counts, by table, the knots s_j <= t for t in units of w . x (t below 0 counts none)."""

    def __init__(self, knots: IntArray, shift: int) -> None:
        self._shift = shift
        last = int(knots[-1])
        self._table = np.searchsorted(knots, np.arange(last + 1), side="right")
        self._last = last

    def __call__(self, points: Integers) -> Integers:
        index = np.clip(points >> self._shift, -1, self._last).astype(np.int64)
        counts: Integers = np.where(index < 0, 0, self._table[index])
        return counts


def _scatter(cells: IntArray, values: Integers, n: int, count: int, dtype: type) -> Integers:
    """Sum `values` by (row, number of active knots) and return sums over lines on which knot j is active."""
    sums: Integers = np.zeros(n * (count + 1), dtype=dtype)
    np.add.at(sums, cells, values.ravel())
    by_segment = sums.reshape(n, count + 1)[:, 1:]
    tail: Integers = np.cumsum(by_segment[:, ::-1], axis=1)[:, ::-1]
    return tail


def exact_error(family: Family, point: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Return rationals low <= E(point) <= high (rule WITNESS), for |point| <= 1."""
    values = [Fraction(int(c), 1 << family.coefficient_bits) for c in family.constants]
    for block in family.blocks:
        features = [Fraction(0)] * block.knots.size
        knots = [Fraction(int(s), 1 << family.knot_bits) for s in block.knots]
        for direction, weight in zip(block.directions.tolist(), block.weights.tolist(), strict=True):
            terms = (Fraction(w, 1 << family.direction_bits) * x for w, x in zip(direction, point, strict=True))
            inner = abs(sum(terms, Fraction(0)))
            for j, knot in enumerate(knots):
                if inner > knot:
                    features[j] += Fraction(weight, 1 << family.weight_bits) * (inner - knot)
        for j, feature in enumerate(features):
            for l in range(len(values)):  # noqa: E741
                values[l] += Fraction(int(block.coefficients[j, l]), 1 << family.coefficient_bits) * feature
    square = sum((x * x for x in point), Fraction(0))
    scale = 1 << 80
    low = Fraction(math.isqrt(square.numerator * scale * scale // square.denominator), scale)
    edges = [Fraction(int(e), 1 << family.edge_bits) for e in family.edges]
    error = Fraction(0)
    for l, value in enumerate(values):  # noqa: E741
        below = min(max(low - edges[l], Fraction(0)), edges[l + 1] - edges[l])
        error += below * abs(1 - value) + (edges[l + 1] - edges[l] - below) * abs(value)
    # |dE/dr| <= 1 and low <= |point| < low + 1/scale
    return error - Fraction(1, scale), error + Fraction(1, scale)
