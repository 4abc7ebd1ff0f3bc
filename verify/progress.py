"""What long work tells its caller, and the budget that it must keep to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from verify.errors import Inconclusive


class Progress(Protocol):
    """Receives news of a long run; the command line draws it, the library ignores it by default."""

    def stage(self, text: str) -> None:
        """A new stage has begun: `text` says which, in a few words."""

    def cells(self, proved: int, open_cells: int, share: float, bound: float) -> None:
        """`proved` cells are done, `open_cells` wait, `share` of the volume is covered with largest bound `bound`."""


class Silent:
    """A `Progress` that says nothing."""

    def stage(self, text: str) -> None:
        """Ignore the news."""

    def cells(self, proved: int, open_cells: int, share: float, bound: float) -> None:
        """Ignore the news."""


@dataclass
class Budget:
    """Limits on a search: wall seconds and evaluated cells; None means unlimited."""

    seconds: float | None = None
    max_cells: int | None = None
    _start: float = field(default_factory=time.monotonic)

    def spend(self, cells: int) -> None:
        """Raise `Inconclusive` if `cells` evaluated so far, or the time since the start, exceed the limits."""
        if self.max_cells is not None and cells > self.max_cells:
            raise Inconclusive(f"out of budget after {cells:,} cells; raise --max-cells or --eps")
        if self.seconds is not None and time.monotonic() - self._start > self.seconds:
            raise Inconclusive(f"out of time after {self.seconds:g} s and {cells:,} cells; raise --time-limit or --eps")

    def remaining(self) -> float | None:
        """Return the seconds left, or None if unlimited."""
        return None if self.seconds is None else max(0.0, self.seconds - (time.monotonic() - self._start))
