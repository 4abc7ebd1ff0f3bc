"""A depth separation in L2, whatever the weights and the activation: the two widths, and the target."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.kernel.outcome import Theorem
from verify.report.figures.separation import draw_bars
from verify.report.figures.style import BLUE, panels


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "depth-separation-l2"."""
    from verify.kernel.check import check_document

    theorem: Theorem = check_document(document)
    claim, network = document["claim"], document["network"]
    bars, target = panels(figure, 2)
    figure.suptitle(
        f"d = {claim['d']}: L2 distance {claim['error']} from a depth-3 network, for every activation and all weights",
        fontsize=9.5,
    )
    draw_bars(bars, claim["width"], int(theorem.figures["depth-3 neurons"]))
    knots = np.array([float(Fraction(knot)) for knot in network["knots"]])
    margin = 0.1 * (knots[-1] - knots[0])
    radii = np.concatenate([[max(0.0, knots[0] - margin)], knots, [knots[-1] + margin]])
    values = (-1.0) ** np.arange(knots.size)
    target.plot(radii, np.concatenate([values[:1], values, values[-1:]]), color=BLUE, linewidth=1.0)
    target.set_ylim(-1.3, 1.3)
    target.set_xlabel("|y|")
    target.set_title("The target at its knots (linear in |y|² between them)")
