"""Export a network as plain JSON with exact numbers, the form that `certify network` reads."""

from __future__ import annotations

import json

from verify.certificates.certificate import Certificate
from verify.exact.spelling import rational, rationals
from verify.formats.certified_network import explicit_network

ENDING = ".json"


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return {"weights", "biases", "outputs", "constant"}: integers or text "n/d"."""
    weights, biases, outputs, constant = explicit_network(certificate, profile).parameters()
    body = {
        "weights": [rationals(row) for row in weights],
        "biases": rationals(biases),
        "outputs": rationals(outputs),
        "constant": rational(constant),
    }
    return (json.dumps(body, indent=1) + "\n").encode("ascii")
