"""Vectorised integer arithmetic: shifts that round in a known direction, floor square roots, overflow proofs.

Every function works on int64 arrays and on object arrays of Python integers alike. The callers choose int64 only
after `fits_int64` has shown, from the certificate's own magnitudes, that no intermediate value can overflow.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

# int64, or object arrays of Python integers where magnitudes do not fit
Integers = npt.NDArray[Any]

_LIMIT = 1 << 62


def fits_int64(*magnitudes: int) -> bool:
    """Return whether every magnitude leaves room in an int64 (with one bit to spare)."""
    return all(abs(magnitude) < _LIMIT for magnitude in magnitudes)


def floor_shift(values: Integers, bits: int) -> Integers:
    """Return floor(values / 2^bits) for bits >= 0, values * 2^-bits (exact) otherwise."""
    shifted: Integers = values >> bits if bits >= 0 else values << -bits
    return shifted


def ceil_shift(values: Integers, bits: int) -> Integers:
    """Return ceil(values / 2^bits) for bits >= 0, values * 2^-bits (exact) otherwise."""
    shifted: Integers = -((-values) >> bits) if bits >= 0 else values << -bits
    return shifted


def ceil_divide(numerators: Integers, denominators: Integers) -> Integers:
    """Return ceil(numerators / denominators) for positive denominators."""
    quotient: Integers = -((-numerators) // denominators)
    return quotient


def floor_sqrt(values: Integers) -> Integers:
    """Return floor(sqrt(values)) for nonnegative values, one by one with `math.isqrt`: no float takes part."""
    return np.array([math.isqrt(value) for value in values.tolist()], dtype=values.dtype)


def ceil_sqrt(values: Integers) -> Integers:
    """Return ceil(sqrt(values)) for nonnegative values."""
    root = floor_sqrt(values)
    result: Integers = root + (root * root < values)
    return result
