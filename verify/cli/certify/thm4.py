"""`python -m verify certify thm4`: the width that Theorem 4 forces, for ReLU and for every 1-Lipschitz activation."""

from __future__ import annotations

from pathlib import Path

import click

from verify.cli.console import default_path, progress, report
from verify.cli.options import certify_options


@click.command("thm4")
@click.option("--d", type=click.IntRange(3, 16), required=True, help="The dimension.")
@certify_options
def command(
    d: int, out: Path | None, workers: int | None, time_limit: float | None, as_json: bool, quiet: bool
) -> None:
    """Prove how wide a depth-2 network must be for the paper's f at the paper's accuracy and weight bound.

    \b
    python -m verify certify thm4 --d 8
    """
    from verify.claims.thm4 import certify

    default_path("thm4", out)
    with progress(quiet=quiet or as_json) as news:
        result = certify(d=d, progress=news)
    report(result, out, as_json=as_json)
