"""What people see while a command runs: stages, a progress bar on long work, and the result."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verify.certificates.document import require_writable
from verify.claims.certified import Certified
from verify.kernel import Theorem

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class LiveProgress:
    """Draws a `verify.progress.Progress` on standard error with a bar; stage lines only when not a terminal."""

    def __init__(self, bar: Progress, console: Console) -> None:
        self._bar = bar
        self._console = console
        self._task = bar.add_task("starting", total=1.0, detail="")

    def stage(self, text: str) -> None:
        """Name the stage; on a plain stream, print it as a line."""
        self._bar.update(self._task, description=text, completed=0.0, detail="")
        if not self._console.is_terminal:
            click.echo(f"… {text}", err=True)

    def cells(self, proved: int, open_cells: int, share: float, bound: float) -> None:
        """Move the bar to the covered share of the volume."""
        detail = f"{proved:,} cells, {open_cells:,} open, bound {bound:.4g}"
        self._bar.update(self._task, completed=share, detail=detail)


class Mute:
    """Shows nothing."""

    def stage(self, text: str) -> None:
        """Ignore the news."""

    def cells(self, proved: int, open_cells: int, share: float, bound: float) -> None:
        """Ignore the news."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[LiveProgress | Mute]:
    """Yield a progress display on standard error that disappears when the work is done."""
    if quiet:
        yield Mute()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        yield LiveProgress(bar, console)


def wrapped(text: str, indent: str = "  ") -> str:
    """Return `text` wrapped to the line length that people read."""
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def printable(text: object) -> str:
    """Return text from outside (a file's name, a key) on one line, without what would steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(text))


def theorem_lines(theorem: Theorem) -> list[str]:
    """Return the lines that show a theorem and what it rests on."""
    return [wrapped(theorem.statement), wrapped("Rests on: " + "; ".join(theorem.rests_on) + ".")]


def default_path(name: str, out: Path | None) -> Path:
    """Return where to write the certificate, and fail now rather than after the work if it cannot be written."""
    path = out or Path("certificates") / f"{name}.json"
    require_writable(path)
    return path


def report(result: Certified, out: Path | None, *, as_json: bool, notes: list[str] | None = None) -> None:
    """Write the certificate to `out` (default: certificates/NAME.json) and print what was proved."""
    path = default_path(result.certificate.name, out)
    result.certificate.save(path)
    size = path.stat().st_size
    if as_json:
        click.echo(json.dumps(result_object(result, path), indent=1))
        return
    click.echo("REFUTED, checked by the kernel:" if result.theorem.refutes else "Proved and checked by the kernel:")
    for line in theorem_lines(result.theorem):
        click.echo(line)
    for note in notes or []:
        click.echo(wrapped(note))
    for key, value in result.theorem.figures.items():
        click.echo(f"  {key:<24} {value:,}" if isinstance(value, int) else f"  {key:<24} {value}")
    times = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in result.seconds.items())
    click.echo(f"  {'time':<24} {times}")
    click.echo(f"  {'certificate':<24} {path} ({size:,} bytes)")
    sys.stdout.flush()


def result_object(result: Certified, path: Path) -> dict[str, Any]:
    """Return the machine-readable form of a result."""
    return {
        "status": "refuted" if result.theorem.refutes else "verified",
        "statement": result.theorem.statement,
        "rests_on": list(result.theorem.rests_on),
        "figures": result.theorem.figures,
        "seconds": {stage: round(seconds, 3) for stage, seconds in result.seconds.items()},
        "certificate": str(path),
    }
