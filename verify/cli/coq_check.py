"""What Coq says of a certificate, for `check --coq`."""

from __future__ import annotations

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
        seconds: processor time of coqc (0 if it proved nothing).
        memory: the most memory coqc used, in bytes.
    """

    status: str
    text: str
    seconds: float = 0.0
    memory: int = 0


def coq_check(path: Path) -> CoqResult:
    """Export the certificate at `path` and compile it; only standard axioms of the real numbers are allowed."""
    try:
        theorem = check_theorem(coq_source(load(path).document, path.stem), "main")
    except NoCoqRule as reason:
        return CoqResult("no Coq rule", str(reason))
    except (CoqFailure, CheckFailure) as failure:
        return CoqResult("refused by Coq", str(failure))
    return CoqResult("Coq theorem", theorem.statement, theorem.seconds, theorem.memory)
