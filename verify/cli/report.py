"""`python -m verify report`: a self-contained page on certificates."""

from __future__ import annotations

from pathlib import Path

import click

from verify.certificates.document import require_writable, write_atomically
from verify.cli.check import certificate_files
from verify.cli.options import available_workers


@click.command("report")
@click.argument("certificates", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="The page, such as report.html.")
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes for the check (default: all).")
def command(certificates: tuple[Path, ...], out: Path, workers: int | None) -> int:
    """Write one HTML page on certificates that the kernel accepts: statement, numbers, figure, proof, how to re-check.

    The page needs no network and no scripts. Needs matplotlib and latex2mathml: pip install 'verify[plot]'.

    \b
    python -m verify report certificates/thm2-d3-eps0.05.json -o report.html
    python -m verify report certificates/ -o certificates.html
    """
    from verify.report.accepted import accepted
    from verify.report.page import build

    require_writable(out)
    read = [accepted(path, workers or available_workers()) for path in certificate_files(certificates)]
    write_atomically(out, build(read, out).encode("utf-8"))
    click.echo(f"{out} ({len(read)} certificate{'s' if len(read) > 1 else ''}, {out.stat().st_size:,} bytes)")
    return 0
