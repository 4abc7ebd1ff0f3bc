"""`python -m verify sweep thm1|thm2|thm3`: certified widths by dimension and accuracy, with fitted exponents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import click

from verify.claims.certified import Certified
from verify.cli.options import EXACT, SECONDS
from verify.cli.sweep.table import WHOLE, Instance, Sweep, run, sweep_options
from verify.report.scaling import PAPER, exponents
from verify.report.scaling import Instance as Sized
from verify.report.tables import Chart, Row

COLUMNS = ("theorem", "d", "k", "eps", "width", "certified bound")
CHART = Chart(by=("d", "eps"), curves={"width": "one depth-2 network has"}, groups=("k",))


def sweep_command(theorem: str, help_text: str, *, powers: bool = False) -> click.Command:
    """Return the sweep of one theorem."""

    def command(
        dimensions: tuple[int, ...],
        errors: tuple[Fraction, ...],
        out: tuple[Path, ...],
        certificates: Path | None,
        **options: Any,
    ) -> int:
        instances: list[Instance] = []
        for k in options.get("powers", (None,)):
            for d in dimensions:
                for eps in errors:
                    label = {"theorem": theorem, "d": d, "k": "" if k is None else k, "eps": spelled(eps)}
                    certify = partial(_certify, theorem, d, k, eps, options)
                    instances.append((label, certify))
        columns = COLUMNS if powers else tuple(column for column in COLUMNS if column != "k")
        notes = partial(_notes, theorem)
        return run(columns, CHART, instances, out=out, certificates=certificates, notes=notes)

    command.__doc__ = help_text
    wrapped: Callable[..., Any] = sweep_options(command)
    for option in (
        click.option("--time-limit", type=SECONDS, help="Give up an instance after these seconds."),
        click.option("--eps", "errors", type=EXACT, multiple=True, required=True, help="Such as 0.1 or 0.1 0.01."),
        click.option("--d", "dimensions", type=WHOLE, required=True, help="Dimensions, such as 2..10 or 10 100."),
    ):
        wrapped = option(wrapped)
    if powers:
        wrapped = click.option("--k", "powers", type=WHOLE, default="2", show_default=True, help="Half the power.")(
            wrapped
        )
    if theorem == "thm2":
        wrapped = click.option(
            "--construction",
            type=click.Choice(["cover", "polynomial", "auto"]),
            default="polynomial",
            show_default=True,
            help="cover: optimised and covered (d <= 4); polynomial: closed rules; auto: the smaller network.",
        )(wrapped)
    else:
        wrapped = click.option("--activation", default="relu", show_default=True, help="See certify.")(wrapped)
    return click.command(theorem, cls=Sweep)(wrapped)


def _certify(theorem: str, d: int, k: int | None, eps: Fraction, options: dict[str, Any]) -> Certified:
    limit: float | None = options["time_limit"]
    if theorem == "thm3":
        from verify.claims import thm3

        return thm3.certify(d=d, k=k or 1, eps=eps, activation=options["activation"], time_limit=limit)
    if theorem == "thm2":
        from verify.claims import thm2

        return thm2.certify(d=d, eps=eps, construction=options["construction"], time_limit=limit)
    from verify.claims import thm1

    return thm1.certify(d=d, eps=eps, activation=options["activation"], time_limit=limit)


def spelled(eps: Fraction) -> str:
    """Return an accuracy as a decimal if that is short and exact, else as a fraction."""
    decimal = f"{float(eps):g}"
    return decimal if Fraction(decimal) == eps else str(eps)


def _notes(theorem: str, rows: Sequence[Row]) -> list[str]:
    sizes = [
        Sized(int(row["d"]), int(row["k"]) if row["k"] else None, Fraction(row["eps"]), int(row["width"]))
        for row in rows
    ]
    return [f"paper: width {PAPER[theorem]}", *exponents(sizes)]
