"""Theorem 1, in any dimension: `certify("thm1", d=8, eps="1/4")`; `polynomial` is what `thm2` calls."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from verify.certificates.document import Document, pack_integers, rational, rationals
from verify.claims.activation import activation_named
from verify.claims.certified import Certified, seal
from verify.claims.request import exact, whole
from verify.claims.thm3 import orbit_directions, rounded_down, rounded_up
from verify.constructions.radial_cubature import (
    Floats,
    Phi,
    Plan,
    Problem,
    Solution,
    graded_knots,
    hat_matrix,
    plan,
    smooth_plan,
)
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.activation.activations import Activation
from verify.kernel.activation.differences import polynomial_error
from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.cubature.orbits import MAX_DIMENSION, OrbitClass
from verify.kernel.cubature.radial_cubature import Construction, axis_error
from verify.kernel.cubature.radial_ridges import Ridges
from verify.kernel.packing import IntArray
from verify.kernel.profiles.profile import Profile
from verify.progress import Progress, Silent
from verify.sphere.hilbert import HilbertIdentity, identities
from verify.targets.profiles import read_target
from verify.targets.tube import ProvedProfile, prove_profile

SAMPLES = 16  # bins of the universal claim
SCALE = 40  # bits of ridge values and polynomials


def certify(
    *,
    d: int,
    eps: Fraction | str,
    profile: str | None = None,
    lipschitz: Fraction | None = None,
    activation: str = "relu",
    progress: Progress | None = None,
    workers: int = 1,
    theorem: str = "thm1",
    **_: Any,
) -> Certified:
    """Prove that depth-2 networks of an explicit width approximate radial functions on the unit ball of R^d.

    Args:
        d: dimension.
        eps: the error, exact.
        profile: one function of r = |x|; None for all 1-Lipschitz functions at once.
        lipschitz: the profile's Lipschitz constant, if it is not 1.
        activation: relu, leaky-relu, hard-tanh, or a smooth one (`verify.claims.activation`).
        theorem: the prefix of the certificate's name.
    """
    progress = progress or Silent()
    d, epsilon, chosen = whole("d", d, MAX_DIMENSION), exact("eps", eps), activation_named(activation)
    smooth = chosen.series(2) is not None
    if not (smooth or chosen.piecewise_linear or chosen.name == "hard-tanh"):
        raise UsageProblem(f"--activation {chosen.name}: thm1 needs a continuous or a smooth activation")
    if lipschitz is not None and profile is None:
        raise UsageProblem("--lipschitz belongs to --profile; without one the statement is about constant 1")
    start = time.perf_counter()
    proved, phi, slack = _profile(profile, lipschitz, epsilon, progress)
    progress.stage("choosing directions and knots")
    target = float(epsilon) * (1 - 2e-3) - slack
    with threadpool_limits(1):  # sums must not depend on the number of cores
        if proved is None and epsilon >= Fraction(1, 2) and not smooth:
            bound, parts, proof = _constant(d)
        elif smooth:
            bound, parts, proof = _smooth(d, epsilon, target, phi, proved, chosen)
        else:
            bound, parts, proof = _knotted(d, epsilon, target, phi, proved, progress)
    claim: Document = {
        "kind": "radial-cubature",
        "dimension": d,
        "epsilon": rational(epsilon),
        "bound": rational(bound),
        "activation": chosen.name,
    }
    command = f"certify {theorem} --d {d} --eps {rational(epsilon)} --activation {chosen.name}"
    if theorem == "thm2":
        command += " --construction polynomial"
    if proved is not None:
        claim["profile"] = proved.claim
        command += f" --profile '{(profile or '').strip()}'"
        command += "" if lipschitz is None else f" --lipschitz {lipschitz}"
        if proved.tube is not None:
            proof["tube"] = proved.tube
    seconds = {"construct": time.perf_counter() - start}
    title = name(theorem, d, epsilon, chosen.name, proved)
    return seal(title, claim, parts, proof, {"command": command}, progress=progress, workers=workers, seconds=seconds)


def name(theorem: str, d: int, epsilon: Fraction, activation: str, proved: ProvedProfile | None) -> str:
    """Return the certificate's default name."""
    parts = [theorem, f"d{d}", f"eps{float(epsilon):g}"]
    if theorem == "thm2":
        parts.append("polynomial")
    if proved is not None:
        parts.append(proved.target.name)
    if activation != "relu":
        parts.append(activation.replace(":", "").replace("/", "over"))
    return "-".join(parts)


def least_width(d: int, epsilon: Fraction, profile: str | None = None, lipschitz: Fraction | None = None) -> int | None:
    """Return the width that this construction would need, None if it finds no network (nothing is proved)."""
    _, phi, slack = _profile(profile, lipschitz, epsilon, Silent())
    found = plan(d, float(epsilon) * (1 - 2e-3) - slack, phi)
    return None if found is None else found.width


