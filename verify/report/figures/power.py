"""The univariate pieces of Theorem 3: each ridge function against t^(2k), and what their sum misses on an axis."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.kernel.activation.activations import read_activation
from verify.kernel.cubature.moments import sphere_moment
from verify.report.figures.orbits import MOST_ORDER, Direction, difference_errors, directions_of, even_polynomial
from verify.report.figures.style import BLACK, CYCLE, DASHES, PURPLE, bound_lines, decimal, panels

Floats = npt.NDArray[np.float64]

GRID = np.linspace(0.0, 1.0, 1200)
MOST_TICKS = 300  # knots of one ridge function that are drawn one by one


class Ridge(Protocol):
    """One ridge function q, in units of the length of its directions: s = t / |w|, values over |w|^(2k)."""

    size: str

    def error(self, s: Floats) -> Floats:
        """Return (q(t) - t^(2k)) / |w|^(2k)."""

    def ticks(self) -> Floats:
        """Return the knots in [0, 1] if they are few enough to be seen."""

    def places(self) -> Floats:
        """Return where to draw it: with the knots, or at the worst places between them if they are too many."""


def draw(document: Document, figure: Any) -> None:
    """Draw the ridge functions of a certificate of kind "power"."""
    claim, network = document["claim"], document["network"]
    d, k = claim["dimension"], claim["power"]
    directions = directions_of(network["directions"], d)
    ridges = _ridges(document, directions)
    if ridges:
        pieces, misses, axis = panels(figure, 3)
        _draw_pieces(pieces, misses, directions, ridges, k)
    else:
        (axis,) = panels(figure, 1)
    figure.suptitle(
        f"$|x|^{{{2 * k}}}$ in dimension {d:,}, accuracy {claim['epsilon']}, {claim['activation']}", fontsize=9.5
    )
    total = np.full(GRID.shape, float(Fraction(network.get("offset", 0))))
    if not ridges:
        total = total - GRID ** (2 * k)
    for item, ridge in zip(directions, ridges, strict=True):
        total = total + item.on_axis(ridge.error, GRID) * item.mass / float(sphere_moment(d, k))
    bound = float(Fraction(claim["bound"]))
    largest = float(np.abs(total).max())
    label = f"N(x) - $|x|^{{{2 * k}}}$ on the first axis"
    if largest < bound / 50:
        label += f": up to {largest:.1g}"
    axis.plot(GRID, total, color=PURPLE, linewidth=1.0, label=label)
    bound_lines(axis, bound, both=True, label=f"certified for all |x| ≤ 1: {decimal(bound)}")
    axis.set_xlim(0.0, 1.0)
    axis.set_ylim(-1.3 * bound, 2.0 * bound)
    axis.set_xlabel("r = |x|")
    axis.set_title("Error of the network")
    axis.legend(loc="upper left")


def _ridges(document: Document, directions: list[Direction]) -> list[Ridge]:
    claim, network = document["claim"], document["network"]
    k, method = claim["power"], document["proof"]["ridges"]
    if method != "differences":
        stored = zip(network["ridges"], directions, strict=True)
        return [KnottedRidge(ridge, item.norm2, k, stairs=method == "stairs") for ridge, item in stored]
    series = read_activation(claim["activation"], "claim.activation").series(MOST_ORDER)
    if series is None:
        raise AssertionError("the kernel accepts differences of activations with a power series only")
    target, step = [Fraction(0)] * (k - 1) + [Fraction(1)], Fraction(network["step"])
    return [
        SmoothRidge(difference_errors(series, target, item.norm2, step) / float(item.norm2) ** k, k)
        for item in directions
    ]


def _draw_pieces(pieces: Any, misses: Any, directions: list[Direction], ridges: list[Ridge], k: int) -> None:
    """Draw every ridge function over the power, and beside it the difference of the two."""
    pieces.plot(GRID, GRID ** (2 * k), color=BLACK, linewidth=0.8, label=f"$t^{{{2 * k}}}$")
    for item, ridge, colour, dash in zip(directions, ridges, CYCLE, DASHES, strict=False):
        s = ridge.places()
        error = ridge.error(s)
        label = f"{item.name}, {ridge.size}"
        pieces.plot(s, error + s ** (2 * k), color=colour, linestyle=dash, linewidth=1.1, label=label)
        misses.plot(s, error, color=colour, linestyle=dash, linewidth=0.9)
        ticks = ridge.ticks()
        misses.plot(ticks, np.zeros(ticks.size), "|", color=colour, markersize=5)
    for axes in (pieces, misses):
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel("t / |w|")
    pieces.set_title(f"Ridge functions q(t) / $|w|^{{{2 * k}}}$")
    pieces.legend(loc="upper left")
    knotted = any(ridge.ticks().size for ridge in ridges)
    misses.set_title("q minus the power; ticks: knots" if knotted else "q minus the power")


class SmoothRidge:
    """Differences of a smooth activation: given by the power series of what they miss."""

    def __init__(self, coefficients: Floats, k: int) -> None:
        self._coefficients = coefficients
        self.size = f"{2 * k} neurons"

    def error(self, s: Floats) -> Floats:
        """Return (q(t) - t^(2k)) / |w|^(2k)."""
        return even_polynomial(self._coefficients, s)

    def ticks(self) -> Floats:
        """Return no knot: there is none."""
        return np.zeros(0)

    def places(self) -> Floats:
        """Return an even grid."""
        return GRID


class KnottedRidge:
    """Chords or stairs of the power, given by blocks of equal steps; the knots may be too many to list."""

    def __init__(self, ridge: Document, norm2: int, k: int, *, stairs: bool) -> None:
        self._k, self._stairs = k, stairs
        unit = math.sqrt(norm2) * 2.0 ** ridge["bits"]
        counts = np.array([count for count, _ in ridge["blocks"]], dtype=float)
        self._steps = np.array([step for _, step in ridge["blocks"]], dtype=float) / unit
        self._starts = float(ridge["first"]) / unit + np.concatenate([[0.0], np.cumsum(counts * self._steps)])
        self._count = 1 + int(sum(count for count, _ in ridge["blocks"]))
        self.size = f"{self._count:,} knots" if self._count < 10**6 else f"{float(self._count):.2g} knots"

    def _around(self, s: Floats) -> tuple[Floats, Floats]:
        """Return the knots below and above each s; left of the first knot both are that knot."""
        first = np.full(s.shape, self._starts[0])
        if not self._steps.size:
            return first, first
        block = np.clip(np.searchsorted(self._starts, s, side="right") - 1, 0, self._steps.size - 1)
        start, step = self._starts[block], self._steps[block]
        low = start + np.floor(np.maximum(s - start, 0.0) / step) * step
        left = s <= self._starts[0]
        return np.where(left, first, low), np.where(left, first, low + step)

    def error(self, s: Floats) -> Floats:
        """Return (q(t) - t^(2k)) / |w|^(2k)."""
        low, high = self._around(s)
        bottom, top = low ** (2 * self._k), high ** (2 * self._k)
        if self._stairs:
            value = np.where(high > low, (bottom + top) / 2, bottom / 2)
        else:
            share = np.divide(s - low, high - low, out=np.zeros_like(s), where=high > low)
            value = bottom + share * (top - bottom)
        result: Floats = value - s ** (2 * self._k)
        return result

    def ticks(self) -> Floats:
        """Return the knots in [0, 1] if they are few enough to be seen."""
        if self._count > MOST_TICKS:
            return np.zeros(0)
        blocks = zip(self._starts[:-1], self._starts[1:], self._steps, strict=True)
        inner = [np.linspace(a, b, round((b - a) / step) + 1)[1:] for a, b, step in blocks]
        knots = np.concatenate([self._starts[:1], *inner])
        return knots[knots <= 1.0]

    def places(self) -> Floats:
        """Return a grid with the knots; the middles of steps where chords are too many to be told apart."""
        ticks = self.ticks()
        if self._stairs or ticks.size:
            # Both sides of each jump of the stairs.
            return np.unique(np.concatenate([GRID, ticks, np.maximum(ticks - 1e-9, 0.0)]))
        low, high = self._around(GRID)
        return np.minimum((low + high) / 2, 1.0)
