"""What the sweeps share: ranges of dimensions, rows printed as they come, CSV files, certificates, figures."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from verify.certificates.document import require_writable
from verify.claims.certified import Certified
from verify.errors import Inconclusive

Command = TypeVar("Command", bound=Callable[..., Any])


class Whole(click.ParamType[tuple[int, ...]]):
    """Whole numbers: "2..10", "3,5,8", "2..10,20,50"."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Return the numbers that `value` spells, in its order."""
        if isinstance(value, tuple):
            return value
        numbers: list[int] = []
        for part in str(value).split(","):
            match = re.fullmatch(r"\s*(\d{1,4})(?:\.\.(\d{1,4}))?\s*", part)
            if match is None:
                self.fail(f"{part!r} is not a number or a range such as 2..10", param, ctx)
            numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
        if not numbers:
            self.fail("names no number", param, ctx)
        return tuple(numbers)


WHOLE = Whole()


def sweep_options(command: Command) -> Command:
    """Add what every sweep has: --csv, --figure, --certificates, --workers."""
    for option in (
        click.option("--workers", type=click.IntRange(1, 1024), default=1, show_default=True, help="Processes to use."),
        click.option("--certificates", type=click.Path(path_type=Path), help="Save every certificate in this folder."),
        click.option("--figure", type=click.Path(path_type=Path), help="Draw the table into this .svg, .png or .pdf."),
        click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write the table to this file."),
    ):
        command = option(command)
    return command


def run(
    columns: Sequence[str],
    instances: Iterable[tuple[tuple[object, ...], Callable[[], Certified]]],
    *,
    csv_path: Path | None,
    certificates: Path | None,
) -> list[dict[str, str | int]]:
    """Certify each instance and print its row at once; an instance without a proof says so and the sweep goes on.

    Args:
        columns: figures of the theorem to show; the row ends with the wall time.
        instances: (what to show if there is no proof, how to certify).

    Returns:
        The figures of the proved instances.
    """
    if csv_path is not None:
        require_writable(csv_path)
    widths = [max(len(column), 9) for column in columns]
    click.echo("  ".join(f"{c:>{w}}" for c, w in zip(columns, widths, strict=True)) + "  seconds")
    rows: list[dict[str, str | int]] = []
    for label, certify in instances:
        start = time.perf_counter()
        try:
            result = certify()
        except Inconclusive as problem:
            click.echo(f"{' '.join(map(str, label))}: {problem}")
            continue
        seconds = time.perf_counter() - start
        figures = result.theorem.figures
        rows.append(figures)
        cells = [short(figures.get(column, "")) for column in columns]
        click.echo("  ".join(f"{c:>{w}}" for c, w in zip(cells, widths, strict=True)) + f"  {seconds:7.1f}")
        if certificates is not None:
            result.certificate.save(certificates / f"{result.certificate.name}.json")
    if csv_path is not None:
        csv_path.parent.mkdir(parents=True, exist_ok=True)
        with csv_path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return rows


def short(value: str | int) -> str:
    """Return a number as a table shows it: large integers rounded down to four digits."""
    if isinstance(value, str) or abs(value) < 10**7:
        return str(value)
    digits = str(value)
    return f"{digits[0]}.{digits[1:4]}e{len(digits) - 1}"
