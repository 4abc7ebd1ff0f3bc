"""A depth separation in the sup norm: both sides of one certificate."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from verify.certificates.document import Document
from verify.report.figures.depth3 import draw_error
from verify.report.figures.dual_measure import draw_atoms
from verify.report.figures.profile import profile_text
from verify.report.figures.style import BLUE, RED, decimal, log_axis, panels


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "separation-sup"."""
    claim = document["claim"]
    bars, atoms, error = panels(figure, 3)
    figure.suptitle(
        f"d = {claim['dimension']}, $\\varphi$(r) = {profile_text(claim['profile'])}, accuracy "
        f"{decimal(Fraction(claim['epsilon']))}, weights ≤ {decimal(Fraction(claim['weight_bound']))}",
        fontsize=9.5,
    )
    draw_bars(bars, claim["depth2_width"], claim["depth3_neurons"])
    draw_atoms(atoms, claim["profile"], document["proof"]["depth2"])
    draw_error(error, document)


def draw_bars(axes: Any, width: int, neurons: int) -> None:
    """Draw the two numbers of neurons on a logarithmic axis."""
    exponents = [math.log10(max(1, width)), math.log10(max(1, neurons))]
    shown = axes.barh([1, 0], exponents, color=[RED, BLUE], height=0.55)
    shown[0].set_hatch("//")
    axes.bar_label(shown, [f" ≥ {width:,}" if width < 10**9 else f" ≥ {power_of_ten(width)}", f" {neurons:,}"])
    log_axis(axes.xaxis)
    axes.set_xlim(0.0, 1.5 * max(exponents) + 0.5)
    axes.set_yticks([1, 0], ["every\ndepth-2\nnetwork", "one\ndepth-3\nnetwork"])
    axes.set_xlabel("neurons")
    axes.set_title("Width that is needed and that suffices")


def power_of_ten(number: int) -> str:
    """Return a long whole number rounded down to four digits, such as "1.234e56"."""
    digits = str(number)
    return f"{digits[0]}.{digits[1:4]}e{len(digits) - 1}"
