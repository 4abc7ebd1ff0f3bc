"""`python -m verify show`: what a certificate says, without checking it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from verify.certificates.certificate import load, unchecked
from verify.certificates.directions import directions_in_words
from verify.certificates.document import serialise
from verify.certificates.statements import claimed
from verify.cli.console import printable, wrapped
from verify.formats.coq.certificates import has_coq_rule

PROOFS = {
    True: "kernel-checked (Python) by `check`; Coq theorem by `check --coq`",
    False: "kernel-checked (Python) by `check`; no Coq rule",
}


@click.command("show")
@click.argument("path", type=click.Path(path_type=Path))
def command(path: Path) -> int:
    """Print a certificate's claim and key figures. Nothing is checked.

    \b
    python -m verify show certificates/thm2-d3-eps0.05.json
    """
    document = load(path).document
    with unchecked(path):
        directions = directions_in_words(document)
        coq = has_coq_rule(document)
    name = printable(path)
    click.echo(f"{name}: NOT CHECKED; run `python -m verify check {name}`")
    click.echo(wrapped(printable(f"It {claimed(document)}.")))
    for key in ("claim", "proof", "provenance"):
        if key in document:
            click.echo(f"{key}:")
            for line in _outline(document[key], "  "):
                click.echo(line)
    if directions:
        click.echo("directions:")
        for line in directions:
            click.echo(f"  {printable(line)}")
    click.echo(f"to be proved: {PROOFS[coq]}")
    click.echo(f"size: {len(serialise(document)):,} bytes")
    return 0


def _outline(value: Any, indent: str) -> list[str]:
    """Return lines that show `value`, long parts shortened."""
    if not isinstance(value, dict):
        text = json.dumps(value)
        return [indent + (text if len(text) <= 160 else f"{text[:120]}… ({len(text):,} characters)")]
    lines = []
    for name, item in value.items():
        key = printable(name)
        if isinstance(item, dict) and "base64" in item:
            size = item.get("shape", item.get("bits"))
            lines.append(f"{indent}{key}: packed {item.get('type', 'bits')} {size}")
        elif isinstance(item, dict):
            lines += [f"{indent}{key}:", *_outline(item, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {_outline(item, '')[0]}")
    return lines
