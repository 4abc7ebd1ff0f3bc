"""`python -m verify sweep thm5`."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path

import click

from verify.claims import thm5
from verify.cli.options import EXACT
from verify.cli.sweep.table import WHOLE, run, sweep_options

COLUMNS = ("d", "scale", "error", "deviation", "width")


@click.command("thm5")
@click.option("--d", "dimensions", type=WHOLE, default="2..10", show_default=True, help="Dimensions.")
@click.option("--eps", "errors", type=EXACT, multiple=True, help="L2 errors; may be repeated (default d^-3).")
@click.option("--measure", type=click.IntRange(0), default=1, show_default=True, help="Parameter m of the measure.")
@sweep_options
def command(
    dimensions: tuple[int, ...],
    errors: tuple[Fraction, ...],
    measure: int,
    csv_path: Path | None,
    figure: Path | None,
    certificates: Path | None,
    workers: int,
) -> int:
    """Theorem 5 with numbers: the width that max(0, 1 - |y|/A) costs at depth 2, by dimension.

    \b
    python -m verify sweep thm5 --d 2..20
    python -m verify sweep thm5 --d 3,10,30 --eps 0.01 --csv thm5.csv
    """
    chosen: tuple[Fraction | None, ...] = errors or (None,)
    instances = [
        ((f"d = {d}",), partial(thm5.certify, d=d, eps=eps, measure=measure, workers=workers))
        for eps in chosen
        for d in dimensions
    ]
    rows = run(COLUMNS, instances, csv_path=csv_path, certificates=certificates)
    if figure is not None and rows:
        from verify.report.widths import draw_widths

        draw_widths(rows, {"width": "every depth-2 network needs more than"}, "neurons", figure)
    return 0
