"""Branch and bound over the ball: find a bisection tree whose every leaf is proved by a float64 bound.

The search goes level by level over boxes of one size, so that a level is a few large array operations and its batches
can be shared by any `concurrent.futures.Executor`. Batches are cut at fixed places: the tree does not depend on the
number of workers. Geometry (which boxes exist) is that of the kernel's rule COVER; the bounds are the prover's own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from verify.errors import Inconclusive
from verify.kernel.cover.tree import MAX_GRID_BITS, Grid
from verify.progress import Budget, Progress, Silent

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.bool_]

BATCH = 2048
# Below this number of boxes a level is not worth sharing between processes.
WORTH_SHARING = 4 * BATCH


class TargetTooLow(Inconclusive):
    """A point of the ball has an error above the bound that the search was asked to prove."""

    def __init__(self, point: Floats, error: float, target: float) -> None:
        super().__init__(f"the error at ({', '.join(f'{x:.6g}' for x in point)}) is {error:.6g}, above {target:.6g}")
        self.point = point
        self.error = error


class FloatBound(Protocol):
    """A float64 upper bound of the error on boxes, its own rounding errors included."""

    def bound(self, centres: Floats, half_sides: Floats) -> Floats:
        """Return upper bounds over boxes: centres (n, d), half sides (d,) -> (n,)."""


@dataclass(frozen=True)
class Cover:
    """A tree of boxes in level order, every leaf of which was proved.

    Attributes:
        bits: one bit a box, True = bisected.
        depth: depth of the deepest leaf.
        leaves: number of leaves.
        evaluated: number of boxes whose bound was computed.
        bound: the largest bound of a leaf.
    """

    domain: str
    bits: Bits
    depth: int
    leaves: int
    evaluated: int
    bound: float


def cover(
    error: FloatBound,
    dimension: int,
    domain: str,
    target: float,
    *,
    executor: Executor | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    probe: Callable[[Floats], Floats] | None = None,
) -> Cover:
    """Find a tree all of whose leaves have bound <= target.

    Args:
        probe: the error itself at points (n, d); evaluated at centres of open boxes, so that a target below the true
            error is noticed long before boxes shrink to dust.

    Raises:
        TargetTooLow: a probed point has an error above the target.
        Inconclusive: the budget is used up, or boxes reach the finest grid without a proof.
    """
    budget = budget or Budget()
    progress = progress or Silent()
    grid = Grid(dimension, domain, MAX_GRID_BITS)
    unit = 2.0**-grid.bits
    centres = grid.root()
    tree: list[Bits] = []
    depth = leaves = evaluated = 0
    worst = 0.0
    covered = 0.0
    while centres.shape[0]:
        if depth > (MAX_GRID_BITS - 2) * dimension:
            raise Inconclusive("boxes shrink to dust without a proof: the error comes too close to the bound")
        level = grid.level(depth)
        half: Floats = np.array(level.half_sides, dtype=np.float64) * unit
        split = np.empty(centres.shape[0], dtype=np.bool_)
        start = 0
        for bounds in _bounds(error, centres, unit, half, executor):
            split[start : start + bounds.size] = bounds > target
            worst = max(worst, float(bounds[bounds <= target].max(initial=0.0)))
            start += bounds.size
            evaluated += bounds.size
            budget.spend(evaluated)
            if centres.shape[0] >= WORTH_SHARING:
                progress.cells(leaves + int((~split[:start]).sum()), centres.shape[0] - start, covered, worst)
        tree.append(split)
        if probe is not None and depth >= 4 * dimension:
            _probe(probe, np.asarray(centres[split] * unit, dtype=np.float64), target)
        leaves += int((~split).sum())
        children = grid.children(centres[split], level)
        below = grid.level(depth + 1)
        relevant = grid.relevant(children, below)
        # Shares of the root's volume, to show how far the search has come.
        covered += int((~split).sum()) / 2.0**depth + int((~relevant).sum()) / 2.0 ** (depth + 1)
        centres = children[relevant]
        depth += 1
        progress.cells(leaves, centres.shape[0], covered, worst)
    return Cover(domain, np.concatenate(tree), depth - 1, leaves, evaluated, worst)


def _probe(probe: Callable[[Floats], Floats], centres: Floats, target: float) -> None:
    """Raise `TargetTooLow` if the error at one of at most 2000 open centres inside the ball exceeds the target."""
    inside = centres[(centres * centres).sum(axis=1) <= 1.0]
    some = inside[:: max(1, inside.shape[0] // 2000)]
    if some.shape[0]:
        error = probe(some)
        worst = int(error.argmax())
        if error[worst] > target:
            raise TargetTooLow(some[worst], float(error[worst]), target)


def _bounds(
    error: FloatBound, centres: npt.NDArray[np.int64], unit: float, half: Floats, executor: Executor | None
) -> Iterator[Floats]:
    """Yield the bounds of a level batch by batch, in order."""
    batches = (centres[start : start + BATCH] * unit for start in range(0, centres.shape[0], BATCH))
    if executor is None or centres.shape[0] < WORTH_SHARING:
        for batch in batches:
            yield error.bound(np.asarray(batch, dtype=np.float64), half)
    else:
        yield from executor.map(_bound, itertools.repeat(error), batches, itertools.repeat(half))


def _bound(error: FloatBound, centres: Floats, half_sides: Floats) -> Floats:
    return error.bound(centres, half_sides)
