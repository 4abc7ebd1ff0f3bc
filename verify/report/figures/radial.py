"""The error of one network against one radial profile: heat maps, cells, the worst point, the error along radii."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.networks.depth2 import network_from_document
from verify.report.figures import ball
from verify.report.figures.profile import profile_of, profile_text
from verify.report.figures.style import bound_lines, decimal, panels

Floats = npt.NDArray[np.float64]


def draw(document: Document, figure: Any) -> None:
    """Draw N(x) - phi(|x|) for a certificate of kind "radial-approximation"."""
    claim = document["claim"]
    network = network_from_document(document["network"])
    phi = profile_of(claim["profile"])
    weights, biases, outputs, constant = network.floats()

    def error(points: Floats) -> Floats:
        def batch(part: Floats) -> Floats:
            radius = np.minimum(np.sqrt((part * part).sum(axis=1)), 1.0)
            value: Floats = np.maximum(part @ weights.T + biases, 0.0) @ outputs + constant - phi(radius)
            return value

        return ball.in_batches(batch, points, network.width)

    bound, witness = float(Fraction(claim["bound"])), ball.witness_point(document)
    lower = decimal(Fraction(document["witness"]["error"]))
    worst = float(error(witness[None, :])[0])
    dimension = claim["dimension"]
    title = f"$\\varphi$(r) = {profile_text(claim['profile'])}, d = {dimension}, width {network.width}"
    figure.suptitle(title, fontsize=9.5)
    if dimension in (2, 3):
        planes = [(np.eye(dimension)[0], np.eye(dimension)[1], "$x_1$", "$x_2$")]
        if dimension == 3:
            planes.append((*ball.plane_through(witness), "towards the witness", "orthogonal to it"))
        *maps, curve = panels(figure, len(planes) + 1)
        draw_maps(document, figure, maps, planes, lambda x: np.abs(error(x)), bound)
    else:
        (curve,) = panels(figure, 1)
    r, values = ball.along_radii(error, dimension, count=360 if dimension <= 3 else 60)
    ball.envelope(curve, r, values, what="N - $\\varphi$")
    bound_lines(curve, bound, both=True, label=f"certified: |N - $\\varphi$| ≤ {decimal(bound)}")
    ball.mark_witness(curve, float(np.linalg.norm(witness)), worst, lower)
    curve.set_ylim(-2.4 * bound, 1.3 * bound)
    curve.set_title("Error along radii")
    curve.legend(loc="lower left", ncols=1)


def draw_maps(document: Document, figure: Any, maps: list[Any], planes: list[Any], error: Any, bound: float) -> None:
    """Draw heat maps of a nonnegative error on planes, cells where the plane is all of space, and the witness."""
    witness = ball.witness_point(document)
    lower = decimal(Fraction(document["witness"]["error"]))
    image = None
    for axes, (first, second, across, up) in zip(maps, planes, strict=True):
        image = ball.heat_map(axes, error, first, second, bound)
        at = (float(witness @ first), float(witness @ second))
        axes.set_title(f"Plane: {across}, {up}" if witness.size > 2 else "Error over the disc")
        if witness.size == 2 and document["proof"]["rule"] == "regions":
            count = ball.draw_folds(axes, document)
            axes.set_title(f"Error over the disc; N bends across {count:,} lines")
        elif witness.size == 2:
            count = ball.draw_cells(axes, document["proof"])
            axes.set_title(f"Error over the disc; the {count:,} cells{ball.extent_label(document)}")
        if np.linalg.norm(at[0] * first + at[1] * second - witness) < 1e-6:
            ball.mark_witness(axes, *at, lower)
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.28))
        axes.set_xlabel(across, labelpad=0)
        axes.set_ylabel(up, labelpad=0)
    figure.get_layout_engine().set(w_pad=0.12)  # room between the bar's label and the next panel
    figure.colorbar(image, ax=maps, shrink=0.8, label="|error|, up to the certified bound")
