"""Bound every leaf of a cover, in batches, on one process or several."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from typing import Any, Protocol

import numpy as np

from verify.kernel.arithmetic.fixed import Integers
from verify.kernel.cover.tree import Level
from verify.kernel.outcome import Rejected
from verify.kernel.packing import IntArray

BATCH = 1024
# Entries of one array of a batch: 16 MB, a few hundred for all arrays that live at a time.
ENTRIES = 1 << 21
# Operations on all leaves together: an hour or so. Python integers count more.
MAX_WORK = 1 << 38
OBJECT_WORK = 64
# Below this number of leaves a second process costs more than it saves.
WORTH_SHARING = 20_000

Leaves = Iterable[tuple[Level, IntArray]]


class BoxBound(Protocol):
    """An integer upper bound on boxes of one level.

    Attributes:
        entries: length of the arrays that it needs for one box.
        work: operations that it needs for one box.
        dtype: int64, or object for Python integers.
    """

    entries: int
    work: int
    dtype: Any

    def bound(self, centres: IntArray, level: Level) -> Integers:
        """Return the bounds, shape (n,)."""


def require_leaves(
    rule: str, leaves: Leaves, evaluator: BoxBound, limit: int, workers: int, first: BoxBound | None = None
) -> int:
    """Reject unless the bound of every leaf is at most `limit`; return the number of leaves.

    Args:
        first: faster bounds, tried before those of `evaluator`.
    """
    total = 0
    held: list[tuple[Level, IntArray]] = []
    pending = 0
    # Hold leaves back until it is clear that there are enough of them to share.
    rows = max(1, min(BATCH, ENTRIES // evaluator.entries))
    source = _bounded(rule, _batches(leaves, rows), evaluator)
    for batch in source:
        held.append(batch)
        pending += batch[1].shape[0]
        if workers > 1 and pending >= WORTH_SHARING:
            break
    else:
        for batch in held:
            total += _require(rule, batch, evaluator, limit, first)
        return total
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[tuple[tuple[Level, IntArray], Future[int]]] = deque()

        def oldest() -> int:
            batch, job = waiting.popleft()
            try:
                return job.result()
            except BrokenExecutor:
                # A worker was killed: what it did not deliver is checked here.
                return _require(rule, batch, evaluator, limit, first)

        try:
            for batch in itertools.chain(held, source):
                try:
                    waiting.append((batch, pool.submit(_require, rule, batch, evaluator, limit, first)))
                except BrokenExecutor:
                    total += _require(rule, batch, evaluator, limit, first)
                # Keep the queue short, so that memory stays flat.
                if len(waiting) >= 8 * workers:
                    total += oldest()
            while waiting:
                total += oldest()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return total


def _batches(leaves: Leaves, rows: int) -> Iterator[tuple[Level, IntArray]]:
    for level, centres in leaves:
        for start in range(0, centres.shape[0], rows):
            yield level, centres[start : start + rows]


def _bounded(rule: str, batches: Leaves, evaluator: BoxBound) -> Iterator[tuple[Level, IntArray]]:
    """Pass batches on, and stop where a hostile file would cost days."""
    work = evaluator.work * (OBJECT_WORK if evaluator.dtype is object else 1)
    spent = 0
    for level, centres in batches:
        spent += centres.shape[0] * work
        if spent > MAX_WORK:
            raise Rejected(rule, "proof.tree", "takes more work than the kernel allows")
        yield level, centres


def _require(rule: str, batch: tuple[Level, IntArray], evaluator: BoxBound, limit: int, first: BoxBound | None) -> int:
    level, centres = batch
    total = int(centres.shape[0])
    if first is not None:
        centres = centres[first.bound(centres, level) > limit]
    if not centres.size:
        return total
    bounds = evaluator.bound(centres, level)
    worst = int(np.argmax(bounds))
    if int(bounds[worst]) > limit:
        centre = ", ".join(str(int(x)) for x in centres[worst])
        raise Rejected(
            rule, "proof.tree", f"the leaf of depth {level.depth} with centre ({centre}) on the grid is not proved"
        )
    return total
