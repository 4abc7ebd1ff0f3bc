"""Depth separations of several kinds; each kind is a module of its own, imported when it is asked for."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

from verify.claims.certified import Certified
from verify.errors import UsageProblem

# kind -> module with a function certify(**options) -> Certified
KINDS = {
    "l2": "verify.claims.separation_l2",
    "code": "verify.claims.separation_code",
    "sup": "verify.claims.separation_sup",
}


def certify(*, kind: str = "l2", **options: Any) -> Certified:
    """Certify a depth separation of the given kind; the options are those of the kind's own module.

    Raises:
        UsageProblem: an unknown kind, or an option that this kind does not have or needs.
    """
    check_options(kind, options)
    result: Certified = _module(kind).certify(**options)
    return result


def check_options(kind: str, options: dict[str, Any]) -> None:
    """Raise `UsageProblem` if this kind does not have one of the options, or lacks one that it needs."""
    parameters = inspect.signature(_module(kind).certify).parameters
    for name in options:
        if name not in parameters:
            raise UsageProblem(f"--{name.replace('_', '-')} does not apply to separations of kind {kind}")
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in options:
            raise UsageProblem(f"a separation of kind {kind} needs --{name.replace('_', '-')}")


def _module(kind: str) -> ModuleType:
    if kind not in KINDS:
        raise UsageProblem(f"unknown kind {kind!r} of separation; known: {', '.join(KINDS)}")
    return importlib.import_module(KINDS[kind])
