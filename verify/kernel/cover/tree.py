"""Rule COVER: the boxes of a bisection tree cover the part of the ball that a domain stands for.

The tree is stored in level order, one bit a box: 1 = bisected, 0 = leaf. A box at depth k is bisected across axis
k mod d. Boxes that miss the unit ball (or the chamber) carry no bit: the kernel finds and drops them itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from verify.kernel.outcome import Rejected
from verify.kernel.packing import IntArray

RULE = "cover"

# "ball": all of [-1,1]^d. "orthant": x >= 0. "chamber": x_1 >= x_2 >= ... >= x_d >= 0.
DOMAINS = ("ball", "orthant", "chamber")

MAX_DIMENSION = 8
MAX_GRID_BITS = 26
MAX_CELLS = 1 << 24
MAX_LEVEL = 1 << 24  # coordinates of the boxes of one depth: 128 MB, which bounds the memory of a walk
CHUNK = 1 << 18


@dataclass(frozen=True)
class Level:
    """The geometry of all boxes of one depth, in units of 2^-grid_bits.

    Attributes:
        depth: number of bisections from the root.
        half_sides: half the side of the boxes on each axis, shape (d,).
    """

    depth: int
    half_sides: tuple[int, ...]


@dataclass(frozen=True)
class Grid:
    """The lattice on which all centres and half sides of a tree are integers: units of 2^-bits."""

    dimension: int
    domain: str
    bits: int

    def level(self, depth: int) -> Level:
        """Return the geometry of depth `depth`."""
        # Half of the root's side: 1/2 for [0,1], 1 for [-1,1].
        root = 1 << (self.bits if self.domain == "ball" else self.bits - 1)
        return Level(depth, tuple(root >> self._halvings(depth, axis) for axis in range(self.dimension)))

    def _halvings(self, depth: int, axis: int) -> int:
        return (depth - axis + self.dimension - 1) // self.dimension

    def root(self) -> IntArray:
        """Return the centre of the root box, shape (1, d)."""
        middle = 0 if self.domain == "ball" else 1 << (self.bits - 1)
        return np.full((1, self.dimension), middle, dtype=np.int64)

    def relevant(self, centres: IntArray, level: Level) -> npt.NDArray[np.bool_]:
        """Return which boxes may meet the unit ball and the domain; the others are dropped."""
        half = np.array(level.half_sides, dtype=np.int64)
        nearest = np.maximum(np.abs(centres) - half, 0)
        keep: npt.NDArray[np.bool_] = (nearest * nearest).sum(axis=1) <= 1 << (2 * self.bits)
        if self.domain == "chamber":
            for axis in range(self.dimension - 1):
                keep &= centres[:, axis] + half[axis] >= centres[:, axis + 1] - half[axis + 1]
        return keep

    def children(self, centres: IntArray, level: Level) -> IntArray:
        """Return the two halves of each box, lower half first."""
        axis = level.depth % self.dimension
        quarter = level.half_sides[axis] // 2
        halves = np.repeat(centres, 2, axis=0)
        halves[0::2, axis] -= quarter
        halves[1::2, axis] += quarter
        return halves


def grid_for(dimension: int, domain: str, depth: int, least_bits: int = 0) -> Grid:
    """Return the coarsest grid on which a tree of this depth has integer centres and half sides."""
    bits = max(-(-depth // dimension) + 1, least_bits)
    if bits > MAX_GRID_BITS:
        raise Rejected(RULE, "proof.depth", f"needs a grid of 2^-{bits}; the finest allowed is 2^-{MAX_GRID_BITS}")
    return Grid(dimension, domain, bits)


def walk(bits: npt.NDArray[np.bool_], grid: Grid, deepest: int) -> Iterator[tuple[Level, IntArray]]:
    """Yield, level by level, the leaves of the tree: the level's geometry and the centres, shape (n, d).

    Raises `Rejected` if bits run out, are left over, or lead deeper than `deepest`.
    """
    centres = grid.root()
    position = depth = 0
    while centres.shape[0]:
        level = grid.level(depth)
        count = centres.shape[0]
        if position + count > bits.size:
            raise Rejected(RULE, "proof.tree", f"the bits run out at depth {depth}")
        split = bits[position : position + count]
        position += count
        yield level, centres[~split]
        depth += 1
        # Deeper boxes would have no place on the grid.
        if depth > deepest and split.any():
            raise Rejected(RULE, "proof.tree", f"deeper than the declared {deepest} bisections")
        centres = _next_level(centres[split], grid, level)
    if position != bits.size:
        raise Rejected(RULE, "proof.tree", f"{bits.size - position} bits are left over")


def _next_level(parents: IntArray, grid: Grid, level: Level) -> IntArray:
    """Return the halves of `parents` that may matter."""
    below = grid.level(level.depth + 1)
    total = 0
    parts = [parents[:0]]
    for start in range(0, parents.shape[0], CHUNK):
        children = grid.children(parents[start : start + CHUNK], level)
        parts.append(children[grid.relevant(children, below)])
        total += parts[-1].size
        if total > MAX_LEVEL:
            limit = MAX_LEVEL // grid.dimension
            raise Rejected(RULE, "proof.tree", f"more than {limit} boxes at depth {below.depth}")
    return np.concatenate(parts)
