"""Linear families of ridge networks: one hidden layer for every profile phi (Theorem 2, mathematics of rule FAMILY).

V_l(x) = c_l + sum_blocks sum_j C_jl sum_i lambda_i relu(|w_i . x| - s_j)
N_phi(x) = phi(0) + sum_l (phi(e_l) - phi(e_{l-1})) V_l(x)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.exact.spelling import Document, pack_integers, unpack_integers
from verify.networks.depth2 import Depth2Network

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RidgeBlock:
    """Lines that share knots and coefficients; all arrays hold integers in the family's units.

    Attributes:
        directions: w_i, shape (M, d).
        weights: lambda_i, shape (M,).
        knots: s_j, shape (J,), increasing from >= 0.
        coefficients: C_jl, shape (J, m).
    """

    directions: Integers
    weights: Integers
    knots: Integers
    coefficients: Integers


@dataclass(frozen=True)
class RidgeFamily:
    """A family of depth-2 networks of one fixed width; every number is dyadic (integer / 2^bits).

    Attributes:
        edges: bin edges e_0 = 0 < ... < e_m = 1, shape (m + 1,).
        constants: c_l, shape (m,), in the unit of the coefficients.
    """

    dimension: int
    direction_bits: int
    weight_bits: int
    knot_bits: int
    coefficient_bits: int
    edge_bits: int
    edges: Integers
    constants: Integers
    blocks: tuple[RidgeBlock, ...]

    @property
    def width(self) -> int:
        """Hidden neurons of each N_phi: see the kernel's `Family.width` for the count."""
        total = 0
        for block in self.blocks:
            at_zero = bool(block.knots[0] == 0)
            total += block.directions.shape[0] * (2 * block.knots.size - at_zero)
            total += int(at_zero and bool((block.weights @ block.directions).any()))
        return total

    def to_document(self) -> Document:
        """Return the certificate's object "family"."""
        return {
            "dimension": self.dimension,
            "direction_bits": self.direction_bits,
            "weight_bits": self.weight_bits,
            "knot_bits": self.knot_bits,
            "coefficient_bits": self.coefficient_bits,
            "edge_bits": self.edge_bits,
            "edges": pack_integers(self.edges),
            "constants": pack_integers(self.constants),
            "blocks": [
                {
                    "directions": pack_integers(block.directions),
                    "weights": pack_integers(block.weights),
                    "knots": pack_integers(block.knots),
                    "coefficients": pack_integers(block.coefficients),
                }
                for block in self.blocks
            ],
        }

    def float_blocks(self) -> list[tuple[Floats, Floats, Floats, Floats]]:
        """Return (directions, weights, knots, coefficients) of each block in float64."""
        return [
            (
                block.directions / 2.0**self.direction_bits,
                block.weights / 2.0**self.weight_bits,
                block.knots / 2.0**self.knot_bits,
                block.coefficients / 2.0**self.coefficient_bits,
            )
            for block in self.blocks
        ]

    def bins(self, points: Floats) -> Floats:
        """Return V_l at `points` (n, d) in float64, shape (n, m)."""
        total = np.tile(self.constants / 2.0**self.coefficient_bits, (points.shape[0], 1))
        for directions, weights, knots, coefficients in self.float_blocks():
            distance = np.abs(points @ directions.T)
            features = np.stack([np.maximum(distance - knot, 0.0) @ weights for knot in knots], axis=1)
            total += features @ coefficients
        return total

    def error(self, points: Floats) -> Floats:
        """Return the universal error E at `points` (n, d) of the unit ball in float64, shape (n,)."""
        edges = self.edges / 2.0**self.edge_bits
        radius = np.sqrt((points * points).sum(axis=1))
        value = self.bins(points)
        below = np.clip(radius[:, None] - edges[:-1], 0.0, np.diff(edges))
        error: Floats = (below * np.abs(1 - value) + (np.diff(edges) - below) * np.abs(value)).sum(axis=1)
        return error

    def network(self, phi: Callable[[Fraction], Any]) -> Depth2Network:
        """Return N_phi as an explicit network.

        Args:
            phi: the profile; called with the bin edges as Fractions. A float result is taken as the exact dyadic.
        """
        unit = 1 << self.edge_bits
        samples = [_exact(phi(Fraction(int(edge), unit))) for edge in self.edges]
        steps = [after - before for before, after in itertools.pairwise(samples)]
        coefficient_unit = 1 << self.coefficient_bits
        constant = (
            samples[0]
            + sum((step * int(c) for step, c in zip(steps, self.constants, strict=True)), Fraction(0))
            / coefficient_unit
        )
        weights: list[list[Fraction]] = []
        biases: list[Fraction] = []
        outputs: list[Fraction] = []
        for block in self.blocks:
            lines = [[Fraction(int(w), 1 << self.direction_bits) for w in row] for row in block.directions]
            shares = [Fraction(int(weight), 1 << self.weight_bits) for weight in block.weights]
            for knot, row in zip(block.knots, block.coefficients, strict=True):
                height = sum((step * int(c) for step, c in zip(steps, row, strict=True)), Fraction(0))
                height /= coefficient_unit
                position = Fraction(int(knot), 1 << self.knot_bits)
                for line, share in zip(lines, shares, strict=True):
                    # A kink at 0: |t| = 2 relu(t) - t, the linear parts gathered below.
                    for sign in (1, -1) if position else (1,):
                        weights.append([sign * w for w in line])
                        biases.append(-position)
                        outputs.append(height * share * (1 if position else 2))
                if not position:
                    form = [
                        -sum((share * line[k] for line, share in zip(lines, shares, strict=True)), Fraction(0))
                        for k in range(self.dimension)
                    ]
                    if any(form):
                        # Always active on the ball: form . x + offset with offset >= |form|.
                        offset = sum((abs(entry) for entry in form), Fraction(0))
                        weights.append(form)
                        biases.append(offset)
                        outputs.append(height)
                        constant -= height * offset
        return Depth2Network.from_rationals(weights, biases, outputs, constant)


def _exact(value: Any) -> Fraction:
    if isinstance(value, Fraction | int | float):
        return Fraction(value)
    return Fraction(float(value))


def family_from_document(part: Document) -> RidgeFamily:
    """Return the family of a certificate's object "family" (trusted input; the kernel has its own reader)."""
    return RidgeFamily(
        part["dimension"],
        part["direction_bits"],
        part["weight_bits"],
        part["knot_bits"],
        part["coefficient_bits"],
        part["edge_bits"],
        unpack_integers(part["edges"]),
        unpack_integers(part["constants"]),
        tuple(
            RidgeBlock(*(unpack_integers(block[key]) for key in ("directions", "weights", "knots", "coefficients")))
            for block in part["blocks"]
        ),
    )
