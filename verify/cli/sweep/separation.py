"""`python -m verify sweep separation`."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path

import click

from verify.claims import separation_l2
from verify.cli.options import EXACT
from verify.cli.sweep.table import WHOLE, run, sweep_options

COLUMNS = ("d", "error", "depth-3 neurons", "depth-3 error", "depth-2 width", "ratio", "deviation")


@click.command("separation")
@click.option("--d", "dimensions", type=WHOLE, default="2..10", show_default=True, help="Dimensions.")
@click.option("--eps", "errors", type=EXACT, multiple=True, default=["0.1"], show_default=True, help="May be repeated.")
@click.option("--neurons", type=click.IntRange(1), help="Most neurons of the depth-3 network (default 50 d).")
@sweep_options
def command(
    dimensions: tuple[int, ...],
    errors: tuple[Fraction, ...],
    neurons: int | None,
    csv_path: Path | None,
    figure: Path | None,
    certificates: Path | None,
    workers: int,
) -> int:
    """Depth separations for every activation and all weights, by dimension.

    \b
    python -m verify sweep separation --d 2..20 --figure separation.svg
    python -m verify sweep separation --d 3 --eps 0.05 --eps 0.1 --eps 0.2
    """
    instances = [
        ((f"d = {d}, error {eps}",), partial(separation_l2.certify, d=d, eps=eps, neurons=neurons, workers=workers))
        for eps in errors
        for d in dimensions
    ]
    rows = run(COLUMNS, instances, csv_path=csv_path, certificates=certificates)
    if figure is not None and rows:
        from verify.report.widths import draw_widths

        draw_widths(
            rows,
            {"depth-2 width": "every depth-2 network needs more than", "depth-3 neurons": "one depth-3 network has"},
            "hidden neurons",
            figure,
        )
    return 0
