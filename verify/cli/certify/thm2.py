"""`python -m verify certify thm2`."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.claims.thm2 import certify
from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options
from verify.cli.stamina import Stamina, stamina_options


@click.command("thm2")
@click.option("--d", "dimension", type=int, required=True, help="Dimension of the ball (cover: 1 to 4).")
@click.option("--eps", type=EXACT, required=True, help="Accuracy, such as 0.05 or 1/20.")
@click.option(
    "--profile",
    help="One profile instead of all: norm, bump, sine:K, zigzag:K, or an expression in r such as 'sin(3*r)/3'.",
)
@click.option("--lipschitz", type=EXACT, help="The profile's Lipschitz constant, if it is not 1.")
@click.option(
    "--construction",
    type=click.Choice(["cover", "polynomial", "auto"]),
    default="cover",
    show_default=True,
    help="cover: optimised and covered; polynomial: closed rules, any dimension; auto: the smaller network.",
)
@stamina_options
@certify_options
def command(
    run: Run,
    stamina: Stamina,
    dimension: int,
    eps: Fraction,
    profile: str | None,
    lipschitz: Fraction | None,
    construction: str,
) -> int:
    """Theorem 2: depth-2 ReLU networks for 1-Lipschitz radial functions, by covering the ball.

    Without --profile the statement is proved for every 1-Lipschitz function of |x| at once.

    \b
    python -m verify certify thm2 --d 3 --eps 0.05
    python -m verify certify thm2 --d 3 --eps 0.05 --profile norm
    python -m verify certify thm2 --d 3 --eps 0.03 --checkpoint run.json --executor dask --scheduler tcp://host:8786
    """
    run.reserve("thm2")
    with run.progress() as display, stamina.executor() as executor:
        result = certify(
            d=dimension,
            eps=eps,
            profile=profile,
            lipschitz=lipschitz,
            workers=run.workers,
            executor=executor,
            checkpoint=stamina.checkpoint,
            time_limit=run.time_limit,
            max_cells=stamina.max_cells,
            construction=construction,
            progress=display,
        )
    run.report(result)
    stamina.finish()
    return 0
