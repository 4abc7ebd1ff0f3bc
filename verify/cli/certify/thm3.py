"""`python -m verify certify thm3`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from verify.cli.options import EXACT
from verify.cli.run import Run, certify_options


@click.command("thm3")
@click.option("--d", "d", type=int, required=True, help="Dimension.")
@click.option("--k", "k", type=int, required=True, help="Half the power: the target is |x|^(2k).")
@click.option("--eps", type=EXACT, required=True, help="Largest allowed error, such as 0.01 or 1/100.")
@click.option("--activation", default="relu", show_default=True, help="Such as relu, sigmoid, gelu, threshold.")
@click.option(
    "--proof",
    type=click.Choice(["identity", "cover"]),
    default="identity",
    show_default=True,
    help="cover: a second proof of the same network, by covering the ball (d <= 3).",
)
@click.option(
    "--directions",
    default="auto",
    show_default=True,
    help="auto; leech (d = 24), barnes-wall (16), e8 (8), projective (7, 15); orbits: all but these.",
)
@certify_options
def command(
    run: Run,
    d: int,
    k: int,
    eps: Fraction,
    activation: str,
    proof: str,
    directions: str,
) -> int:
    """Theorem 3: an even power of the norm on the unit ball, in any dimension.

    \b
    python -m verify certify thm3 --d 10 --k 2 --eps 0.01
    python -m verify certify thm3 --d 1000 --k 3 --eps 0.01
    python -m verify certify thm3 --d 10 --k 2 --eps 0.01 --activation sigmoid
    """
    from verify.claims.activation import activation_named
    from verify.claims.thm3 import certify, name

    if run.out is not None or proof == "identity":
        run.reserve(name(d, k, eps, activation_named(activation).name, directions))
    options: dict[str, Any] = {"d": d, "k": k, "eps": eps, "activation": activation, "proof": proof}
    options["directions"] = directions
    with run.progress(own_clock=proof == "cover") as progress:
        result = certify(**options, time_limit=run.time_limit, progress=progress, workers=run.workers)
    run.report(result)
    return 0
