"""Measured times of the shipped certificates: certificates/measured.csv, one line a certificate."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("certificate", "content hash", "check, seconds", "Coq, seconds")
CLASSES = ((0.1, "< 0.1 s"), (1, "< 1 s"), (10, "< 10 s"), (60, "< 1 min"), (600, "< 10 min"), (3600, "< 1 h"))


@dataclass(frozen=True)
class Measured:
    """What was measured of one certificate.

    Attributes:
        content: the certificate's hash; times of another content are worth nothing.
        check: processor time of the kernel's check in one process, seconds.
        coq: processor time of `coqc` on the exported theorem, seconds, None if it was not asked or did not.
    """

    content: str
    check: float
    coq: float | None


def rounded(seconds: float) -> float:
    """Return seconds to one significant digit, at least a hundredth."""
    return max(0.01, float(f"{seconds:.1g}"))


def time_class(seconds: float) -> str:
    """Return the class of a time, such as "< 10 s": what a reader needs, and the same on most runs."""
    return next((name for limit, name in CLASSES if seconds < limit), "hours")


def read(path: Path) -> dict[str, Measured]:
    """Return what is stored, by certificate."""
    with path.open(newline="", encoding="ascii") as stream:
        lines = list(csv.reader(stream))[1:]
    return {name: Measured(content, float(check), float(coq) if coq else None) for name, content, check, coq in lines}


def write(measured: Mapping[str, Measured], path: Path) -> None:
    """Store what was measured, in the order given."""
    with path.open("w", newline="", encoding="ascii") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, item in measured.items():
            writer.writerow([name, item.content, f"{item.check:g}", "" if item.coq is None else f"{item.coq:g}"])
