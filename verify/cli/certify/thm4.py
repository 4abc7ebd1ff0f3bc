"""`python -m verify certify thm4`: the width that Theorem 4 forces, for ReLU and for every 1-Lipschitz activation."""

from __future__ import annotations

import click

from verify.cli.run import Run, certify_options


@click.command("thm4")
@click.option("--d", type=click.IntRange(3, 16), required=True, help="The dimension.")
@certify_options
def command(run: Run, d: int) -> None:
    """Prove how wide a depth-2 network must be for the paper's f at the paper's accuracy and weight bound.

    \b
    python -m verify certify thm4 --d 8
    """
    from verify.claims.thm4 import certify

    run.reserve("thm4")
    with run.progress(own_clock=False) as news:
        result = certify(d=d, progress=news)
    run.report(result)
