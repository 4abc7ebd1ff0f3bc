"""`certify separation --kind sup`: one target, hard for depth 2 and easy for depth 3, with the same weight bound."""

from __future__ import annotations

import math
import time
from fractions import Fraction

from verify.certificates.document import rational
from verify.claims.certified import Certified, seal
from verify.claims.depth3 import UpperBound, fine_profile, upper_bound
from verify.claims.path_norm import LowerBound, check_dimension, lower_bound, tube_part
from verify.claims.request import exact
from verify.constructions.sine_search import Candidate, search
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.sup_norm.path_norm import least_width
from verify.progress import Budget, Progress, Silent
from verify.targets.tube import ProvedProfile

STEPS = 400
TRIES = 12
"""Accuracies, in steps of 1 / STEPS, at which the exact network of a candidate is tried."""
TOLERANCE = 5e-4
"""How close the linear program comes to the best dual measure."""


def sine_family(frequency: int) -> str:
    """Return the profile sin(omega (r^2 - 1/2)) / (2 omega), 1-Lipschitz on [0, 1]."""
    return f"sin({frequency}*(r**2-1/2))/{2 * frequency}"


def certify(
    *,
    d: int,
    weight_bound: Fraction | str = "1",
    budget: int = 200,
    profile: str | None = None,
    eps: Fraction | str | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    workers: int = 1,
) -> Certified:
    """Certify a depth separation in the sup norm on the unit ball of R^d.

    Args:
        d: the dimension, at least 2.
        weight_bound: B, for the weights of both networks; the search needs at least 1.
        budget: the largest allowed number of depth-3 neurons.
        profile: the target; None searches the sine family for the best ratio of widths.
        eps: the accuracy; needed with, and only with, a profile.
        time_limit: seconds, about; the search returns the best that it has found when they are over.
        progress: receives stages.
        workers: ignored.
    """
    progress = progress or Silent()
    bound = exact("weight-bound", weight_bound)
    check_dimension(d)
    if (profile is None) != (eps is None):
        raise UsageProblem("give --profile and --eps together, or neither")
    if bound <= 0:
        raise UsageProblem(f"--weight-bound must be positive, not {bound}")
    limit = Budget(time_limit)
    if profile is None or eps is None:
        if bound < 1:
            raise UsageProblem("the search is for weight bounds of at least 1; below, give --profile and --eps")
        return _searched(d, bound, budget, limit, progress)
    start = time.perf_counter()
    epsilon = exact("eps", eps)
    proved = fine_profile(profile, Fraction(1), epsilon)
    progress.stage("depth-3 network")
    upper = upper_bound(d, proved, epsilon, bound, most=budget)
    progress.stage("dual measure")
    lower = lower_bound(d, proved, epsilon, budget=limit)
    seconds = {"prove": time.perf_counter() - start}
    return _sealed(d, proved, epsilon, bound, upper, lower, progress, seconds)


def _searched(d: int, bound: Fraction, budget: int, limit: Budget, progress: Progress) -> Certified:
    """Search the sine family; under a time limit, have a modest result first and return the best when time is up."""
    modest = 40 + 12 * d
    if limit.remaining() is None or 2 * budget <= 3 * modest:
        return _designed(d, bound, budget, limit, progress)
    start = time.perf_counter()
    first = _designed(d, bound, modest, limit, progress)
    # What comes after the linear program grows about with the square of the number of neurons.
    after = (time.perf_counter() - start) / 2 * (budget / modest) ** 2
    rest = (limit.remaining() or 0.0) - after
    if rest < after / 2:
        return first
    try:
        return _designed(d, bound, budget, Budget(rest), progress)
    except Inconclusive:
        return first


def _designed(d: int, bound: Fraction, budget: int, limit: Budget, progress: Progress) -> Certified:
    """Certify the best design that a search under the budget finds."""
    start = time.perf_counter()
    progress.stage("searching the sine family")
    best = search(d, budget, limit, progress)
    progress.stage("depth-3 network")
    proved, epsilon, upper = _realised(d, bound, budget, best)
    progress.stage("dual measure")
    lower = lower_bound(d, proved, epsilon, budget=limit, tolerance=TOLERANCE)
    seconds = {"prove": time.perf_counter() - start}
    return _sealed(d, proved, epsilon, bound, upper, lower, progress, seconds)


def _sealed(
    d: int,
    proved: ProvedProfile,
    epsilon: Fraction,
    bound: Fraction,
    upper: UpperBound,
    lower: LowerBound,
    progress: Progress,
    seconds: dict[str, float],
) -> Certified:
    options = f"--d {d} --profile '{proved.target.text}' --eps {rational(epsilon)} --weight-bound {rational(bound)}"
    return seal(
        f"separation-sup-d{d}",
        {
            "kind": "separation-sup",
            "dimension": d,
            "profile": proved.claim,
            "epsilon": rational(epsilon),
            "weight_bound": rational(bound),
            "depth2_width": least_width(lower.path_norm, bound, d),
            "depth3_neurons": upper.neurons,
        },
        {"network": upper.network_document()},
        {
            "rule": "dual-measure-and-radial-depth3",
            **tube_part(proved),
            "depth2": lower.document(),
            **upper.band_document(),
        },
        {"command": f"certify separation --kind sup {options}"},
        progress=progress,
        seconds=seconds,
    )


def _realised(d: int, bound: Fraction, budget: int, best: Candidate) -> tuple[ProvedProfile, Fraction, UpperBound]:
    """Return the candidate's profile, accuracy and exact network; perhaps at a slightly coarser accuracy."""
    start = math.ceil(STEPS * best.accuracy)
    # The tube that suits the first accuracy is fine enough for the coarser ones.
    proved = fine_profile(sine_family(best.frequency), Fraction(1), Fraction(start, 2 * STEPS * best.frequency))
    for steps in range(start, min(STEPS, start + TRIES)):
        epsilon = Fraction(steps, 2 * STEPS * best.frequency)
        try:
            return proved, epsilon, upper_bound(d, proved, epsilon, bound, most=budget, inner=best.inner)
        except Inconclusive:
            continue
    raise Inconclusive(f"no exact depth-3 network of at most {budget} neurons was found; raise --budget")
