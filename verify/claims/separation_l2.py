"""A depth-3 ReLU network that no depth-2 network approximates in L2, whatever its activation and its weights.

Source: docs/rules/tubes.md; the idea of the lower bound is Eldan and Shamir's (2016).
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import TYPE_CHECKING

from verify.certificates.document import Document, rational, rationals
from verify.claims.certified import Certified, seal
from verify.claims.request import as_name, exact, whole
from verify.errors import UsageProblem
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.depth_separation import MAX_KINKS, depth_three_error
from verify.kernel.tubes.tail_mass import MAX_DIMENSION, MAX_MEASURE
from verify.progress import Progress, Silent

if TYPE_CHECKING:
    from verify.provers.separation_search import Design

RADII = 32
REACH = 400.0
"""Radius times frequency up to which the kernel checks within about a second."""


def default_neurons(d: int) -> int:
    """Return the size of depth-3 network that is searched for unless another is asked for."""
    return max(240, 50 * d)


def certify(
    *,
    d: int,
    eps: Fraction | str = "1/10",
    neurons: int | None = None,
    measure: int = 1,
    reach: float = REACH,
    design: str | None = None,
    time_limit: float | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Certified:
    """Search for the best separation at (d, eps) and certify it.

    Args:
        d: input dimension, at least 2.
        eps: the L2(mu) distance that every depth-2 network of the certified width exceeds.
        neurons: the most neurons that the depth-3 network may have, both hidden layers together.
        measure: the parameter m of the measure mu; m >= 1 gives E|y|^2 < infinity.
        reach: largest radius times frequency; larger values allow more oscillations and cost checking time.
        design: "u0,A,n,J" (start, radius, pieces, kinks): certify this design, do not search.
        time_limit: seconds for the search; without it the search is the same on every machine.

    Raises:
        UsageProblem: d, eps, neurons or measure out of range.
        Inconclusive: no separation found.
    """
    from verify.provers.fourier_tube import on_grid, prove
    from verify.provers.separation_search import Limits, deciding_radii, search

    eps = exact("eps", eps)
    progress = progress or Silent()
    whole("d", d, MAX_DIMENSION, 2)
    whole("measure", measure, MAX_MEASURE, 0)
    if eps >= 1:
        raise UsageProblem("--eps must be below 1: the target has values in [-1, 1]")
    most = whole("neurons", default_neurons(d) if neurons is None else neurons, 2 * MAX_KINKS, 2 * d + 4)
    seconds: dict[str, float] = {}
    begun = time.perf_counter()
    progress.stage("searching for a target and a depth-3 network")
    if design is None:
        chosen = search(d, measure, float(eps), Limits(most, reach, time_limit and 0.6 * time_limit))
    else:
        chosen = _parsed(design, d, measure)
    seconds["search"] = time.perf_counter() - begun

    begun = time.perf_counter()
    progress.stage("proving the lower bound")
    profile = chosen.profile()
    try:
        delta = depth_three_error(profile, d, chosen.mesh, chosen.kinks, "the design")
    except Rejected as problem:
        raise UsageProblem(str(problem)) from problem
    radii = on_grid(deciding_radii(chosen, float(eps), RADII))
    bound = prove(profile, d, measure, eps + delta, radii)
    seconds["prove"] = time.perf_counter() - begun

    network: Document = {
        "kind": "gridded-squares",
        "d": d,
        "mesh": rational(chosen.mesh),
        "kinks": chosen.kinks,
        "knots": rationals(profile.knots),
        "values": rationals(profile.values),
    }
    claim: Document = {
        "kind": "depth-separation-l2",
        "d": d,
        "measure": measure,
        "width": bound.width,
        "error": rational(eps),
    }
    return seal(
        f"separation-d{d}-eps{as_name(eps)}",
        claim,
        {"network": network},
        bound.document(),
        {"command": f"certify separation --d {d} --eps {eps} --measure {measure} --design {chosen}"},
        progress=progress,
        workers=workers,
        seconds=seconds,
    )


def _parsed(text: str, d: int, m: int) -> Design:
    """Return the design that "u0,A,n,J" spells."""
    from verify.provers.separation_search import Design

    try:
        start, radius, pieces, kinks = (Fraction(part) for part in text.split(","))
    except (ValueError, ZeroDivisionError):
        raise UsageProblem(f"--design {text!r}: needs four exact numbers u0,A,n,J such as 3/2,7/2,8,9") from None
    if not 0 < start < radius or pieces.denominator != 1 or kinks.denominator != 1 or pieces < 1 or kinks < 1:
        raise UsageProblem("--design u0,A,n,J needs 0 < u0 < A and positive integers n, J")
    return Design(d, m, start, radius, int(pieces), int(kinks))
