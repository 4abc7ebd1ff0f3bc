"""Searches for a radial target and a depth-3 network with the best ratio of widths (floating point, not believed)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from verify.errors import Inconclusive
from verify.kernel.tubes.radial_profile import RadialProfile
from verify.provers.tube_search import Floats, TailEstimate, estimated_width, lines_for

STEP = 16
"""Radii of a design are multiples of 1 / STEP."""
TRIALS = 160
"""Designs that a search without a time limit may estimate."""


@dataclass(frozen=True)
class Design:
    """The oscillating target and its depth-3 network.

    f(y) = g(|y|^2), g piecewise linear through ((u_0 + jq)^2, (-1)^j), j = 0..pieces, u_0 + pieces * q = radius.

    Attributes:
        start: u_0, where the oscillation begins.
        radius: A, where it ends.
        pieces: n; the second layer has n + 1 neurons.
        kinks: J, kinks on each half axis of the first layer, which has 2 J d neurons.
    """

    d: int
    m: int
    start: Fraction
    radius: Fraction
    pieces: int
    kinks: int

    @property
    def step(self) -> Fraction:
        """The gap q between consecutive extrema of f."""
        return (self.radius - self.start) / self.pieces

    @property
    def neurons(self) -> int:
        """The size of the depth-3 network, both layers together."""
        return 2 * self.kinks * self.d + self.pieces + 1

    @property
    def mesh(self) -> Fraction:
        """The least grid step h with which the grid covers the radius (rounded up where it is irrational)."""
        half = Fraction(2 * self.kinks + 1, 2)
        if self.d >= 3:
            return self.radius / half
        exact = float(self.radius) / math.sqrt(float(half**2 - Fraction(1, 12)))
        return Fraction(math.ceil(exact * (1 << 16)) + 1, 1 << 16)

    @property
    def frequency(self) -> float:
        """The frequency pi / q near which the energy of f lies."""
        return math.pi / float(self.step)

    def __str__(self) -> str:
        return f"{self.start},{self.radius},{self.pieces},{self.kinks}"

    def profile(self) -> RadialProfile:
        """Return f."""
        knots = tuple(self.start + self.step * j for j in range(self.pieces + 1))
        return RadialProfile(2, knots, tuple(Fraction((-1) ** j) for j in range(self.pieces + 1)))

    def delta(self) -> float:
        """Return about the error of the depth-3 network, L h^2 sqrt(d/180)."""
        q = float(self.step)
        slope = 2 / (q * (2 * float(self.start) + q))
        return slope * float(self.mesh) ** 2 * math.sqrt(self.d / 180)

    def radii(self, count: int) -> Floats:
        """Return frequencies around the target's own, where the bound is decided."""
        width = 3 + 6 / float(self.radius - self.start)
        low = max(1.02, self.frequency - width)
        result: Floats = np.linspace(low, self.frequency + 0.6 * width, count)
        return result


def estimated_ratio(design: Design, error: float) -> float:
    """Return about (excluded depth-2 width) / (depth-3 neurons); where nothing is excluded, by how far it fails < 0."""
    distance = error + design.delta()
    if distance > 0.8 or float(design.mesh) > 3.14:
        return -1 - max(distance, float(design.mesh))
    radii = design.radii(20)
    estimate = TailEstimate(design.profile(), design.d, design.m, float(radii[-1]))
    tails = np.array([estimate.tail(float(c)) for c in radii])
    if tails[0] <= distance**2:
        return float(tails[0]) / distance**2 - 1
    return estimated_width(tails, lines_for(design.d, radii), distance) / design.neurons


def deciding_radii(design: Design, error: float, count: int) -> list[float]:
    """Return the frequencies at which the bound of this design is best read off: those of positive weight."""
    radii = design.radii(160)
    estimate = TailEstimate(design.profile(), design.d, design.m, float(radii[-1]))
    tails = np.array([estimate.tail(float(c)) for c in radii])
    distance = error + design.delta()
    width = estimated_width(tails, lines_for(design.d, radii), distance)
    useful = radii[(lines_for(design.d, radii) >= width) & (tails > 1e-4 * distance**2)]
    if useful.size == 0:
        return [float(c) for c in radii[:: 160 // count]]
    result: list[float] = np.linspace(useful[0], useful[-1], count).tolist()
    return result


@dataclass(frozen=True)
class Limits:
    """What the search must respect.

    Attributes:
        neurons: the most neurons of the depth-3 network.
        reach: the largest radius * frequency, which decides how long the kernel takes.
        seconds: wall time of the search, None for a fixed number of trials (the same result on every machine).
    """

    neurons: int
    reach: float
    seconds: float | None


def search(d: int, m: int, error: float, limits: Limits) -> Design:
    """Return the best design that was found.

    Raises:
        Inconclusive: no design with a positive bound fits into the limits.
    """
    started = time.monotonic()
    trials = 0

    def spent() -> bool:
        return trials >= TRIALS if limits.seconds is None else time.monotonic() - started > limits.seconds

    @cache
    def score(start: int, width: int, kinks: int) -> tuple[float, Design | None]:
        if start < 1 or width < 4 or kinks < 1:
            return -math.inf, None
        design = _fitted(d, m, Fraction(start, STEP), Fraction(width, STEP), kinks, limits)
        if design is None:
            return -math.inf, None
        nonlocal trials
        trials += 1
        return estimated_ratio(design, error), design

    best: tuple[float, Design | None] = (-math.inf, None)
    at = (0, 0, 0)
    for share in (0.35, 0.6, 0.8):
        for start, width in ((0.35, 0.7), (0.45, 0.5), (0.5, 1.0)):
            point = (round(start * d * STEP), round(width * d * STEP), max(1, int(share * limits.neurons / (2 * d))))
            if (found := score(*point))[0] > best[0]:
                best, at = found, point
    stride = [max(1, d * STEP // 10), max(1, d * STEP // 10), max(1, limits.neurons // (20 * d))]
    while best[1] is not None and not spent():
        improved = False
        for axis in range(3):
            for sign in (1, -1):
                moved = [*at]
                moved[axis] += sign * stride[axis]
                point = (moved[0], moved[1], moved[2])
                if (found := score(*point))[0] > best[0]:
                    best, at, improved = found, point, True
                if spent():
                    break
        if not improved:
            if max(stride) == 1:
                break
            stride = [max(1, s // 2) for s in stride]
    if best[1] is None or best[0] <= 0:
        raise Inconclusive(
            f"no separation found with at most {limits.neurons:,} depth-3 neurons; raise --neurons or lower --eps"
        )
    return best[1]


def _fitted(d: int, m: int, start: Fraction, width: Fraction, kinks: int, limits: Limits) -> Design | None:
    """Return the design with as many pieces as the limits allow."""
    radius = start + width
    most = limits.neurons - 1 - 2 * kinks * d
    reach = int(limits.reach * float(width / radius) / math.pi)
    pieces = min(most, reach)
    design = Design(d, m, start, radius, max(pieces, 1), kinks)
    return design if pieces >= 3 else None
