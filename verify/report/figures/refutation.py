"""A refutation: where the network's error is beyond the accuracy that was claimed, and the radius of the witness."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.networks.depth2 import network_from_document
from verify.report.figures.ball import (
    PIXELS,
    heat_map,
    in_batches,
    mark_witness,
    plane_through,
    witness_point,
)
from verify.report.figures.profile import profile_of, profile_text
from verify.report.figures.style import BLUE, bound_lines, decimal, panels

Floats = npt.NDArray[np.float64]


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "refutation"."""
    claim = document["claim"]
    witness, phi = witness_point(document), profile_of(claim["profile"])
    network, epsilon = network_from_document(document["network"]), float(Fraction(claim["epsilon"]))
    lower = decimal(Fraction(document["witness"]["error"]))

    def error(points: Floats) -> Floats:
        radius = np.minimum(np.sqrt((points * points).sum(axis=1)), 1.0)
        value: Floats = in_batches(network.evaluate, points, network.width) - phi(radius)
        return value

    figure.suptitle(
        f"$\\varphi$(r) = {profile_text(claim['profile'])}, d = {claim['dimension']}: not within {claim['epsilon']}",
        fontsize=9.5,
    )
    if witness.size > 1:
        plane, axes = panels(figure, 2)
        _draw_plane(figure, plane, lambda x: np.abs(error(x)), witness, epsilon)
    else:
        (axes,) = panels(figure, 1)
    radius = float(np.linalg.norm(witness))
    unit = witness / radius if radius > 0 else np.eye(witness.size)[0]
    r = np.unique(np.append(np.linspace(0.0, 1.0, 600), min(radius, 1.0)))
    values = error(r[:, None] * unit)
    axes.plot(r, values, color=BLUE, label="N - $\\varphi$ through the witness")
    bound_lines(axes, epsilon, both=True, label=f"claimed and false: {claim['epsilon']}")
    mark_witness(axes, radius, float(values[np.searchsorted(r, min(radius, 1.0))]), lower)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.45 * (high - low))
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("r = |x|")
    axes.set_title("Error along the radius of the witness")
    axes.legend(loc="upper left")


def _draw_plane(figure: Any, axes: Any, error: Callable[[Floats], Floats], witness: Floats, epsilon: float) -> None:
    """Draw the error on a plane through the centre and the witness, with the border of what was claimed."""
    first, second = np.eye(2) if witness.size == 2 else plane_through(witness)
    image = heat_map(axes, error, first, second, float(error(witness[None, :])[0]))
    line = np.linspace(-1.0, 1.0, PIXELS)
    axes.contour(line, line, np.ma.filled(image.get_array(), np.nan), levels=[epsilon], colors="white", linewidths=0.9)
    mark_witness(axes, float(witness @ first), float(witness @ second), "")
    axes.set_title("Error on a plane; white: where the claim ends")
    axes.set_xlabel("$x_1$" if witness.size == 2 else "towards the witness", labelpad=0)
    axes.set_ylabel("$x_2$" if witness.size == 2 else "orthogonal to it", labelpad=0)
    figure.get_layout_engine().set(w_pad=0.12)
    figure.colorbar(image, ax=axes, shrink=0.8, label="|error|")
