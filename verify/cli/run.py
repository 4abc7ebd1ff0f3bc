"""One run of a `certify` command: where the certificate goes, how long it may take, what people see of it."""

from __future__ import annotations

import functools
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import click

from verify.claims.certified import Certified
from verify.cli import console
from verify.cli.options import SECONDS
from verify.errors import Inconclusive


@dataclass(frozen=True)
class Run:
    """The options that every `certify` command has.

    Attributes: `out` the certificate's file, None for certificates/NAME.json; `workers` the most processes, None for
    one a processor; `time_limit` in seconds; `as_json` and `quiet` say what to print.
    """

    out: Path | None
    workers: int | None
    time_limit: float | None
    as_json: bool
    quiet: bool

    def reserve(self, name: str) -> None:
        """Fail now, rather than after the work, if the certificate could not be written."""
        console.default_path(name, self.out)

    @contextmanager
    def progress(self, *, own_clock: bool = True) -> Iterator[console.LiveProgress | console.Mute]:
        """Yield the display of the work, and end the work at the time limit.

        With `own_clock` the claim is given `time_limit` and ends by itself (perhaps with its best result so far);
        without, an alarm interrupts it where it stands.
        """
        with console.progress(quiet=self.quiet or self.as_json) as display:
            if own_clock or self.time_limit is None:
                yield display
                return
            with _alarm(self.time_limit):
                yield display

    def report(self, result: Certified, notes: list[str] | None = None) -> None:
        """Write the certificate and print what was proved."""
        console.report(result, self.out, as_json=self.as_json, notes=notes)


class _TimeIsUp(BaseException):
    """The alarm rang. Not an `Exception`: a search that takes failed candidates in its stride must not swallow it."""


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `Inconclusive` in the main thread after `seconds`."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise _TimeIsUp

    if not hasattr(signal, "setitimer"):  # Windows has no such clock: there the work runs to its end
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TimeIsUp:
        raise Inconclusive(f"no proof within {seconds:g} s; raise --time-limit or the error") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def certify_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --out, --workers, --time-limit, --json and --quiet; the command receives them as one `run`."""

    @functools.wraps(command)
    def gathered(
        *,
        out: Path | None,
        workers: int | None,
        time_limit: float | None,
        as_json: bool,
        quiet: bool,
        **options: Any,
    ) -> Any:
        return command(run=Run(out, workers, time_limit, as_json, quiet), **options)

    wrapped: Callable[..., Any] = gathered
    for option in (
        click.option("--quiet", "-q", is_flag=True, help="Print only the result."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object."),
        click.option(
            "--time-limit",
            type=SECONDS,
            help="Give up after this many seconds.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            default=None,
            help="Most processes to use (default: all processors).",
        ),
        click.option(
            "--out",
            "-o",
            type=click.Path(path_type=Path),
            help="The certificate's file (default: certificates/NAME.json below the current folder).",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped
