"""Knots for chords of t^(2k) that stay below an even polynomial majorant: the fewest, in floating point.

Everything here is on the unit scale s = t/|w| in [0, 1]; nothing is believed (rule CHORD-POWER checks the outcome).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from verify.kernel.cubature.chords import Knots

Floats = npt.NDArray[np.float64]

SINGLE_KNOTS = 600  # up to so many knots are chosen one by one; beyond, most are in blocks of equal steps
BLOCKS = 300
MARGIN = 1e-4  # of the majorant, left for the rounding of the knots


@dataclass(frozen=True)
class Shape:
    """A majorant `sum_j a_j s^(2j)` up to a factor, for the power s^(2k).

    Attributes:
        k: half the power.
        majorant: a_0 > 0, a_1, ..., all >= 0.
        stairs: for stairs instead of chords: half a step's height must keep below the majorant.
    """

    k: int
    majorant: tuple[float, ...]
    stairs: bool = False

    def allowance(self, s: Floats | float) -> Floats:
        """Return the majorant at s."""
        value: Floats = np.polynomial.polynomial.polyval(np.asarray(s, dtype=float) ** 2, np.array(self.majorant))
        return value

    @cached_property
    def demand(self) -> float:
        """Return J: at scale m about J / sqrt(m) chords, or J / m steps, are needed on [0, 1]."""
        return float(np.trapezoid(self.density(_GRID, 1.0), _GRID))

    def density(self, s: Floats, scale: float) -> Floats:
        """Return how many knots are needed per unit of length at s."""
        k = self.k
        allowed = scale * self.allowance(s)
        if self.stairs:
            steps: Floats = k * s ** (2 * k - 1) / allowed
            return steps
        chords: Floats = np.sqrt(k * (2 * k - 1) / 4 * s ** (2 * k - 2) / allowed)
        return chords

    def needed(self, scale: float) -> float:
        """Return about how many knots are needed on [0, 1]."""
        return self.demand / (scale if self.stairs else math.sqrt(scale))

    def greedy(self, scale: float, most: int, *, until: float = 1.0) -> list[float]:
        """Return the knots t_0 < t_1 < ... of the longest admissible chords until they pass `until`, at most `most`."""
        power = 1 / (2 * self.k)
        if self.stairs:
            knots = [(2 * scale * self.majorant[0]) ** power]
            while knots[-1] < until and len(knots) < most:
                allowed = 2 * scale * (1 - MARGIN) * float(self.allowance(knots[-1]))
                knots.append((knots[-1] ** (2 * self.k) + allowed) ** power)
            return knots
        knots = [(scale * self.majorant[0]) ** power]
        while knots[-1] < until and len(knots) < most:
            knots.append(_longest_chord(knots[-1], self, scale))
        return knots

    def fitted(self, count: int) -> tuple[float, list[float]]:
        """Return (least scale, knots) at which `count` knots inside [0, 1) suffice, the last knot being 1."""
        from scipy.optimize import brentq

        if count == 0:
            return 1 / self.majorant[0], [1.0]

        def overshoot(logarithm: float) -> float:
            return self.greedy(math.exp(logarithm), count + 1, until=math.inf)[-1] - 1

        # The guess is close: a narrow bracket, widened as long as it has to be.
        low = high = 2 * math.log(self.demand / (count + 0.5))
        stride = 0.06 if overshoot(low) < 0 else -0.06
        while overshoot(high) * stride < 0:
            low, high, stride = high, high + stride, 2 * stride
        scale = math.exp(brentq(overshoot, low, high, xtol=1e-8, rtol=1e-12)) if high != low else math.exp(low)
        knots = self.greedy(scale, count + 1, until=math.inf)
        knots[-1] = 1.0
        return scale, knots


def unit_knots(shape: Shape, scale: float) -> tuple[list[float], list[tuple[int, float]]]:
    """Return single knots, then blocks (count, step), that together reach 1 at the given scale."""
    singles = shape.greedy(scale, SINGLE_KNOTS if shape.needed(scale) < SINGLE_KNOTS else 60)
    if singles[-1] >= 1:
        return singles, []
    # Block boundaries: the loss of a block is (length) x (change of density); spread it evenly.
    s = np.linspace(singles[-1], 1, 20_001)
    density = shape.density(s, scale)
    spread = np.concatenate([[0.0], np.cumsum(np.sqrt(np.abs(np.diff(density))))]) + np.linspace(0, 1e-9, s.size)
    ends = np.interp(np.linspace(0, spread[-1], BLOCKS + 1)[1:], spread, s)
    blocks: list[tuple[int, float]] = []
    start = singles[-1]
    for end in ends:
        while start < end:
            # Allowance at the block's beginning, growth at its end: what rules CHORD-POWER and STAIRS use.
            share = float(shape.allowance(start)) / float(shape.allowance(end))
            step = (share if shape.stairs else math.sqrt(share)) / float(shape.density(end, scale))
            count = max(1, math.ceil((end - start) / step - 1e-9))
            step = min(step, (end - start) / count) if count > 1 else step
            blocks.append((count, step))
            start += count * step
            if start >= end - 1e-15:
                break
    while start < 1:
        blocks.append((1, blocks[-1][1]))
        start += blocks[-1][1]
    return singles, blocks


def rounded_knots(singles: list[float], blocks: list[tuple[int, float]], norm2: int) -> Knots:
    """Return the knots on the scale of the directions, as integers in units of 2^-bits, reaching sqrt(norm2)."""
    norm = math.sqrt(norm2)
    gaps = [b - a for a, b in itertools.pairwise(singles)] + [step for _, step in blocks] + [singles[0]]
    bits = max(4, 16 - math.floor(math.log2(min(gaps) * norm)))
    unit = norm * 2.0**bits
    first = max(1, math.floor(singles[0] * unit))
    packed: list[tuple[int, int]] = []
    position = first
    for value in singles[1:]:
        gap = max(1, round(value * unit) - position)
        packed.append((1, gap))
        position += gap
    for count, step in blocks:
        size = max(1, math.floor(step * unit))
        packed.append((count, size))
        position += count * size
    limit = math.isqrt((norm2 << (2 * bits)) - 1) + 1
    while position < limit:
        # Rounding left a gap at the end: lengthen the last single chord, or add steps to the last block.
        if blocks:
            count, size = packed[-1]
            packed[-1] = (count + 1, size)
            position += size
        elif packed:
            count, size = packed[-1]
            packed[-1] = (1, size + limit - position)
            position = limit
        else:
            first = position = limit
    if not blocks and packed and position > limit and packed[-1][1] > position - limit:
        packed[-1] = (1, packed[-1][1] - (position - limit))
    return Knots(bits, first, tuple(_merged(packed)))


def _merged(blocks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for count, step in blocks:
        if merged and merged[-1][1] == step and merged[-1][0] > 1 and count > 1:
            merged[-1] = (merged[-1][0] + count, step)
        else:
            merged.append((count, step))
    return merged


def _longest_chord(a: float, shape: Shape, scale: float) -> float:
    """Return (nearly) the largest b for which the chord of s^(2k) over [a, b] exceeds it by at most the majorant."""
    k = shape.k
    majorant = [scale * (1 - MARGIN) * value for value in shape.majorant]

    def share(b: float) -> float:
        """Return the largest ratio of excess to majorant on [a, b]; no cancellation: divided differences."""

        def ratio(p: float) -> float:
            difference = power = 0.0
            for i in range(2 * k - 1):  # sum of a^i b^j p^l over i + j + l = 2k - 2
                power = power * b + a**i
                difference = difference * p + power
            allowed = 0.0
            for value in reversed(majorant):
                allowed = allowed * p * p + value
            return (p - a) * (b - p) * difference / allowed

        # Successive parabolas through three points around the best guess so far.
        place, step, best = (a + b) / 2, (b - a) / 8, 0.0
        for _ in range(6 if b > 1.5 * a else 3 if b > 1.01 * a else 1):
            before, middle, after = ratio(place - step), ratio(place), ratio(place + step)
            best = max(best, before, middle, after)
            bend = before - 2 * middle + after
            if bend >= 0:
                break
            move = step * (before - after) / (2 * bend)
            best = max(best, middle - (after - before) ** 2 / (8 * bend)) if abs(move) <= step else best
            place = min(max(place + move, a + step), b - step)
            step /= 3
        return best

    curvature = k * (2 * k - 1) / 4 * a ** (2 * k - 2)
    width = math.sqrt(float(shape.allowance(a)) * scale / curvature)
    # The share grows like a power of the width, nearly its square: secants of logarithms find where it is 1.
    exponent, before = 2.0, None
    for _ in range(40):
        place, height = math.log(width), math.log(share(a + width))
        if before is not None and abs(place - before[0]) > 1e-12:
            exponent = min(4.0 * k, max(0.5, (height - before[1]) / (place - before[0])))
        before = (place, height)
        width *= math.exp(min(0.7, max(-1.2, -height / exponent)))
        if abs(height) < 2e-7:
            break
    return a + width * (1 - 1e-7)


_GRID = np.concatenate([[0.0], np.geomspace(1e-7, 1, 3000)])
