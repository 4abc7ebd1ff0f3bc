"""Stamina: the decisions of a search in the order in which they were made, kept in a file from which a run resumes.

A search is a function of its decisions, so the decisions are all that has to survive: a new run reads them instead of
computing them, arrives at the place where the old run was stopped, and ends in the same certificate.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from verify import __version__
from verify.certificates.document import Document, require_writable, write_atomically
from verify.errors import UsageProblem

Bits = npt.NDArray[np.bool_]

FORMAT = "verify-checkpoint"
VERSION = 1
# Seconds between two saves.
INTERVAL = 20.0


class Journal:
    """Decisions in batches, eight a byte. This class keeps nothing: `Checkpoint.journal` makes those that do.

    Attributes:
        size: number of decisions made or replayed so far.
        worst: the largest bound of a box that was accepted.
    """

    def __init__(self) -> None:
        self.size = 0
        self.worst = 0.0

    def replay(self, most: int) -> Bits:
        """Return the next decisions of an earlier run, at most `most` of them: whole batches, or none."""
        return np.empty(0, dtype=np.bool_)

    def record(self, split: Bits, worst: float) -> None:
        """Note the decisions of a batch that was computed now."""
        self.size += split.size
        self.worst = max(self.worst, worst)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the search, finished or not."""


class _KeptJournal(Journal):
    """A journal whose decisions are part of a checkpoint."""

    def __init__(self, checkpoint: Checkpoint, key: Document, stored: Document | None) -> None:
        super().__init__()
        self._checkpoint = checkpoint
        self._key = key
        self._sizes = array("i")
        self._bits = bytearray()
        self._next = self._offset = 0
        if stored is not None:
            self._sizes.frombytes(base64.b64decode(stored["sizes"], validate=True))
            self._bits += base64.b64decode(stored["bits"], validate=True)
            self._stored_worst = float.fromhex(stored["worst"])
            if min(self._sizes, default=1) <= 0 or sum((n + 7) // 8 for n in self._sizes) != len(self._bits):
                raise ValueError("sizes and bits disagree")

    @property
    def waiting(self) -> int:
        """Number of decisions of the earlier run that have not been replayed."""
        return sum(self._sizes[self._next :])

    def replay(self, most: int) -> Bits:
        pieces = []
        total = 0
        while self._next < len(self._sizes) and total + self._sizes[self._next] <= most:
            count = self._sizes[self._next]
            packed = np.frombuffer(self._bits, dtype=np.uint8, count=(count + 7) // 8, offset=self._offset)
            pieces.append(np.unpackbits(packed, count=count).astype(np.bool_))
            total += count
            self._next += 1
            self._offset += (count + 7) // 8
        if total < most and self._next < len(self._sizes):
            raise UsageProblem(f"{self._checkpoint.path} does not fit this search; delete it or choose another file")
        self.size += total
        if pieces:
            self.worst = self._stored_worst
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.bool_)

    def record(self, split: Bits, worst: float) -> None:
        super().record(split, worst)
        self._sizes.append(split.size)
        self._bits += np.packbits(split).tobytes()
        self._next = len(self._sizes)
        self._offset = len(self._bits)
        self._checkpoint.save_if_due()

    def document(self) -> Document:
        """Return what the checkpoint stores."""
        worst = self.worst if self._next == len(self._sizes) else self._stored_worst
        return {
            "search": self._key,
            "sizes": base64.b64encode(self._sizes.tobytes()).decode("ascii"),
            "bits": base64.b64encode(self._bits).decode("ascii"),
            "worst": worst.hex(),
        }

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._checkpoint.save()


class Checkpoint:
    """A file that holds how far one request has come; it is replaced as a whole, never changed in place.

    Args:
        request: what is being asked; a file of another request is refused.

    Raises:
        UsageProblem: the file cannot be read or written, or belongs to another request.
    """

    def __init__(self, path: Path, request: Document, interval: float = INTERVAL) -> None:
        self.path = path
        self._interval = interval
        self._request = {"producer": f"verify {__version__}", **request}
        self._kept: Document = {}
        self._stored: list[Document] = []
        self._journals: list[_KeptJournal] = []
        require_writable(path, "--checkpoint")
        self._load()
        self._saved = time.monotonic()

    def _load(self) -> None:
        try:
            data = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return
        except OSError as error:
            raise UsageProblem(f"cannot read {self.path}: {error.strerror or error}") from None
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("version") != VERSION:
            raise UsageProblem(f"{self.path} is not a checkpoint of this version; choose another file")
        if data.get("request") != self._request:
            was = data.get("request")
            differs = [k for k, v in self._request.items() if not isinstance(was, dict) or was.get(k) != v]
            raise UsageProblem(
                f"{self.path} is the checkpoint of another request (it differs in {', '.join(differs) or 'its keys'}); "
                "repeat that request, delete the file or choose another"
            )
        self._kept, self._stored = data["kept"], data["journals"]

    def keep(self, name: str, make: Callable[[], Document]) -> Document:
        """Return what an earlier run made under this name, or make it and save it."""
        if name not in self._kept:
            self._kept[name] = make()
            self.save()
        result: Document = self._kept[name]
        return result

    def journal(self, key: Document) -> Journal:
        """Return the journal of the next search of this run, which `key` describes."""
        index = len(self._journals)
        stored = self._stored[index] if index < len(self._stored) else None
        if stored is not None and stored["search"] != key:
            stored, self._stored = None, self._stored[:index]
        try:
            journal = _KeptJournal(self, key, stored)
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise UsageProblem(f"{self.path} is damaged; delete it or choose another file") from None
        self._journals.append(journal)
        return journal

    def save_if_due(self) -> None:
        """Save if the last time is long enough ago."""
        if time.monotonic() - self._saved >= self._interval:
            self.save()

    def save(self) -> None:
        """Replace the file by the present state; a failure leaves the old file as it was.

        Raises:
            UsageProblem: the file cannot be written (a full disk, say).
        """
        journals: list[Any] = [journal.document() for journal in self._journals]
        body = {
            "format": FORMAT,
            "version": VERSION,
            "request": self._request,
            "kept": self._kept,
            "journals": journals + self._stored[len(journals) :],
        }
        advice = "what was saved before is untouched: make room and run the same command again"
        write_atomically(self.path, json.dumps(body).encode("ascii"), advice)
        self._saved = time.monotonic()
