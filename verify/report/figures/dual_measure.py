"""A lower bound on path norms: the dual measure's atoms beside the profile, and its response to every neuron."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.report.figures.profile import profile_of, profile_text
from verify.report.figures.style import BLACK, BLUE, RED, bound_lines, decimal, panels

Floats = npt.NDArray[np.float64]


def draw(document: Document, figure: Any) -> None:
    """Draw the measure of a certificate of kind "path-norm"."""
    claim = document["claim"]
    atoms, response = panels(figure, 2)
    figure.suptitle(
        f"d = {claim['dimension']}, $\\varphi$(r) = {profile_text(claim['profile'])}: every depth-2 ReLU network "
        f"within {decimal(Fraction(claim['epsilon']))} has path norm ≥ {decimal(Fraction(claim['path_norm']))}",
        fontsize=9.5,
    )
    draw_atoms(atoms, claim["profile"], document["proof"])
    draw_response(response, document["proof"], claim["dimension"])


def draw_atoms(axes: Any, profile: Document, measure: Document) -> None:
    """Draw phi with the measure's atoms as stems: up where the mass is positive, down where it is negative."""
    r = np.linspace(0.0, 1.0, 1500)
    phi = profile_of(profile)
    radii, masses = atoms_of(measure)
    size = np.abs(masses) / np.abs(masses).max()
    height = np.abs(phi(r)).max() or 1.0
    axes.plot(r, phi(r), color=BLUE, linewidth=1.0, label="$\\varphi$(r)")
    for sign, colour, marker in ((1, RED, "^"), (-1, BLACK, "v")):
        chosen = np.sign(masses) == sign
        at, base = radii[chosen], phi(radii[chosen])
        axes.vlines(at, base, base + sign * height * size[chosen], color=colour, linewidth=1.2)
        label = f"{chosen.sum()} {'positive' if sign > 0 else 'negative'} masses (lengths to scale)"
        axes.plot(at, base, linestyle="none", marker=marker, color=colour, markersize=4, label=label)
    axes.set_xlim(0.0, 1.02)
    axes.set_ylim(-2.2 * height, 3.2 * height)
    axes.set_xlabel("r")
    axes.set_title("The profile and the dual measure")
    axes.legend(loc="upper left")


def draw_response(axes: Any, measure: Document, dimension: int) -> None:
    """Draw G(s)/K, the response to the neuron max(0, u.x - s): the certificate says |G/K| <= 1 for every s."""
    radii, masses = atoms_of(measure)
    bound = float(Fraction(measure["response_bound"]))
    s = np.linspace(0.0, 1.0, 1601)
    values = sum(mass * mean_neuron(dimension, radius, s) for radius, mass in zip(radii, masses, strict=True)) / bound
    axes.plot(s, values, color=BLUE, linewidth=1.0, label="G(s)/K")
    bound_lines(axes, 1.0, both=True, label="certified for every s: |G| ≤ K")
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(-1.3, 1.7)
    axes.set_xlabel("s, the neuron's bias")
    axes.set_title("Response of the measure to one neuron")
    axes.legend(loc="upper right")


def atoms_of(measure: Document) -> tuple[Floats, Floats]:
    """Return (radii, masses) of a proof's measure in float64."""
    radii = np.array([float(Fraction(r, 1 << measure["radius_bits"])) for r in measure["radii"]])
    masses = np.array([float(Fraction(c, 1 << measure["mass_bits"])) for c in measure["masses"]])
    return radii, masses


def mean_neuron(dimension: int, radius: float, s: Floats) -> Floats:
    """Return E max(0, r u_1 - s) over the sphere of R^d, at an array of s >= 0."""
    from scipy.special import betainc, gammaln

    if radius == 0:
        return np.zeros_like(s)
    z = np.minimum(s / radius, 1.0)
    constant = np.exp(gammaln(dimension / 2) - gammaln((dimension - 1) / 2)) / np.sqrt(np.pi)
    tail = 0.5 * betainc((dimension - 1) / 2, 0.5, 1.0 - z * z)
    value: Floats = radius * constant * (1 - z * z) ** ((dimension - 1) / 2) / (dimension - 1) - s * tail
    return value
