"""A universal family: the worst error over all 1-Lipschitz profiles, and the reaction to a few of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.networks.family import family_from_document
from verify.report.figures import ball
from verify.report.figures.radial import draw_maps
from verify.report.figures.style import CYCLE, DASHES, bound_lines, decimal, panels

Floats = npt.NDArray[np.float64]

EXAMPLES: dict[str, Callable[[Floats], Floats]] = {
    "r": lambda r: r,
    "max(0, 1/2 - r)": lambda r: np.maximum(0.0, 0.5 - r),
    "sin(12 r)/12": lambda r: np.sin(12 * r) / 12,
    "zigzag of 4 teeth": lambda r: np.abs(r - np.round(4 * r) / 4),
}


def draw(document: Document, figure: Any) -> None:
    """Draw E(x) for a certificate of kind "universal-approximation"."""
    claim = document["claim"]
    dimension, bound = claim["dimension"], float(Fraction(claim["bound"]))
    family = family_from_document(document["family"])

    def error(points: Floats) -> Floats:
        return ball.in_batches(family.error, points, family.width)

    figure.suptitle(
        f"E(x) = largest |$N_\\varphi(x) - \\varphi$(|x|)| over all 1-Lipschitz $\\varphi$; "
        f"d = {dimension}, width {family.width:,}",
        fontsize=9.5,
    )
    if dimension == 2:
        heat, curve, reaction = panels(figure, 3)
        draw_maps(document, figure, [heat], [(np.eye(2)[0], np.eye(2)[1], "$x_1$", "$x_2$")], error, bound)
    elif dimension == 3:
        witness = ball.witness_point(document)
        heat, curve, reaction = panels(figure, 3)
        plane = (*ball.plane_through(witness), "towards the witness", "orthogonal to it")
        draw_maps(document, figure, [heat], [plane], error, bound)
    else:
        curve, reaction = panels(figure, 2)
    # Every direction costs the whole network at every radius.
    count = int(np.clip(40_000 // family.width, 6, 120))
    r, values = ball.along_radii(error, dimension, count=count)
    ball.envelope(curve, r, values, what="E")
    bound_lines(curve, bound, both=False, label=f"certified: E ≤ {decimal(bound)}")
    ball.mark_witness(
        curve,
        float(np.linalg.norm(ball.witness_point(document))),
        float(Fraction(document["witness"]["error"])),
        decimal(Fraction(document["witness"]["error"])),
    )
    curve.set_ylim(0.0, 1.6 * bound)
    curve.set_title("E along radii")
    curve.legend(loc="upper center", ncols=1)
    _reactions(reaction, family, dimension, bound)


def _reactions(axes: Any, family: Any, dimension: int, bound: float) -> None:
    """Draw the errors of the family's networks for example profiles on one radius in general position."""
    r = np.linspace(0.0, 1.0, 241)
    unit = np.arange(1.0, dimension + 1.0) ** 0.5
    unit /= np.linalg.norm(unit)
    features = ball.in_batches(lambda points: np.asarray(family.bins(points)), r[:, None] * unit, family.width)
    edges = family.edges / 2.0**family.edge_bits
    for (name, phi), colour, dash in zip(EXAMPLES.items(), CYCLE, DASHES, strict=False):
        value = phi(np.zeros(1))[0] + features @ np.diff(phi(edges))
        axes.plot(r, value - phi(r), color=colour, linestyle=dash, linewidth=1.1, label=f"$\\varphi$(r) = {name}")
    bound_lines(axes, bound, both=True, label="certified for every $\\varphi$")
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(-1.2 * bound, 2.6 * bound)
    axes.set_xlabel("r = |x|, on one radius")
    axes.set_title("$N_\\varphi - \\varphi$ for some profiles")
    axes.legend(loc="upper center", ncols=1)
