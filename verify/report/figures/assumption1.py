"""Assumption 1: the network of one family for an example function, and its error on the whole line."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from verify.certificates.document import Document
from verify.kernel.activation.activations import read_activation
from verify.report.figures import NoFigure
from verify.report.figures.style import BLACK, RED, bound_lines, decimal, panels

Floats = npt.NDArray[np.float64]

STEPS = {
    "threshold": lambda t: np.heaviside(t, 0.5),
    "hard-tanh": lambda t: (np.clip(t, -1, 1) + 1) / 2,
    "sigmoid": special.expit,
    "tanh": lambda t: (np.tanh(t) + 1) / 2,
    "arctan": lambda t: np.arctan(t) / np.pi + 0.5,
    "erf": lambda t: (special.erf(t) + 1) / 2,
    "softsign": lambda t: (t / (1 + np.abs(t)) + 1) / 2,
}
MOST_NEURONS = 3000


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "assumption-1" with activations that are steps."""
    claim, network = document["claim"], document["network"]
    activation = read_activation(claim["activation"], "claim.activation")
    lipschitz, reach, bound = (float(Fraction(claim[key])) for key in ("lipschitz", "radius", "bound"))
    width = network["width"]
    if activation.family != "steps" or activation.name not in STEPS or not 0 < width <= MOST_NEURONS:
        raise NoFigure("no figure for this activation or width: figures show steps such as sigmoid, up to 3000 neurons")
    function, error = panels(figure, 2)
    figure.suptitle(
        f"Assumption 1 for {claim['activation']}: L = {claim['lipschitz']}, R = {claim['radius']}, width {width}",
        fontsize=9.5,
    )

    def example(x: Floats) -> Floats:
        """Teeth of slopes L and -L, constant outside [-R, R]."""
        y = np.clip(x, -reach, reach) / reach
        value: Floats = lipschitz * reach * (np.abs(y - np.round(y * 1.25) / 1.25))
        return value

    bins = 2 * reach / width
    ends = -reach + bins * np.arange(width + 1)
    beta = 2 * float(Fraction(network["sharpness"])) / bins
    steps = np.diff(example(ends))
    x = np.linspace(-1.3 * reach, 1.3 * reach, 1501)
    value = example(ends[:1])[0] + STEPS[activation.name](beta * (x[:, None] - ends[:-1] - bins / 2)) @ steps
    function.plot(x, example(x), color=BLACK, linewidth=1.0, label="an example f")
    function.plot(x, value, color=RED, linestyle="--", linewidth=1.1, label="the network h")
    function.set_xlabel("x")
    function.legend(loc="best")
    error.plot(x, value - example(x), color=RED, linewidth=1.0, label="h - f")
    bound_lines(error, bound, both=True, label=f"certified for every f: {decimal(bound)}")
    error.set_ylim(-1.3 * bound, 1.9 * bound)
    error.set_xlabel("x")
    error.legend(loc="upper right")
