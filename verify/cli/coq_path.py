"""`python -m verify coq-path`: where the compiled Coq library is."""

from __future__ import annotations

import click

from verify.coq import library_path


@click.command("coq-path")
def command() -> int:
    """Print the folder of the compiled Coq library, compiling it on first use (needs coqc 8.16 or newer).

    \b
    coqc -Q "$(python -m verify coq-path)" Verify Thm3.v
    """
    click.echo(library_path())
    return 0
