"""Theorem 5 with numbers: the width that depth-2 networks need for max(0, 1 - |y|/A), whatever their activation.

Source: Safran, Eldan and Shamir (2019), Theorem 5; the proof is docs/rules/tubes.md.
"""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np

from verify.certificates.document import Document, rational, rationals
from verify.claims.certified import Certified, seal
from verify.claims.request import as_name, exact, whole
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.tubes.radial_profile import MAX_RADIUS, RadialProfile
from verify.kernel.tubes.tail_mass import MAX_DIMENSION, MAX_MEASURE
from verify.progress import Budget, Progress, Silent

RADII = 32


def cone(scale: Fraction) -> RadialProfile:
    """Return f(y) = max(0, 1 - |y| / scale)."""
    return RadialProfile(1, (Fraction(0), scale), (Fraction(1), Fraction(0)))


def certify(
    *,
    d: int,
    eps: Fraction | str | None = None,
    scale: Fraction | str | None = None,
    hat: tuple[Fraction | str, Fraction | str] | None = None,
    measure: int = 1,
    time_limit: float | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Certified:
    """Certify a lower bound on the width of depth-2 networks for max(0, 1 - |y|/scale) at L2(mu) error eps.

    Args:
        d: input dimension, at least 2.
        eps: the error; default d^-3.
        scale: A; by default the one that gives the largest width, among multiples of d/20.
        hat: (c, w): take the radial hat max(0, 1 - ||y| - c| / w) instead of the cone; w <= c. Its statement holds
            the reduction of the paper's proof: a hat is a combination of three cones.
        measure: the parameter m of mu.
        time_limit: seconds; looked at between the steps.

    Raises:
        UsageProblem: an argument out of range.
        Inconclusive: eps is too large for any bound.
    """
    from verify.provers.fourier_tube import prove, spread_radii

    progress = progress or Silent()
    whole("d", d, MAX_DIMENSION, 2)
    whole("measure", measure, MAX_MEASURE, 0)
    error = Fraction(1, d**3) if eps is None else exact("eps", eps)
    if error >= 1:
        raise UsageProblem("--eps must be below 1: the target has values in [0, 1]")
    budget = Budget(time_limit)
    seconds: dict[str, float] = {}
    begun = time.perf_counter()
    if hat is not None:
        if scale is not None:
            raise UsageProblem("give --scale or --hat, not both")
        profile = radial_hat(exact("hat", hat[0]), exact("hat", hat[1]))
    elif scale is None:
        progress.stage("searching for the scale")
        profile = cone(best_scale(d, measure, float(error), budget))
    else:
        profile = cone(exact("scale", scale))
    if profile.radius > MAX_RADIUS:
        raise UsageProblem(f"the target must be constant beyond {MAX_RADIUS}")
    seconds["search"] = time.perf_counter() - begun

    begun = time.perf_counter()
    progress.stage("proving the lower bound")
    radii = spread_radii(profile, d, measure, error, RADII)
    _keep_to(budget)
    bound = prove(profile, d, measure, error, radii)
    _keep_to(budget)
    seconds["prove"] = time.perf_counter() - begun
    claim: Document = {
        "kind": "ridge-lower-bound",
        "d": d,
        "measure": measure,
        "width": bound.width,
        "error": rational(error),
    }
    target: Document = {
        "variable": "|y|",
        "knots": rationals(profile.knots),
        "values": rationals(profile.values),
    }
    return seal(
        f"thm5-d{d}-eps{as_name(error)}" + ("-hat" if hat else ""),
        claim,
        {"target": target},
        bound.document(),
        {"command": f"certify thm5 --d {d} --eps {error} {_target(profile)} --measure {measure}"},
        progress=progress,
        workers=workers,
        seconds=seconds,
    )


def radial_hat(centre: Fraction, half_width: Fraction) -> RadialProfile:
    """Return f(y) = max(0, 1 - ||y| - centre| / half_width)."""
    if half_width > centre:
        raise UsageProblem("--hat c,w needs w <= c")
    knots = (centre - half_width, centre, centre + half_width)
    return RadialProfile(1, knots, (Fraction(0), Fraction(1), Fraction(0)))


def _target(profile: RadialProfile) -> str:
    if len(profile.knots) == 2:
        return f"--scale {profile.radius}"
    return f"--hat {profile.knots[1]},{profile.knots[1] - profile.knots[0]}"


def best_scale(d: int, m: int, error: float, budget: Budget) -> Fraction:
    """Return the multiple of d/20 at which the estimated width is largest (floating point, not believed)."""
    from verify.provers.tube_search import TailEstimate, estimated_width, lines_for

    best = (0.0, Fraction(11 * d, 20))
    for k in range(1, 25):
        _keep_to(budget)
        scale = Fraction(k * d, 20)
        # Beyond the frequency where rounding errors drown the tail, nothing can be estimated.
        radii = np.geomspace(1.02, 24.0 if d < 12 else 12.0, 40)
        estimate = TailEstimate(cone(scale), d, m, float(radii[-1]))
        tails = np.array([estimate.tail(float(c)) for c in radii])
        tails = np.where(tails > 1e-13, tails, 0.0)
        width = estimated_width(tails, lines_for(d, radii), error)
        best = max(best, (width, scale))
    if best[0] < 1 and error > 1e-6:
        raise Inconclusive(f"no scale gives a lower bound at error {error:.4g}; take a smaller --eps")
    return best[1]


def _keep_to(budget: Budget) -> None:
    if budget.remaining() == 0.0:
        raise Inconclusive(f"out of time after {budget.seconds:g} s; raise --time-limit, --eps or lower --scale")
