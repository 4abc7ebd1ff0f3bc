"""`python -m verify certify ip2`: inner product mod 2, hard for depth 2 and exact at depth 3."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("ip2")
@click.option("--n", type=click.IntRange(1), required=True, help="Bits of x, and of y.")
@click.option("--eps", type=EXACT, default="1/2", help="Mean error that depth 2 must exceed (default 1/2).")
@click.option("--weight-bound", type=EXACT, default="1", help="Bound of all parameters (default 1).")
@certify_options
def command(
    run: Run,
    n: int,
    eps: Fraction,
    weight_bound: Fraction,
) -> None:
    """Prove how wide depth-2 networks for (-1)^(x.y) must be, and how few neurons depth 3 needs.

    \b
    python -m verify certify ip2 --n 40
    """
    from verify.claims.ip2 import certify

    run.reserve("ip2")
    with run.progress(own_clock=False) as news:
        result = certify(n=n, eps=eps, weight_bound=weight_bound, progress=news)
    run.report(result)
