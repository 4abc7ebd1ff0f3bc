"""Inner product mod 2: both widths, how they grow with n, and the second layer that makes depth 3 exact."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.kernel.parity.inner_product import Neuron, least_width, parity_neurons
from verify.report.figures.separation import draw_bars
from verify.report.figures.style import BLACK, BLUE, BOUNDED_NEEDS, RED, log_axis, panels

MOST_TEETH = 12


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "inner-product"."""
    claim = document["claim"]
    n = claim["n"]
    bars, growth, wave = panels(figure, 3)
    figure.suptitle(
        f"$(-1)^{{x·y}}$ for x, y in $\\{{0,1\\}}^{{{n}}}$: mean error {claim['epsilon']}, "
        f"parameters ≤ {claim['weight_bound']}",
        fontsize=9.5,
    )
    draw_bars(bars, claim["depth2_width"], claim["depth3_neurons"])
    draw_growth(growth, n, Fraction(claim["epsilon"]), Fraction(claim["weight_bound"]))
    draw_wave(wave, n, 1.0)


def draw_growth(axes: Any, n: int, epsilon: Fraction, bound: Fraction) -> None:
    """Draw what the rule's two formulas give for other n, the certificate's n marked."""
    numbers = sorted({max(1, round(n * share)) for share in np.linspace(0.1, 1.5, 60)} | {n})
    for label, colour, dash, marker, count in (
        (BOUNDED_NEEDS, RED, "-", "^", lambda m: _depth2(m, epsilon, bound)),
        ("one depth-3 network has", BLUE, "--", "o", lambda m: m + parity_neurons(m, bound, Fraction(1), bound)),
    ):
        points = [(m, math.log10(value)) for m in numbers if (value := count(m)) > 0]
        axes.plot(*zip(*points, strict=True), color=colour, linestyle=dash, label=label)
        axes.plot([n], [math.log10(count(n))], marker=marker, color=colour, linestyle="none")
    log_axis(axes.yaxis)
    axes.set_xlabel("n (2n inputs); marked: this certificate")
    axes.set_ylabel("neurons")
    axes.set_title("Both sides as n grows")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.35 * (high - low))  # room for the legend
    axes.legend(loc="upper left")


def _depth2(n: int, epsilon: Fraction, bound: Fraction) -> int:
    return least_width(n, 1 - epsilon, Neuron(bound * n, bound), bound)


def draw_wave(axes: Any, n: int, height: float) -> None:
    """Draw height (-1)^S as a sum of n hinges in S = x.y: the second hidden layer of the depth-3 network."""
    last = min(n, MOST_TEETH)
    s = np.linspace(0.0, last, 40 * last + 1)
    value = height * (1 - 2 * s + sum(4 * (-1) ** (j + 1) * np.maximum(0.0, s - j) for j in range(1, last)))
    axes.plot(s, value, color=BLUE, linewidth=1.1, label="1 - 2σ(S) + 4σ(S-1) - 4σ(S-2) + …")
    axes.plot(range(last + 1), [height * (-1) ** j for j in range(last + 1)], "o", color=BLACK, markersize=4)
    axes.set_ylim(-1.3 * height, 1.8 * height)
    axes.set_xlabel(f"S = x·y, the first layer's sum (up to {last}{' of ' + str(n) if last < n else ''})")
    axes.set_title("Depth 3: the parity of S by hinges")
    axes.legend(loc="upper right")
