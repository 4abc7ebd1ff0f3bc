"""`python -m verify sweep thm1|thm2|thm3`: certified widths by dimension and accuracy, with fitted exponents."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from verify.certificates.document import require_writable
from verify.cli.options import EXACT
from verify.cli.sweep.table import WHOLE
from verify.errors import Inconclusive
from verify.report.scaling import COLUMNS, PAPER, Row, exponents, require_table, write_table


def sweep_command(theorem: str, help_text: str, *, powers: bool = False) -> click.Command:
    """Return the sweep of one theorem."""

    def command(
        dimensions: tuple[int, ...],
        more: tuple[tuple[int, ...], ...],
        errors: tuple[Fraction, ...],
        out: Path | None,
        certificates: Path | None,
        **options: Any,
    ) -> int:
        if out is not None:
            require_table(out)
            require_writable(out)
        every = (*dimensions, *(d for numbers in more for d in numbers))
        rows: list[Row] = []
        click.echo("  ".join(f"{column:>14}" for column in COLUMNS) + "  seconds")
        for k in options.get("powers", (None,)):
            for d in every:
                for eps in errors:
                    row = _instance(theorem, d, k, eps, options.get("activation", "relu"), certificates)
                    if row is not None:
                        rows.append(row)
        click.echo(f"paper: width {PAPER[theorem]}")
        lines = exponents(rows)
        for line in lines:
            click.echo(line)
        if out is not None:
            write_table(rows, [f"paper: width {PAPER[theorem]}", *lines], out)
            click.echo(f"table: {out}")
        return 0 if rows else 3

    command.__doc__ = help_text
    wrapped: Callable[..., Any] = command
    for option in (
        click.option("--certificates", type=click.Path(path_type=Path), help="Save every certificate in this folder."),
        click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the table: .md, .csv or .tex."),
        click.option("--eps", "errors", type=EXACT, multiple=True, required=True, help="Accuracy; may be repeated."),
        click.argument("more", type=WHOLE, nargs=-1),
        click.option("--d", "dimensions", type=WHOLE, required=True, help="Dimensions, such as 2..10 or 10,100."),
    ):
        wrapped = option(wrapped)
    if powers:
        wrapped = click.option("--k", "powers", type=WHOLE, default="2", show_default=True, help="Half the power.")(
            wrapped
        )
    if theorem != "thm2":
        wrapped = click.option("--activation", default="relu", show_default=True, help="See certify.")(wrapped)
    return click.command(theorem)(wrapped)


def _instance(
    theorem: str, d: int, k: int | None, eps: Fraction, activation: str, certificates: Path | None
) -> Row | None:
    """Certify one instance and print its row; an instance without a proof says so."""
    start = time.perf_counter()
    try:
        if theorem == "thm3":
            from verify.claims import thm3

            result = thm3.certify(d=d, k=k or 1, eps=eps, activation=activation)
        else:
            from verify.claims import thm1

            result = thm1.certify(d=d, eps=eps, activation=activation, theorem=theorem)
    except Inconclusive as problem:
        click.echo(f"d = {d}, eps = {float(eps):g}: {problem}")
        return None
    figures = result.theorem.figures
    row = Row(theorem, d, k, eps, int(figures["width"]), str(figures["certified bound"]))
    shown = [cell if len(cell) <= 14 else f"{float(cell):.4e}" for cell in row.cells()]
    click.echo("  ".join(f"{cell:>14}" for cell in shown) + f"  {time.perf_counter() - start:7.1f}")
    if certificates is not None:
        result.certificate.save(certificates / f"{result.certificate.name}.json")
    return row
