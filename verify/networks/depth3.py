"""Explicit depth-3 ReLU networks with rational weights, evaluated over any arithmetic.

N3(x) = c + sum over k of v_k relu(F_k(h(x)) + b_k), h_j(x) = relu(w_j . x + a_j): two hidden layers.
Second-layer neurons that look at the first layer through the same linear form F share it, so that a network whose
second layer is a function of one sum stays small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.errors import UsageProblem
from verify.exact.numbers import Number, convert, relu

Floats = npt.NDArray[np.float64]
SparseRow = tuple[tuple[int, Fraction], ...]
"""((i, weight), ...): the nonzero entries of a row."""


@dataclass(frozen=True)
class Depth3Network:
    """A ReLU network with two hidden layers and exact rational parameters.

    Attributes:
        dimension: number of inputs d.
        first: (row, bias) of each first-layer neuron, the row over the d inputs.
        forms: distinct linear forms over the first layer, each as long as `first`.
        second: (index of the form, bias) of each second-layer neuron.
        outputs: output weight of each second-layer neuron.
        constant: output bias.
    """

    dimension: int
    first: tuple[tuple[SparseRow, Fraction], ...]
    forms: tuple[tuple[Fraction, ...], ...]
    second: tuple[tuple[int, Fraction], ...]
    outputs: tuple[Fraction, ...]
    constant: Fraction

    @property
    def widths(self) -> tuple[int, int]:
        """Numbers of neurons in the two hidden layers."""
        return len(self.first), len(self.second)

    @property
    def neurons(self) -> int:
        """Number of hidden neurons."""
        return sum(self.widths)

    def largest_weight(self) -> Fraction:
        """Return the largest absolute value of any weight or bias."""
        first = [abs(w) for row, bias in self.first for w in (*(w for _, w in row), bias)]
        second = [abs(w) for form in self.forms for w in form] + [abs(bias) for _, bias in self.second]
        return max(*first, *second, *map(abs, self.outputs), abs(self.constant))

    def __call__(self, point: Sequence[Number]) -> Number:
        """Evaluate at one point of d numbers, in the arithmetic of its entries (exact for Fractions)."""
        if len(point) != self.dimension:
            raise UsageProblem(f"the network takes {self.dimension} numbers, not {len(point)}")
        like = point[0]
        hidden = []
        for row, bias in self.first:
            inner: Any = convert(bias, like)
            for i, weight in row:
                inner = inner + convert(weight, like) * point[i]
            hidden.append(relu(inner))
        sums = []
        for form in self.forms:
            total: Any = convert(Fraction(0), like)
            for weight, value in zip(form, hidden, strict=True):
                if weight:
                    total = total + convert(weight, like) * value
            sums.append(total)
        result: Any = convert(self.constant, like)
        for (index, bias), output in zip(self.second, self.outputs, strict=True):
            result = result + convert(output, like) * relu(sums[index] + convert(bias, like))
        return result

    def evaluate(self, points: npt.ArrayLike) -> Floats:
        """Evaluate at many points in float64: (n, d) -> (n,)."""
        grid = np.asarray(points, dtype=np.float64)
        weights = np.zeros((len(self.first), self.dimension))
        for j, (row, _) in enumerate(self.first):
            for i, weight in row:
                weights[j, i] = float(weight)
        hidden = np.maximum(grid @ weights.T + np.array([float(bias) for _, bias in self.first]), 0.0)
        sums = hidden @ np.array([[float(w) for w in form] for form in self.forms]).T
        inner = sums[:, [index for index, _ in self.second]] + np.array([float(bias) for _, bias in self.second])
        outputs = np.array([float(v) for v in self.outputs])
        result: Floats = np.maximum(inner, 0.0) @ outputs + float(self.constant)
        return result

    def layers(self) -> list[tuple[list[list[Fraction]], list[Fraction]]]:
        """Return the three affine maps as (matrix, bias) with dense exact rows, as file formats want them."""
        first = [[Fraction(0)] * self.dimension for _ in self.first]
        for j, (row, _) in enumerate(self.first):
            for i, weight in row:
                first[j][i] = weight
        return [
            (first, [bias for _, bias in self.first]),
            ([list(self.forms[index]) for index, _ in self.second], [bias for _, bias in self.second]),
            ([list(self.outputs)], [self.constant]),
        ]
