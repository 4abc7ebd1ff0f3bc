"""A depth-3 network: the univariate square of its first layer, and its error along radii."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.report.figures import ball
from verify.report.figures.profile import profile_of, profile_text
from verify.report.figures.style import BLACK, BLUE, bound_lines, decimal, panels

Floats = npt.NDArray[np.float64]


def draw(document: Document, figure: Any) -> None:
    """Draw the network of a certificate of kind "depth3-approximation"."""
    claim = document["claim"]
    square, error = panels(figure, 2)
    figure.suptitle(
        f"d = {claim['dimension']}, $\\varphi$(r) = {profile_text(claim['profile'])}: depth 3, "
        f"{claim['neurons']:,} neurons",
        fontsize=9.5,
    )
    draw_square(square, document)
    draw_error(error, document)


def draw_square(axes: Any, document: Document) -> None:
    """Draw p(t) - t^2 and the band that the proof gives."""
    inner, _ = layers(document["network"])
    proof = document["proof"]
    t = np.linspace(0.0, 1.0, 3001)
    axes.plot(t, even(inner, t) - t * t, color=BLUE, linewidth=0.9, label="p(t) - t²")
    for sign, key in ((-1, "square_below"), (1, "square_above")):
        constant, share = (float(Fraction(value)) for value in proof[key])
        label = "certified band" if sign > 0 else None
        axes.plot(t, sign * (constant + share * t * t), color=BLACK, linestyle="--", linewidth=1.0, label=label)
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("t, one coordinate (p is even)")
    axes.set_title("First layer: the square of a coordinate")
    axes.legend(loc="best")


def draw_error(axes: Any, document: Document) -> None:
    """Draw N(x) - phi(|x|) along radii with the certified accuracy."""
    claim = document["claim"]
    dimension, epsilon = claim["dimension"], float(Fraction(claim["epsilon"]))
    inner, outer = layers(document["network"])
    phi = profile_of(claim["profile"])

    def error(points: Floats) -> Floats:
        radius = np.minimum(np.sqrt((points * points).sum(axis=1)), 1.0)
        value: Floats = outer(even(inner, points).sum(axis=1)) - phi(radius)
        return value

    count = int(np.clip(3_000_000 // (801 * dimension), 4, 60))
    r, values = ball.along_radii(error, dimension, count=count, radii=801 if dimension < 500 else 121)
    ball.envelope(axes, r, values, what="N - $\\varphi$")
    bound_lines(axes, epsilon, both=True, label=f"certified: |N - $\\varphi$| ≤ {decimal(epsilon)}")
    axes.set_ylim(-1.25 * epsilon, 2.3 * epsilon)
    axes.set_title("Error along radii")
    axes.legend(loc="upper left")


def even(inner: Callable[[Floats], Floats], t: Floats) -> Floats:
    """Return p(t) = inner(|t|): the first layer holds max(0, t - knot) and max(0, -t - knot), a knot 0 counts twice."""
    return inner(np.abs(t))


def layers(network: Document) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """Return the piecewise linear functions of the two hidden layers."""
    unit = 2.0 ** -network["bits"]
    return _hinges(network["inner"], unit), _hinges(network["outer"], unit)


def _hinges(part: Document, unit: float) -> Callable[[Floats], Floats]:
    """Return t -> offset + sum_l u_l max(0, t - k_l) as an interpolation between its kinks."""
    knots = np.array([int(k) for k in part["knots"]], dtype=float) * unit
    slopes = np.concatenate([[0.0], np.cumsum([float(u) * unit for u in part["coefficients"]])])
    values = float(part["offset"]) * unit + np.concatenate([[0.0], np.cumsum(slopes[1:-1] * np.diff(knots))])

    def function(t: Floats) -> Floats:
        inside = np.interp(t, knots, values)
        result: Floats = inside + slopes[-1] * np.maximum(t - knots[-1], 0.0)
        return result

    return function