def _profile(
    text: str | None, lipschitz: Fraction | None, epsilon: Fraction, progress: Progress
) -> tuple[ProvedProfile | None, Phi | None, float]:
    """Return the proved profile, its float form, and how much of the error its tube takes."""
    if text is None:
        return None, None, 0.0
    target = read_target(text)
    progress.stage(f"proving the Lipschitz constant of {target.text}")
    proved = prove_profile(target, 1 if lipschitz is None else lipschitz, min(Fraction(1, 10**4), epsilon / 200))
    knots = np.array([float(t) for t in proved.profile.knots])
    values = np.array([float(v) for v in proved.profile.values])

    def phi(r: Floats) -> Floats:
        result: Floats = np.interp(r, knots, values)
        return result

    return proved, phi, float(proved.profile.radius)


Parts = tuple[Fraction, Document, Document]


@dataclass(frozen=True)
class Rounded:
    """The integers of a solution, and the bound that a fine grid suggests for them."""

    scale: int
    polynomials: IntArray
    ridges: dict[int, IntArray]
    majorants: dict[int, list[Fraction]]
    bound: float


def _constant(d: int) -> Parts:
    """Return the parts of the constant phi(1/2), which is within 1/2 of every 1-Lipschitz phi and has no neuron."""
    identity = identities(d, 1)[0]
    item = identity.terms[0][0]
    reach = math.isqrt(item.norm2 - 1) + 1
    polynomials = np.array([[1, 0], [0, 0]])
    ridge = {"bits": 0, "knots": pack_integers([reach]), "values": pack_integers(polynomials[:, :1])}
    network: Document = {
        "directions": orbit_directions(identity) | {"degree": 1},
        "samples": 2,
        "ridges": [ridge],
    }
    proof = _proof(0, polynomials) | {"majorants": [{"coefficients": [0]}]}
    return Fraction(1, 2), {"network": network, "witness": {"radius": 0, "error": "1/2"}}, proof


def _knotted(
    d: int, epsilon: Fraction, target: float, phi: Phi | None, proved: ProvedProfile | None, progress: Progress
) -> Parts:
    found = plan(d, target, phi)
    while found is not None:
        progress.stage(f"solving for {found.width:,} neurons")
        problem = Problem(found.identity, d, SAMPLES, phi)
        knots = graded_knots(found.count, found.grading)
        rounded = _rounded(problem, problem.solve(knots, dense=9), knots)
        slack = 0.0 if proved is None else float(proved.profile.radius)
        if rounded.bound + slack <= float(epsilon):
            return _assembled(d, found, knots, rounded, epsilon, slack, proved)
        found = plan(d, target, phi, least_width=max(1, found.width))
    raise Inconclusive(f"no network found for d = {d}, eps = {float(epsilon):g}; take a larger --eps")


def _assembled(
    d: int,
    found: Plan,
    knots: Floats,
    rounded: Rounded,
    epsilon: Fraction,
    slack: float,
    proved: ProvedProfile | None,
) -> Parts:
    bits = 32 + max(0, math.ceil(-math.log2(knots[0])))
    items, ridges, majorants = [], [], []
    for item, mass in found.identity.terms:
        sign = 1 if mass > 0 else -1
        places = [round(knot * math.sqrt(item.norm2) * 2**bits) for knot in knots[:-1]]
        places.append(math.isqrt((item.norm2 << (2 * bits)) - 1) + 1)
        ridges.append(Ridges(bits, places, rounded.ridges[sign], rounded.scale))
        items.append(
            {"bits": bits, "knots": pack_integers(places), "values": pack_integers(rounded.ridges[sign])}
        )  # fmt: skip
        majorants.append({"coefficients": rationals(rounded.majorants[sign])})
    bound = min(epsilon, rounded_up(Fraction(rounded.bound + slack)))
    built = _construction(d, found.identity, rounded.polynomials, rounded.scale)
    radius, error = _witness(built, ridges, None if proved is None else proved.profile)
    network: Document = {"directions": orbit_directions(found.identity) | {"degree": found.identity.k}}
    if proved is None:
        network["samples"] = len(rounded.polynomials)
    network["ridges"] = items
    proof = _proof(rounded.scale, rounded.polynomials) | {"majorants": majorants}
    witness = {"radius": rational(radius), "error": rational(error)}
    return bound, {"network": network, "witness": witness}, proof


def _proof(scale: int, polynomials: IntArray) -> Document:
    return {"rule": "polynomial-majorant", "scale": scale, "polynomials": pack_integers(polynomials)}


def _construction(d: int, identity: HilbertIdentity, polynomials: IntArray, scale: int) -> Construction:
    classes = [OrbitClass(item.entries, item.lines, item.norm2, mass) for item, mass in identity.terms]
    return Construction(d, identity.k, classes, polynomials, scale, Fraction(1, len(polynomials)))


