"""Results of `check` as GitHub workflow commands, which the site shows beside the files of a change."""

from __future__ import annotations

from verify.certificates.certificate import CheckResult


def annotation(result: CheckResult) -> str:
    """Return the workflow command of one result: an error for what was not verified, a notice for a theorem."""
    if result.theorem is not None:
        return f"::notice file={_property(result.source)},title=verified::{_message(result.theorem.statement)}"
    title = _property(result.status)
    return f"::error file={_property(result.source)},title={title}::{_message(str(result.failure))}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
