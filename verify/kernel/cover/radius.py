"""Rule RADIUS: enclose r = |x| over a box, constant part, linear part and remainder, in integers.

Units: radii in 2^-RADIUS_BITS, centres and half sides in 2^-grid_bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from verify.kernel.arithmetic.fixed import Integers, ceil_divide, ceil_sqrt, floor_sqrt
from verify.kernel.cover.tree import Grid, Level
from verify.kernel.packing import IntArray

RADIUS_BITS = 26
ONE = 1 << RADIUS_BITS


@dataclass(frozen=True)
class Radii:
    """Enclosures of the radius on n boxes (all arrays of shape (n,) unless said otherwise).

    For every x = centre + y of the box inside the unit ball, low <= r <= high, |r - at| <= reach and, where `smooth`,
    r - at = beyond + sum_k slope_k y_k / half_k + remainder with -(d+1) <= remainder <= curvature + d.

    Attributes:
        low, high: bounds of r on the part of the box inside the ball.
        at: floor of min(|centre|, 1), the radius at which targets are evaluated.
        beyond: floor(|centre|) - at: how far the centre lies outside the ball.
        slope: shape (n, d); half_k * centre_k / floor(|centre|), rounded down (each off by less than 1).
        curvature: upper bound of the remainder of the linear expansion at the centre.
        reach: upper bound of |r - at|.
        smooth: whether the expansion holds (false near the origin).
    """

    low: Integers
    high: Integers
    at: Integers
    beyond: Integers
    slope: Integers
    curvature: Integers
    reach: Integers
    smooth: npt.NDArray[np.bool_]


def radii(centres: IntArray, level: Level, grid: Grid) -> Radii:
    """Apply rule RADIUS to boxes with the given centres, shape (n, d)."""
    half = np.array(level.half_sides, dtype=np.int64)
    scale = RADIUS_BITS - grid.bits
    # Squares are exact in units of 2^-2 RADIUS_BITS: |x|^2 < 2^(2*26+2) d, far below 2^62.
    fine = centres << scale
    fine_half = half << scale
    size = np.abs(fine)
    low = floor_sqrt((np.maximum(size - fine_half, 0) ** 2).sum(axis=1))
    high = np.minimum(ceil_sqrt(((size + fine_half) ** 2).sum(axis=1)), ONE)
    norm = floor_sqrt((fine * fine).sum(axis=1))
    at = np.minimum(norm, ONE)
    square = int((fine_half * fine_half).sum())
    diagonal = int(ceil_sqrt(np.array([square]))[0])
    smooth = norm > diagonal
    divisor = np.where(smooth, norm, 1)
    # half * centre: below 2^52, so the product with nothing else stays inside an int64.
    slope = np.where(smooth[:, None], (fine * fine_half) // divisor[:, None], 0)
    curvature = np.where(smooth, ceil_divide(np.full_like(norm, square), 2 * divisor) + 1, 0)
    reach = np.maximum(np.maximum(at - low, high - at), 0) + 1
    return Radii(low, high, at, norm - at, slope, curvature, reach, smooth)


def radial_term(radius: Radii, least: Integers, most: Integers) -> tuple[Integers, Integers]:
    """Bound T(r) - T(at) from above for a Lipschitz T whose slopes on the boxes lie in [least, most].

    Returns:
        Twice the constant part, shape (n,), and twice the coefficients of y_k / half_k, shape (n, d), in the unit
        of the slopes times 2^-RADIUS_BITS.
    """
    dimension = radius.slope.shape[1]
    middle = most + least
    spread = most - least
    linear = middle[:, None] * radius.slope
    remainder = np.where(middle > 0, middle * (radius.curvature + dimension), -middle * (dimension + 1))
    expansion = middle * radius.beyond + remainder + spread * radius.reach
    crude = 2 * np.maximum(np.abs(most), np.abs(least)) * radius.reach
    return np.where(radius.smooth, expansion, crude), np.where(radius.smooth[:, None], linear, 0)
