"""`python -m verify export`: what a certificate speaks of, in other tools' formats."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from verify.certificates.certificate import load, unchecked
from verify.certificates.document import require_writable, write_atomically

# format -> module with ENDING and export(certificate, profile) -> bytes; imported late, some need optional packages
FORMATS = {
    "coq": "verify.formats.coq.writer",
    "json": "verify.formats.plain_json",
    "onnx": "verify.formats.onnx_writer",
    "smtlib": "verify.formats.smtlib",
    "vnnlib": "verify.formats.vnnlib",
}


@click.command("export")
@click.argument("certificate", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(sorted(FORMATS)), required=True, help="The format to write.")
@click.option(
    "--profile", help="phi, to choose one network of a family: norm, bump, sine:K, ... or an expression in r."
)
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    help="The file to write (default: NAME and the ending, in this folder).",
)
def command(certificate: Path, kind: str, profile: str | None, out: Path | None) -> int:
    """Write a certificate's network, or its claim as queries, for other tools. Nothing is checked.

    \b
    coq     a Coq file whose theorem is the certificate's claim: coqc checks it (see `coq-path`)
    onnx    the network in float64
    json    the network with exact numbers, as `certify network` reads it
    smtlib  one query (QF_LRA) for each box of a radial-approximation certificate, or (QF_NRA) about each of its
            activation regions: z3, cvc5, ...
    vnnlib  the claim as a property of the ONNX network, with phi(|x|) relaxed (see its comments)

    \b
    python -m verify export certificates/thm2-d3-eps0.05-norm.json --format onnx
    python -m verify export certificates/thm2-d3-eps0.05-norm.json --format coq -o Norm.v
    """
    source = load(certificate)
    module = importlib.import_module(FORMATS[kind])
    path = out or Path(f"{source.name}{module.ENDING}")
    if path.resolve() == certificate.resolve():
        path = path.with_suffix(f".network{module.ENDING}")
    require_writable(path)
    with unchecked(certificate):
        data: bytes = module.export(source, profile)
    write_atomically(path, data)
    click.echo(f"wrote {path} ({len(data):,} bytes); the certificate was not checked")
    return 0
