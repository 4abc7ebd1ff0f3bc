"""`python -m verify certify thm2`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from verify.claims.thm2 import certify
from verify.cli.console import progress, report
from verify.cli.options import EXACT, certify_options


@click.command("thm2")
@click.option("--d", "dimension", type=int, required=True, help="Dimension of the ball (1 to 4).")
@click.option("--eps", type=EXACT, required=True, help="Accuracy, such as 0.05 or 1/20.")
@click.option(
    "--profile",
    help="One profile instead of all: norm, bump, sine:K, zigzag:K, or an expression in r such as 'sin(3*r)/3'.",
)
@click.option("--lipschitz", type=EXACT, help="The profile's Lipschitz constant, if it is not 1.")
@click.option("--max-cells", type=click.IntRange(1), help="Give up after this many boxes.")
@certify_options
def command(
    dimension: int,
    eps: Fraction,
    profile: str | None,
    lipschitz: Fraction | None,
    max_cells: int | None,
    out: Path | None,
    workers: int | None,
    time_limit: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Theorem 2: depth-2 ReLU networks for 1-Lipschitz radial functions, by covering the ball.

    Without --profile the statement is proved for every 1-Lipschitz function of |x| at once.

    \b
    python -m verify certify thm2 --d 3 --eps 0.05
    python -m verify certify thm2 --d 3 --eps 0.05 --profile norm
    """
    with progress(quiet=quiet or as_json) as display:
        result = certify(
            d=dimension,
            eps=eps,
            profile=profile,
            lipschitz=lipschitz,
            workers=workers,
            time_limit=time_limit,
            max_cells=max_cells,
            progress=display,
        )
    report(result, out, as_json=as_json)
    return 0
