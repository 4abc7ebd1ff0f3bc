"""A refutation: the network's error along the radius of the witness, beyond the accuracy that was claimed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.networks.depth2 import network_from_document
from verify.report.figures.ball import mark_witness, witness_point
from verify.report.figures.profile import profile_of, profile_text
from verify.report.figures.style import BLUE, bound_lines, decimal, panels


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "refutation"."""
    claim = document["claim"]
    (axes,) = panels(figure, 1)
    witness, phi = witness_point(document), profile_of(claim["profile"])
    radius = float(np.linalg.norm(witness))
    unit = witness / radius if radius > 0 else np.eye(witness.size)[0]
    r = np.unique(np.append(np.linspace(0.0, 1.0, 600), min(radius, 1.0)))
    error = network_from_document(document["network"]).evaluate(r[:, None] * unit) - phi(r)
    at = float(error[np.searchsorted(r, min(radius, 1.0))])
    axes.plot(r, error, color=BLUE, label="N - $\\varphi$ through the witness")
    bound_lines(axes, float(Fraction(claim["epsilon"])), both=True, label=f"claimed and false: {claim['epsilon']}")
    mark_witness(axes, radius, at, decimal(Fraction(document["witness"]["error"])))
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("r = |x|")
    axes.set_title(f"$\\varphi$(r) = {profile_text(claim['profile'])}, d = {claim['dimension']}")
    axes.legend(loc="best")
