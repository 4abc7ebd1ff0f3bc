"""Float64 enclosure of r = |x| over boxes: the search's counterpart of kernel rule RADIUS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# All quantities are below 4 and come from fewer than 100 operations on exact inputs: this covers their roundings,
# and the kernel's radii, which are rounded to 2^-26.
MARGIN = 2.0**-25


@dataclass(frozen=True)
class RadialExpansion:
    """For x = centre + y in the ball: low <= r <= high and, where smooth, r - at = beyond + slope . y/half + remainder.

    The remainder lies in [-MARGIN, curvature]; shapes are (n,), but (n, d) for slope.
    """

    low: Floats
    high: Floats
    at: Floats
    beyond: Floats
    slope: Floats
    curvature: Floats
    reach: Floats
    smooth: npt.NDArray[np.bool_]

    def term(self, least: Floats, most: Floats) -> tuple[Floats, Floats]:
        """Bound T(r) - T(at) for slopes of T in [least, most]: constant (n,), coefficients of y/half (n, d)."""
        middle = 0.5 * (most + least)
        spread = 0.5 * (most - least)
        remainder = np.where(middle > 0, middle * self.curvature, -middle * MARGIN)
        expansion = middle * self.beyond + remainder + spread * self.reach
        crude = np.maximum(np.abs(most), np.abs(least)) * self.reach
        return np.where(self.smooth, expansion, crude), np.where(self.smooth, middle, 0.0)[:, None] * self.slope


def radial_expansion(centres: Floats, half_sides: Floats) -> RadialExpansion:
    """Return the expansion on boxes with centres (n, d) and half sides (d,)."""
    size = np.abs(centres)
    nearest = np.maximum(size - half_sides, 0.0)
    low = np.maximum(np.sqrt((nearest * nearest).sum(axis=1)) - MARGIN, 0.0)
    farthest = size + half_sides
    high = np.minimum(np.sqrt((farthest * farthest).sum(axis=1)) + MARGIN, 1.0)
    norm = np.sqrt((centres * centres).sum(axis=1))
    at = np.minimum(norm, 1.0)
    square = float((half_sides * half_sides).sum())
    smooth = norm > np.sqrt(square) + MARGIN
    divisor = np.where(smooth, norm, 1.0)
    slope = np.where(smooth[:, None], centres * half_sides / divisor[:, None], 0.0)
    curvature = square / (2 * divisor) + MARGIN
    reach = np.maximum(np.maximum(at - low, high - at), 0.0) + MARGIN
    return RadialExpansion(low, high, at, norm - at, slope, curvature, reach, smooth)
