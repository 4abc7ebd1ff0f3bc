"""Write certificates: documents, the content hash, atomic files.

The format itself is specified in docs/format-1.md; what the kernel reads is in `verify.kernel`.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from verify import __version__
from verify.errors import UsageProblem
from verify.exact.spelling import Document, pack_bits, pack_integers, rational, rationals, unpack_integers
from verify.kernel.reader import FORMAT, VERSIONS, content_hash

__all__ = [
    "Document",
    "document",
    "pack_bits",
    "pack_integers",
    "rational",
    "rationals",
    "rehash",
    "require_writable",
    "serialise",
    "unpack_integers",
    "write_atomically",
]


def document(claim: Document, parts: Document, proof: Document, provenance: Document) -> Document:
    """Assemble a certificate.

    Args:
        claim: the claim, with its key "kind".
        parts: further top-level keys (the objects that the claim speaks of, a witness).
        proof: the proof, with its key "rule".
        provenance: how it was made (command, seeds); proves nothing, holds no times and no paths.
    """
    body: Document = {
        "format": FORMAT,
        "version": VERSIONS.stop - 1,
        "producer": f"verify {__version__}",
        "claim": claim,
        **parts,
        "proof": proof,
        "provenance": provenance,
    }
    body["hash"] = content_hash(body)
    return body


def rehash(body: Document) -> Document:
    """Return `body` with the hash of its present content."""
    return {**body, "hash": content_hash(body)}


def serialise(body: Document) -> bytes:
    """Return the file's bytes: indented JSON, one key a line, in the order of the document."""
    return (json.dumps(body, indent=1, ensure_ascii=True, allow_nan=False) + "\n").encode("ascii")


def write_atomically(path: Path, data: bytes, advice: str = "choose another --out") -> None:
    """Write `data` to `path` so that a reader sees the old file or the whole new one, never a part."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageProblem(f"cannot write {path}: {error.strerror or error}; {advice}") from None


def require_writable(path: Path, option: str = "--out") -> None:
    """Raise `UsageProblem` before long work if `path` cannot be written (nothing is left behind)."""
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if path.exists() and not path.is_file():
        # A device is refused too: the new file would take its place.
        what = "it is a directory" if path.is_dir() else "it is not a regular file"
        raise UsageProblem(f"cannot write {path}: {what}; choose another {option}")
    if not folder.is_dir():
        raise UsageProblem(f"cannot write {path}: {folder} is not a directory; choose another {option}")
    try:
        handle, temporary = tempfile.mkstemp(prefix=".verify-", dir=folder)
        os.close(handle)
        Path(temporary).unlink()
    except OSError as error:
        raise UsageProblem(f"cannot write {path}: {error.strerror or error}; choose another {option}") from None
