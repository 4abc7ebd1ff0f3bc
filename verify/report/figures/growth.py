"""Theorem 1 over a range of dimensions: the widths of the networks, restricted, below C d^p."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.growth import restricted_width
from verify.kernel.cubature.power_law import spelled
from verify.kernel.cubature.radial_cubature import prove_radial_cubature
from verify.kernel.fields import Fields
from verify.report.figures.profile import profile_text
from verify.report.figures.style import BLACK, BLUE, RED, decimal, log_axis, panels

SHOWN = 300  # dimensions of the curve, at equal ratios


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "growth"."""
    claim = document["claim"]
    (axes,) = panels(figure, 1, height=3.6)
    what = f"$\\varphi$(r) = {profile_text(claim['profile'])}" if "profile" in claim else "every 1-Lipschitz $\\varphi$"
    figure.suptitle(f"{what}, {claim['activation']}, error ≤ {decimal(Fraction(claim['epsilon']))}", fontsize=9.5)
    steps = [prove_radial_cubature(Fields(step, ""), Work()) for step in document["steps"]]
    first, last = claim["from"], claim["to"]
    ends = [step.built.d for step in steps]
    grid = {*np.unique(np.rint(np.geomspace(first, last, SHOWN)).astype(int)).tolist(), *ends, *(d + 1 for d in ends)}
    dimensions = [d for d in sorted(grid) if first <= d <= last]
    widths = [restricted_width(next(step for step in steps if step.built.d >= d), d, Work()) for d in dimensions]
    draw_widths(axes, dimensions, widths, Fraction(claim["constant"]), Fraction(claim["exponent"]))
    own = [(step.built.d, step.width) for step in steps if first <= step.built.d <= last and step.width]
    places = [math.log10(d) for d, _ in own]
    axes.plot(places, [math.log10(width) for _, width in own], "o", color=BLUE, markersize=4, label="networks given")
    axes.legend(loc="upper left")


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
