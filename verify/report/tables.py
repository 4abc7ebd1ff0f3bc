"""Tables of certified instances as Markdown, CSV, LaTeX or a figure: the ending of the file says which."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from verify.certificates.document import require_writable, write_atomically
from verify.errors import UsageProblem
from verify.report import figures

Row = Mapping[str, str | int]

TEXTS = ("md", "csv", "tex")


@dataclass(frozen=True)
class Chart:
    """How a table is drawn: neurons on a logarithmic axis.

    Attributes:
        by: columns that may lie on the horizontal axis; the first that takes several values does.
        curves: column -> label; one curve for each, and for each value of the other columns of `by` and `groups`.
    """

    by: tuple[str, ...]
    curves: Mapping[str, str]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Certified instances.

    Attributes:
        columns: the figures to show.
        rows: for each instance, its figures (perhaps more of them than there are columns).
        notes: lines below the table.
    """

    columns: tuple[str, ...]
    chart: Chart
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def cells(self, row: Row) -> list[str]:
        """Return a row as readers see it: long whole numbers cut off, with a sign that they are."""
        return [readable(row.get(column, "")) for column in self.columns]


def require_table(path: Path) -> None:
    """Raise `UsageProblem` unless the path ends as a table or a figure does and can be written."""
    ending = path.suffix.lower().removeprefix(".")
    if ending in figures.FORMATS:
        from verify.report.figures.style import new_figure

        new_figure()  # without matplotlib, fail before the work
    elif ending not in TEXTS:
        raise UsageProblem(f"cannot write {path.name}: a table ends in {', '.join((*TEXTS, *figures.FORMATS))}")
    require_writable(path)


def write_table(table: Table, path: Path) -> None:
    """Write the table in the format that the ending of `path` names."""
    ending = path.suffix.lower().removeprefix(".")
    if ending in figures.FORMATS:
        from verify.report.widths import draw_widths

        figures.save(draw_widths(table.rows, table.chart), path)
        return
    text = {"csv": _csv, "md": _markdown, "tex": _latex}[ending](table)
    write_atomically(path, text.encode("utf-8"))


def readable(value: str | int) -> str:
    """Return a figure as tables show it: of long whole numbers the first four digits, cut off and marked so."""
    if isinstance(value, str) or abs(value) < 10**13:
        return str(value)
    digits = str(value)
    return f"{digits[0]}.{digits[1:4]}…e{len(digits) - 1}"


def _csv(table: Table) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([row.get(column, "") for column in table.columns] for row in table.rows)
    return stream.getvalue()


def _markdown(table: Table) -> str:
    rows: Sequence[Sequence[str]] = [
        table.columns,
        ["---"] * len(table.columns),
        *(table.cells(row) for row in table.rows),
    ]
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows]
    return "".join(lines) + "".join(f"\n{note}\n" for note in table.notes)


def _latex(table: Table) -> str:
    def escaped(cells: Sequence[str]) -> str:
        marks = str.maketrans(
            {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "…": r"\ldots{}", "^": r"\^{}", "|": r"\textbar{}"}
        )
        return " & ".join(cell.translate(marks) for cell in cells) + " \\\\\n"

    body = "".join(escaped(table.cells(row)) for row in table.rows)
    head = f"\\begin{{tabular}}{{{'l' * len(table.columns)}}}\n{escaped(table.columns)}\\hline\n"
    return f"{head}{body}\\end{{tabular}}\n" + "".join(f"% {note}\n" for note in table.notes)
