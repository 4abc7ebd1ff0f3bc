"""Write certificates: exact numbers as text, packed arrays, the content hash, atomic files.

The format itself is specified in docs/format-1.md; what the kernel reads is in `verify.kernel`.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from verify import __version__
from verify.errors import UsageProblem
from verify.kernel.reader import FORMAT, VERSIONS, content_hash, decimal_text

Document = dict[str, Any]


def rational(value: Fraction | int) -> int | str:
    """Return the format's spelling of an exact number: an integer, or "n/d" in lowest terms."""
    value = Fraction(value)
    if value.denominator == 1:
        return value.numerator
    return f"{decimal_text(value.numerator)}/{decimal_text(value.denominator)}"


def rationals(values: Iterable[Fraction | int]) -> list[int | str]:
    """Return the format's spelling of a list of exact numbers."""
    return [rational(value) for value in values]


def pack_integers(array: npt.ArrayLike) -> Document:
    """Return the packed form of an integer array, in the narrowest type that holds it."""
    values = np.asarray(array, dtype=np.int64)
    largest = int(np.abs(values).max(initial=0))
    bits = next(bits for bits in (8, 16, 32, 64) if largest < 1 << (bits - 1))
    data = values.astype(f"<i{bits // 8}").tobytes()
    return {
        "type": f"int{bits}",
        "shape": list(values.shape),
        "base64": base64.b64encode(data).decode("ascii"),
    }


def unpack_integers(packed: Document) -> npt.NDArray[np.int64]:
    """Return the int64 array that `pack_integers` packed."""
    data = base64.b64decode(packed["base64"])
    return np.frombuffer(data, dtype=f"<i{int(packed['type'][3:]) // 8}").astype(np.int64).reshape(packed["shape"])


def pack_bits(bits: npt.NDArray[np.bool_]) -> Document:
    """Return the packed form of a bit sequence, least significant bit of each byte first."""
    data = np.packbits(np.asarray(bits, dtype=np.bool_), bitorder="little").tobytes()
    return {"bits": int(bits.size), "base64": base64.b64encode(data).decode("ascii")}


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


def write_atomically(path: Path, data: bytes) -> None:
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
        raise UsageProblem(f"cannot write {path}: {error.strerror or error}; choose another --out") from None


def require_writable(path: Path) -> None:
    """Raise `UsageProblem` before long work if `path` cannot be written (nothing is left behind)."""
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if path.is_dir():
        raise UsageProblem(f"cannot write {path}: it is a directory; choose another --out")
    if not folder.is_dir():
        raise UsageProblem(f"cannot write {path}: {folder} is not a directory; choose another --out")
    try:
        handle, temporary = tempfile.mkstemp(prefix=".verify-", dir=folder)
        os.close(handle)
        Path(temporary).unlink()
    except OSError as error:
        raise UsageProblem(f"cannot write {path}: {error.strerror or error}; choose another --out") from None
