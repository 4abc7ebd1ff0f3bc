"""Rule FARKAS: close a box on which few neurons are undecided, one activation pattern at a time, in rationals.

On the part of the box where the undecided neurons have given signs s_j, the error is bounded by an affine function f,
and s_j l_j >= 0 for their inner functions l_j. With multipliers nu_j >= 0, f <= f + sum_j nu_j s_j l_j, and the right
side is an affine function whose maximum over the whole box is its value at the centre plus the sum of |slope| half.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from verify.kernel.cover.explicit import NetworkBound
from verify.kernel.cover.tree import Level
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.kernel.packing import IntArray, increasing, integer_array

RULE = "farkas"
MAX_UNDECIDED = 6
MAX_CLOSED = 20_000
MAX_WORK = 1 << 22  # neurons looked at, in rational arithmetic


@dataclass(frozen=True)
class ClosedLeaves:
    """Leaves that carry a proof of their own.

    Attributes:
        ordinals: their numbers in level order, increasing.
        multipliers: for each, the flat array of nu over (side +, side -) x patterns x undecided neurons.
        bits: the multipliers are in units of 2^-bits.
    """

    ordinals: IntArray
    multipliers: list[IntArray]
    bits: int


def read_closed(fields: Fields) -> ClosedLeaves:
    """Read the optional part "closed" of a cover's proof."""
    ordinals = integer_array(fields, "leaves", (None,), most=MAX_CLOSED)
    if not increasing(ordinals) or (ordinals.size and ordinals[0] < 0):
        raise Malformed(fields.place("leaves"), "must increase")
    counts = integer_array(fields, "undecided", (ordinals.size,), most=MAX_CLOSED)
    if ordinals.size and (counts.min() < 0 or counts.max() > MAX_UNDECIDED):
        raise Malformed(fields.place("undecided"), f"must lie between 0 and {MAX_UNDECIDED}")
    sizes = counts * (2 << counts)
    flat = integer_array(
        fields, "multipliers", (int(sizes.sum()),), most=MAX_CLOSED * 2 * MAX_UNDECIDED << MAX_UNDECIDED
    )
    bits = fields.integer("bits", 0, 60)
    fields.done()
    if flat.size and int(flat.min()) < 0:
        raise Rejected(RULE, fields.place("multipliers"), "a multiplier is negative")
    return ClosedLeaves(ordinals, np.split(flat, np.cumsum(sizes)[:-1]) if ordinals.size else [], bits)


def require_closed(
    bound: NetworkBound, centre: IntArray, level: Level, multipliers: IntArray, bits: int, limit: Fraction
) -> None:
    """Reject unless the multipliers prove that the error is at most `limit` on the box. `centre` has shape (d,)."""
    network = bound.network
    unit = 1 << bound.grid.bits
    half = [Fraction(side, unit) for side in level.half_sides]
    at = [Fraction(int(c), unit) for c in centre]
    # Inner functions on the box: value at the centre and gradient, over hidden_denominator.
    fixed_value, fixed_slope = Fraction(network.constant * network.hidden_denominator), [Fraction(0)] * len(at)
    undecided: list[tuple[int, Fraction, list[int]]] = []
    for row, bias, output in zip(
        network.weights.tolist(), network.biases.tolist(), network.outputs.tolist(), strict=True
    ):
        inner = sum((w * x for w, x in zip(row, at, strict=True)), Fraction(bias))
        reach = sum((abs(w) * h for w, h in zip(row, half, strict=True)), Fraction(0))
        if inner >= reach:
            fixed_value += output * inner
            fixed_slope = [total + output * w for total, w in zip(fixed_slope, row, strict=True)]
        elif inner > -reach:
            undecided.append((output, inner, row))
    count = len(undecided)
    where = "proof.closed"
    if multipliers.size != count * (2 << count):
        raise Rejected(RULE, where, f"a box has {count} undecided neurons, not the declared number")
    table: Any = multipliers.reshape(2, 1 << count, count) if count else multipliers.reshape(2, 1, 0)
    scale = Fraction(1, network.hidden_denominator * network.output_denominator)
    for side, sign in enumerate((1, -1)):
        constant, linear = bound.radial(centre[None, :], level, sign)
        top = Fraction(int(constant[0]), 1 << bound.BOUND_BITS)
        tilt = [Fraction(int(s), 1 << bound.BOUND_BITS) for s in linear[0]]  # already times the half side
        for pattern in range(1 << count):
            value, slope = fixed_value, fixed_slope
            extra_value, extra_slope = Fraction(0), [Fraction(0)] * len(at)
            for index, (output, inner, row) in enumerate(undecided):
                active = bool(pattern >> index & 1)
                if active:
                    value += output * inner
                    slope = [total + output * w for total, w in zip(slope, row, strict=True)]
                weight = Fraction(int(table[side, pattern, index]), 1 << bits) * (1 if active else -1)
                extra_value += weight * inner
                extra_slope = [total + weight * w for total, w in zip(extra_slope, row, strict=True)]
            height = top - sign * value * scale + extra_value * scale
            height += sum(
                (
                    abs(t + (e - sign * s) * h * scale)
                    for t, s, e, h in zip(tilt, slope, extra_slope, half, strict=True)
                ),
                Fraction(0),
            )
            if height > limit:
                raise Rejected(RULE, where, f"the multipliers do not prove activation pattern {pattern} of a box")
