"""Float64 bounds of |phi(|x|) - N(x)| on boxes: the search's counterpart of kernel rule NETWORK."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from verify.networks.depth2 import ENTRIES_AT_ONCE, Depth2Network
from verify.provers.radius import radial_expansion
from verify.provers.rounding import gamma

Floats = npt.NDArray[np.float64]

CHORD_UNIT = 128.0


class NetworkFloatBound:
    """Upper bounds of the error of one network against one profile tube.

    Args:
        knots, values: the piecewise linear psi, with |phi - psi| <= radius on [0, 1].
    """

    def __init__(self, network: Depth2Network, knots: Floats, values: Floats, radius: float) -> None:
        self._weights, self._biases, self._outputs, self._constant = network.floats()
        self._knots, self._values = knots, values
        self._slopes: Floats = np.diff(values) / np.diff(knots)
        self._least = _range_table(self._slopes, np.minimum)
        self._most = _range_table(self._slopes, np.maximum)
        self._log = np.array([max(n, 1).bit_length() - 1 for n in range(self._slopes.size + 1)])
        # |fl(N) - N| <= gamma * sum of absolute terms, input rounding included; points and half sides are at most 1.
        terms = (
            abs(self._constant)
            + (np.abs(self._outputs) * (3 * np.abs(self._weights).sum(axis=1) + np.abs(self._biases))).sum()
        )
        operations = 4 * (self._outputs.size + network.dimension) + 32
        spread = float(np.abs(values).max() + np.abs(self._slopes).max() + 1)
        # The last term leaves the kernel room to round psi (2^-32) and the radius (2^-26) under slopes like these.
        self._margin = radius + 4 * gamma(operations) * float(terms) + 16 * gamma(200) * spread + spread * 2.0**-23

    def bound(self, centres: Floats, half_sides: Floats) -> Floats:
        """Return upper bounds of the error over boxes: centres (n, d), half sides (d,) -> (n,)."""
        step = max(1, ENTRIES_AT_ONCE // max(1, self._outputs.size))
        if centres.shape[0] > step:
            parts = [self.bound(centres[k : k + step], half_sides) for k in range(0, centres.shape[0], step)]
            return np.concatenate(parts)
        value, slope, slack = self.affine(centres, half_sides)
        sides = []
        for sign in (1.0, -1.0):
            constant, linear = self.radial(centres, half_sides, sign)
            sides.append(constant - sign * value + slack + np.abs(linear - sign * slope).sum(axis=1))
        worst: Floats = np.maximum(*sides)
        return worst

    def affine(self, centres: Floats, half_sides: Floats) -> tuple[Floats, Floats, Floats]:
        """Enclose N on boxes: value (n,), slope of y/half (n, d), slack (n,)."""
        inner = centres @ self._weights.T + self._biases
        reach = np.abs(self._weights) @ half_sides
        safe = np.maximum(reach, 1e-300)
        chord = np.clip(np.floor((inner + reach) / safe * (CHORD_UNIT / 2)) / CHORD_UNIT, 0.0, 1.0)
        top = np.maximum(chord * reach, inner + reach - chord * reach)
        bottom = chord * inner
        value = 0.5 * (top + bottom) @ self._outputs + self._constant
        slack = 0.5 * (top - bottom) @ np.abs(self._outputs)
        return value, (chord * self._outputs) @ self._weights * half_sides, slack

    def radial(self, centres: Floats, half_sides: Floats, sign: float) -> tuple[Floats, Floats]:
        """Bound sign * phi(|x|) on boxes from above: constant (n,), coefficients of y/half (n, d)."""
        radius = radial_expansion(centres, half_sides)
        low = self._piece(np.minimum(radius.low, radius.at))
        high = self._piece(np.maximum(radius.high, radius.at))
        log = self._log[high - low + 1]
        least = np.minimum(self._least[log, low], self._least[log, high + 1 - (1 << log)])
        most = np.maximum(self._most[log, low], self._most[log, high + 1 - (1 << log)])
        if sign < 0:
            least, most = -most, -least
        constant, slope = radius.term(least, most)
        return sign * np.interp(radius.at, self._knots, self._values) + constant + self._margin, slope

    def _piece(self, radius: Floats) -> npt.NDArray[np.int64]:
        piece: npt.NDArray[np.int64] = np.clip(
            np.searchsorted(self._knots, radius, side="right") - 1, 0, self._slopes.size - 1
        )
        return piece


def _range_table(table: Floats, choose: np.ufunc) -> Floats:
    """Return rows k with entry i = choose over table[i : i + 2^k] (a sparse table)."""
    rows = [table]
    step = 1
    while 2 * step <= table.size:
        row = rows[-1].copy()
        row[: row.size - step] = choose(rows[-1][:-step], rows[-1][step:])
        rows.append(row)
        step *= 2
    return np.stack(rows)
