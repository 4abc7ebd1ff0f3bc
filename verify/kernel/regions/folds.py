"""Rule FOLDS: on the unit ball a depth-2 ReLU network is an affine function plus one relu for each hyperplane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from verify.kernel.network import Network
from verify.kernel.outcome import Rejected

RULE = "folds"

MAX_BITS = 640
"""Longest integers: far beyond float64 networks of ordinary weights, and short enough for quick arithmetic."""

# (w_1, ..., w_d, b): the affine function w.x + b
Form = tuple[int, ...]


@dataclass(frozen=True)
class Folds:
    """N on the unit ball: unit * N(x) = base(x) + sum_i strengths_i relu(hyperplanes_i(x)), all in integers.

    Attributes:
        hyperplanes: primitive forms (w, b), first nonzero entry positive, no two alike; their zero sets meet the open
            unit ball.
        strengths: the nonzero change of slope across each of them.
        base: unit * N where every hyperplane's form is negative.
    """

    dimension: int
    unit: int
    hyperplanes: tuple[Form, ...]
    strengths: tuple[int, ...]
    base: Form

    @property
    def weight(self) -> int:
        """How much the length of the hyperplanes' integers adds to the cost of arithmetic: 1 up to 127 bits."""
        return 1 + max((abs(entry).bit_length() for form in self.hyperplanes for entry in form), default=0) // 128


def fold(network: Network) -> Folds:
    """Return the canonical form of N on the ball (rule FOLDS)."""
    unit = network.hidden_denominator * network.output_denominator
    base = [0] * network.dimension + [network.constant * network.hidden_denominator]
    strengths: dict[Form, int] = {}
    for row, bias, output in zip(
        network.weights.tolist(), network.biases.tolist(), network.outputs.tolist(), strict=True
    ):
        if bias * bias >= sum(w * w for w in row):  # affine or zero on the ball
            if bias > 0:
                base = add(base, (*row, bias), output)
            continue
        form, factor = primitive((*row, bias))
        strengths[form] = strengths.get(form, 0) + output * abs(factor)
        if factor < 0:  # relu(-t) = relu(t) - t
            base = add(base, form, output * factor)
    kept = sorted(form for form, strength in strengths.items() if strength)
    folds = Folds(network.dimension, unit, tuple(kept), tuple(strengths[form] for form in kept), tuple(base))
    sizes = [unit, *folds.base, *folds.strengths, *(entry for form in kept for entry in form)]
    if max(map(int.bit_length, sizes)) > MAX_BITS:
        raise Rejected(RULE, "network", f"holds numbers of more than {MAX_BITS} bits once they share a denominator")
    return folds


def primitive(form: Sequence[int]) -> tuple[Form, int]:
    """Return (f, c) with form = c f, f of greatest common divisor 1 and with a positive first nonzero entry."""
    factor = math.gcd(*form)
    if next((entry for entry in form if entry), 1) < 0:
        factor = -factor
    return tuple(entry // factor for entry in form), factor


def add(form: Sequence[int], other: Sequence[int], factor: int) -> list[int]:
    """Return form + factor * other."""
    return [a + factor * b for a, b in zip(form, other, strict=True)]
