"""Theorem 1 in every dimension at once: what `certify("growth", eps="3/10")` does without a range of dimensions."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np
from threadpoolctl import threadpool_limits

from verify.certificates.document import Document, pack_integers, rational
from verify.claims.activation import activation_named, in_titles
from verify.claims.certified import Certified, seal
from verify.claims.thm1 import declared_profile, profile_options
from verify.constructions.every_dimension import Problem, best_knots, least_constant
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.every_dimension import GeometricKnots, require_law
from verify.kernel.cubature.power_law import PowerLaw
from verify.kernel.outcome import Rejected
from verify.progress import Budget, Progress

SAMPLES = 16  # bins of the universal claim
SCALE = 40  # bits of the polynomials
USUAL_EXPONENT = Fraction(11, 10)
LEAST_EXPONENT = Fraction(101, 100)


def certify_every(
    epsilon: Fraction,
    profile: str | None,
    lipschitz: Fraction | None,
    activation: str,
    exponent: Fraction | None,
    progress: Progress,
    workers: int,
    budget: Budget,
) -> Certified:
    """Prove that in every dimension depth-2 networks of width at most C d^p come within epsilon."""
    chosen = activation_named(activation)
    if not (chosen.piecewise_linear or chosen.name == "hard-tanh"):
        raise UsageProblem(f"{chosen.name} builds no chords: every dimension at once needs one that does, such as relu")
    power = USUAL_EXPONENT if exponent is None else exponent
    if power < LEAST_EXPONENT:
        raise UsageProblem("--exponent must be at least 1.01 for all dimensions: the width grows like d log d")
    start = time.perf_counter()
    proved, phi, slack = declared_profile(profile, lipschitz, epsilon, progress)
    progress.stage("choosing knots")
    breaks = () if proved is None else tuple(float(t) for t in proved.profile.knots)
    problem = Problem(SAMPLES if proved is None else 1, phi, breaks)
    goal = float(epsilon) * (1 - 2e-3) - slack
    with threadpool_limits(1):  # sums must not depend on the number of cores
        floor, _ = problem.solve(0.0, 0.0)
        knots = best_knots(problem, goal, power, budget) if floor < goal else None
        if knots is None:
            raise Inconclusive(_shortfall(floor + slack, float(epsilon), budget))
        _, polynomials = problem.solve(float(knots.near), float(knots.relative), dense=12)
    exact = np.rint(polynomials * 2.0**SCALE).astype(np.int64)
    if problem.bound(exact / 2.0**SCALE, knots) + slack > float(epsilon) * (1 - 2e-4):
        raise Inconclusive("the polynomials found are too tight for a proof; take a larger --eps")
    law = _law(knots, power)
    claim: Document = {
        "kind": "growth",
        "from": 1,
        "epsilon": rational(epsilon),
        "activation": chosen.name,
        "constant": rational(law.constant),
        "exponent": rational(law.exponent),
    }
    network: Document = {"first": rational(knots.first), "ratio": rational(knots.ratio)}
    proof: Document = {"rule": "every-dimension", "scale": SCALE, "polynomials": pack_integers(exact)}
    command = f"certify growth --eps {rational(epsilon)} --activation {chosen.name}"
    command += profile_options(profile, lipschitz)
    title = f"growth-eps{float(epsilon):g}"
    if proved is None:
        network["samples"] = SAMPLES
    else:
        claim["profile"] = proved.claim
        title += f"-{proved.target.name}"
        if proved.tube is not None:
            proof["tube"] = proved.tube
    if exponent is not None:
        command += f" --exponent {exponent}"
    if chosen.name != "relu":
        title += "-" + in_titles(chosen.name)
    seconds = {"construct": time.perf_counter() - start}
    parts = {"network": network}
    return seal(title, claim, parts, proof, {"command": command}, progress=progress, workers=workers, seconds=seconds)


def _law(knots: GeometricKnots, power: Fraction) -> PowerLaw:
    """Return C d^p with the least C, rounded up to three digits, that the kernel accepts."""
    least = least_constant(knots, float(power))
    unit = Fraction(10) ** (math.floor(math.log10(least)) - 2)
    constant = math.floor(Fraction(least) * (1 - Fraction(1, 10**9)) / unit) * unit
    while True:
        law = PowerLaw(constant, power)
        try:
            require_law(law, knots, 1, Work())
        except Rejected as failure:
            if failure.where != "claim.constant":
                raise Inconclusive(f"no C for the exponent {power}: {failure.why}; take a larger --exponent") from None
            constant += unit
        else:
            return law


def _shortfall(floor: float, epsilon: float, budget: Budget) -> str:
    if floor < epsilon and budget.remaining() == 0:
        return f"no proof within {budget.seconds:g} s; raise --time-limit or --eps"
    return (
        f"no network found for every dimension at eps = {epsilon:g}: A + B |x|^2, which is what they compute, leaves "
        f"an error of {floor:.3g}, and some more is needed; take a larger --eps, or a range of dimensions with --d"
    )
