"""Depth-2 networks from arrays of other people's files: shapes checked, every float taken as the exact dyadic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from verify.errors import Unreadable
from verify.kernel.network import MAX_DIMENSION, MAX_ENTRIES, MAX_NEURONS
from verify.networks.depth2 import Depth2Network

# A row of the matrix of an affine map, and its offset.
Row = Sequence[Fraction]

# Beyond it, float64 searches overflow.
LARGEST = 1 << 300

FLOAT_TYPES = ("float16", "float32", "float64")


def exact(array: Any, name: str) -> list[Fraction]:
    """Return the entries of a float or integer array, flattened, as exact rationals.

    Raises:
        Unreadable: another type of number, NaN or an infinity.
    """
    values = np.asarray(array)
    if values.dtype.name not in FLOAT_TYPES and values.dtype.kind not in "iu":
        raise Unreadable(f"{name} holds numbers of type {values.dtype.name}; float32 or float64 is needed")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        first = np.argwhere(~np.isfinite(values))[0].tolist()
        raise Unreadable(f"{name} holds {values[tuple(first)]} at {first}; only finite weights define a network")
    return [Fraction(value) for value in values.ravel().tolist()]


def require_size(dimension: int, width: int) -> None:
    """Raise `Unreadable` if the kernel could not read a network of this size."""
    if dimension < 1:
        raise Unreadable("the network has no inputs")
    if dimension > MAX_DIMENSION:
        raise Unreadable(f"the network has {dimension:,} inputs; at most {MAX_DIMENSION:,} are supported")
    if width > MAX_NEURONS or width * dimension > MAX_ENTRIES:
        raise Unreadable(
            f"the network has {width:,} hidden neurons and {dimension:,} inputs; at most {MAX_NEURONS:,} neurons and "
            f"{MAX_ENTRIES:,} weights are supported"
        )


def depth2(weights: Sequence[Row], biases: Row, outputs: Row, constant: Fraction, dimension: int) -> Depth2Network:
    """Return the network, its weights w_j and biases b_j scaled by powers of two so that their integers stay short.

    relu is positively homogeneous: a relu(w.x + b) = (a s) relu((w/s).x + b/s), so nothing changes for s > 0.
    """
    scaled: list[list[Fraction]] = []
    shifts: list[Fraction] = []
    factors: list[Fraction] = []
    if abs(constant) > LARGEST:
        raise Unreadable(f"the output bias is beyond {float(LARGEST):g}, far outside what a search can handle")
    for index, (row, bias, output) in enumerate(zip(weights, biases, outputs, strict=True)):
        largest = max(abs(value) for value in (*row, bias))
        if largest and output:
            scale = _power_of_two(largest)
            scaled.append([value / scale for value in row])
            shifts.append(bias / scale)
            factors.append(output * scale)
            if abs(factors[-1]) > LARGEST:
                raise Unreadable(
                    f"neuron {index} has weights beyond {float(LARGEST):g}, far outside what a search can handle"
                )
    return Depth2Network.from_rationals(scaled, shifts, factors, constant, dimension)


def affine(row: Row, offset: Fraction) -> Depth2Network:
    """Return the affine function row . x + offset as a network that agrees with it on the unit ball (one neuron)."""
    if not any(row):
        return Depth2Network.from_rationals([], [], [], offset, len(row))
    lift = sum((abs(value) for value in row), Fraction(0))
    return Depth2Network.from_rationals([row], [lift], [Fraction(1)], offset - lift, len(row))


def _power_of_two(value: Fraction) -> Fraction:
    """Return the power of two next to a positive value, within a factor of two."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    return Fraction(2) ** exponent


def from_arrays(weights: Any, biases: Any, outputs: Any, constant: Any) -> Depth2Network:
    """Return N(x) = constant + sum_j outputs_j relu(weights_j . x + biases_j) from arrays.

    Args:
        weights: shape (n, d); biases: shape (n,); outputs: shape (n,) or (1, n); constant: one number.
    """
    matrix = np.asarray(weights)
    if matrix.ndim != 2:
        raise Unreadable(f"weights has shape {list(matrix.shape)}; a matrix (neurons, inputs) is needed")
    width, dimension = matrix.shape
    require_size(dimension, width)
    if width == 0:
        raise Unreadable("weights has no rows: the hidden layer is empty")
    vectors = {"biases": np.asarray(biases), "outputs": np.asarray(outputs), "constant": np.asarray(constant)}
    if vectors["outputs"].shape == (1, width):
        vectors["outputs"] = vectors["outputs"][0]
    for name, count in (("biases", width), ("outputs", width), ("constant", 1)):
        shape = vectors[name].shape
        if math.prod(shape) != count or len(shape) > 1:
            raise Unreadable(
                f"{name} has shape {list(shape)}; [{count}] is due for weights of shape [{width}, {dimension}]"
            )
    flat = exact(matrix, "weights")
    rows = [flat[start : start + dimension] for start in range(0, width * dimension, dimension)]
    parts = {name: exact(vector, name) for name, vector in vectors.items()}
    return depth2(rows, parts["biases"], parts["outputs"], parts["constant"][0], dimension)
