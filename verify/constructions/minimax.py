"""Best approximation in the sup norm on sample points, by linear programming."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def minimax(matrix: Floats, target: Floats) -> tuple[Floats, float]:
    """Return the coefficients that minimise max |matrix @ c - target|, and that maximum."""
    from scipy.optimize import linprog  # a second to import: not for those who build no such network

    rows, count = matrix.shape
    ones = np.ones((rows, 1))
    result = linprog(
        np.append(np.zeros(count), 1.0),
        A_ub=np.block([[matrix, -ones], [-matrix, -ones]]),
        b_ub=np.concatenate([target, -target]),
        bounds=[(None, None)] * count + [(0, None)],
        method="highs",
    )
    if result.x is None:
        return np.zeros(count), float("inf")
    return result.x[:count], float(result.x[-1])
