"""A certificate as an object: its document, its name, its network; loading, saving and checking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.certificates.document import Document, serialise, write_atomically
from verify.errors import UsageProblem
from verify.kernel import CheckFailure, Theorem, check_bytes
from verify.kernel.check import Resources
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.kernel.reader import MAX_BYTES, parse

if TYPE_CHECKING:
    from verify.networks.depth2 import Depth2Network
    from verify.networks.depth3 import Depth3Network
    from verify.networks.family import RidgeFamily


@dataclass(frozen=True)
class Certificate:
    """One certificate. Holding one proves nothing: `check` does.

    Attributes:
        document: the parsed JSON.
        name: the default file name without its ending, made from the claim.
    """

    document: Document
    name: str

    @property
    def kind(self) -> str:
        """The kind of claim, such as "universal-approximation"."""
        return str(self.document["claim"]["kind"])

    @property
    def network(self) -> RidgeFamily | Depth2Network | Depth3Network:
        """The network or the family of networks that the claim speaks of, as an object that evaluates.

        Raises:
            UsageProblem: this kind of claim holds no explicit network.
        """
        from verify.networks.depth2 import network_from_document
        from verify.networks.family import family_from_document

        if "family" in self.document:
            return family_from_document(self.document["family"])
        if "network" in self.document and "hidden_denominator" in self.document["network"]:
            return network_from_document(self.document["network"])
        if "network" in self.document and self.document["network"].get("kind") == "gridded-squares":
            from verify.networks import gridded_squares

            return gridded_squares.network_from_document(self.document["network"])
        if "network" in self.document and "inner" in self.document["network"]:
            from verify.networks import radial_depth3

            return radial_depth3.network_from_document(self.document["network"], self.document["claim"]["dimension"])
        raise UsageProblem(f"a certificate of kind {self.kind!r} holds no explicit network")

    def to_bytes(self) -> bytes:
        """Return the certificate's file content."""
        return serialise(self.document)

    def save(self, path: str | Path) -> Path:
        """Write the certificate atomically and return its path."""
        target = Path(path)
        write_atomically(target, self.to_bytes())
        return target


@contextmanager
def unchecked(path: Path) -> Iterator[None]:
    """Look into a certificate that was only loaded: parts missing or of another type end in `Malformed`."""
    try:
        yield
    except Malformed as failure:
        raise Malformed(f"{path}: {failure.where}", failure.why) from None
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {str(error)[:80]}"
        raise Malformed(str(path), f"not a whole certificate ({what}); `check` says what is wrong") from None


@dataclass(frozen=True)
class CheckResult:
    """The outcome of checking one certificate: a theorem or a failure; it has no truth value of its own."""

    source: str
    theorem: Theorem | None
    failure: CheckFailure | None

    @property
    def status(self) -> str:
        """One of "verified", "refutation verified", "rejected", "malformed", "unsupported"."""
        if self.theorem is not None:
            return "refutation verified" if self.theorem.refutes else "verified"
        return type(self.failure).__name__.lower()

    def __bool__(self) -> bool:
        raise TypeError("a CheckResult has no truth value; look at .status or .theorem")


def read_bytes(path: Path) -> bytes:
    """Return the content of a certificate file, never reading more than the format allows."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise Malformed("file", f"cannot be read: {error.strerror or error}") from None
    return data


def load(path: str | Path) -> Certificate:
    """Read a certificate without checking it; raise `Malformed` if it is not JSON of format 1 with a claim."""
    source = Path(path)
    with unchecked(source):
        document = parse(read_bytes(source))
        Fields(document, "").fields("claim").text("kind")
    return Certificate(document, source.stem)


def check(certificate: Certificate | str | Path | dict[str, Any], *, workers: int = 1) -> CheckResult:
    """Check a certificate (an object, a file, or a parsed document) with the kernel.

    A `Certificate` is serialised first, so that what is checked is exactly what a file would hold.
    """
    if isinstance(certificate, dict):
        certificate = Certificate(certificate, "document")
    source = certificate.name if isinstance(certificate, Certificate) else Path(certificate)
    try:
        data = _written(certificate) if isinstance(certificate, Certificate) else read_bytes(Path(certificate))
        return CheckResult(str(source), check_bytes(data, Resources(workers=workers)), None)
    except CheckFailure as failure:
        return CheckResult(str(source), None, failure)
    except MemoryError:
        raise
    except Exception as error:
        # A fault of the kernel on a file that it should have refused by name: closed all the same.
        broken = Rejected(
            "kernel", "document", f"the check broke off ({type(error).__name__}: {error}); please report it"
        )
        return CheckResult(str(source), None, broken)


def _written(certificate: Certificate) -> bytes:
    try:
        return certificate.to_bytes()
    except (RecursionError, TypeError, ValueError) as error:
        raise Malformed("document", f"cannot be written as JSON: {error}") from None
