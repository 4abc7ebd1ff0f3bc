"""Shared small certificates."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from verify.certificates.document import rehash
from verify.claims import separation
from verify.claims.certified import Certified
from verify.kernel import Theorem, check_document
from verify.kernel.tubes.radial_profile import RadialProfile

Change = Callable[[dict[str, Any]], None]


def oscillation(start: Fraction, radius: Fraction, pieces: int) -> RadialProfile:
    step = (radius - start) / pieces
    knots = tuple(start + step * j for j in range(pieces + 1))
    return RadialProfile(2, knots, tuple(Fraction((-1) ** j) for j in range(pieces + 1)))


def checked(document: dict[str, Any], change: Change | None = None) -> Theorem:
    """Check a changed copy of a document, its hash made right again."""
    changed = copy.deepcopy(document)
    if change is not None:
        change(changed)
    return check_document(rehash(changed))


@pytest.fixture(scope="session")
def flagship() -> Certified:
    return separation.certify(d=3, eps=Fraction(1, 10), design="3/2,7/2,8,9")
