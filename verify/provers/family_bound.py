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
        self._blocks = [
            _Block(directions, weights, knots, coefficients, block.knots, family.knot_bits)
            for (directions, weights, knots, coefficients), block in zip(
                family.float_blocks(), family.blocks, strict=True
            )
        ]
        # |fl(V_l) - V_l| <= gamma * (sum of absolute terms); coordinates and half sides are at most 1.
        operations = sum(block.weights.size + block.knots.size for block in self._blocks) + 8 * family.dimension + 32
        terms = np.abs(self._constants)
        for block in self._blocks:
            spread = np.abs(block.directions).sum(axis=1) * 3.0
            features = np.array([(np.abs(block.weights) * (spread + knot)).sum() for knot in block.knots])
            terms = terms + 3.0 * features @ np.abs(block.coefficients)
        self._value_error: Floats = gamma(2 * operations) * terms + kernel_slack(family)
        self._final_error = 64.0 * gamma(16 * self._edges.size + 64)
        # The kernel rounds V_l, its variation and the radius to 2^-24 and 2^-26: leave it that much room.
        self._final_error += (family.dimension + 8) * 2.0**-22

    def bound(self, centres: Floats, half_sides: Floats) -> Floats:
        """Return upper bounds of sup E over boxes: centres (n, d), half sides (d,) -> (n,)."""
        n, d = centres.shape
        bins = self._constants.size
        value = np.tile(self._constants, (n, 1))
        variation = np.zeros((n, d, bins))
        slack = np.tile(self._value_error + 1e-30, (n, 1))
        for block in self._blocks:
            feature, gradient, deviation = block.linearise(centres, half_sides)
            value += feature @ block.coefficients
            variation += (gradient.reshape(n * d, -1) @ block.coefficients).reshape(n, d, bins)
            slack += deviation @ np.abs(block.coefficients)
        variation *= half_sides[:, None]
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


class _Block:
    """Lines with shared knots: linearised features on boxes (rule CHORD)."""

    def __init__(
        self,
        directions: Floats,
        weights: Floats,
        knots: Floats,
        coefficients: Floats,
        knot_integers: npt.NDArray[np.int64],
        knot_bits: int,
    ) -> None:
        self.directions = directions
        self.weights = weights
        self.knots = knots
        self.coefficients = coefficients
        self._unit = 2.0**knot_bits
        self._last = int(knot_integers[-1])
        # passed[t] = number of knots <= t, for t in units of 2^-knot_bits; one more entry for t < 0
        self._passed: Indices = np.append(np.searchsorted(knot_integers, np.arange(self._last + 1), side="right"), 0)
        # columns: one, the direction's components; scattered together into segments
        self._weighted: Floats = weights[:, None] * directions

    def _count(self, points: Floats) -> Indices:
        index = np.floor(points * self._unit).astype(np.int64)
        np.clip(index, -1, self._last, out=index)
        counts: Indices = self._passed[index]
        return counts

    def linearise(self, centres: Floats, half_sides: Floats) -> tuple[Floats, Floats, Floats]:
        """Return F_j at the centres (n, J), its gradient (n, d, J), and its deviation (n, J)."""
        n, d = centres.shape
        count = self.knots.size
        inner = centres @ self.directions.T
        distance = np.abs(inner)
        sign = np.copysign(1.0, inner)
        # A kink that rounding takes for decided is off by the rounding of w . x: `value_error` pays for it.
        reach = np.abs(self.directions) @ half_sides
        active = self._count(distance)
        cells = (np.arange(n)[:, None] * (count + 1) + active).ravel()

        def tail(values: Floats) -> Floats:
            sums = np.zeros(n * (count + 1))
            np.add.at(sums, cells, values.ravel())
            result: Floats = np.cumsum(sums.reshape(n, count + 1)[:, :0:-1], axis=1)[:, ::-1]
            return result

        feature = tail(self.weights * distance) - self.knots * tail(np.broadcast_to(self.weights, distance.shape))
        gradient = np.empty((n, d, count))
        for axis in range(d):
            gradient[:, axis] = tail(sign * self._weighted[:, axis])
        deviation = np.zeros((n, count))

        def straddle(first: Indices, last: Indices, side: float) -> None:
            row, line = np.nonzero(first < last)
            knot = first[row, line]
            end = last[row, line]
            while row.size:
                extent = reach[line]
                offset = side * distance[row, line] - self.knots[knot]
                chord = np.clip(np.floor((offset + extent) * (CHORD_UNIT / 2) / extent) / CHORD_UNIT, 0.0, 1.0)
                top = np.maximum(chord * extent, offset + extent - chord * extent)
                bottom = chord * offset
                weight = self.weights[line]
                # What the sums over active kinks already hold: they never hold the far side, not even at t = s = 0.
                inside = offset >= 0 if side > 0 else np.zeros(offset.shape, dtype=np.bool_)
                flat = row * count + knot
                np.add.at(feature.reshape(-1), flat, weight * ((top + bottom) / 2 - np.where(inside, offset, 0.0)))
                np.add.at(deviation.reshape(-1), flat, np.abs(weight) * (top - bottom) / 2)
                turn = side * sign[row, line] * (chord - inside)
                for axis in range(d):
                    spot = (row * d + axis) * count + knot
                    np.add.at(gradient.reshape(-1), spot, turn * self._weighted[line, axis])
                more = knot + 1 < end
                row, line, knot, end = row[more], line[more], knot[more] + 1, end[more]

        straddle(self._count(distance - reach), self._count(distance + reach), 1.0)
        far = self._count(reach - distance)
        straddle(np.zeros_like(far), far, -1.0)
        return feature, gradient, deviation
