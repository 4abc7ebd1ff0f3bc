"""Theorem 1 as the dimension grows: the widths of the networks below C d^p."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.every_dimension import read_geometric_knots
from verify.kernel.cubature.growth import restricted_width
from verify.kernel.cubature.power_law import spelled
from verify.kernel.cubature.radial_cubature import prove_radial_cubature
from verify.kernel.fields import Fields
from verify.report.figures.profile import profile_text
from verify.report.figures.style import BLACK, BLUE, RED, decimal, log_axis, panels

SHOWN = 300  # dimensions of the curve, at equal ratios
LAST = 10**6  # where the curve ends if the claim has no end


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "growth"."""
    claim = document["claim"]
    (axes,) = panels(figure, 1, height=3.6)
    what = f"$\\varphi$(r) = {profile_text(claim['profile'])}" if "profile" in claim else "every 1-Lipschitz $\\varphi$"
    figure.suptitle(f"{what}, {claim['activation']}, error ≤ {decimal(Fraction(claim['epsilon']))}", fontsize=9.5)
    law = Fraction(claim["constant"]), Fraction(claim["exponent"])
    if "to" in claim:
        steps = [prove_radial_cubature(Fields(step, ""), Work()) for step in document["steps"]]
        ends = [step.built.d for step in steps]
        dimensions = spread(claim["from"], claim["to"], ends)
        widths = [restricted_width(next(step for step in steps if step.built.d >= d), d, Work()) for d in dimensions]
        draw_widths(axes, dimensions, widths, *law)
        own = [(math.log10(step.built.d), math.log10(step.width)) for step in steps if step.width]
        x, y = zip(*own, strict=True) if own else ((), ())
        axes.plot(x, y, "o", color=BLUE, markersize=4, label="networks given")
    else:
        knots = read_geometric_knots(Fields(document["network"], ""))
        squares = [knots.first * knots.ratio ** (2 * j) for j in range(100)]
        dimensions = spread(claim["from"], LAST, [int(square) for square in squares if square < LAST])
        draw_widths(axes, dimensions, [2 * d * knots.count(d) for d in dimensions], *law)
    axes.legend(loc="upper left")


def spread(first: int, last: int, jumps: list[int]) -> list[int]:
    """Return dimensions at about equal ratios, with those before and after each jump of the width."""
    grid = {*np.unique(np.rint(np.geomspace(first, last, SHOWN)).astype(int)).tolist(), *jumps, *(d + 1 for d in jumps)}
    return [d for d in sorted(grid) if first <= d <= last]


def draw_widths(axes: Any, dimensions: list[int], widths: list[int], constant: Fraction, exponent: Fraction) -> None:
    """Draw widths and the line C d^p, both axes logarithmic."""
    x = np.log10(np.array(dimensions, dtype=float))
    y = [math.log10(width) if width else math.nan for width in widths]
    line = math.log10(constant) + float(exponent) * x
    label = f"certified: width ≤ {spelled(constant)} $d^{{{spelled(exponent)}}}$"
    axes.plot(x, line, color=RED, linestyle="--", label=label)
    axes.plot(x, y, color=BLUE, linewidth=1.0, label="width of the network for d")
    for axis in (axes.xaxis, axes.yaxis):
        log_axis(axis)
    axes.set_xlabel("dimension d")
    axes.set_ylabel("width", color=BLACK)
    axes.set_title("Width that suffices in dimension d")
