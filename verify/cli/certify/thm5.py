"""`python -m verify certify thm5`."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.claims import thm5
from verify.cli.options import EXACT, available_workers
from verify.cli.run import Run, certify_options


@click.command("thm5")
@click.option("--d", type=click.IntRange(2), required=True, help="Input dimension.")
@click.option("--eps", type=EXACT, help="L2 error that depth-2 networks must exceed (default d^-3).")
@click.option("--scale", type=EXACT, help="A in max(0, 1 - |y|/A) (default: the best multiple of d/20).")
@click.option("--hat", help="c,w: the target max(0, 1 - ||y| - c|/w) instead of a cone.")
@click.option("--measure", type=click.IntRange(0), default=1, show_default=True, help="Parameter m of the measure.")
@certify_options
def command(
    run: Run,
    d: int,
    eps: Fraction | None,
    scale: Fraction | None,
    hat: str | None,
    measure: int,
) -> int:
    """Theorem 5 with numbers: a width that every depth-2 network needs for max(0, 1 - |y|/A).

    Any activation, any weights and biases; L2 error under an explicit probability measure.

    \b
    python -m verify certify thm5 --d 10
    python -m verify certify thm5 --d 20 --scale 11 --eps 5e-3
    python -m verify certify thm5 --d 6 --hat 3,1 --eps 0.02
    """
    run.reserve("thm5")
    with run.progress() as display:
        result = thm5.certify(
            d=d,
            eps=eps,
            scale=scale,
            hat=_pair(hat),
            measure=measure,
            time_limit=run.time_limit,
            workers=run.workers or available_workers(),
            progress=display,
        )
    run.report(result)
    return 0


def _pair(text: str | None) -> tuple[str, str] | None:
    """Return the two numbers of --hat c,w."""
    if text is None:
        return None
    centre, separator, half_width = text.partition(",")
    if not separator:
        raise click.BadParameter("needs two numbers c,w such as 3,1", param_hint="'--hat'")
    return centre, half_width
