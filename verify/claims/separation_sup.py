"""`certify separation --kind sup`: one target, hard for depth 2 and easy for depth 3, with the same weight bound."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction

from verify.certificates.document import rational
from verify.claims.certified import Certified, seal
from verify.claims.depth3 import UpperBound, fine_profile, upper_bound
from verify.claims.path_norm import LowerBound, check_dimension, lower_bound, tube_part, vectorised
from verify.constructions.depth3 import build
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.sup_norm.path_norm import least_width
from verify.progress import Budget, Progress, Silent
from verify.provers.path_norm import solve
from verify.targets.profiles import read_target
from verify.targets.tube import ProvedProfile

ACCURACIES = tuple(Fraction(k, 20) for k in (5, 7, 9, 11, 13))
"""The relative accuracies 2 omega epsilon that the search tries first."""


@dataclass(frozen=True)
class Candidate:
    """A member of the sine family sin(omega (r^2 - 1/2)) / (2 omega) and a relative accuracy, with float estimates."""

    frequency: int
    accuracy: Fraction
    path_norm: float


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
        weight_bound: B, at least 1, for the weights of both networks.
        budget: the largest allowed number of depth-3 neurons.
        profile: the target; None searches the sine family for the best ratio of widths.
        eps: the accuracy; needed with, and only with, a profile.
        time_limit: seconds for the search.
        progress: receives stages.
        workers: ignored.
    """
    progress = progress or Silent()
    bound = Fraction(weight_bound)
    check_dimension(d)
    if (profile is None) != (eps is None):
        raise UsageProblem("give --profile and --eps together, or neither")
    start = time.perf_counter()
    limit = Budget(time_limit)
    if profile is None or eps is None:
        progress.stage("searching the sine family")
        best = search(d, bound, budget, limit, progress)
        progress.stage("depth-3 network")
        proved, epsilon, upper = _realised(d, bound, budget, best)
    else:
        epsilon = Fraction(eps)
        proved = fine_profile(profile, Fraction(1), epsilon)
        progress.stage("depth-3 network")
        upper = upper_bound(d, proved, epsilon, bound, most=budget + 1)
    progress.stage("dual measure")
    lower = lower_bound(d, proved, epsilon, budget=limit)
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
    """Return the candidate's profile, accuracy and exact network; perhaps of a slightly lower frequency."""
    for frequency in range(best.frequency, max(3, best.frequency - 12), -1):
        epsilon = best.accuracy / (2 * frequency)
        proved = fine_profile(sine_family(frequency), Fraction(1), epsilon)
        try:
            return proved, epsilon, upper_bound(d, proved, epsilon, bound, most=budget + 1)
        except Inconclusive:
            continue
    raise Inconclusive(f"no exact depth-3 network of at most {budget} neurons was found; raise --budget")


def search(d: int, bound: Fraction, budget: int, limit: Budget, progress: Progress) -> Candidate:
    """Return the member of the sine family with the largest depth-2 bound among those within the depth-3 budget."""
    best: Candidate | None = None
    for accuracy in ACCURACIES:
        candidate = _candidate(d, bound, budget, accuracy, limit)
        if candidate is not None and (best is None or candidate.path_norm > best.path_norm):
            best = candidate
            progress.stage(f"omega = {best.frequency}, relative accuracy {accuracy}: path norm {best.path_norm:.4g}")
    if best is None:
        raise Inconclusive(f"no depth-3 network of at most {budget} neurons is accurate enough; raise --budget")
    for step in (Fraction(1, 20), Fraction(1, 40)):
        for accuracy in (best.accuracy - step, best.accuracy + step):
            candidate = _candidate(d, bound, budget, accuracy, limit)
            if candidate is not None and candidate.path_norm > best.path_norm:
                best = candidate
                progress.stage(f"omega = {best.frequency}, accuracy {accuracy}: path norm {best.path_norm:.4g}")
    return best


def _candidate(d: int, bound: Fraction, budget: int, accuracy: Fraction, limit: Budget) -> Candidate | None:
    """Return the highest frequency within the budget at one relative accuracy, and its path norm."""
    limit.spend(0)
    low, high = 3, 4 * budget + 8
    while high - low > 1:
        middle = (low + high) // 2
        if _fits(d, bound, budget, accuracy, middle):
            low = middle
        else:
            high = middle
    if low == 3:
        return None
    epsilon = accuracy / (2 * low)
    try:
        solution = solve(d, vectorised(read_target(sine_family(low))), float(epsilon), budget=limit, tolerance=3e-2)
    except Inconclusive:
        return None
    return Candidate(low, accuracy, solution.path_norm)


def _fits(d: int, bound: Fraction, budget: int, accuracy: Fraction, frequency: int) -> bool:
    room = float(accuracy / (2 * frequency)) * (1 - 1 / 55) * 0.997
    try:
        design = build(d, vectorised(read_target(sine_family(frequency))), room, bound, most=budget + 1)
    except Inconclusive:
        return False
    return design.network.neurons() <= budget and math.isfinite(room)
