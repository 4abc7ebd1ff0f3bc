"""Explicit depth-2 ReLU networks with exact dyadic or rational weights, evaluated over any arithmetic.

N(x) = b_0 + sum_j a_j relu(w_j . x + b_j)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.errors import UsageProblem
from verify.exact.numbers import Number, convert, relu
from verify.exact.spelling import Document, pack_integers, unpack_integers

Floats = npt.NDArray[np.float64]

# Hidden values held at once by `evaluate`: 32 MiB.
ENTRIES_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Depth2Network:
    """A depth-2 ReLU network given by integers: numerators over two common denominators.

    Attributes:
        weights: w_j, an n-tuple of d-tuples, over hidden_denominator.
        biases: b_j, an n-tuple, over hidden_denominator.
        outputs: a_j, an n-tuple, over output_denominator.
        constant: b_0, over output_denominator.
    """

    dimension: int
    hidden_denominator: int
    output_denominator: int
    weights: tuple[tuple[int, ...], ...]
    biases: tuple[int, ...]
    outputs: tuple[int, ...]
    constant: int

    @property
    def width(self) -> int:
        """Number of hidden neurons."""
        return len(self.outputs)

    @staticmethod
    def from_rationals(
        weights: Sequence[Sequence[Fraction]],
        biases: Sequence[Fraction],
        outputs: Sequence[Fraction],
        constant: Fraction,
        dimension: int | None = None,
    ) -> Depth2Network:
        """Return the network with these exact parameters (floats must be converted by the caller)."""
        if dimension is None:
            if not weights:
                raise UsageProblem("a network without neurons needs its dimension")
            dimension = len(weights[0])
        hidden = _common_denominator([*biases, *(w for row in weights for w in row)])
        output = _common_denominator([*outputs, constant])
        return Depth2Network(
            dimension,
            hidden,
            output,
            tuple(tuple(int(w * hidden) for w in row) for row in weights),
            tuple(int(b * hidden) for b in biases),
            tuple(int(a * output) for a in outputs),
            int(constant * output),
        )

    def parameters(self) -> tuple[list[list[Fraction]], list[Fraction], list[Fraction], Fraction]:
        """Return (weights, biases, outputs, constant) as exact rationals."""
        return (
            [[Fraction(w, self.hidden_denominator) for w in row] for row in self.weights],
            [Fraction(b, self.hidden_denominator) for b in self.biases],
            [Fraction(a, self.output_denominator) for a in self.outputs],
            Fraction(self.constant, self.output_denominator),
        )

    def simplified(self) -> Depth2Network:
        """Return a network equal on the unit ball: neurons active on all of it merged into one, silent ones dropped."""
        weights, biases, outputs, constant = self.parameters()
        kept: list[int] = []
        linear = [Fraction(0)] * self.dimension
        for index, (row, bias, output) in enumerate(zip(weights, biases, outputs, strict=True)):
            if bias * bias < sum(w * w for w in row) and output:
                kept.append(index)
            elif bias > 0:
                linear = [total + output * w for total, w in zip(linear, row, strict=True)]
                constant += output * bias
        rows = [weights[index] for index in kept]
        shifts = [biases[index] for index in kept]
        factors = [outputs[index] for index in kept]
        if any(linear):
            offset = sum((abs(entry) for entry in linear), Fraction(0))
            rows, shifts, factors = [*rows, linear], [*shifts, offset], [*factors, Fraction(1)]
            constant -= offset
        return Depth2Network.from_rationals(rows, shifts, factors, constant, self.dimension)

    def to_document(self) -> Document:
        """Return the certificate's object "network"."""
        return {
            "dimension": self.dimension,
            "hidden_denominator": self.hidden_denominator,
            "output_denominator": self.output_denominator,
            "width": self.width,
            "weights": _packed([w for row in self.weights for w in row], (self.width, self.dimension)),
            "biases": _packed(list(self.biases), (self.width,)),
            "outputs": _packed(list(self.outputs), (self.width,)),
            "constant": self.constant,
        }

    def __call__(self, point: Sequence[Number]) -> Number:
        """Evaluate at one point, in the arithmetic of its entries.

        Args:
            point: d numbers, all of one kind: float, Fraction (exact), mpmath.mpf (at the working precision),
                mpmath.iv intervals (an enclosure), or flint.arb (an enclosure).
        """
        if len(point) != self.dimension:
            raise UsageProblem(f"the network takes {self.dimension} numbers, not {len(point)}")
        like = point[0]
        total: Any = convert(Fraction(self.constant, self.output_denominator), like)
        for row, bias, output in zip(self.weights, self.biases, self.outputs, strict=True):
            inner: Any = convert(Fraction(bias, self.hidden_denominator), like)
            for weight, x in zip(row, point, strict=True):
                if weight:
                    inner = inner + convert(Fraction(weight, self.hidden_denominator), like) * x
            total = total + convert(Fraction(output, self.output_denominator), like) * relu(inner)
        return total

    def evaluate(self, points: npt.ArrayLike) -> Floats:
        """Evaluate at many points in float64: (n, d) -> (n,)."""
        weights, biases, outputs, constant = self.floats()
        grid = np.asarray(points, dtype=np.float64)
        # In pieces, so that memory stays flat for wide networks.
        step = max(1, ENTRIES_AT_ONCE // max(1, outputs.size))
        pieces = [
            np.maximum(grid[start : start + step] @ weights.T + biases, 0.0) @ outputs + constant
            for start in range(0, grid.shape[0], step)
        ]
        result: Floats = np.concatenate(pieces) if pieces else np.zeros(0)
        return result

    def floats(self) -> tuple[Floats, Floats, Floats, float]:
        """Return (weights (n, d), biases (n,), outputs (n,), constant), each correctly rounded to float64."""
        return self._floats

    @functools.cached_property
    def _floats(self) -> tuple[Floats, Floats, Floats, float]:
        weights, biases, outputs, constant = self.parameters()
        return (
            np.array([[float(w) for w in row] for row in weights]).reshape(-1, self.dimension),
            np.array([float(b) for b in biases]),
            np.array([float(a) for a in outputs]),
            float(constant),
        )


def network_from_document(part: Document) -> Depth2Network:
    """Return the network of a certificate's object "network" (trusted input; the kernel has its own reader)."""
    width, dimension = part["width"], part["dimension"]

    def integers(key: str) -> list[int]:
        value = part[key]
        return list(value) if isinstance(value, list) else [int(x) for x in unpack_integers(value).ravel()]

    flat = integers("weights")
    return Depth2Network(
        dimension,
        part["hidden_denominator"],
        part["output_denominator"],
        tuple(tuple(flat[row * dimension : (row + 1) * dimension]) for row in range(width)),
        tuple(integers("biases")),
        tuple(integers("outputs")),
        part["constant"],
    )


def _packed(values: list[int], shape: tuple[int, ...]) -> Document | list[int]:
    """Return packed integers, or a plain list where they exceed int64."""
    if all(abs(value) < 1 << 62 for value in values):
        return pack_integers(np.array(values, dtype=np.int64).reshape(shape))
    return values


def _common_denominator(values: Sequence[Fraction]) -> int:
    return math.lcm(*(value.denominator for value in values))
