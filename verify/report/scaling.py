"""Exponents fitted to certified widths, and the paper's bounds beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

PAPER = {
    "thm1": "exp(O(eps^-9 log(d/eps)))",
    "thm2": "exp(O(d log(1/eps)))",
    "thm3": "exp(O(k^2 log(d/eps)))",
}


@dataclass(frozen=True)
class Instance:
    """One certified instance: dimension, half the power (Theorem 3), accuracy, width."""

    d: int
    k: int | None
    eps: Fraction
    width: int


def exponents(rows: Sequence[Instance]) -> list[str]:
    """Return a line for each least-squares slope of log width against log d or log(1/eps) that the rows determine."""
    lines = []
    for by_dimension in (False, True):
        groups: dict[tuple[int | None, Fraction], list[Instance]] = {}
        for row in rows:
            if row.width > 0:
                groups.setdefault((row.k, row.eps if by_dimension else Fraction(row.d)), []).append(row)
        for (k, other), group in groups.items():
            x = [math.log(row.d if by_dimension else 1 / row.eps) for row in group]
            if len(set(x)) < 2:
                continue
            y = [math.log(row.width) for row in group]
            where = "" if k is None else f"k = {k}, "
            where += f"eps = {float(other):g}" if by_dimension else f"d = {other}"
            base = "d" if by_dimension else "(1/eps)"
            lines.append(f"fitted at {where}: width ~ {base}^{_slope(x, y):.2f} ({len(group)} instances)")
    return lines


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)
