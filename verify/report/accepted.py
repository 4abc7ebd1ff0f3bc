"""Certificates that the kernel has accepted: the only ones that are drawn and reported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from verify.certificates.certificate import Certificate, check, load
from verify.certificates.document import Document
from verify.kernel import Theorem


@dataclass(frozen=True)
class Accepted:
    """A certificate with its theorem.

    Attributes:
        path: the file it came from.
        certificate: its content.
        theorem: what the kernel has proved from exactly this content.
    """

    path: Path
    certificate: Certificate
    theorem: Theorem

    @property
    def document(self) -> Document:
        """The certificate's JSON."""
        return self.certificate.document


def accepted(path: Path, workers: int) -> Accepted:
    """Read a certificate and check it; raise the kernel's `CheckFailure` if it is not accepted."""
    certificate = load(path)
    result = check(certificate, workers=workers)
    if result.failure is not None:
        result.failure.args = (f"{path}: {result.failure}",)
        raise result.failure
    if result.theorem is None:
        raise AssertionError("a check ends in a theorem or in a failure")
    return Accepted(path, certificate, result.theorem)
