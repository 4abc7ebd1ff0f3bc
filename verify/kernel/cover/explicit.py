"""Rule NETWORK: bound on a box the error |phi(|x|) - N(x)| of an explicit depth-2 ReLU network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any

import numpy as np

from verify.kernel.arithmetic.fixed import Integers, ceil_shift, fits_int64
from verify.kernel.cover.radius import RADIUS_BITS, Radii, radial_term, radii
from verify.kernel.cover.tree import Grid, Level
from verify.kernel.cover.tube import SLOPE_BITS, VALUE_BITS, FixedTube
from verify.kernel.network import Network
from verify.kernel.packing import IntArray

CHORD_BITS = 7
# Hidden values held at once: memory stays flat for wide networks.
ENTRIES_AT_ONCE = 1 << 21


class RadialError(ABC):
    """Integer upper bounds of |phi(|x|) - N(x)| on boxes of one grid, in units of 2^-BOUND_BITS.

    Attributes:
        dtype: int64, or object for Python integers.
        entries: hidden values and one more, for one box.
        work: operations for one box.
    """

    BOUND_BITS = 44
    dtype: Any

    def __init__(self, network: Network, tube: FixedTube, grid: Grid) -> None:
        self.network = network
        self.tube = tube
        self.grid = grid
        self._radius = -(-(tube.radius.numerator << self.BOUND_BITS) // tube.radius.denominator)
        self.entries = network.width + 1
        self.work = (network.width + 1) * (network.dimension + 8)

    @abstractmethod
    def affine(self, centres: IntArray, level: Level) -> tuple[Integers, Integers, Integers]:
        """Enclose N on boxes (rule CHORD): N(x) = value + sum_k slope_k y_k / half_k + (at most slack).

        Returns:
            value (n,), slope (n, d), slack (n,) in 2^-BOUND_BITS; value and slope rounded, slack pays for it.
        """

    def radial(self, centres: IntArray, level: Level, sign: int) -> tuple[Integers, Integers]:
        """Bound sign * phi(|x|) from above on boxes by constant + sum_k slope_k y_k / half_k, in 2^-BOUND_BITS."""
        return self._radial(radii(centres, level, self.grid), sign)

    def _radial(self, radius: Radii, sign: int) -> tuple[Integers, Integers]:
        least, most = self.tube.slopes(np.minimum(radius.low, radius.at), np.maximum(radius.high, radius.at))
        if sign < 0:
            least, most = -most, -least
        constant, slope = radial_term(radius, least, most)
        shift = SLOPE_BITS + RADIUS_BITS + 1 - self.BOUND_BITS
        value = self.tube.value(radius.at) << (self.BOUND_BITS - VALUE_BITS)
        # psi^ was rounded down by less than 2^-VALUE_BITS; the slopes by less than one unit an axis.
        spare = (1 << (self.BOUND_BITS - VALUE_BITS)) + radius.slope.shape[1] + self._radius
        return sign * value + ceil_shift(constant, shift) + spare, slope >> shift

    def bound(self, centres: IntArray, level: Level) -> Integers:
        """Return an upper bound of the error over each box (inside the ball), shape (n,), in 2^-BOUND_BITS."""
        step = max(1, ENTRIES_AT_ONCE // max(1, self.network.width))
        if centres.shape[0] > step:
            parts = [self.bound(centres[k : k + step], level) for k in range(0, centres.shape[0], step)]
            return np.concatenate(parts)
        value, slope, slack = self.affine(centres, level)
        radius = radii(centres, level, self.grid)
        sides = []
        for sign in (1, -1):
            constant, linear = self._radial(radius, sign)
            sides.append(constant - sign * value + slack + np.abs(linear - sign * slope).sum(axis=1))
        worst: Integers = np.maximum(*sides)
        return worst


class NetworkBound(RadialError):
    """Bounds from the network's own numbers, in Python integers where they do not fit an int64."""

    def __init__(self, network: Network, tube: FixedTube, grid: Grid) -> None:
        super().__init__(network, tube, grid)
        # Hidden values are integers over hidden_denominator * 2^grid_bits; one of N's units is
        # 1 / (hidden * output * 2^(grid_bits + CHORD_BITS + 1)).
        unit = Fraction(
            1 << self.BOUND_BITS,
            network.hidden_denominator * network.output_denominator << (grid.bits + CHORD_BITS + 1),
        )
        self._numerator, self._denominator = unit.numerator, unit.denominator
        self.dtype = np.int64 if self._fits() else object
        self._weights = network.weights.astype(self.dtype)
        self._biases = network.biases.astype(self.dtype) << grid.bits
        self._outputs = network.outputs.astype(self.dtype)
        constant = network.constant * network.hidden_denominator << (grid.bits + CHORD_BITS + 1)
        self._constant = constant * self._numerator // self._denominator

    def _fits(self) -> bool:
        """Return whether every intermediate of `affine` and `bound` provably fits an int64."""
        weights = np.abs(self.network.weights).astype(object).sum(axis=1)
        biases = np.abs(self.network.biases).astype(object)
        outputs = np.abs(self.network.outputs).astype(object)
        # |centre| and half sides are at most 2^grid_bits, plus the half side of a box that sticks out of the ball.
        inner = [(3 * int(w) + int(b)) << self.grid.bits for w, b in zip(weights, biases, strict=True)]
        largest = sum(int(a) * t for a, t in zip(outputs, inner, strict=True)) << (CHORD_BITS + 3)
        network = self.network
        constant = abs(network.constant) * network.hidden_denominator << (self.grid.bits + CHORD_BITS + 1)
        scaled = (largest + constant) * self._numerator
        return fits_int64(
            max(inner, default=0) << (CHORD_BITS + 2),
            largest,
            scaled,
            scaled // self._denominator * 4,
            self._numerator,
            self._denominator,
        )

    def affine(self, centres: IntArray, level: Level) -> tuple[Integers, Integers, Integers]:
        """Enclose N on boxes."""
        d = centres.shape[1]
        half = np.array(level.half_sides, dtype=self.dtype)
        inner = centres.astype(self.dtype) @ self._weights.T + self._biases
        reach = np.abs(self._weights) @ half
        chord, top, bottom = chords(inner, reach)
        value = (top + bottom) @ self._outputs
        slack = (top - bottom) @ np.abs(self._outputs)
        slope = ((chord * self._outputs) @ self._weights) * half * 2
        return self._rescale(value) + self._constant, self._rescale(slope), self._rescale(slack) + (4 + d)

    def _rescale(self, values: Integers) -> Integers:
        rescaled: Integers = values * self._numerator // self._denominator
        return rescaled


def chords(inner: Integers, reach: Integers) -> tuple[Integers, Integers, Integers]:
    """Return slope, top and bottom of each neuron's chord on boxes (rule CHORD), in 2^-CHORD_BITS of their unit.

    Args:
        inner: w . c + b at the centres, shape (n, neurons).
        reach: the sum of |w_k| h_k, shape (neurons,).
    """
    # A chord of slope 1 or 0 is the neuron itself where it is decided: no case distinction is needed.
    chord = np.clip(((inner + reach) << CHORD_BITS) // np.maximum(2 * reach, 1), 0, 1 << CHORD_BITS)
    top = np.maximum(chord * reach, ((inner + reach) << CHORD_BITS) - chord * reach)
    return chord, top, chord * inner
