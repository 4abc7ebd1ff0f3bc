"""Branch and bound over the ball: find a bisection tree whose every leaf is proved by a float64 bound.

The search goes level by level over boxes of one size, so that a level is a few large array operations and its batches
can be shared by any `concurrent.futures.Executor`. When a level outgrows `LARGE`, it is cut into forests that are
searched one after the other, so that memory holds one forest and a bit for each box of the others. Batches are cut at
fixed places: the tree does not depend on the number of workers. Geometry (which boxes exist) is that of the kernel's
rule COVER; the bounds are the prover's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from verify.errors import Inconclusive
from verify.kernel.cover.tree import MAX_GRID_BITS, Grid, Level
from verify.progress import Budget, Progress, Silent
from verify.provers.journal import Journal
from verify.provers.workers import Workforce

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.bool_]
Lattice = npt.NDArray[np.int64]

# Boxes handed to a worker at a time, and boxes bounded by one round of array operations (their arrays fit the cache).
BATCH = 2048
PIECE = 256
# Below this number of boxes a level is not worth sharing between processes.
WORTH_SHARING = 4 * BATCH
# A forest of more boxes than LARGE is cut into forests of FOREST boxes.
LARGE = 1 << 18
FOREST = 1 << 15
# After this many halvings of each axis, the last boxes (at most so many of a forest's level) may be closed otherwise.
DUST = 10
FEW = 64


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


class Closer(Protocol):
    """Another proof for single boxes that the bound just misses."""

    def close(self, centre: Lattice, level: Level) -> Lattice | None:
        """Return what proves the box of the finest grid, or None; the same answer for the same questions."""


@dataclass(frozen=True)
class Cover:
    """A tree of boxes in level order, every leaf of which was proved.

    Attributes:
        bits: one bit a box, True = bisected.
        depth: depth of the deepest leaf.
        leaves: number of leaves.
        evaluated: number of boxes whose bound was computed.
        bound: the largest bound of a leaf.
        closed: leaves that carry a proof of their own: (number in level order, proof), in order.
    """

    domain: str
    bits: Bits
    depth: int
    leaves: int
    evaluated: int
    bound: float
    closed: list[tuple[int, Lattice]] = field(default_factory=list)


def cover(
    error: FloatBound,
    dimension: int,
    domain: str,
    target: float,
    *,
    workforce: Workforce | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    probe: Callable[[Floats], Floats] | None = None,
    journal: Journal | None = None,
    closer: Closer | None = None,
) -> Cover:
    """Find a tree all of whose leaves have bound <= target.

    Args:
        probe: the error itself at points (n, d); evaluated at centres of open boxes, so that a target below the true
            error is noticed long before boxes shrink to dust.
        journal: receives every decision; those that it already holds from an earlier run are not made again.
        closer: tried on small open boxes where few are left.

    Raises:
        TargetTooLow: a probed point has an error above the target.
        Inconclusive: the budget is used up, or boxes reach the finest grid without a proof.
    """
    search = _Search(
        error, dimension, domain, target, workforce, budget or Budget(), progress or Silent(), probe, journal, closer
    )
    return search.run()


@dataclass
class _Forest:
    """Boxes of one depth whose subtrees are still to be searched; int32 holds the lattice of 2^-26."""

    depth: int
    centres: npt.NDArray[np.int32]


class _Search:
    def __init__(
        self,
        error: FloatBound,
        dimension: int,
        domain: str,
        target: float,
        workforce: Workforce | None,
        budget: Budget,
        progress: Progress,
        probe: Callable[[Floats], Floats] | None,
        journal: Journal | None,
        closer: Closer | None,
    ) -> None:
        self.error = error
        self.domain = domain
        self.target = target
        self.workforce = workforce
        self.budget = budget
        self.progress = progress
        self.probe = probe
        self.journal = journal or Journal()
        self.closer = closer
        # (depth, place in its level, proof)
        self.closed: list[tuple[int, int, Lattice]] = []
        self.grid = Grid(dimension, domain, MAX_GRID_BITS)
        self.unit = 2.0**-MAX_GRID_BITS
        # The decisions of each depth, forest after forest: together, the tree in level order.
        self.levels: list[list[_Packed]] = []
        self.leaves = self.evaluated = 0
        self.covered = 0.0

    def run(self) -> Cover:
        forests = [_Forest(0, self.grid.root().astype(np.int32))]
        with self.journal:
            while forests:
                forest = forests.pop()
                while forest.centres.shape[0]:
                    if forest.centres.shape[0] > LARGE:
                        starts = range(0, forest.centres.shape[0], FOREST)
                        parts = [_Forest(forest.depth, forest.centres[s : s + FOREST].copy()) for s in starts]
                        forests.extend(reversed(parts))
                        break
                    forest = self._descend(forest, sum(later.centres.shape[0] for later in forests))
        bits = np.concatenate([packed.bits() for level in self.levels for packed in level])
        return Cover(
            self.domain,
            bits,
            len(self.levels) - 1,
            self.leaves,
            self.evaluated,
            self.journal.worst,
            self._ordinals(bits),
        )

    def _descend(self, forest: _Forest, later: int) -> _Forest:
        """Decide the roots of a forest, and return the forest of their children."""
        depth, centres = forest.depth, forest.centres
        dimension = self.grid.dimension
        if depth > (MAX_GRID_BITS - 2) * dimension:
            raise Inconclusive("boxes shrink to dust without a proof: the error comes too close to the bound")
        level = self.grid.level(depth)
        half: Floats = np.array(level.half_sides, dtype=np.float64) * self.unit
        split = np.empty(centres.shape[0], dtype=np.bool_)
        start = 0
        for decided in self._decide(centres, half):
            split[start : start + decided.size] = decided
            start += decided.size
            if centres.shape[0] >= WORTH_SHARING:
                self._report(self.leaves + start - int(split[:start].sum()), centres.shape[0] - start + later)
        self.evaluated += centres.shape[0]
        if self.probe is not None and depth >= 4 * dimension:
            _probe(self.probe, np.asarray(centres[split] * self.unit, dtype=np.float64), self.target)
        while len(self.levels) <= depth:
            self.levels.append([])
        if self.closer is not None and depth >= DUST * dimension and int(split.sum()) <= FEW:
            self._close(self.closer, centres, level, split)
        self.levels[depth].append(_Packed(split))
        stopped = centres.shape[0] - int(split.sum())
        self.leaves += stopped
        children = self.grid.children(centres[split].astype(np.int64), level)
        relevant = self.grid.relevant(children, self.grid.level(depth + 1))
        # Shares of the root's volume, to show how far the search has come.
        self.covered += stopped / 2.0**depth + int((~relevant).sum()) / 2.0 ** (depth + 1)
        below = children[relevant].astype(np.int32)
        self._report(self.leaves, below.shape[0] + later)
        return _Forest(depth + 1, below)

    def _close(self, closer: Closer, centres: npt.NDArray[np.int32], level: Level, split: Bits) -> None:
        """Take the boxes that `closer` proves out of `split`. (The journal does not hold these decisions.)"""
        before = sum(packed.size for packed in self.levels[level.depth])
        for index in np.flatnonzero(split).tolist():
            self.budget.spend(self.evaluated)
            proof = closer.close(centres[index].astype(np.int64), level)
            if proof is not None:
                split[index] = False
                self.closed.append((level.depth, before + index, proof))

    def _ordinals(self, bits: Bits) -> list[tuple[int, Lattice]]:
        """Return the closed leaves with their numbers in level order."""
        if not self.closed:
            return []
        sizes = [sum(packed.size for packed in level) for level in self.levels]
        leaves_before = np.cumsum(~bits) - 1
        starts = np.cumsum([0, *sizes])
        numbered = ((int(leaves_before[starts[depth] + place]), proof) for depth, place, proof in self.closed)
        return sorted(numbered, key=lambda item: item[0])

    def _decide(self, centres: npt.NDArray[np.int32], half: Floats) -> Iterator[Bits]:
        """Yield which boxes are bisected, in order: first what the journal holds, then what is computed now."""
        known = self.journal.replay(centres.shape[0])
        if known.size:
            yield known
        rest = centres[known.size :]
        batches = (
            (np.asarray(rest[start : start + BATCH] * self.unit, dtype=np.float64), half)
            for start in range(0, rest.shape[0], BATCH)
        )
        if self.workforce is None or rest.shape[0] < WORTH_SHARING:
            results: Iterator[Floats] = (bounds_of(self.error, batch) for batch in batches)
        else:
            results = self.workforce.map(bounds_of, self.error, batches, self._patience)
        for bounds in results:
            split = bounds > self.target
            self.journal.record(split, float(bounds[~split].max(initial=0.0)))
            self.budget.spend(self.journal.size)
            yield split

    def _patience(self) -> float | None:
        self.budget.spend(self.journal.size)
        return self.budget.remaining()

    def _report(self, proved: int, waiting: int) -> None:
        self.progress.cells(proved, waiting, self.covered, self.journal.worst)


class _Packed:
    """Bits at eight a byte."""

    def __init__(self, bits: Bits) -> None:
        self.size = bits.size
        self._bytes = np.packbits(bits)

    def bits(self) -> Bits:
        return np.unpackbits(self._bytes, count=self.size).astype(np.bool_)


def _probe(probe: Callable[[Floats], Floats], centres: Floats, target: float) -> None:
    """Raise `TargetTooLow` if the error at one of at most 2000 open centres inside the ball exceeds the target."""
    inside = centres[(centres * centres).sum(axis=1) <= 1.0]
    some = inside[:: max(1, inside.shape[0] // 2000)]
    if some.shape[0]:
        error = probe(some)
        worst = int(error.argmax())
        if error[worst] > target:
            raise TargetTooLow(some[worst], float(error[worst]), target)


def bounds_of(error: FloatBound, batch: tuple[Floats, Floats]) -> Floats:
    """Return the bounds of a batch (centres, half sides), piece by piece."""
    centres, half_sides = batch
    pieces = [error.bound(centres[start : start + PIECE], half_sides) for start in range(0, centres.shape[0], PIECE)]
    return np.concatenate(pieces)
