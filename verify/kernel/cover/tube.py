"""The tube of a profile in fixed point: psi(r) and the range of its slopes, by table (rule RADIAL)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from verify.kernel.arithmetic.fixed import Integers
from verify.kernel.cover.radius import ONE, RADIUS_BITS
from verify.kernel.outcome import Rejected
from verify.kernel.packing import IntArray

VALUE_BITS = 32
SLOPE_BITS = 24
MAX_SLOPE = 16
MAX_VALUE = 64


class FixedTube:
    """A piecewise linear psi^ with knots in 2^-RADIUS_BITS and values in 2^-VALUE_BITS.

    |phi(r) - psi^(r)| <= `radius` for r in [0, 1]: the radius of the exact tube, plus what rounding the knots (moved by
    at most 2^-27, along a slope of at most `steepest`) and the values (by at most 2^-33) can change.
    """

    def __init__(self, knots: tuple[Fraction, ...], values: tuple[Fraction, ...], radius: Fraction) -> None:
        steepest = max(abs(v - u) / (b - a) for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True))
        if steepest > MAX_SLOPE or max(radius, *(abs(value) for value in values)) > MAX_VALUE:
            raise Rejected("radial", "profile", f"slopes beyond {MAX_SLOPE} or values beyond {MAX_VALUE}")
        self.knots: IntArray = np.array([round(knot * ONE) for knot in knots], dtype=np.int64)
        if (np.diff(self.knots) <= 0).any():
            raise Rejected("radial", "profile", f"knots closer than 2^-{RADIUS_BITS}")
        self.values: IntArray = np.array([round(value * (1 << VALUE_BITS)) for value in values], dtype=np.int64)
        self.radius = radius + steepest / (2 * ONE) + Fraction(1, 2 << VALUE_BITS)
        # Slopes in 2^-SLOPE_BITS: |rise| < 2^40, so the shifted rise fits; rounded down and up.
        self._rise = np.diff(self.values)
        self._run = np.diff(self.knots)
        lifted = self._rise << (SLOPE_BITS + RADIUS_BITS - VALUE_BITS)
        self._least = _Ranges(lifted // self._run, np.minimum)
        self._most = _Ranges(-((-lifted) // self._run), np.maximum)

    def value(self, radius: Integers) -> Integers:
        """Return floor of psi^ at radii in [0, ONE], in 2^-VALUE_BITS: off by less than one unit."""
        piece = self._piece(radius)
        # |rise| <= 2^10 run + 1 and the offset is at most the run <= 2^26: the product stays below 2^63.
        offset = radius - self.knots[piece]
        value: Integers = self.values[piece] + self._rise[piece] * offset // self._run[piece]
        return value

    def slopes(self, low: Integers, high: Integers) -> tuple[Integers, Integers]:
        """Return bounds of the slopes of psi^ over [low, high], in 2^-SLOPE_BITS."""
        first = self._piece(np.maximum(low - 1, 0))
        last = self._piece(high)
        return self._least(first, last), self._most(first, last)

    def _piece(self, radius: Integers) -> IntArray:
        piece: IntArray = np.clip(np.searchsorted(self.knots, radius, side="right") - 1, 0, self._run.size - 1)
        return piece


class _Ranges:
    """Minimum or maximum over any range of a table in two look-ups (a sparse table)."""

    def __init__(self, table: IntArray, choose: np.ufunc) -> None:
        self._choose = choose
        self._rows = [table]
        step = 1
        while 2 * step <= table.size:
            row = self._rows[-1]
            self._rows.append(choose(row[:-step], row[step:]))
            step *= 2
        # logs[n] = floor(log2(n))
        self._logs = np.array([max(n, 1).bit_length() - 1 for n in range(table.size + 1)])
        self._padded = np.zeros((len(self._rows), table.size), dtype=np.int64)
        for index, row in enumerate(self._rows):
            self._padded[index, : row.size] = row

    def __call__(self, first: IntArray, last: IntArray) -> IntArray:
        log = self._logs[last - first + 1]
        result: IntArray = self._choose(self._padded[log, first], self._padded[log, last + 1 - (1 << log)])
        return result
