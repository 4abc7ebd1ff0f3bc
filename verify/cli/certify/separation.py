"""`python -m verify certify separation`."""

from __future__ import annotations

from typing import Any

import click

from verify.claims import separation
from verify.cli.options import EXACT, NumberRange, available_workers
from verify.cli.run import Run, certify_options


@click.command("separation")
@click.option("--kind", type=click.Choice(list(separation.KINDS)), default="l2", show_default=True, help="See above.")
@click.option("--d", type=click.IntRange(2), help="Input dimension.")
@click.option("--eps", type=EXACT, help="Distance that depth-2 networks must exceed (l2: default 0.1).")
@click.option("--neurons", type=click.IntRange(1), help="l2: most neurons of the depth-3 network (default 50 d).")
@click.option("--measure", type=click.IntRange(0), help="l2: parameter m of the measure (default 1).")
@click.option("--reach", type=NumberRange(20, 3000), help="l2: allowed radius times frequency (default 400).")
@click.option("--design", help="l2: u0,A,n,J: use this target and network instead of searching.")
@click.option("--weight-bound", type=EXACT, help="sup, code: B, for both networks (default 1).")
@click.option("--budget", type=click.IntRange(1), help="sup: most neurons of the depth-3 network (default 200).")
@click.option("--profile", help="sup: the target; needs --eps (default: search the sine family).")
@click.option("--n", type=click.IntRange(1), help="code: message bits, 12, 24, 36 or 64.")
@certify_options
def command(run: Run, kind: str, **options: Any) -> int:
    """A depth-3 network that no depth-2 network of a much larger width approximates.

    Kind l2: every activation, all weights and biases; L2 distance under an explicit probability measure.
    Kind sup: ReLU networks with bounded weights; sup norm on the unit ball.
    Kind code: ReLU networks with bounded parameters; mean error, a 1-Lipschitz target at constant accuracy.

    \b
    python -m verify certify separation --d 3
    python -m verify certify separation --d 10 --eps 0.1 --neurons 251
    python -m verify certify separation --kind sup --d 5
    python -m verify certify separation --kind code --n 64
    """
    given = {key: value for key, value in (options | {"time_limit": run.time_limit}).items() if value is not None}
    separation.check_options(kind, given)
    run.reserve("separation")
    with run.progress() as display:
        result = separation.certify(kind=kind, **given, workers=run.workers or available_workers(), progress=display)
    run.report(result)
    return 0
