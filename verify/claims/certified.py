"""What a successful `certify` returns."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from verify.certificates.certificate import Certificate
from verify.certificates.document import Document, document
from verify.errors import VerifyError
from verify.kernel import CheckFailure, Theorem, check_bytes
from verify.kernel.check import Resources
from verify.progress import Progress


@dataclass(frozen=True)
class Certified:
    """A certificate that the kernel has accepted, and what it proved.

    Attributes:
        certificate: the certificate; `certificate.save(path)` writes it.
        theorem: the kernel's theorem.
        seconds: wall time by stage ("construct", "prove", "check"), for people only.
    """

    certificate: Certificate
    theorem: Theorem
    seconds: dict[str, float] = field(default_factory=dict)


class KernelDisagrees(VerifyError):
    """The prover accepted what the kernel rejects: a fault of this program, never a result."""

    exit_code = 3


def seal(
    name: str,
    claim: Document,
    parts: Document,
    proof: Document,
    provenance: Document,
    *,
    progress: Progress,
    workers: int = 1,
    seconds: dict[str, float] | None = None,
) -> Certified:
    """Assemble a certificate and let the kernel check its bytes; a claim is certified only after that."""
    progress.stage("kernel check")
    certificate = Certificate(document(claim, parts, proof, provenance), name)
    start = time.perf_counter()
    try:
        theorem = check_bytes(certificate.to_bytes(), Resources(workers=workers))
    except CheckFailure as failure:
        raise KernelDisagrees(
            f"the kernel did not accept the proof that was found ({failure}); please report this"
        ) from failure
    times = dict(seconds or {})
    times["check"] = time.perf_counter() - start
    return Certified(certificate, theorem, times)
