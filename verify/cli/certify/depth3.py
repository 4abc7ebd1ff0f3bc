"""`python -m verify certify depth3`: a depth-3 ReLU network with small weights near a radial target."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("depth3")
@click.option("--d", type=click.IntRange(1), required=True, help="The dimension.")
@click.option("--profile", required=True, help="phi(r), such as 'sin(30*(r**2-1/2))/60' or zigzag:8.")
@click.option("--eps", type=EXACT, required=True, help="The accuracy in the sup norm.")
@click.option("--lipschitz", type=EXACT, default="1", help="A Lipschitz constant of phi (default 1).")
@click.option("--weight-bound", type=EXACT, default="1", help="The largest allowed weight (default 1).")
@certify_options
def command(
    run: Run,
    d: int,
    profile: str,
    eps: Fraction,
    lipschitz: Fraction,
    weight_bound: Fraction,
) -> None:
    """Build a depth-3 ReLU network near phi(|x|) on the unit ball and prove its error.

    \b
    python -m verify certify depth3 --d 8 --profile "sin(60*(r**2-1/2))/120" --eps 3e-3
    """
    from verify.claims.depth3 import certify

    run.reserve("depth3")
    with run.progress(own_clock=False) as news:
        result = certify(
            d=d,
            profile=profile,
            eps=eps,
            lipschitz=lipschitz,
            weight_bound=weight_bound,
            progress=news,
        )
    run.report(result)
