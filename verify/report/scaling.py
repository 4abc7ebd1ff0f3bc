"""Tables of certified widths, and the exponents fitted to them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from verify.certificates.document import write_atomically
from verify.errors import UsageProblem

COLUMNS = ("theorem", "d", "k", "eps", "width", "certified bound")
PAPER = {
    "thm1": "exp(O(eps^-9 log(d/eps)))",
    "thm2": "exp(O(d log(1/eps)))",
    "thm3": "exp(O(k^2 log(d/eps)))",
}


@dataclass(frozen=True)
class Row:
    """One certified instance."""

    theorem: str
    d: int
    k: int | None
    eps: Fraction
    width: int
    bound: str

    def cells(self) -> tuple[str, ...]:
        """Return the row as text, in the order of COLUMNS."""
        eps = f"{float(self.eps):g}"
        return self.theorem, str(self.d), "" if self.k is None else str(self.k), eps, str(self.width), self.bound


def exponents(rows: Sequence[Row]) -> list[str]:
    """Return a line for each least-squares slope of log width against log d or log(1/eps) that the rows determine."""
    lines = []
    for by_dimension in (False, True):
        groups: dict[tuple[int | None, Fraction], list[Row]] = {}
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


def require_table(path: Path) -> None:
    """Raise `UsageProblem` unless the path's ending is one that `write_table` knows."""
    if path.suffix not in (".md", ".csv", ".tex"):
        raise UsageProblem(f"cannot write {path}: a table ends in .md, .csv or .tex")


def write_table(rows: Sequence[Row], lines: Sequence[str], path: Path) -> None:
    """Write the table and the fitted exponents, in the format that the path's ending names."""
    require_table(path)
    cells = [row.cells() for row in rows]
    if path.suffix == ".csv":
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *cells])
        text = stream.getvalue()
    elif path.suffix == ".md":
        table = [COLUMNS, tuple("---" for _ in COLUMNS), *cells]
        text = "".join(f"| {' | '.join(row)} |\n" for row in table) + "".join(f"\n{line}\n" for line in lines)
    else:
        body = "".join(f"{' & '.join(row)} \\\\\n" for row in cells)
        head = " & ".join(COLUMNS)
        text = f"\\begin{{tabular}}{{llllll}}\n{head} \\\\\n\\hline\n{body}\\end{{tabular}}\n"
        text += "".join(f"% {line}\n" for line in lines)
    write_atomically(path, text.encode("ascii"))
