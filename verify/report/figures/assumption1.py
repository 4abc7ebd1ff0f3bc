"""Assumption 1: the network of one family for an example function, and its error on the whole line."""

from __future__ import annotations

from collections.abc import Callable
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

STEPS: dict[str, Callable[[Floats], Floats]] = {
    "threshold": lambda t: np.heaviside(t, 0.5),
    "hard-tanh": lambda t: (np.clip(t, -1, 1) + 1) / 2,
    "sigmoid": special.expit,
    "tanh": lambda t: (np.tanh(t) + 1) / 2,
    "arctan": lambda t: np.arctan(t) / np.pi + 0.5,
    "erf": lambda t: (special.erf(t) + 1) / 2,
    "softsign": lambda t: (t / (1 + np.abs(t)) + 1) / 2,
}
RAMPS: dict[str, Callable[[Floats, float], Floats]] = {
    "relu": lambda t, _: np.maximum(t, 0.0),
    # Up to a linear function of t, which cancels in the sum over all neurons.
    "leaky-relu": lambda t, _: np.maximum(t, 0.0),
    "softplus": lambda t, _: np.logaddexp(t, 0.0),
    "elu": lambda t, a: np.where(t > 0, t, a * np.expm1(np.minimum(t, 0.0))),
    "gelu": lambda t, _: t * special.ndtr(t),
    "silu": lambda t, _: t * special.expit(t),
}
MOST_NEURONS = 3000


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "assumption-1"."""
    claim, width = document["claim"], document["network"]["width"]
    lipschitz, reach, bound = (float(Fraction(claim[key])) for key in ("lipschitz", "radius", "bound"))
    if width > MOST_NEURONS:
        raise NoFigure(f"no figure for {width:,} neurons: figures of this kind show at most {MOST_NEURONS:,}")
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

    x = np.linspace(-1.3 * reach, 1.3 * reach, 1501)
    value = network_value(document, example, reach, x)
    function.plot(x, example(x), color=BLACK, linewidth=1.0, label="an example f")
    function.plot(x, value, color=RED, linestyle="--", linewidth=1.1, label="the network h")
    function.set_ylim(-0.1 * lipschitz * reach, 0.75 * lipschitz * reach)
    function.set_xlabel("x")
    function.legend(loc="upper center", ncols=2)
    error.plot(x, value - example(x), color=RED, linewidth=1.0, label="h - f")
    bound_lines(error, bound, both=True, label=f"certified for every f: {decimal(bound)}")
    error.set_ylim(-1.3 * bound, 1.9 * bound)
    error.set_xlabel("x")
    error.legend(loc="upper right")


def network_value(document: Document, f: Callable[[Floats], Floats], reach: float, x: Floats) -> Floats:
    """Return h(x) for the function f: the family of docs/rules/activation.md, rule ASSUMPTION-1."""
    width = document["network"]["width"]
    if width == 0:
        return np.full(x.shape, f(np.zeros(1))[0])
    sharpness = float(Fraction(document["network"]["sharpness"]))
    activation = read_activation(document["claim"]["activation"], "claim.activation")
    start = f(np.array([-reach]))[0]
    if activation.family == "steps":
        ends = np.linspace(-reach, reach, width + 1)
        half = reach / width
        places, heights = ends[:-1] + half, np.diff(f(ends))
        neurons = STEPS[activation.name](sharpness / half * (x[:, None] - places))
    else:
        ends = np.linspace(-reach, reach, width)
        bends = np.diff(np.concatenate([[0.0], np.diff(f(ends)) / (ends[1] - ends[0]), [0.0]]))
        beta = sharpness / reach
        heights = bends / beta
        ramp = RAMPS[activation.name.split(":")[0]]
        neurons = ramp(beta * (x[:, None] - ends), float(activation.parameter))
    value: Floats = start + neurons @ heights
    return value
