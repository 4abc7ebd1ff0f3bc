"""`python -m verify certify growth`."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("growth")
@click.option("--d", "d", type=int, nargs=2, help="First and last dimension (default: every dimension).")
@click.option("--eps", type=EXACT, required=True, help="Largest allowed error, such as 0.3 or 3/10.")
@click.option("--profile", help="One profile instead of all, as for thm1.")
@click.option("--lipschitz", type=EXACT, help="The profile's Lipschitz constant, if it is not 1.")
@click.option("--activation", default="relu", show_default=True, help="As for thm1.")
@click.option("--exponent", type=EXACT, help="p, such as 1 or 1.15 (default: 1.1, or fitted to the widths of a range).")
@certify_options
def command(
    run: Run,
    d: tuple[int, int] | None,
    eps: Fraction,
    profile: str | None,
    lipschitz: Fraction | None,
    activation: str,
    exponent: Fraction | None,
) -> int:
    """How width grows with the dimension, at one accuracy: at most C d^p.

    Without --d in every dimension, for errors that A + B |x|^2 reaches (all profiles: more than 0.27); with --d in
    every dimension of a range. Without --profile the statement is proved for every 1-Lipschitz function of |x| at
    once. C is the least constant that the networks found allow for the exponent p.

    \b
    python -m verify certify growth --eps 0.3
    python -m verify certify growth --d 10 1000 --eps 0.3
    python -m verify certify growth --d 10 1000 --eps 0.3 --exponent 1
    """
    from verify.claims.growth import certify

    if run.out is not None:
        run.reserve("")
    with run.progress() as progress:
        result = certify(
            d=d,
            eps=eps,
            profile=profile,
            lipschitz=lipschitz,
            activation=activation,
            exponent=exponent,
            progress=progress,
            workers=run.workers or 1,
            time_limit=run.time_limit,
        )
    run.report(result)
    return 0
