"""What Coq says of a certificate, for `check --coq`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from verify.certificates.certificate import load
from verify.coq import CoqFailure, check_theorem
from verify.formats.coq.certificates import NoCoqRule, coq_source
from verify.kernel.outcome import CheckFailure


@dataclass(frozen=True)
class CoqResult:
    """The outcome of one certificate's Coq file.

    Attributes:
        status: "Coq theorem", "no Coq rule", or "refused by Coq".
        text: the theorem's statement as Coq prints it, or the reason.
        seconds: wall time.
    """

    status: str
    text: str
    seconds: float


def coq_check(path: Path) -> CoqResult:
    """Export the certificate at `path` and compile it; only standard axioms of the real numbers are allowed."""
    start = time.perf_counter()
    try:
        theorem = check_theorem(coq_source(load(path).document, path.stem), "main")
        status, text = "Coq theorem", theorem.statement
    except NoCoqRule as reason:
        status, text = "no Coq rule", str(reason)
    except (CoqFailure, CheckFailure) as failure:
        status, text = "refused by Coq", str(failure)
    return CoqResult(status, text, time.perf_counter() - start)
