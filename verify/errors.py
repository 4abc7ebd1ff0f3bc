"""Failures that a user can cause or meet, each one clear line with a documented exit code."""

from __future__ import annotations

EXIT_VERIFIED = 0
EXIT_REJECTED = 1  # a certificate rejected, or a claim refuted
EXIT_USAGE = 2
EXIT_INCONCLUSIVE = 3  # inconclusive, or out of budget
EXIT_MALFORMED = 4  # unreadable or malformed


class VerifyError(Exception):
    """Base of the failures that the command line prints as one line."""

    exit_code = EXIT_USAGE


class UsageProblem(VerifyError):
    """The request makes no sense or cannot be served; the message says what to change."""


class Inconclusive(VerifyError):
    """The search ended without a proof: out of budget, or the construction is not good enough."""

    exit_code = EXIT_INCONCLUSIVE


class Refuted(VerifyError):
    """The claim is false; the message names the witness."""

    exit_code = EXIT_REJECTED


class Unreadable(VerifyError):
    """A file from outside is not what the command needs; the message names the place."""

    exit_code = EXIT_MALFORMED
