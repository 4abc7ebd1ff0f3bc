"""`certify pathnorm`: the least path norm of depth-2 ReLU networks near a radial target, bounded from below."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verify.certificates.document import Document, rational
from verify.claims.certified import Certified, KernelDisagrees, seal
from verify.claims.request import exact
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.arithmetic.bernstein import NotBounded
from verify.kernel.sup_norm.mean_neuron import RadialMeasure, require_response_bounded
from verify.kernel.sup_norm.path_norm import MAX_ATOMS, MAX_DIMENSION, integral, least_width
from verify.progress import Budget, Progress, Silent
from verify.provers.path_norm import DualSolution, Function, rounded_measure, rounded_mixture, solve
from verify.targets.profiles import Target, read_target
from verify.targets.tube import ProvedProfile, prove_profile

GRADING = 26
MIXTURE_GRADING = 16
COARSE = Fraction(1, 16)
"""Radius of a tube from which only the Lipschitz constant and the values of the profile are needed."""
MARGINS = (0.005, 0.03)
"""Shares of the accuracy that the mixture leaves to rounding, tried in turn."""
TUBE_SHARES = (120, 60, 30, 15)
MAX_PIECES = 1200
"""The upper side has a tube of radius epsilon / share, of the first share that needs fewer pieces than this."""


@dataclass(frozen=True)
class LowerBound:
    """A path norm bound that the kernel's rule accepts.

    Attributes:
        measure: the exact dual measure.
        response: the proved bound of |G|.
        path_norm: the bound, in at most 40 bits, rounded down.
        grading: how finely the proof's cells are refined towards an atom (even d).
    """

    measure: RadialMeasure
    response: Fraction
    path_norm: Fraction
    grading: int = GRADING

    def document(self) -> Document:
        """Return the measure's form in a proof (format: docs/rules/sup_norm.md, rule DUAL MEASURE)."""
        return {
            "radius_bits": self.measure.radius_bits,
            "radii": list(self.measure.radii),
            "mass_bits": self.measure.mass_bits,
            "masses": list(self.measure.masses),
            "response_bound": rational(self.response),
            "grading": self.grading,
        }


def certify(
    *,
    d: int,
    profile: str,
    eps: Fraction | str,
    lipschitz: Fraction | str = "1",
    weight_bound: Fraction | str = "1",
    one_sided: bool = False,
    time_limit: float | None = None,
    progress: Progress | None = None,
    workers: int = 1,
) -> Certified:
    """Certify a lower bound of the path norm, and of the width, of every depth-2 ReLU network within eps of f.

    Args:
        d: the dimension, at least 2.
        profile: phi, in the language of verify.targets.profiles.
        eps: the accuracy in the sup norm over the unit ball.
        lipschitz: a Lipschitz constant of phi to prove and state.
        weight_bound: B of the width bound.
        one_sided: leave out the upper bound of the least path norm.
        time_limit: seconds.
        progress: receives stages.
        workers: ignored; the kernel check takes seconds.
    """
    progress = progress or Silent()
    epsilon, bound = exact("eps", eps), exact("weight-bound", weight_bound)
    check_dimension(d)
    start = time.perf_counter()
    progress.stage("profile")
    target = read_target(profile)
    fine = None if one_sided else _fine_radius(target, epsilon)
    two_sided = fine is not None
    proved = prove_profile(target, exact("lipschitz", lipschitz), fine or COARSE)
    progress.stage("linear program for the dual measure")
    limit = Budget(time_limit)
    lower = lower_bound(d, proved, epsilon, budget=limit)
    claim = {
        "kind": "path-norm",
        "dimension": d,
        "profile": proved.claim,
        "epsilon": rational(epsilon),
        "path_norm": rational(lower.path_norm),
        "weight_bound": rational(bound),
        "width": least_width(lower.path_norm, bound, d),
    }
    proof = {"rule": "dual-measure", **tube_part(proved), **lower.document()}
    command = f"certify pathnorm --d {d} --profile '{profile}' --eps {rational(epsilon)}"
    name = f"pathnorm-d{d}-{proved.target.name}-eps{decimal(epsilon)}"
    seconds = {"prove": time.perf_counter() - start}
    for margin in MARGINS if two_sided else ():
        progress.stage("linear program for the mixture")
        upper, mixture = upper_side(d, proved, epsilon, margin, limit)
        seconds = {"prove": time.perf_counter() - start}
        both = {**claim, "path_norm_upper": rational(upper)}
        more = {**proof, "mixture": mixture}
        try:
            return seal(name, both, {}, more, {"command": command}, progress=progress, seconds=seconds)
        except KernelDisagrees:
            # The floating-point mixture was not quite good enough; the lower bound stands by itself.
            progress.stage("the upper side was not proved")
    return seal(name, claim, {}, proof, {"command": command}, progress=progress, seconds=seconds)


