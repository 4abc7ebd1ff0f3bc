"""`python -m verify sweep separation`."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path

import click

from verify.claims import separation_code, separation_l2, separation_sup
from verify.cli.options import EXACT
from verify.cli.sweep.table import WHOLE, Instance, Sweep, run, sweep_options
from verify.report.figures.style import BOUNDED_NEEDS
from verify.report.tables import Chart

COLUMNS: dict[str, tuple[str, ...]] = {
    "l2": ("d", "error", "depth-3 neurons", "depth-3 error", "depth-2 width", "ratio", "deviation"),
    "sup": ("dimension", "depth-2 width at least", "depth-3 neurons", "width / neurons", "epsilon", "weight bound"),
    "code": ("n", "code", "inputs", "epsilon", "depth-2 width at least", "depth-3 neurons", "parameter bound"),
}
HAS = "one depth-3 network has"
CHARTS = {
    "l2": Chart(
        by=("d", "error"), curves={"depth-2 width": "every depth-2 network needs more than", "depth-3 neurons": HAS}
    ),
    "sup": Chart(by=("dimension",), curves={"depth-2 width at least": BOUNDED_NEEDS, "depth-3 neurons": HAS}),
    "code": Chart(by=("inputs",), curves={"depth-2 width at least": BOUNDED_NEEDS, "depth-3 neurons": HAS}),
}


@click.command("separation", cls=Sweep)
@click.option(
    "--kind", type=click.Choice(list(COLUMNS)), default="l2", show_default=True, help="See certify separation."
)
@click.option("--d", "dimensions", type=WHOLE, default="2..10", show_default=True, help="l2, sup: dimensions.")
@click.option("--n", "messages", type=WHOLE, default="12,24,36,64", show_default=True, help="code: message bits.")
@click.option("--eps", "errors", type=EXACT, multiple=True, default=["0.1"], help="l2: one error or more.")
@click.option("--neurons", type=click.IntRange(1), help="l2: most neurons of the depth-3 network (default 50 d).")
@click.option("--budget", type=click.IntRange(1), default=200, help="sup: most neurons at depth 3 (default 200).")
@click.option("--weight-bound", type=EXACT, default="1", help="sup, code: B, for both networks (default 1).")
@click.option("--workers", type=click.IntRange(1, 1024), default=1, show_default=True, help="l2: processes to use.")
@sweep_options
def command(
    kind: str,
    dimensions: tuple[int, ...],
    messages: tuple[int, ...],
    errors: tuple[Fraction, ...],
    neurons: int | None,
    budget: int,
    weight_bound: Fraction,
    out: tuple[Path, ...],
    certificates: Path | None,
    workers: int,
) -> int:
    """Depth separations: every activation and all weights (l2), bounded weights in the sup norm, or codes.

    \b
    python -m verify sweep separation --d 2..20 -o separation.md -o separation.svg
    python -m verify sweep separation --d 3 --eps 0.05 0.1 0.2 -o separation.png
    python -m verify sweep separation --kind sup --d 2 3 4 5 7 10 -o sup.tex
    python -m verify sweep separation --kind code -o codes.csv
    """
    instances: list[Instance]
    if kind == "l2":
        l2 = partial(separation_l2.certify, neurons=neurons, workers=workers)
        instances = [({"d": d, "error": str(eps)}, partial(l2, d=d, eps=eps)) for eps in errors for d in dimensions]
    elif kind == "sup":
        sup = partial(separation_sup.certify, budget=budget, weight_bound=weight_bound)
        instances = [({"dimension": d}, partial(sup, d=d)) for d in dimensions]
    else:
        code = partial(separation_code.certify, weight_bound=weight_bound)
        instances = [({"n": n}, partial(code, n=n)) for n in messages]
    return run(COLUMNS[kind], CHARTS[kind], instances, out=out, certificates=certificates)
