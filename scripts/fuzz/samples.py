"""Points of the ball and profiles of certificates, in float64, for the oracles."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

TOLERANCE = 1e-9


def points(dimension: int) -> Any:
    generator = np.random.default_rng(dimension)
    raw = generator.normal(size=(4000, dimension))
    raw /= np.sqrt((raw * raw).sum(axis=1))[:, None]
    radii = np.concatenate([np.linspace(0, 1, 3000), np.ones(1000)])
    return raw * radii[:, None]


def lipschitz_holds(claim: Any) -> bool:
    grid = np.linspace(0, 1, 20_001)
    values = profile(claim, grid)
    return bool(np.abs(np.diff(values) / np.diff(grid)).max() <= float(Fraction(claim["lipschitz"])) + 1e-6)


def profile(claim: Any, radius: Any) -> Any:
    """Evaluate a profile of a certificate in float64."""
    if "piecewise_linear" in claim:
        part = claim["piecewise_linear"]
        return np.interp(
            radius, [float(Fraction(k)) for k in part["knots"]], [float(Fraction(v)) for v in part["values"]]
        )
    return np.broadcast_to(_evaluate(claim["expression"], radius), np.shape(radius))


_OPERATIONS: dict[str, Any] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative, "sin": np.sin,
    "cos": np.cos, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "min": np.minimum,
    "max": np.maximum, "tanh": np.tanh, "pow": np.power, "atan": np.arctan, "tan": np.tan,
}  # fmt: skip


def _evaluate(term: Any, radius: Any) -> Any:
    if isinstance(term, list):
        return _OPERATIONS[term[0]](*(_evaluate(inner, radius) for inner in term[1:]))
    if term == "r":
        return radius
    return math.pi if term == "pi" else float(Fraction(term))
