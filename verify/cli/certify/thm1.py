"""`python -m verify certify thm1`."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("thm1")
@click.option("--d", "d", type=int, required=True, help="Dimension.")
@click.option("--eps", type=EXACT, required=True, help="Largest allowed error, such as 0.25 or 1/4.")
@click.option(
    "--profile",
    help="One profile instead of all: norm, bump, sine:K, zigzag:K, or an expression in r such as 'sin(3*r)/3'.",
)
@click.option("--lipschitz", type=EXACT, help="The profile's Lipschitz constant, if it is not 1.")
@click.option("--activation", default="relu", show_default=True, help="Such as relu, sigmoid, gelu, leaky-relu:1/10.")
@click.option(
    "--directions",
    default="auto",
    show_default=True,
    help="auto; leech (d = 24), barnes-wall (16), e8 (8), projective (7, 15); orbits: all but these.",
)
@certify_options
def command(
    run: Run,
    d: int,
    eps: Fraction,
    profile: str | None,
    lipschitz: Fraction | None,
    activation: str,
    directions: str,
) -> int:
    """Theorem 1: radial functions on the unit ball, in any dimension.

    Without --profile the statement is proved for every 1-Lipschitz function of |x| at once.

    \b
    python -m verify certify thm1 --d 8 --eps 0.25
    python -m verify certify thm1 --d 8 --eps 0.25 --profile bump --activation sigmoid
    python -m verify certify thm1 --d 24 --eps 0.12 --directions leech
    """
    from verify.claims.thm1 import certify

    if run.out is not None:
        run.reserve("")
    with run.progress() as progress:
        result = certify(
            d=d,
            eps=eps,
            profile=profile,
            lipschitz=lipschitz,
            activation=activation,
            directions=directions,
            progress=progress,
            workers=run.workers or 1,
            time_limit=run.time_limit,
        )
    run.report(result)
    return 0
