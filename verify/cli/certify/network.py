"""`python -m verify certify network`: somebody's network against a radial profile."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from verify.cli.options import EXACT, EXACT_OR_SUPREMUM
from verify.cli.run import Run, certify_options
from verify.cli.stamina import Stamina, stamina_options
from verify.errors import EXIT_REJECTED, EXIT_VERIFIED


@click.command("network")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--d", "dimension", type=click.IntRange(1), help="The dimension (default: as the file says).")
@click.option("--profile", required=True, help="phi(r): norm, bump, sine:K, zigzag:K, or an expression in r.")
@click.option(
    "--eps",
    type=EXACT_OR_SUPREMUM,
    help="The accuracy to prove or refute (default: the tightest interval found), or `exact`: the supremum itself, to "
    "10^-12, by regions, for piecewise linear profiles.",
)
@click.option(
    "--method",
    type=click.Choice(("cover", "regions")),
    default="cover",
    show_default=True,
    help="cover: boxes, d <= 8. regions: the pieces on which N is affine, for about 60 neurons at d = 3, 200 at d = 2.",
)
@click.option("--lipschitz", type=EXACT, help="The profile's Lipschitz constant, if it is not 1.")
@stamina_options
@certify_options
def command(
    run: Run,
    stamina: Stamina,
    file: Path,
    dimension: int | None,
    profile: str,
    eps: Fraction | str | None,
    method: str,
    lipschitz: Fraction | None,
) -> int:
    """Prove or refute |N(x) - phi(|x|)| <= eps on the unit ball for the depth-2 ReLU network in FILE.

    FILE is ONNX (Gemm, MatMul, Add, Relu), an .npz archive or JSON with weights, biases, outputs, constant; its
    floats are taken as the exact numbers that they are. A false claim gives a refutation certificate and exit code 1.

    \b
    python -m verify certify network net.onnx --profile norm --eps 0.1
    python -m verify certify network net.onnx --profile norm --eps 0.01 --checkpoint run.json --time-limit 3600
    python -m verify certify network net.json --profile norm --eps exact --method regions
    """
    from verify.claims.network import certify

    run.reserve("network")
    with run.progress() as display, stamina.executor() as executor:
        result = certify(
            network=file,
            d=dimension,
            profile=profile,
            eps=eps,
            method=method,
            lipschitz=lipschitz,
            workers=run.workers,
            executor=executor,
            checkpoint=stamina.checkpoint,
            time_limit=run.time_limit,
            max_cells=stamina.max_cells,
            progress=display,
        )
    run.report(result)
    stamina.finish()
    return EXIT_REJECTED if result.theorem.refutes else EXIT_VERIFIED
