"""What a check can end in: a theorem, or one of three refusals that never read as a verdict on the claim."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Theorem:
    """A statement that the kernel has just proved from the bytes of one certificate.

    Attributes:
        statement: the theorem in words, rebuilt from the checked data alone.
        rests_on: kernel rules and named lemmas that the proof uses, and any solver the user allowed.
        figures: the numbers of the statement (exact, as text or integers), for `--json` and tables.
        refutes: True if what was proved is that somebody's claim is false (a witness point).
    """

    statement: str
    rests_on: tuple[str, ...]
    figures: dict[str, str | int] = field(default_factory=dict)
    refutes: bool = False


class CheckFailure(Exception):
    """The kernel did not reach the end of its chain of checks; `where` names the place in the document."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where or 'document'}: {why}")
        self.where = where
        self.why = why


class Malformed(CheckFailure):
    """The document is not a certificate of a supported version: unreadable, unknown or missing keys, bad types."""


class Rejected(CheckFailure):
    """The document is well formed but does not prove its claim. (The claim may be true all the same.)"""

    def __init__(self, rule: str, where: str, why: str) -> None:
        super().__init__(where, f"rule {rule}: {why}")
        self.rule = rule


class Unsupported(CheckFailure):
    """The document asks for something this kernel does not know (a newer format version, another rule)."""
