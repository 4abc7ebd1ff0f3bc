"""`python -m verify plot`: a figure of a certificate."""

from __future__ import annotations

from pathlib import Path

import click

from verify.cli.options import available_workers
from verify.errors import UsageProblem


@click.command("plot")
@click.argument("certificates", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="The figure: .png, .svg or .pdf.")
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes for the check (default: all).")
def command(certificates: tuple[Path, ...], out: Path, workers: int | None) -> int:
    """Draw a certificate that the kernel accepts; several separations become one figure over the dimension.

    Needs matplotlib: pip install 'verify[plot]'. Figures illustrate a theorem, they prove nothing.

    \b
    python -m verify plot certificates/thm2-d2-eps0.1.json -o error.pdf
    python -m verify plot certificates/separation-sup-d*.json -o separation.svg
    """
    from verify.report import figures
    from verify.report.accepted import accepted

    figures.require_format(out)
    read = [accepted(path, workers or available_workers()) for path in certificates]
    if len(read) == 1:
        figure = figures.draw(read[0].document)
    else:
        from verify.report.figures.curves import draw_together

        kinds = sorted({item.certificate.kind for item in read})
        if len(kinds) > 1:
            raise UsageProblem(f"one figure cannot show certificates of different kinds ({', '.join(kinds)})")
        figure = draw_together(read)
    figures.save(figure, out)
    click.echo(f"{out} ({out.stat().st_size:,} bytes)")
    return 0
