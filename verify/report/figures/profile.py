"""A claim's radial profile phi as a function of float64 arrays."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.kernel.profiles.expression import read_expression
from verify.targets.evaluation import evaluate

Floats = npt.NDArray[np.float64]


def profile_of(part: Document) -> Callable[[Floats], Floats]:
    """Return phi of a claim's object "profile" (accepted by the kernel before)."""
    if "piecewise_linear" in part:
        table = part["piecewise_linear"]
        knots = [float(Fraction(knot)) for knot in table["knots"]]
        values = [float(Fraction(value)) for value in table["values"]]
        return lambda r: np.interp(r, knots, values)
    expression = read_expression(part["expression"], "claim.profile.expression")

    def phi(r: Floats) -> Floats:
        values: Any = evaluate(expression, np.asarray(r, dtype=np.float64))
        return np.broadcast_to(np.asarray(values, dtype=np.float64), np.shape(r)).copy()

    return phi


def profile_text(part: Document) -> str:
    """Return phi in words, such as "sin(30*(r**2 - 1/2))/60"."""
    if "piecewise_linear" in part:
        from verify.kernel.profiles.profile import piecewise_linear_text

        table = part["piecewise_linear"]
        knots, values = (tuple(Fraction(n) for n in table[key]) for key in ("knots", "values"))
        return piecewise_linear_text(knots, values).removeprefix("phi(r) = ").removeprefix("phi ")
    return read_expression(part["expression"], "claim.profile.expression").text
