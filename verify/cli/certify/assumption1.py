"""`python -m verify certify assumption1`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from verify.cli import console
from verify.cli.options import EXACT, certify_options


@click.command("assumption1")
@click.option("--activation", required=True, help="Such as sigmoid, relu, leaky-relu:1/10, gelu.")
@click.option("--lipschitz", type=EXACT, default="1", show_default=True, help="L: the functions' Lipschitz constant.")
@click.option("--radius", type=EXACT, default="1", show_default=True, help="R: they are constant outside [-R, R].")
@click.option("--delta", type=EXACT, required=True, help="Largest allowed error on all of R.")
@certify_options
def command(
    activation: str,
    lipschitz: Fraction,
    radius: Fraction,
    delta: Fraction,
    out: Path | None,
    workers: int | None,
    time_limit: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Assumption 1: every Lipschitz function of one variable, constant outside an interval, on all of R.

    \b
    python -m verify certify assumption1 --activation sigmoid --lipschitz 1 --radius 1 --delta 0.05
    """
    from verify.claims.activation import activation_named
    from verify.claims.assumption1 import certify, name

    console.default_path(name(activation_named(activation).name, lipschitz, radius, delta), out)
    with console.progress(quiet=quiet or as_json) as progress:
        result = certify(activation=activation, lipschitz=lipschitz, radius=radius, delta=delta, progress=progress)
    console.report(result, out, as_json=as_json)
    return 0
