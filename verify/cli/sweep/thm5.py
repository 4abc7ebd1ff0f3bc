"""`python -m verify sweep thm5`."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path

import click

from verify.claims import thm5
from verify.cli.options import EXACT
from verify.cli.sweep.table import WHOLE, Instance, Sweep, run, sweep_options
from verify.report.tables import Chart

COLUMNS = ("d", "scale", "error", "deviation", "width")
CHART = Chart(by=("d", "error"), curves={"width": "every depth-2 network needs more than"})


@click.command("thm5", cls=Sweep)
@click.option("--d", "dimensions", type=WHOLE, default="2..10", show_default=True, help="Dimensions.")
@click.option("--eps", "errors", type=EXACT, multiple=True, help="L2 errors, one or more (default d^-3).")
@click.option("--measure", type=click.IntRange(0), default=1, show_default=True, help="Parameter m of the measure.")
@click.option("--workers", type=click.IntRange(1, 1024), default=1, show_default=True, help="Processes to use.")
@sweep_options
def command(
    dimensions: tuple[int, ...],
    errors: tuple[Fraction, ...],
    measure: int,
    out: tuple[Path, ...],
    certificates: Path | None,
    workers: int,
) -> int:
    """Theorem 5 with numbers: the width that max(0, 1 - |y|/A) costs at depth 2, by dimension.

    \b
    python -m verify sweep thm5 --d 2..20 -o thm5.md -o thm5.png
    python -m verify sweep thm5 --d 3,10,30 --eps 0.01 -o thm5.csv
    """
    chosen: tuple[Fraction | None, ...] = errors or (None,)
    instances: list[Instance] = [
        ({"d": d}, partial(thm5.certify, d=d, eps=eps, measure=measure, workers=workers))
        for eps in chosen
        for d in dimensions
    ]
    return run(COLUMNS, CHART, instances, out=out, certificates=certificates)
