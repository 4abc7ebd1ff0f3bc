"""`python -m verify certify pathnorm`: path norm and width of depth-2 ReLU networks, bounded from below."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("pathnorm")
@click.option("--d", type=click.IntRange(2), required=True, help="The dimension.")
@click.option("--profile", required=True, help="phi(r), such as 'sin(30*(r**2-1/2))/60' or zigzag:8.")
@click.option("--eps", type=EXACT, required=True, help="The accuracy in the sup norm.")
@click.option("--lipschitz", type=EXACT, default="1", help="A Lipschitz constant of phi (default 1).")
@click.option("--weight-bound", type=EXACT, default="1", help="B of the width bound (default 1).")
@click.option("--one-sided", is_flag=True, help="Leave out the upper bound of the least path norm.")
@certify_options
def command(
    run: Run,
    d: int,
    profile: str,
    eps: Fraction,
    lipschitz: Fraction,
    weight_bound: Fraction,
    one_sided: bool,
) -> None:
    """Prove that every depth-2 ReLU network near phi(|x|) has a large path norm, hence a large width.

    \b
    python -m verify certify pathnorm --d 5 --profile "sin(30*(r**2-1/2))/60" --eps 5e-3
    """
    from verify.claims.path_norm import certify

    run.reserve("pathnorm")
    with run.progress() as news:
        result = certify(
            d=d,
            profile=profile,
            eps=eps,
            lipschitz=lipschitz,
            weight_bound=weight_bound,
            one_sided=one_sided,
            time_limit=run.time_limit,
            progress=news,
        )
    run.report(result)
