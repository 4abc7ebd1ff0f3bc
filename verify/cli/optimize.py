"""`python -m verify optimize`: the smallest network that can be found and proved."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("optimize")
@click.option("--d", "dimension", type=click.IntRange(1), required=True, help="The dimension (1 to 6).")
@click.option("--eps", type=EXACT, required=True, help="The accuracy in the sup norm.")
@click.option("--profile", required=True, help="phi(r): norm, bump, sine:K, zigzag:K, or an expression in r.")
@click.option("--lipschitz", type=EXACT, help="The profile's Lipschitz constant, if it is not 1.")
@click.option("--tries", type=click.IntRange(1), default=12, show_default=True, help="Training runs at each width.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the random starts.")
@click.option("--from-width", type=click.IntRange(1), help="The width to try first (default: a handful of neurons).")
@certify_options
def command(
    run: Run,
    dimension: int,
    eps: Fraction,
    profile: str,
    lipschitz: Fraction | None,
    tries: int,
    seed: int,
    from_width: int | None,
) -> None:
    """Search for the smallest depth-2 ReLU network near phi(|x|) on the unit ball, and prove the winner.

    After --time-limit seconds the search stops shrinking and proves the smallest network found so far.

    \b
    python -m verify optimize --d 3 --eps 0.05 --profile norm
    """
    from verify.claims.minimal import optimize

    run.reserve("minimal")
    with run.progress() as display:
        result = optimize(
            d=dimension,
            eps=eps,
            profile=profile,
            lipschitz=lipschitz,
            tries=tries,
            seed=seed,
            from_width=from_width,
            workers=run.workers,
            time_limit=run.time_limit,
            progress=display,
        )
    run.report(result)
