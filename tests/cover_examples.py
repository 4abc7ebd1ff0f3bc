"""Certificates that several test files share: small, quick to make, each with a known rule in its proof."""

from __future__ import annotations

import copy
import functools
import json
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from verify.certificates.document import Document, rehash, serialise
from verify.claims.certified import Certified
from verify.claims.explicit import float_tube
from verify.claims.search import Search
from verify.claims.thm2 import certify
from verify.claims.thm2_profile import prove_network
from verify.constructions.radial import fit_profile
from verify.kernel import check_bytes
from verify.kernel.outcome import CheckFailure, Theorem
from verify.networks.depth2 import Depth2Network
from verify.progress import Budget, Silent
from verify.targets.profiles import read_target
from verify.targets.tube import ProvedProfile, prove_profile


@functools.cache
def universal() -> Document:
    """All 1-Lipschitz profiles in the plane at 1/5."""
    return certify(d=2, eps="1/5", workers=1).certificate.document


@functools.cache
def bump() -> Document:
    """max(0, 1/2 - r) in the plane at 1/10: a profile with a kink."""
    return certify(d=2, eps="1/10", profile="bump", workers=1).certificate.document


@functools.cache
def expression() -> Document:
    """A profile with a tube, on an interval."""
    return certify(d=1, eps="1/10", profile="sin(3*r)/3", workers=1).certificate.document


@functools.cache
def norm_fit(dimension: int) -> tuple[Depth2Network, str, ProvedProfile]:
    """The network that certify builds for the norm at 1/20, and its symmetry."""
    proved = prove_profile(read_target("norm"), 1, Fraction(1, 10**6))
    fit = fit_profile(dimension, *float_tube(proved), Fraction(1, 20), Budget(), Silent())
    return fit.network, fit.symmetry, proved


def prove_norm(dimension: int, bound: Fraction) -> Certified:
    """Prove that network's error below `bound`."""
    network, domain, proved = norm_fit(dimension)
    search = Search(dimension, bound, None, 1, Budget(), Silent())
    return prove_network(search, network, proved, domain, name="tight", provenance={}, seconds={})


@functools.cache
def tight() -> Document:
    """The norm in the plane, within a hundred-thousandth of the network's true error: closed cells."""
    return prove_norm(2, Fraction(43_246_881_661, 1 << 40)).certificate.document


def changed(document: Document, change: Callable[[Document], Any]) -> bytes:
    """Return the bytes of a deep copy after `change`, with a new hash."""
    copied = copy.deepcopy(document)
    change(copied)
    return serialise(rehash(copied))


def put(document: Document, path: str, value: Any) -> bytes:
    """Return the bytes with the value at a dotted path replaced."""

    def change(copied: Document) -> None:
        *parents, last = path.split(".")
        part: Any = copied
        for key in parents:
            part = part[int(key)] if isinstance(part, list) else part[key]
        part[int(last) if isinstance(part, list) else last] = value

    return changed(document, change)


def refused(data: bytes, reason: str) -> CheckFailure:
    """Require that the kernel refuses `data` for a reason that contains `reason`."""
    with pytest.raises(CheckFailure) as caught:
        check_bytes(data)
    assert reason in str(caught.value), str(caught.value)
    return caught.value


def accepted(data: bytes) -> Theorem:
    """Require that the kernel accepts `data`."""
    return check_bytes(data)


def network_file(folder: Path) -> Path:
    """Write a network without symmetry that comes within 0.0104 of the norm."""
    angles = [math.pi * (k + 0.3) / 9 for k in range(9)]
    rows = [[sign * math.cos(a), sign * math.sin(a)] for a in angles for sign in (1, -1)]
    path = folder / "lines.json"
    body = {"weights": rows, "biases": [0.0] * 18, "outputs": [0.1745] * 18, "constant": 0.0}
    path.write_text(json.dumps(body))
    return path
