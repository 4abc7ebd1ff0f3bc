"""`python -m verify certify thm2`."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import click

from verify.claims.thm2 import certify
from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options
from verify.errors import UsageProblem
from verify.provers.workers import dask_executor


@click.command("thm2")
@click.option("--d", "dimension", type=int, required=True, help="Dimension of the ball (cover: 1 to 4).")
@click.option("--eps", type=EXACT, required=True, help="Accuracy, such as 0.05 or 1/20.")
@click.option(
    "--profile",
    help="One profile instead of all: norm, bump, sine:K, zigzag:K, or an expression in r such as 'sin(3*r)/3'.",
)
@click.option("--lipschitz", type=EXACT, help="The profile's Lipschitz constant, if it is not 1.")
@click.option(
    "--executor",
    type=click.Choice(["processes", "dask"]),
    default="processes",
    show_default=True,
    help="Where the search runs; the certificate is the same.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Dask's scheduler, such as tcp://host:8786.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="Keep the progress in this file and resume from it; removed when the certificate is written.",
)
@click.option(
    "--construction",
    type=click.Choice(["cover", "polynomial", "auto"]),
    default="cover",
    show_default=True,
    help="cover: optimised and covered; polynomial: closed rules, any dimension; auto: the smaller network.",
)
@click.option("--max-cells", type=click.IntRange(1), help="Give up after this many boxes.")
@certify_options
def command(
    run: Run,
    dimension: int,
    eps: Fraction,
    profile: str | None,
    lipschitz: Fraction | None,
    executor: str,
    scheduler: str | None,
    checkpoint: Path | None,
    construction: str,
    max_cells: int | None,
) -> int:
    """Theorem 2: depth-2 ReLU networks for 1-Lipschitz radial functions, by covering the ball.

    Without --profile the statement is proved for every 1-Lipschitz function of |x| at once.

    \b
    python -m verify certify thm2 --d 3 --eps 0.05
    python -m verify certify thm2 --d 3 --eps 0.05 --profile norm
    python -m verify certify thm2 --d 3 --eps 0.03 --checkpoint run.json --executor dask --scheduler tcp://host:8786
    """
    if (executor == "dask") != (scheduler is not None):
        raise UsageProblem("--executor dask and --scheduler ADDRESS go together")
    run.reserve("thm2")
    with ExitStack() as stack:
        display = stack.enter_context(run.progress())
        cluster = None if scheduler is None else stack.enter_context(dask_executor(scheduler))
        result = certify(
            d=dimension,
            eps=eps,
            profile=profile,
            lipschitz=lipschitz,
            workers=run.workers,
            executor=cluster,
            checkpoint=checkpoint,
            time_limit=run.time_limit,
            max_cells=max_cells,
            construction=construction,
            progress=display,
        )
    run.report(result)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return 0
