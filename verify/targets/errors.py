"""What can be wrong with a profile that a user asks for; each message is one line that says what to change."""

from __future__ import annotations

from fractions import Fraction

from verify.errors import Inconclusive, UsageProblem


class TargetError(UsageProblem, ValueError):
    """The text is no profile, or the profile is not real-valued and Lipschitz on [0, 1]."""


class NotLipschitz(TargetError):
    """The profile is steeper than declared.

    Attributes:
        interval: a part of [0, 1] on which |phi'| exceeds the declared constant.
        reached: a proved lower bound on sup |phi'|.
        suggestion: a constant that the profile is proved to obey, if one was found.
    """

    def __init__(
        self, message: str, interval: tuple[Fraction, Fraction], reached: Fraction, suggestion: Fraction | None
    ) -> None:
        super().__init__(message)
        self.interval = interval
        self.reached = reached
        self.suggestion = suggestion


class Unproved(Inconclusive):
    """The profile may be what was declared, but interval arithmetic did not prove it within its budget."""
