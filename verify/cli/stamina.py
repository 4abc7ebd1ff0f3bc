"""Options of searches that may be long: where they run, and the file from which they resume."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from verify.errors import UsageProblem


@dataclass(frozen=True)
class Stamina:
    """What a long search is given.

    Attributes: `scheduler` the address of a Dask cluster, None for processes of this machine; `checkpoint` the file
    that keeps the progress; `max_cells` the most boxes.
    """

    scheduler: str | None
    checkpoint: Path | None
    max_cells: int | None

    @contextmanager
    def executor(self) -> Iterator[Executor | None]:
        """Yield the cluster's executor, or None."""
        if self.scheduler is None:
            yield None
            return
        from verify.provers.workers import dask_executor

        with dask_executor(self.scheduler) as cluster:
            yield cluster

    def finish(self) -> None:
        """Remove the checkpoint: the certificate has been written."""
        if self.checkpoint is not None:
            self.checkpoint.unlink(missing_ok=True)


def stamina_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --executor, --scheduler, --checkpoint and --max-cells; the command receives them as one `stamina`."""

    @functools.wraps(command)
    def gathered(
        *, executor: str, scheduler: str | None, checkpoint: Path | None, max_cells: int | None, **options: Any
    ) -> Any:
        if (executor == "dask") != (scheduler is not None):
            raise UsageProblem("--executor dask and --scheduler ADDRESS go together")
        return command(stamina=Stamina(scheduler, checkpoint, max_cells), **options)

    wrapped: Callable[..., Any] = gathered
    for option in (
        click.option("--max-cells", type=click.IntRange(1), help="Give up after this many boxes."),
        click.option(
            "--checkpoint",
            type=click.Path(path_type=Path),
            help="Keep the progress in this file and resume from it; removed when the certificate is written.",
        ),
        click.option("--scheduler", metavar="ADDRESS", help="Dask's scheduler, such as tcp://host:8786."),
        click.option(
            "--executor",
            type=click.Choice(["processes", "dask"]),
            default="processes",
            show_default=True,
            help="Where the search runs; the certificate is the same.",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped
