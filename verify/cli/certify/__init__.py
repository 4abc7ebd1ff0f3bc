"""`python -m verify certify`: one file a claim."""

from __future__ import annotations

import click

from verify.cli.main import LateGroup


@click.command(
    "certify",
    cls=LateGroup,
    late={
        "assumption1": "verify.cli.certify.assumption1",
        "depth3": "verify.cli.certify.depth3",
        "growth": "verify.cli.certify.growth",
        "ip2": "verify.cli.certify.ip2",
        "network": "verify.cli.certify.network",
        "pathnorm": "verify.cli.certify.pathnorm",
        "separation": "verify.cli.certify.separation",
        "thm1": "verify.cli.certify.thm1",
        "thm2": "verify.cli.certify.thm2",
        "thm3": "verify.cli.certify.thm3",
        "thm4": "verify.cli.certify.thm4",
        "thm5": "verify.cli.certify.thm5",
    },
)
def command() -> None:
    """Build a network or a bound, prove it, check the proof, and write a certificate.

    \b
    python -m verify certify thm2 --d 3 --eps 0.05
    python -m verify certify network net.onnx --profile norm --eps 0.1
    python -m verify certify separation --d 3
    """
