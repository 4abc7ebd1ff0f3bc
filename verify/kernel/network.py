"""Explicit depth-2 ReLU networks as certificates hold them: N(x) = b_0 + sum_j a_j relu(w_j . x + b_j)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from verify.kernel.arithmetic.fixed import Integers
from verify.kernel.fields import Fields, as_integer
from verify.kernel.outcome import Malformed
from verify.kernel.packing import integer_array

MAX_NEURONS = 200_000
MAX_DIMENSION = 2000
MAX_ENTRIES = 4_000_000
LARGEST = 1 << 1100  # float64 reaches 2^1024 and 2^-1074


@dataclass(frozen=True)
class Network:
    """A depth-2 network; weights and biases over one common denominator, outputs over another.

    Attributes:
        weights: w_j, shape (n, d); int64, or Python integers where they do not fit.
        biases: b_j, shape (n,), over hidden_denominator like the weights.
        outputs: a_j, shape (n,), over output_denominator.
        constant: b_0, over output_denominator.
    """

    dimension: int
    hidden_denominator: int
    output_denominator: int
    weights: Integers
    biases: Integers
    outputs: Integers
    constant: int

    @property
    def width(self) -> int:
        """Number of hidden neurons."""
        return int(self.outputs.size)

    def value(self, point: Sequence[Fraction]) -> Fraction:
        """Return N(point), exactly."""
        total = Fraction(self.constant)
        for row, bias, output in zip(self.weights.tolist(), self.biases.tolist(), self.outputs.tolist(), strict=True):
            inner = sum((weight * x for weight, x in zip(row, point, strict=True)), Fraction(bias))
            if inner > 0:
                total += output * inner / self.hidden_denominator
        return total / self.output_denominator


def read_network(fields: Fields) -> Network:
    """Read the object "network" of a certificate."""
    dimension = fields.integer("dimension", 1, MAX_DIMENSION)
    hidden = fields.integer("hidden_denominator", 1, LARGEST * LARGEST)
    output = fields.integer("output_denominator", 1, LARGEST * LARGEST)
    width = fields.integer("width", 0, MAX_NEURONS)
    if width * dimension > MAX_ENTRIES:
        raise Malformed(fields.place("width"), f"more than {MAX_ENTRIES} weights")
    weights = _array(fields, "weights", (width, dimension))
    biases = _array(fields, "biases", (width,))
    outputs = _array(fields, "outputs", (width,))
    constant = fields.integer("constant", -LARGEST * LARGEST, LARGEST * LARGEST)
    fields.done()
    return Network(dimension, hidden, output, weights, biases, outputs, constant)


def _array(fields: Fields, key: str, shape: tuple[int, ...]) -> Integers:
    """Return a packed array, or a flat list of integers of any size where they exceed int64."""
    count = int(np.prod(shape))
    if isinstance(fields.raw(key), list):
        flat = fields.sequence(key, most=count)
        if len(flat) != count:
            raise Malformed(fields.place(key), f"has {len(flat)} entries where {count} are due")
        limit = LARGEST * LARGEST
        values: list[Any] = [
            as_integer(value, f"{fields.place(key)}[{index}]", -limit, limit) for index, value in enumerate(flat)
        ]
        array: Integers = np.empty(count, dtype=object)
        array[:] = values
        return array.reshape(shape)
    packed = integer_array(fields, key, shape, most=MAX_ENTRIES)
    if packed.size and int(packed.min()) == -(1 << 63):
        raise Malformed(fields.place(key), "holds -2^63, whose absolute value is not an int64")
    return packed
