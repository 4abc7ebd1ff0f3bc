"""Close boxes by activation patterns: z3 finds the multipliers that the kernel's rule FARKAS checks.

On a box where few neurons are undecided, the error of each activation pattern is bounded by an affine function. z3
decides in linear real arithmetic, exactly, whether multipliers exist that keep it below the bound; they are rounded to
dyadics and given to the kernel's own rule before they are used. A box that z3 cannot close is bisected.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document, pack_integers
from verify.kernel.cover.explicit import NetworkBound
from verify.kernel.cover.patterns import require_closed
from verify.kernel.cover.tree import MAX_GRID_BITS, Grid, Level
from verify.kernel.cover.tube import FixedTube
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.outcome import Rejected
from verify.kernel.profiles.profile import Profile
from verify.networks.depth2 import Depth2Network

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MOST_UNDECIDED = 4
# Boxes that one search may close so, and that it may try.
MOST_CLOSED = 300
MOST_TRIED = 1000
# Multipliers are rounded to this many bits below the largest output weight.
PRECISION = 20


@dataclass(frozen=True)
class Affine:
    """The affine function value + slope . y on a box, y measured from its centre."""

    value: Fraction
    slope: tuple[Fraction, ...]


@dataclass(frozen=True)
class BoxProblem:
    """|phi(|x|) - N(x)| <= limit on one box, as linear real arithmetic.

    Attributes:
        half: half sides.
        tops: affine upper bounds of phi and of -phi (sides + and -).
        decided: b_0 and the neurons that are active on all of the box.
        undecided: a_j and the inner function of every other neuron that is not silent.
    """

    half: tuple[Fraction, ...]
    tops: tuple[Affine, Affine]
    decided: Affine
    undecided: tuple[tuple[Fraction, Affine], ...]


def box_problem(bound: NetworkBound, centre: Integers, level: Level) -> BoxProblem:
    """Return the problem of one box, with the kernel's own affine bounds of phi."""
    network = bound.network
    unit = 1 << bound.grid.bits
    half = tuple(Fraction(side, unit) for side in level.half_sides)
    at = [Fraction(int(c), unit) for c in centre]
    value = Fraction(network.constant, network.output_denominator)
    slope = [Fraction(0)] * len(at)
    undecided = []
    rows = zip(network.weights.tolist(), network.biases.tolist(), network.outputs.tolist(), strict=True)
    for row, bias, output in rows:
        inner = sum((w * x for w, x in zip(row, at, strict=True)), Fraction(bias)) / network.hidden_denominator
        reach = sum((abs(w) * h for w, h in zip(row, half, strict=True)), Fraction(0)) / network.hidden_denominator
        if inner <= -reach:
            continue
        factor = Fraction(output, network.output_denominator)
        gradient = tuple(Fraction(w, network.hidden_denominator) for w in row)
        if inner >= reach:
            value += factor * inner
            slope = [total + factor * w for total, w in zip(slope, gradient, strict=True)]
        else:
            undecided.append((factor, Affine(inner, gradient)))
    tops = []
    for sign in (1, -1):
        constant, linear = bound.radial(centre[None, :], level, sign)
        tilt = tuple(Fraction(int(s), 1 << bound.BOUND_BITS) / h for s, h in zip(linear[0], half, strict=True))
        tops.append(Affine(Fraction(int(constant[0]), 1 << bound.BOUND_BITS), tilt))
    return BoxProblem(half, (tops[0], tops[1]), Affine(value, tuple(slope)), tuple(undecided))


