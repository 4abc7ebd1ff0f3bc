"""Theorem 4: the L2 masses of the target by degree, and the test function's weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.kernel.sup_norm.spectral import MASS_BITS, half_sine, masses
from verify.report.figures.style import BLUE, RED, panels


def draw(document: Document, figure: Any) -> None:
    """Draw the masses m_k and the weights c_k of a certificate of kind "theorem-4"."""
    dimension, proof = document["claim"]["dimension"], document["proof"]
    enclosures = masses(half_sine(dimension, proof["precision"]), proof["first_degree"], len(proof["weights"]))
    shares = np.array([float(low) for low, _ in enclosures]) / 2.0**MASS_BITS
    degrees = proof["first_degree"] + 2 * np.arange(shares.size)
    mass, weights = panels(figure, 2)
    figure.suptitle(
        f"Theorem 4 at d = {dimension}: every depth-2 ReLU network needs at least "
        f"{document['claim']['width_relu']:,} neurons",
        fontsize=9.5,
    )
    mass.plot(degrees, shares, ".", color=BLUE, markersize=4)
    mass.set_xlabel("degree k (odd)")
    mass.set_ylim(bottom=0.0)
    mass.set_title(f"Masses $m_k$ of sin($\\pi d^3\\, y\\cdot z$), their sum {shares.sum():.3f}")
    chosen = np.array([float(weight) for weight in proof["weights"]])
    weights.plot(degrees, chosen / chosen.max(), ".", color=RED, markersize=4)
    weights.set_xlabel("degree k (odd)")
    weights.set_ylim(0.0, 1.1)
    weights.set_title("Weights $c_k$ of the test function (largest = 1)")
