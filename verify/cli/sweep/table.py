"""What the sweeps share: ranges of numbers, rows printed as they come, tables, figures and certificates."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from verify.certificates.document import require_writable
from verify.claims.certified import Certified
from verify.errors import Inconclusive
from verify.report.tables import Chart, Row, Table, readable, require_table, write_table

Command = TypeVar("Command", bound=Callable[..., Any])
# what to call the instance (columns of its own), and how to certify it
Instance = tuple[Mapping[str, str | int], Callable[[], Certified]]


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


class Sweep(click.Command):
    """A command whose options may be followed by several values: `--d 2 3 5 --eps 0.1 0.01`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each further value to the option before it, then parse."""
        options = {name: option for option in self.params for name in option.opts}
        spelled: list[str] = []
        last: click.Parameter | None = None  # the option that further values belong to
        name = ""
        taken = True  # whether the option's first value has been seen
        for word in args:
            if word.startswith("-"):
                name, equals, _ = word.partition("=")
                last = options.get(name)
                taken = last is None or bool(equals) or bool(getattr(last, "is_flag", False))
                spelled.append(word)
            elif not taken:
                taken = True
                spelled.append(word)
            elif last is not None and isinstance(last.type, Whole):
                spelled[-1] += f",{word}"
            elif last is not None and getattr(last, "multiple", False):
                spelled += [name, word]
            else:
                spelled.append(word)
        return super().parse_args(ctx, spelled)


def sweep_options(command: Command) -> Command:
    """Add what every sweep has: --out and --certificates."""
    for option in (
        click.option("--certificates", type=click.Path(path_type=Path), help="Save every certificate in this folder."),
        click.option(
            "-o", "--out", "out", type=click.Path(path_type=Path), multiple=True,
            help="Write the table: .md, .csv, .tex, or draw it: .png, .svg, .pdf; may be repeated.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def run(
    columns: tuple[str, ...],
    chart: Chart,
    instances: Iterable[Instance],
    *,
    out: Sequence[Path],
    certificates: Path | None,
    notes: Callable[[Sequence[Row]], list[str]] | None = None,
) -> int:
    """Certify each instance and print its row at once; an instance without a proof says so and the sweep goes on.

    Args:
        columns: figures of the theorem, or of the instance's name, to show; the row ends with the wall time.
        notes: returns lines to print below the table and to write with it.

    Returns:
        The exit code: 0 if anything was proved.
    """
    for path in out:
        require_table(path)
    if certificates is not None:
        require_writable(certificates / "certificate.json", "--certificates")
    table = Table(columns, chart)
    widths = [max(len(column), 9) for column in columns]
    click.echo("  ".join(f"{c:>{w}}" for c, w in zip(columns, widths, strict=True)) + "  seconds")
    for label, certify in instances:
        start = time.perf_counter()
        try:
            result = certify()
        except Inconclusive as problem:
            click.echo(f"{', '.join(f'{key} = {value}' for key, value in label.items() if value)}: {problem}")
            continue
        seconds = time.perf_counter() - start
        row = {**label, **result.theorem.figures}
        table.rows.append(row)
        cells = [readable(row.get(column, "")) for column in columns]
        click.echo("  ".join(f"{c:>{w}}" for c, w in zip(cells, widths, strict=True)) + f"  {seconds:7.1f}")
        if certificates is not None:
            result.certificate.save(certificates / f"{result.certificate.name}.json")
    if not table.rows:
        return 3
    if notes is not None:
        table.notes.extend(notes(table.rows))
    for note in table.notes:
        click.echo(note)
    for path in out:
        write_table(table, path)
        click.echo(f"{path} ({path.stat().st_size:,} bytes)")
    return 0
