"""`python -m verify sweep separation`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import click

from verify.claims import separation_l2, separation_sup
from verify.claims.certified import Certified
from verify.cli.options import EXACT
from verify.cli.sweep.table import WHOLE, run, sweep_options

Instance = tuple[tuple[object, ...], Callable[[], Certified]]

COLUMNS = {
    "l2": ("d", "error", "depth-3 neurons", "depth-3 error", "depth-2 width", "ratio", "deviation"),
    "sup": ("dimension", "depth-2 width at least", "depth-3 neurons", "width / neurons", "epsilon", "weight bound"),
}
CURVES = {
    "l2": {"depth-2 width": "every depth-2 network needs more than", "depth-3 neurons": "one depth-3 network has"},
    "sup": {
        "depth-2 width at least": "every depth-2 ReLU network with these weights needs",
        "depth-3 neurons": "one depth-3 ReLU network has",
    },
}


@click.command("separation")
@click.option(
    "--kind", type=click.Choice(list(COLUMNS)), default="l2", show_default=True, help="See certify separation."
)
@click.option("--d", "dimensions", type=WHOLE, default="2..10", show_default=True, help="Dimensions.")
@click.argument("more", type=WHOLE, nargs=-1)
@click.option("--eps", "errors", type=EXACT, multiple=True, default=["0.1"], help="l2: may be repeated (default 0.1).")
@click.option("--neurons", type=click.IntRange(1), help="l2: most neurons of the depth-3 network (default 50 d).")
@click.option("--budget", type=click.IntRange(1), default=200, help="sup: most neurons at depth 3 (default 200).")
@click.option("--weight-bound", type=EXACT, default="1", help="sup: B, for both networks (default 1).")
@sweep_options
def command(
    kind: str,
    dimensions: tuple[int, ...],
    more: tuple[tuple[int, ...], ...],
    errors: tuple[Fraction, ...],
    neurons: int | None,
    budget: int,
    weight_bound: Fraction,
    csv_path: Path | None,
    figure: Path | None,
    certificates: Path | None,
    workers: int,
) -> int:
    """Depth separations by dimension: every activation and all weights (l2), or bounded weights in the sup norm.

    \b
    python -m verify sweep separation --d 2..20 --figure separation.svg
    python -m verify sweep separation --d 3 --eps 0.05 --eps 0.1 --eps 0.2
    python -m verify sweep separation --kind sup --d 2 3 4 5 7 10 --figure sup.svg
    """
    every = (*dimensions, *(d for numbers in more for d in numbers))
    instances: list[Instance]
    if kind == "l2":
        instances = [
            ((f"d = {d}, error {eps}",), partial(separation_l2.certify, d=d, eps=eps, neurons=neurons, workers=workers))
            for eps in errors
            for d in every
        ]
    else:
        instances = [
            ((f"d = {d}",), partial(separation_sup.certify, d=d, budget=budget, weight_bound=weight_bound))
            for d in every
        ]
    rows = run(COLUMNS[kind], instances, csv_path=csv_path, certificates=certificates)
    if figure is not None and rows:
        from verify.report.widths import draw_widths

        if kind == "sup":
            rows = [{"d": row["dimension"], "error": "", **row} for row in rows]
        draw_widths(rows, CURVES[kind], "hidden neurons", figure)
    return 0
