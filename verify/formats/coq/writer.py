"""The export format "coq"."""

from __future__ import annotations

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.formats.coq.certificates import coq_source

ENDING = ".v"


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return the certificate's Coq file (rules and meaning: docs/coq.md)."""
    if profile is not None:
        raise UsageProblem("--format coq states the certificate's own claim; drop --profile")
    return coq_source(certificate.document, certificate.name).encode("utf-8")
