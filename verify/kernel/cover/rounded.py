"""Rule ROUNDED NETWORK: bound the error of a network whose numbers leave int64 through a nearby one whose do not.

N~ has weights and biases rounded to 2^-p and outputs rounded to 2^-q; |N - N~| on the ball is bounded, exactly, from
the weights. On a box N~ is enclosed as in rule NETWORK, but hidden values are rounded before they are summed, and
slopes are those of coarser weights. All that these roundings can move is added to the slack: the bound is one for N.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from verify.kernel.arithmetic.fixed import Integers, ceil_shift, fits_int64, floor_shift
from verify.kernel.cover.explicit import CHORD_BITS, NetworkBound, RadialError, chords
from verify.kernel.cover.tree import Level
from verify.kernel.packing import IntArray

# Sums are planned to stay below 2^PLANNED; whether they stay below 2^62 is then shown from the rounded numbers.
PLANNED = 60
# Rounding to fewer bits than this moves a network too far to be of use.
FEWEST = 16


class RoundedBound(RadialError):
    """Bounds from rounded numbers, all in int64.

    Attributes:
        fits: whether there are such numbers; without, the object is of no use.
        bits, output_bits: p and q.
        hidden_shift: how far hidden values are rounded before they meet the outputs.
        coarse_bits, slope_shift: bits of the slopes' weights; how far slopes are rounded before they meet half sides.
    """

    dtype: Any = np.int64

    def __init__(self, exact: NetworkBound) -> None:
        super().__init__(exact.network, exact.tube, exact.grid)
        network, grid = self.network, self.grid.bits
        weights, biases, outputs = (
            array.astype(object) for array in (network.weights, network.biases, network.outputs)
        )
        hidden, output = network.hidden_denominator, network.output_denominator
        # Bits before the point of a hidden value, of the output, and of a slope.
        reach = 3 * np.abs(weights).sum(axis=1) + np.abs(biases)
        steepest = np.abs(weights).max(axis=1, initial=0)
        before = _whole_bits(max(reach, default=0), hidden)
        before_sum = _whole_bits((np.abs(outputs) * reach).sum(), hidden * output)
        before_slope = _whole_bits((np.abs(outputs) * steepest).sum(), hidden * output)

        self.bits = _bits(hidden, PLANNED - CHORD_BITS - 2 - grid - before)
        self.output_bits = _bits(output, (PLANNED - before_sum) // 2)
        full = self.bits + grid + CHORD_BITS + 1
        value_bits = min(full, PLANNED - self.output_bits - before_sum)
        self.hidden_shift = full - value_bits
        self.coarse_bits = min(self.bits, PLANNED - self.output_bits - CHORD_BITS - before_slope)
        slope_bits = min(self.coarse_bits + self.output_bits + CHORD_BITS, PLANNED - grid - before_slope)
        self.slope_shift = self.coarse_bits + self.output_bits + CHORD_BITS - slope_bits
        # How far sums and slopes are then from 2^-BOUND_BITS.
        self._value_shift = value_bits + self.output_bits - self.BOUND_BITS
        self._tilt_shift = slope_bits + grid - self.BOUND_BITS
        self.fits = (
            all(
                bits >= FEWEST or (bits >= 0 and denominator == 1 << bits)
                for bits, denominator in ((self.bits, hidden), (self.output_bits, output))
            )
            and min(value_bits, slope_bits) >= FEWEST
            and self.coarse_bits >= min(FEWEST, self.bits)
            and self._round(weights, biases, outputs)
        )

    def _round(self, weights: Integers, biases: Integers, outputs: Integers) -> bool:
        """Round the network, and return whether every intermediate of `affine` and `bound` provably fits an int64."""
        network, grid = self.network, self.grid.bits
        hidden, output = network.hidden_denominator, network.output_denominator
        near_weights, near_biases = _round(weights, hidden, self.bits), _round(biases, hidden, self.bits)
        near_outputs = _round(outputs, output, self.output_bits)
        coarse = _round(weights, hidden, self.coarse_bits)
        factors = np.abs(near_outputs)
        size = np.abs(near_weights).sum(axis=1)
        unit = 1 << self.BOUND_BITS

        # |a relu(l) - a~ relu(l~)| <= |a| |l - l~| + |a - a~| |l~|, and every |x_k| is at most 1 on the ball.
        moved = np.abs((weights << self.bits) - near_weights * hidden).sum(axis=1)
        moved += np.abs((biases << self.bits) - near_biases * hidden)
        by_weights = Fraction(int((np.abs(outputs) * moved).sum()), output * hidden << self.bits)
        moved = np.abs((outputs << self.output_bits) - near_outputs * output)
        by_outputs = Fraction(
            int((moved * (size + np.abs(near_biases))).sum()), output << (self.bits + self.output_bits)
        )
        # Two more units: the floors of the value and of the constant.
        self._drift = -int(-(by_weights + by_outputs) * unit // 1) + 2
        self._constant = network.constant * unit // output
        # Hidden values are rounded by less than one unit each.
        self._hidden_slack = int(factors.sum()) if self.hidden_shift else 0
        # What the coarser weights move along each axis, if the half side is 1.
        apart = np.abs(near_weights - (coarse << (self.bits - self.coarse_bits)))
        self._coarseness = [
            -(-(int(total) << self.BOUND_BITS) >> (self.bits + self.output_bits))
            for total in (factors[:, None] * apart).sum(axis=0)
        ]

        # |centre| and half sides are at most 2^grid.
        inner = (3 * size + np.abs(near_biases)) << grid
        values = ((inner << (CHORD_BITS + 2)) >> self.hidden_shift) + 1
        largest = int((factors * (values + 1)).sum())
        slope = int((factors * np.abs(coarse).max(axis=1, initial=0)).sum()) << CHORD_BITS
        tilt = ((slope >> self.slope_shift) + 1) << grid
        # What `bound` adds up, in its own unit.
        parts = [_shifted(largest, self._value_shift), _shifted(tilt, self._tilt_shift) * network.dimension]
        parts += [abs(self._constant), self._drift, *self._coarseness]
        if not fits_int64(max(inner, default=0) << (CHORD_BITS + 2), largest, slope, tilt, 8 * sum(parts)):
            return False
        self._weights, self._biases = near_weights.astype(np.int64), near_biases.astype(np.int64) << grid
        self._outputs, self._coarse = near_outputs.astype(np.int64), coarse.astype(np.int64)
        return True

    def affine(self, centres: IntArray, level: Level) -> tuple[Integers, Integers, Integers]:
        """Enclose N on boxes."""
        half = np.array(level.half_sides, dtype=np.int64)
        chord, top, bottom = chords(centres @ self._weights.T + self._biases, np.abs(self._weights) @ half)
        middle = floor_shift(top + bottom, self.hidden_shift)
        spread = ceil_shift(top - bottom, self.hidden_shift)
        value = floor_shift(middle @ self._outputs, self._value_shift) + self._constant
        slack = ceil_shift(spread @ np.abs(self._outputs) + self._hidden_slack, self._value_shift)
        gradient = floor_shift((chord * self._outputs) @ self._coarse, self.slope_shift)
        slope = floor_shift(gradient * half, self._tilt_shift)
        # Each axis: the floor of `slope`, that of `gradient` (less than one unit, at this half side), coarser weights.
        lost = sum(
            1
            - (-side // (1 << self._tilt_shift) if self._tilt_shift > 0 else -side << -self._tilt_shift)
            - (-coarseness * side >> self.grid.bits)
            for side, coarseness in zip(level.half_sides, self._coarseness, strict=True)
        )
        return value, slope, slack + (self._drift + lost)


def rounded(exact: NetworkBound) -> RoundedBound | None:
    """Return int64 bounds near the exact ones; None where those are int64 already, or the numbers do not allow it."""
    if exact.dtype is not object:
        return None
    bound = RoundedBound(exact)
    return bound if bound.fits else None


def _bits(denominator: int, most: int) -> int:
    """Return the bits that hold multiples of 1 / denominator exactly, or `most` if they are more."""
    exact = denominator.bit_length() - 1
    return exact if denominator == 1 << exact and exact <= most else most


def _whole_bits(numerator: int, denominator: int) -> int:
    return int(-(-int(numerator) // denominator)).bit_length()


def _round(values: Integers, denominator: int, bits: int) -> Integers:
    """Return values / denominator, rounded to multiples of 2^-bits."""
    nearest: Integers = ((values << (bits + 1)) + denominator) // (2 * denominator)
    return nearest


def _shifted(value: int, bits: int) -> int:
    return (value >> bits) + 1 if bits >= 0 else value << -bits
