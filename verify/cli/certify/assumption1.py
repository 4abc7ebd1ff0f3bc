"""`python -m verify certify assumption1`."""

from __future__ import annotations

from fractions import Fraction

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("assumption1")
@click.option("--activation", required=True, help="Such as sigmoid, relu, leaky-relu:1/10, gelu.")
@click.option("--lipschitz", type=EXACT, default="1", show_default=True, help="L: the functions' Lipschitz constant.")
@click.option("--radius", type=EXACT, default="1", show_default=True, help="R: they are constant outside [-R, R].")
@click.option("--delta", type=EXACT, required=True, help="Largest allowed error on all of R.")
@certify_options
def command(
    run: Run,
    activation: str,
    lipschitz: Fraction,
    radius: Fraction,
    delta: Fraction,
) -> int:
    """Assumption 1: every Lipschitz function of one variable, constant outside an interval, on all of R.

    \b
    python -m verify certify assumption1 --activation sigmoid --lipschitz 1 --radius 1 --delta 0.05
    """
    from verify.claims.activation import activation_named
    from verify.claims.assumption1 import certify, name

    run.reserve(name(activation_named(activation).name, lipschitz, radius, delta))
    with run.progress(own_clock=False) as progress:
        result = certify(activation=activation, lipschitz=lipschitz, radius=radius, delta=delta, progress=progress)
    run.report(result)
    return 0
