"""What claims proved by covering share: the search with its resources, bounds to aim at, witnesses, names."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document, pack_bits, rational
from verify.claims.request import exact
from verify.errors import UsageProblem
from verify.progress import Budget, Progress
from verify.provers.covering import Closer, Cover, FloatBound, cover
from verify.provers.journal import Checkpoint
from verify.provers.workers import Workforce

Floats = npt.NDArray[np.float64]

# The certified bound aims at this multiple of the sampled sup, unless epsilon is smaller.
TIGHTNESS = 1.085


def require_accuracy(eps: Fraction | str | int) -> Fraction:
    """Return eps as an exact positive rational."""
    accuracy = exact("eps", eps)
    if accuracy < Fraction(1, 10**6):
        raise UsageProblem(f"--eps {eps} is finer than the search can reach; use at least 1e-6")
    return accuracy


class Search:
    """One request: dimension, accuracy, resources."""

    def __init__(
        self,
        dimension: int,
        epsilon: Fraction,
        workforce: Workforce | None,
        workers: int,
        budget: Budget,
        progress: Progress,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.dimension = dimension
        self.epsilon = epsilon
        self.workforce = workforce
        self.workers = workers
        self.budget = budget
        self.progress = progress
        self.checkpoint = checkpoint

    def construction(self, make: Callable[[], Document]) -> Document:
        """Return what `make` constructs; with a checkpoint, an earlier run's construction is taken up again."""
        return make() if self.checkpoint is None else self.checkpoint.keep("construction", make)

    def cover(
        self,
        bound: FloatBound,
        domain: str,
        target: Fraction,
        probe: Callable[[Floats], Floats],
        closer: Closer | None = None,
    ) -> Cover:
        """Run the covering search."""
        self.progress.stage(f"covering, bound {float(target):.4g}")
        journal = None
        if self.checkpoint is not None:
            journal = self.checkpoint.journal({"domain": domain, "target": rational(target)})
        return cover(
            bound,
            self.dimension,
            domain,
            float(target),
            workforce=self.workforce,
            budget=self.budget,
            progress=self.progress,
            probe=probe,
            journal=journal,
            closer=closer,
        )


def cover_proof(rule: str, tree: Cover) -> Document:
    """Return the proof part of a certificate that rests on a cover."""
    return {"rule": rule, "domain": tree.domain, "depth": tree.depth, "tree": pack_bits(tree.bits)}


def certified_bound(sampled: float, epsilon: Fraction, tightness: float = TIGHTNESS) -> Fraction:
    """Return the bound to prove: epsilon, or a short dyadic a little above the sampled sup if that is smaller."""
    # An error of exactly 0 still leaves the rounding of the search and of the kernel to be covered.
    aim = Fraction(max(1, math.ceil(sampled * tightness * 2**14)), 2**14)
    if 0.5 <= sampled < 0.502:  # the constants phi(1/2)
        aim = Fraction(101, 200)
    return min(aim, epsilon)


def exact_witness(point: Floats, lower_bound: Callable[[list[Fraction]], Fraction]) -> tuple[list[Fraction], Fraction]:
    """Return a dyadic point of the ball near `point` and a short dyadic below the exact error there."""
    unit = 1 << 20
    shrunk = [Fraction(math.trunc(float(x) * unit), unit) for x in point]  # towards the origin: stays in the ball
    while sum(x * x for x in shrunk) > 1:
        shrunk = [Fraction(math.trunc(x * unit * Fraction(unit - 1, unit)), unit) for x in shrunk]
    low = lower_bound(shrunk)
    return shrunk, max(Fraction(math.floor(low * 2**30), 2**30), Fraction(0))


def decimal(value: Fraction) -> str:
    """Return the shortest spelling of an accuracy for names: 0.05, or 1-30 for 1/30."""
    for digits in range(1, 13):
        text = f"{float(value):.{digits}g}"
        if Fraction(text) == value:
            return text
    return f"{value.numerator}/{value.denominator}"
