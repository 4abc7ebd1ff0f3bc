"""Higham's error constants for float64: |fl(s) - s| <= gamma(n) sum |terms| for any order of n operations."""

from __future__ import annotations

UNIT_ROUNDOFF = 2.0**-53

# Below this, underflow could matter; every bound adds it once, far above n times the smallest subnormal.
TINY = 1e-300


def gamma(operations: int) -> float:
    """Return an upper bound of n u / (1 - n u), with room for the rounding of this expression itself."""
    product = operations * UNIT_ROUNDOFF
    return product / (1.0 - product) * (1.0 + 4 * UNIT_ROUNDOFF)
