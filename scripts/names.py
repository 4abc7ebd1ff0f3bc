"""Choose shipped certificates by name or by pattern, such as `thm1-*`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase


def matching(patterns: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the names that equal or match one of the patterns; exit with one line if a pattern matches none."""
    known = list(names)
    chosen: list[str] = []
    for pattern in patterns:
        found = [name for name in known if fnmatchcase(name, pattern.removesuffix(".json"))]
        if not found:
            near = difflib.get_close_matches(pattern, known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "--list shows all names"
            raise SystemExit(f"no shipped certificate is called {pattern!r}, nor matches it: {hint}")
        chosen += [name for name in found if name not in chosen]
    return chosen
