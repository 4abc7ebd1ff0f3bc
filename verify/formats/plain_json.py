"""Export a network as plain JSON with exact numbers, the form that `certify network` reads."""

from __future__ import annotations

import json

from verify.certificates.certificate import Certificate
from verify.exact.spelling import rational, rationals
from verify.formats.certified_network import depth3_network, explicit_network

ENDING = ".json"


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return {"weights", "biases", "outputs", "constant"}, for depth 3 {"layers": [{"weights", "biases"}, ...]}.

    Numbers are integers or text "n/d"; relu between the layers.
    """
    deep = depth3_network(certificate, profile)
    if deep is not None:
        layers = [{"weights": [rationals(row) for row in m], "biases": rationals(b)} for m, b in deep.layers()]
        return (json.dumps({"layers": layers}, indent=1) + "\n").encode("ascii")
    weights, biases, outputs, constant = explicit_network(certificate, profile).parameters()
    body = {
        "weights": [rationals(row) for row in weights],
        "biases": rationals(biases),
        "outputs": rationals(outputs),
        "constant": rational(constant),
    }
    return (json.dumps(body, indent=1) + "\n").encode("ascii")
