"""The library API: `certify`, `check`, `load`."""

from __future__ import annotations

import importlib
from typing import Any

from verify.claims.certified import Certified
from verify.errors import UsageProblem

# claim name -> module with a function certify(**options) -> Certified; imported late, some are heavy
CLAIMS = {
    "assumption1": "verify.claims.assumption1",
    "depth3": "verify.claims.depth3",
    "growth": "verify.claims.growth",
    "ip2": "verify.claims.ip2",
    "network": "verify.claims.network",
    "pathnorm": "verify.claims.path_norm",
    "separation": "verify.claims.separation",
    "thm1": "verify.claims.thm1",
    "thm2": "verify.claims.thm2",
    "thm3": "verify.claims.thm3",
    "thm4": "verify.claims.thm4",
    "thm5": "verify.claims.thm5",
}


def certify(claim: str, **options: Any) -> Certified:
    """Prove an instance of a theorem and return its certificate.

    Example:
        certify("thm2", d=3, eps="1/20")

    Raises:
        verify.errors.UsageProblem: the request makes no sense.
        verify.errors.Inconclusive: no proof within the budget.
    """
    if claim not in CLAIMS:
        raise UsageProblem(f"unknown claim {claim!r}; known: {', '.join(sorted(CLAIMS))}")
    module = importlib.import_module(CLAIMS[claim])
    result: Certified = module.certify(**options)
    return result
