"""`python -m verify certify thm5`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from verify.claims import thm5
from verify.cli.console import default_path, progress, report
from verify.cli.options import EXACT, available_workers, certify_options


@click.command("thm5")
@click.option("--d", type=click.IntRange(2), required=True, help="Input dimension.")
@click.option("--eps", type=EXACT, help="L2 error that depth-2 networks must exceed (default d^-3).")
@click.option("--scale", type=EXACT, help="A in max(0, 1 - |y|/A) (default: the best multiple of d/20).")
@click.option("--measure", type=click.IntRange(0), default=1, show_default=True, help="Parameter m of the measure.")
@certify_options
def command(
    d: int,
    eps: Fraction | None,
    scale: Fraction | None,
    measure: int,
    out: Path | None,
    workers: int | None,
    time_limit: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Theorem 5 with numbers: a width that every depth-2 network needs for max(0, 1 - |y|/A).

    Any activation, any weights and biases; L2 error under an explicit probability measure.

    \b
    python -m verify certify thm5 --d 10
    python -m verify certify thm5 --d 20 --scale 11 --eps 5e-3
    """
    default_path("thm5", out)
    with progress(quiet=quiet or as_json) as display:
        result = thm5.certify(
            d=d,
            eps=eps,
            scale=scale,
            measure=measure,
            time_limit=time_limit,
            workers=workers or available_workers(),
            progress=display,
        )
    report(result, out, as_json=as_json)
    return 0
