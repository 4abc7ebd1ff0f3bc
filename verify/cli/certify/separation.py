"""`python -m verify certify separation`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from verify.claims import separation
from verify.cli.console import default_path, progress, report
from verify.cli.options import EXACT, available_workers, certify_options


@click.command("separation")
@click.option("--kind", type=click.Choice(list(separation.KINDS)), default="l2", show_default=True, help="The norm.")
@click.option("--d", type=click.IntRange(2), help="Input dimension.")
@click.option("--eps", type=EXACT, help="Distance that depth-2 networks must exceed (l2: default 0.1).")
@click.option("--neurons", type=click.IntRange(1), help="l2: most neurons of the depth-3 network (default 50 d).")
@click.option("--measure", type=click.IntRange(0), help="l2: parameter m of the measure (default 1).")
@click.option("--design", help="l2: u0,A,n,J: use this target and network instead of searching.")
@certify_options
def command(kind: str, out: Path | None, workers: int | None, as_json: bool, quiet: bool, **options: Any) -> int:
    """A depth-3 network that no depth-2 network of a much larger width approximates.

    \b
    Kind l2: every activation, all weights; L2 distance under an explicit probability measure.

    \b
    python -m verify certify separation --d 3
    python -m verify certify separation --d 10 --eps 0.1 --neurons 251
    """
    given = {key: value for key, value in options.items() if value is not None}
    separation.check_options(kind, given)
    path = default_path(separation.default_name(kind, given), out)
    with progress(quiet=quiet or as_json) as display:
        result = separation.certify(kind=kind, **given, workers=workers or available_workers(), progress=display)
    report(result, path, as_json=as_json)
    return 0
