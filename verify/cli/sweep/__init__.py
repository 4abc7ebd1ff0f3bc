"""`python -m verify sweep`: tables and figures of many certified instances; one file a claim."""

from __future__ import annotations

import click

from verify.cli.main import LateGroup


@click.command(
    "sweep",
    cls=LateGroup,
    late={
        "separation": "verify.cli.sweep.separation",
        "thm1": "verify.cli.sweep.thm1",
        "thm2": "verify.cli.sweep.thm2",
        "thm3": "verify.cli.sweep.thm3",
        "thm5": "verify.cli.sweep.thm5",
    },
)
def command() -> None:
    """Certify many instances and print a table; every number in it is proved.

    \b
    python -m verify sweep thm3 --d 3 10 30 --eps 0.1 0.01 -o table.tex -o table.png
    python -m verify sweep separation --d 2..20 -o separation.md
    """
