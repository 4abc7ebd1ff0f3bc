"""z3 proves, for all real t, that the neurons on one line sum to the piecewise linear function that they stand for.

Neurons whose weights are multiples of one vector w form a ridge q(w.x), q(t) = sum_j a_j relu(c_j t + b_j). Everybody
who reasons about the network (rule FOLDS, the constructions) replaces q by its kinks and slopes. This is a check of
provers, by a solver of linear real arithmetic; no certificate's truth rests on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.errors import VerifyError
from verify.kernel.regions.folds import primitive
from verify.networks.depth2 import Depth2Network

MOST_TERMS = 100
"""Longer sums are not asked about: two seconds for 100 terms, nine for 200."""


class WrongSum(VerifyError):
    """Neurons do not sum to the piecewise linear function that was derived from them: a fault of this program."""

    exit_code = 3


@dataclass(frozen=True)
class ReluSum:
    """q(t) = sum_j outputs_j relu(factors_j t + biases_j)."""

    outputs: tuple[Fraction, ...]
    factors: tuple[Fraction, ...]
    biases: tuple[Fraction, ...]

    def piecewise_linear(self) -> PiecewiseLinear:
        """Return its kinks, slopes and value at 0."""
        jumps: dict[Fraction, Fraction] = {}
        slope = Fraction(0)
        at_zero = Fraction(0)
        for a, c, b in zip(self.outputs, self.factors, self.biases, strict=True):
            at_zero += a * max(b, Fraction(0))
            if c < 0:
                slope += a * c
            if c:
                jumps[-b / c] = jumps.get(-b / c, Fraction(0)) + a * abs(c)
        kinks = sorted(kink for kink, jump in jumps.items() if jump)
        slopes = [slope]
        for kink in kinks:
            slopes.append(slopes[-1] + jumps[kink])
        return PiecewiseLinear(tuple(kinks), tuple(slopes), at_zero)


@dataclass(frozen=True)
class PiecewiseLinear:
    """A continuous function with slopes_k between the kinks k - 1 and k, and a given value at 0."""

    kinks: tuple[Fraction, ...]
    slopes: tuple[Fraction, ...]
    at_zero: Fraction

    def lines(self) -> list[tuple[Fraction, Fraction]]:
        """Return (slope, offset) of each piece, from left to right."""
        offsets = [Fraction(0)]
        for kink, before, after in zip(self.kinks, self.slopes, self.slopes[1:], strict=False):
            offsets.append(offsets[-1] + (before - after) * kink)
        here = sum(kink < 0 for kink in self.kinks)
        shift = self.at_zero - offsets[here]
        return [(slope, offset + shift) for slope, offset in zip(self.slopes, offsets, strict=True)]


def ridges(network: Depth2Network) -> Iterator[tuple[tuple[int, ...], ReluSum]]:
    """Yield the lines of a network: a primitive direction w and the sum of ReLUs of t = w.x."""
    weights, biases, outputs, _ = network.parameters()
    lines: dict[tuple[int, ...], list[tuple[Fraction, Fraction, Fraction]]] = {}
    for row, integers, bias, output in zip(weights, network.weights, biases, outputs, strict=True):
        if not any(integers):
            continue
        direction, _ = primitive(integers)
        axis = next(k for k, entry in enumerate(direction) if entry)
        lines.setdefault(direction, []).append((output, row[axis] / direction[axis], bias))
    for direction, terms in lines.items():
        columns = list(zip(*terms, strict=True))
        yield direction, ReluSum(columns[0], columns[1], columns[2])


class Comparison:
    """z3, asked whether sums of ReLUs equal piecewise linear functions for all real t."""

    def __init__(self) -> None:
        import z3

        self._z3 = z3
        self._context = z3.Context()
        self._solver = z3.SolverFor("QF_LRA", ctx=self._context)
        self._t = z3.Real("t", self._context)

    def require_equal(self, ridge: ReluSum, function: PiecewiseLinear) -> None:
        """Prove ridge(t) = function(t) for all real t; raise `WrongSum` with a counterexample otherwise."""
        zero, t = self._exact(Fraction(0)), self._t
        total = zero
        for a, c, b in zip(ridge.outputs, ridge.factors, ridge.biases, strict=True):
            inner = self._exact(c) * t + self._exact(b)
            total = total + self._exact(a) * self._z3.If(inner >= 0, inner, zero)
        lines = [self._exact(slope) * t + self._exact(offset) for slope, offset in function.lines()]
        value = lines[-1]
        for kink, line in zip(reversed(function.kinks), reversed(lines[:-1]), strict=True):
            value = self._z3.If(t <= self._exact(kink), line, value)
        self._solver.push()
        self._solver.add(total != value)
        answer = self._solver.check()
        place = self._solver.model()[t] if answer == self._z3.sat else None
        self._solver.pop()
        if answer == self._z3.sat:
            raise WrongSum(f"a sum of ReLUs is not its piecewise linear function at t = {place}")
        if answer != self._z3.unsat:
            raise WrongSum(f"z3 could not compare a sum of ReLUs with its piecewise linear function ({answer})")

    def _exact(self, value: Fraction) -> Any:
        return self._z3.RatVal(value.numerator, value.denominator, self._context)


def require_sums(network: Depth2Network) -> int:
    """Prove the sum on every line of at most `MOST_TERMS` neurons to be what it stands for; return how many."""
    comparison = Comparison()
    short = [ridge for _, ridge in ridges(network) if len(ridge.outputs) <= MOST_TERMS]
    for ridge in short:
        comparison.require_equal(ridge, ridge.piecewise_linear())
    return len(short)
