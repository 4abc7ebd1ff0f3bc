"""Theorem 5 with numbers: the target, its energy at high frequencies, and the distance that each width leaves."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.kernel.tubes.bound import LINES_BITS, TAIL_BITS
from verify.report.figures.separation import power_of_ten
from verify.report.figures.style import BLACK, BLUE, RED, log_axis, panels

Floats = npt.NDArray[np.float64]


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "ridge-lower-bound"."""
    claim = document["claim"]
    target, energy, distance = panels(figure, 3)
    count = f"{claim['width']:,}" if claim["width"] < 10**12 else power_of_ten(claim["width"])
    figure.suptitle(
        f"d = {claim['d']}: every depth-2 network of at most {count} neurons misses f by more than "
        f"{claim['error']} in L2($\\mu$)",
        fontsize=9.5,
    )
    draw_target(target, document["target"])
    radii, tails, shares = masses(document["proof"])
    draw_energy(energy, radii, tails, shares, claim["width"])
    draw_distance(distance, tails, shares, claim["width"], float(Fraction(claim["error"])))


def masses(proof: Document) -> tuple[Floats, Floats, Floats]:
    """Return the radii c_j, lower bounds of the energy beyond c_j, upper bounds of the share of one neuron's tube."""
    radii = np.array([float(Fraction(c)) for c in proof["radii"]])
    tails = np.array([float(Fraction(g, 1 << TAIL_BITS)) for g in proof["tails"]])
    shares = np.array([float(Fraction(1 << LINES_BITS, n)) for n in proof["lines"]])
    return radii, tails, shares


def draw_target(axes: Any, target: Document) -> None:
    """Draw f over |y|: piecewise linear in |y| or in |y|^2, constant outside its knots."""
    exponent = 2 if target["variable"] == "|y|^2" else 1
    knots = np.array([float(Fraction(knot)) for knot in target["knots"]])
    values = np.array([float(Fraction(value)) for value in target["values"]])
    r = np.union1d(np.linspace(0.0, 1.15 * knots[-1], 1200), knots)
    axes.plot(r, np.interp(r**exponent, knots**exponent, values), color=BLUE, linewidth=1.3)
    axes.set_xlim(0.0, r[-1])
    axes.set_xlabel("|y|")
    axes.set_title("The target f")


def draw_energy(axes: Any, radii: Floats, tails: Floats, shares: Floats, width: int) -> None:
    """Draw the mass between neighbouring radii, and the weight of each: what `width` tubes leave of the sphere."""
    between = tails - np.append(tails[1:], 0.0)
    weights = np.maximum(0.0, 1.0 - float(width) * shares)
    places = np.arange(radii.size)
    axes.bar(places, between / between.max(), color=BLUE, width=0.8, label="masses $m_j$ (largest = 1)")
    axes.plot(places, weights, color=RED, marker=".", linewidth=1.0, label="weights: share that no tube covers")
    ticks = places[:: max(1, radii.size // 6)]
    axes.set_xticks(ticks, [f"{radii[j]:.3g}" for j in ticks])
    axes.set_ylim(0.0, 1.45)
    axes.set_xlabel("frequency from $c_j$ to $c_{j+1}$ (the last: beyond)")
    axes.set_title("Energy of f by frequency")
    axes.legend(loc="upper left")


def draw_distance(axes: Any, tails: Floats, shares: Floats, width: int, error: float) -> None:
    """Draw the distance from f that these masses prove for networks of each width."""
    exponents = np.linspace(0.0, math.log10(max(width, 1)) + 2.0, 400)
    distances = np.array([missed(tails, shares, 10.0**e) for e in exponents])
    axes.plot(exponents, distances, color=BLUE, label="distance that this proof gives")
    axes.plot([math.log10(max(width, 1))], [error], "X", color=RED, markersize=7, label="the certificate", zorder=5)
    axes.axhline(error, color=BLACK, linestyle="--", linewidth=1.0)
    log_axis(axes.xaxis)
    axes.set_xlim(0.0, exponents[-1])
    axes.set_ylim(0.0, 1.45 * distances.max())
    axes.set_xlabel("width of the depth-2 network")
    axes.set_title("Every network of this width is farther from f")
    axes.legend(loc="upper right")


def missed(tails: Floats, shares: Floats, width: float) -> float:
    """Return the lower bound of ||N - f|| for `width` ridge functions (docs/rules/tubes.md, tubes/bound)."""
    weights = np.maximum(0.0, 1.0 - width * shares)
    return float(np.sqrt(np.sum(np.diff(weights, prepend=0.0) * tails)))