def _rounded(problem: Problem, solution: Solution, knots: Floats) -> Rounded:
    """Round a solution to integers and raise its majorants and bound to what a fine grid shows, and a little more."""
    if not solution.ridges:
        return Rounded(0, np.zeros((0, 0), dtype=np.int64), {}, {}, math.inf)
    largest = max(float(np.abs(table).max()) for table in (solution.polynomials, *solution.ridges.values()))
    scale = min(SCALE, 60 - max(0, math.ceil(math.log2(largest))))
    polynomials = np.rint(solution.polynomials * 2.0**scale).astype(np.int64)
    ridges = {sign: np.rint(q * 2.0**scale).astype(np.int64) for sign, q in solution.ridges.items()}
    t = problem.places(knots, 600)
    weights = problem.powers(t) / problem.moments
    forms = weights @ (polynomials / 2.0**scale).T
    hats = hat_matrix(knots, t)
    majorants: dict[int, list[Fraction]] = {}
    for sign, q in ridges.items():
        distance = (
            np.abs(hats @ (q / 2.0**scale).T - forms).mean(axis=1)
            if problem.phi is None
            else np.abs(hats @ (q / 2.0**scale).T - forms).sum(axis=1)
        )
        row = solution.majorants[sign]
        if len(ridges) > 1:
            row = np.maximum(row, 0)
        short = float(((distance - problem.powers(t) @ row) / weights.sum(axis=1)).max())
        raised = row + (max(short, 0.0) + 2e-5) / problem.moments
        majorants[sign] = [_short(float(value)) for value in raised]
    r = problem.radii(200)
    values = problem.powers(r) @ (polynomials / 2.0**scale).T
    if problem.phi is None:
        share = 1 / problem.samples
        below = np.clip(r[:, None] - share * np.arange(problem.samples), 0, share)
        error = (below * np.abs(1 - values) + (share - below) * np.abs(values)).sum(axis=1)
    else:
        error = np.abs(values[:, 0] - problem.phi(r))
    if len(majorants) == 1:
        means = np.array([float(a) for a in next(iter(majorants.values()))]) * problem.moments
    else:
        means = np.array(
            [
                sum(problem.ratios[j][sign] * float(row[j]) for sign, row in majorants.items()).max()  # type: ignore[union-attr]
                * problem.moments[j]
                for j in range(problem.degree + 1)
            ]
        )
    bound = float((error + problem.powers(r) @ means).max()) + 2e-4 * solution.value
    return Rounded(scale, polynomials, ridges, majorants, bound)


def _smooth(
    d: int, epsilon: Fraction, target: float, phi: Phi | None, proved: ProvedProfile | None, activation: Activation
) -> Parts:
    """Return the parts of a network of a smooth activation: 2K neurons a line, only polynomials to choose."""
    found = smooth_plan(d, target, phi, SAMPLES)
    if found is None:
        raise Inconclusive(f"no network found for d = {d}, eps = {float(epsilon):g}; take a larger --eps")
    identity, solution = found
    degree = identity.k
    polynomials = np.rint(solution.polynomials * 2.0**SCALE).astype(np.int64)
    built = _construction(d, identity, polynomials, SCALE)
    series = activation.series(2 * degree)
    if series is None:
        raise UsageProblem(f"{activation.name} has no power series")
    slack = 0.0 if proved is None else float(proved.profile.radius)
    room = (epsilon - Fraction(solution.value * (1 + 1e-4) + slack)) / 2
    largest = [max(abs(int(p)) for p in polynomials[:, k]) for k in range(1, degree + 1)]
    step = Fraction(1)
    while True:
        step /= 4
        if (degree * step / series.radius) ** 2 * max(item.norm2 for item, _ in identity.terms) >= Fraction(1, 2):
            continue
        error = Fraction(0)
        for item, mass in identity.terms:
            target_row = [
                Fraction(p, 1 << SCALE) / (sphere_moment(d, k) * item.norm2**k) for k, p in enumerate(largest, start=1)
            ]
            error += abs(mass) * polynomial_error(series, target_row, Fraction(item.norm2), step)
        if error <= room:
            break
    bound = min(epsilon, rounded_up(epsilon - room))
    network: Document = {"directions": orbit_directions(identity) | {"degree": degree}}
    if proved is None:
        network["samples"] = len(polynomials)
    network["step"] = rational(step)
    return bound, {"network": network}, _proof(built.scale, polynomials)


def _witness(built: Construction, ridges: list[Ridges], profile: Profile | None) -> tuple[Fraction, Fraction]:
    """Return the radius of the worst point tried on the first axis, and a lower bound of the error there."""
    tried = [(axis_error(built, ridges, profile, radius), radius) for radius in (Fraction(i, 128) for i in range(129))]
    error, radius = max(tried)
    return radius, rounded_down(max(error, Fraction(0)))


def _short(value: float) -> Fraction:
    """Return a dyadic number of 30 bits just above `value`."""
    if value == 0:
        return Fraction(0)
    exponent = math.floor(math.log2(abs(value))) - 30
    return Fraction(math.ceil(value / 2.0**exponent)) * Fraction(2) ** exponent