def _fine_radius(target: Target, epsilon: Fraction) -> Fraction | None:
    """Return a radius of the tube that suits the upper side; None if every tube has too many pieces."""
    radii = [Fraction(1, math.ceil(share / epsilon)) for share in TUBE_SHARES]
    if target.table is not None:
        return radii[0]
    return next((radius for radius in radii if tube_pieces(target, radius) < MAX_PIECES), None)


def upper_side(
    d: int, proved: ProvedProfile, epsilon: Fraction, margin: float, limit: Budget
) -> tuple[Fraction, Document]:
    """Return an upper bound of the least path norm, in at most 40 bits, and the mixture's form in a proof."""
    room = float(epsilon - proved.profile.radius) * (1 - margin)
    solution = solve(d, vectorised(proved.target), room, budget=limit, primal=True)
    mixture = rounded_mixture(solution)
    norm = mixture.path_norm()
    unit = Fraction(2) ** (math.floor(math.log2(norm)) - 39)
    return -(-norm // unit) * unit, {
        "bias_bits": mixture.bias_bits,
        "biases": list(mixture.biases),
        "weight_bits": mixture.weight_bits,
        "weights": list(mixture.weights),
        "offset": mixture.offset,
        "grading": MIXTURE_GRADING,
    }


def tube_pieces(target: Target, radius: Fraction) -> float:
    """Return about how many pieces a tube has: of length h they are off by h^2 |phi''| / 8."""
    values = vectorised(target)(np.linspace(0.0, 1.0, 4001))
    return float(np.sqrt(np.abs(np.diff(values, 2)) / (8 * float(radius))).sum())


def check_dimension(d: int) -> None:
    """Raise `UsageProblem` unless rule DUAL MEASURE covers dimension d."""
    if not 2 <= d <= MAX_DIMENSION:
        raise UsageProblem(f"--d must lie between 2 and {MAX_DIMENSION}, not {d}")


def tube_part(proved: ProvedProfile) -> Document:
    """Return the proof's part "tube", empty for a piecewise linear profile."""
    return {} if proved.tube is None else {"tube": proved.tube}


def vectorised(target: Target) -> Function:
    """Return phi over arrays of radii."""
    return lambda r: np.asarray(target(r), dtype=np.float64)


def decimal(value: Fraction) -> str:
    """Return a short name of a number for file names."""
    text = f"{float(value):.6g}"
    return text if Fraction(text) == value else str(value).replace("/", "over")


def lower_bound(
    d: int, proved: ProvedProfile, epsilon: Fraction, *, budget: Budget | None = None, tolerance: float = 5e-5
) -> LowerBound:
    """Return a lower bound that the kernel's rule accepts, within about `tolerance` of the best possible."""
    solution = solve(d, vectorised(proved.target), float(epsilon), budget=budget, tolerance=tolerance)
    return exact_bound(d, proved, epsilon, solution)


def exact_bound(d: int, proved: ProvedProfile, epsilon: Fraction, solution: DualSolution) -> LowerBound:
    """Round the solution to an exact measure and find the response bound that the kernel's rule proves."""
    measure = rounded_measure(solution)
    if len(measure.radii) > MAX_ATOMS:
        raise Inconclusive(f"the measure has {len(measure.radii)} atoms, the format allows {MAX_ATOMS}; raise --eps")
    gain = integral(measure, proved.profile) - epsilon * measure.total_variation()
    if gain <= 0:
        raise Inconclusive("no path norm bound found: lower --eps")
    response = proved_response(measure, d, solution.peak)
    exact = gain / response
    unit = Fraction(2) ** (math.floor(math.log2(exact)) - 39)
    return LowerBound(measure, response, exact // unit * unit)


def proved_response(measure: RadialMeasure, d: int, peak: float, *, grading: int = GRADING) -> Fraction:
    """Return a bound of the response, just above the estimate `peak`, that the kernel's rule proves."""
    slack = 1e-6
    while slack < 1:
        response = Fraction(math.ceil(peak * (1 + slack) * 2**30), 1 << 30)
        try:
            require_response_bounded(measure, d, response, grading)
        except NotBounded:
            slack *= 4
            continue
        return response
    raise Inconclusive("the response of the rounded measure could not be bounded; please report this")