class PatternCloser:
    """Closes boxes of one network, profile and bound."""

    def __init__(self, network: Depth2Network, profile: Profile, domain: str, bound: Fraction) -> None:
        self._network = network
        self._profile = profile
        self._domain = domain
        self._bound = bound
        self._tried = self._closed = 0
        largest = max((abs(output) for output in network.outputs), default=1)
        self.bits = max(0, PRECISION - largest.bit_length())

    @cached_property
    def _kernel(self) -> NetworkBound:
        network = read_network(Fields(self._network.to_document(), "network"))
        profile = self._profile
        tube = FixedTube(profile.knots, profile.values, profile.radius)
        return NetworkBound(network, tube, Grid(network.dimension, self._domain, MAX_GRID_BITS))

    def close(self, centre: Integers, level: Level) -> Integers | None:
        """Return multipliers that the kernel accepts for this box of the finest grid, or None."""
        if self._tried == MOST_TRIED or self._closed == MOST_CLOSED:
            return None
        self._tried += 1
        problem = box_problem(self._kernel, centre, level)
        if len(problem.undecided) > MOST_UNDECIDED or self._refuted(problem):
            return None
        rows = []
        count = len(problem.undecided)
        for top, sign in zip(problem.tops, (1, -1), strict=True):
            for pattern in range(1 << count):
                found = self._multipliers(problem, top, sign, pattern)
                if found is None:
                    return None
                rows += found
        if any(nu >= 1 << 62 for nu in rows):
            return None
        multipliers = np.array(rows, dtype=np.int64)
        try:
            require_closed(self._kernel, centre, level, multipliers, self.bits, self._bound)
        except Rejected:
            return None
        self._closed += 1
        return multipliers

    def _refuted(self, problem: BoxProblem) -> bool:
        """Return whether the relaxed error already exceeds the bound at one of 3^d points of the box.

        By duality, multipliers exist exactly where the relaxed error stays below the bound.
        """
        half = np.array([float(h) for h in problem.half])
        steps = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=half.size))) * half
        value = _floats(problem.decided, steps)
        for factor, inner in problem.undecided:
            value += float(factor) * np.maximum(_floats(inner, steps), 0.0)
        errors = [_floats(top, steps) - sign * value for top, sign in zip(problem.tops, (1.0, -1.0), strict=True)]
        return float(np.max(errors)) > float(self._bound)

    def _multipliers(self, problem: BoxProblem, top: Affine, sign: int, pattern: int) -> list[int] | None:
        """Return the multipliers of one side and pattern in units of 2^-bits, or None."""
        active = [bool(pattern >> index & 1) for index in range(len(problem.undecided))]
        value, slope = top.value - sign * problem.decided.value, list(top.slope)
        slope = [s - sign * t for s, t in zip(slope, problem.decided.slope, strict=True)]
        for on, (factor, inner) in zip(active, problem.undecided, strict=True):
            if on:
                value -= sign * factor * inner.value
                slope = [s - sign * factor * w for s, w in zip(slope, inner.slope, strict=True)]
        error = Affine(value, tuple(slope))
        if error.value + _variation(error, problem.half) <= self._bound:
            return [0] * len(active)
        # In the kernel's units: sigma_j l_j, of which nu_j / (2^bits * output_denominator) is added.
        unit = Fraction(1, self._network.output_denominator << self.bits)
        inners = [
            Affine((1 if on else -1) * unit * inner.value, tuple((1 if on else -1) * unit * w for w in inner.slope))
            for on, (_, inner) in zip(active, problem.undecided, strict=True)
        ]
        # Rounding a multiplier by half a unit changes the height by at most half of its function's maximum.
        margin = sum((abs(inner.value) + _variation(inner, problem.half) for inner in inners), Fraction(0))
        found = _solve(error, inners, problem.half, self._bound - margin / 2)
        return None if found is None else [math.floor(nu + Fraction(1, 2)) for nu in found]


def _variation(affine: Affine, half: tuple[Fraction, ...]) -> Fraction:
    return sum((abs(s) * h for s, h in zip(affine.slope, half, strict=True)), Fraction(0))


def _floats(affine: Affine, points: Floats) -> Floats:
    slope = np.array([float(s) for s in affine.slope])
    result: Floats = float(affine.value) + points @ slope
    return result


def _solve(f: Affine, inners: list[Affine], half: tuple[Fraction, ...], limit: Fraction) -> list[Fraction] | None:
    """Return nu >= 0 with max over the box of f + sum nu_j l_j at most `limit`, or None if there are none."""
    import z3

    # A context of its own: what was solved before must not change the model.
    context = z3.Context()

    def exact(value: Fraction) -> Any:
        return z3.RatVal(value.numerator, value.denominator, context)

    solver = z3.SolverFor("QF_LRA", ctx=context)
    multipliers = [z3.Real(f"nu_{index}", context) for index in range(len(inners))]
    solver.add([nu >= 0 for nu in multipliers])
    height = exact(f.value) + z3.Sum([nu * exact(inner.value) for nu, inner in zip(multipliers, inners, strict=True)])
    for axis, side in enumerate(half):
        slope = exact(f.slope[axis]) + z3.Sum(
            [nu * exact(inner.slope[axis]) for nu, inner in zip(multipliers, inners, strict=True)]
        )
        size = z3.Real(f"size_{axis}", context)
        solver.add(size >= slope, size >= -slope)
        height = height + exact(side) * size
    solver.add(height <= exact(limit))
    if solver.check() != z3.sat:
        return None
    model = solver.model()
    values = [model.eval(nu, model_completion=True) for nu in multipliers]
    return [Fraction(value.numerator_as_long(), value.denominator_as_long()) for value in values]


def pack_closed(closed: list[tuple[int, Integers]], bits: int) -> Document:
    """Return the part "closed" of a proof.

    Args:
        closed: (number of the leaf in level order, multipliers) in increasing order.
    """
    counts = [next(n for n in itertools.count() if n * (2 << n) == nu.size) for _, nu in closed]
    flat = np.concatenate([nu for _, nu in closed]) if closed else np.zeros(0, dtype=np.int64)
    return {
        "leaves": pack_integers([ordinal for ordinal, _ in closed]),
        "undecided": pack_integers(counts),
        "multipliers": pack_integers(flat),
        "bits": bits,
    }
