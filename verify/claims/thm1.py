"""Theorem 1, in any dimension: `certify("thm1", d=8, eps="1/4")`; `polynomial` is what `thm2` calls."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from verify.certificates.document import Document, pack_integers, rational, rationals
from verify.claims.activation import activation_named, in_titles
from verify.claims.certified import Certified, KernelDisagrees, seal
from verify.claims.request import exact, whole
from verify.claims.thm3 import kernel_classes, orbit_directions, rounded_down, rounded_up
from verify.constructions.radial_cubature import FINE, Cubature, Floats, Phi, Problem, Solution, graded_knots, masses
from verify.constructions.radial_search import MAX_DEGREE, RidgeSearch, smooth_plan
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.activation.activations import Activation
from verify.kernel.activation.differences import polynomial_error
from verify.kernel.cubature.defect import ListedLines
from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.cubature.orbits import MAX_DIMENSION, LineClass
from verify.kernel.cubature.radial_cubature import Construction, axis_error
from verify.kernel.cubature.radial_ridges import Ridges
from verify.kernel.outcome import Rejected
from verify.kernel.packing import IntArray
from verify.kernel.profiles.profile import Profile
from verify.progress import Budget, Progress, Silent
from verify.sphere.hilbert import identities
from verify.sphere.listed import BITS as LINE_BITS
from verify.sphere.listed import ListedCubature
from verify.targets.profiles import read_target
from verify.targets.tube import ProvedProfile, prove_profile

SAMPLES = 16  # bins of the universal claim
SCALE = 40  # bits of ridge values and polynomials
FURTHER_KNOTS = 8
_BENDS = "rounding, or bends of the profile between sample points, spoil the ones tried; take a larger --eps"


def certify(
    *,
    d: int,
    eps: Fraction | str,
    profile: str | None = None,
    lipschitz: Fraction | None = None,
    activation: str = "relu",
    progress: Progress | None = None,
    workers: int = 1,
    time_limit: float | None = None,
    directions: str = "auto",
    theorem: str = "thm1",
    **_: Any,
) -> Certified:
    """Prove that depth-2 networks of an explicit width approximate radial functions on the unit ball of R^d.

    Args:
        d: dimension.
        eps: the error, exact.
        profile: one function of r = |x|; None for all 1-Lipschitz functions at once.
        lipschitz: the profile's Lipschitz constant, if it is not 1.
        activation: see `verify.claims.activation`; threshold gives stairs, and smooth ones a width that depends on
            the cubature alone.
        time_limit: seconds; the search ends before with its best network so far, if there is one.
        directions: "auto", the name of generated ones such as "leech" (d = 24), or "orbits" for all but these.
        theorem: the prefix of the certificate's name.
    """
    progress = progress or Silent()
    d, epsilon, chosen = whole("d", d, MAX_DIMENSION), exact("eps", eps), activation_named(activation)
    smooth = chosen.series(2) is not None
    budget = Budget(time_limit)
    if lipschitz is not None and profile is None:
        raise UsageProblem("--lipschitz belongs to --profile; without one the statement is about constant 1")
    start = time.perf_counter()
    proved, phi, slack = declared_profile(profile, lipschitz, epsilon, progress)
    progress.stage("choosing directions and knots")
    target = float(epsilon) * (1 - 2e-3) - slack
    with threadpool_limits(1):  # sums must not depend on the number of cores
        if proved is None and epsilon >= Fraction(1, 2) and not smooth:
            bound, parts, proof = _constant(d)
        elif smooth:
            bound, parts, proof = _smooth(d, epsilon, target, phi, proved, chosen, directions)
        else:
            stairs = chosen.name == "threshold"
            search = RidgeSearch(d, target, phi, SAMPLES, budget, stairs, directions)
            bound, parts, proof = _knotted(search, epsilon, proved, progress)
    claim: Document = {
        "kind": "radial-cubature",
        "dimension": d,
        "epsilon": rational(epsilon),
        "bound": rational(bound),
        "activation": chosen.name,
    }
    command = f"certify {theorem} --d {d} --eps {rational(epsilon)} --activation {chosen.name}"
    command += "" if directions == "auto" else f" --directions {directions}"
    if theorem == "thm2":
        command += " --construction polynomial"
    if proved is not None:
        claim["profile"] = proved.claim
        command += profile_options(profile, lipschitz)
        if proved.tube is not None:
            proof["tube"] = proved.tube
    seconds = {"construct": time.perf_counter() - start}
    title = name(theorem, d, epsilon, chosen.name, proved, directions)
    origin: Document = {"command": command}
    try:
        return seal(title, claim, parts, proof, origin, progress=progress, workers=workers, seconds=seconds)
    except KernelDisagrees as problem:
        if isinstance(problem.__cause__, Rejected) and "subdivisions" in problem.__cause__.why:
            raise Inconclusive(
                "a network was found, but its proof is beyond the kernel's budget of work; take a larger --eps"
            ) from problem
        raise


def name(
    theorem: str, d: int, epsilon: Fraction, activation: str, proved: ProvedProfile | None, directions: str = "auto"
) -> str:
    """Return the certificate's default name."""
    parts = [theorem, f"d{d}", f"eps{float(epsilon):g}"]
    if theorem == "thm2":
        parts.append("polynomial")
    if proved is not None:
        parts.append(proved.target.name)
    if activation != "relu":
        parts.append(in_titles(activation))
    if directions != "auto":
        parts.append(directions)
    return "-".join(parts)


def profile_options(profile: str | None, lipschitz: Fraction | None) -> str:
    """Return how a command declares a profile; nothing without one."""
    if profile is None:
        return ""
    return f" --profile '{profile.strip()}'" + ("" if lipschitz is None else f" --lipschitz {lipschitz}")


def declared_profile(
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
        "directions": _directions(identity),
        "samples": 2,
        "ridges": [ridge],
    }
    proof = _proof(0, polynomials) | {"majorants": [{"coefficients": [0]}]}
    return Fraction(1, 2), {"network": network, "witness": {"radius": 0, "error": "1/2"}}, proof


def _knotted(search: RidgeSearch, epsilon: Fraction, proved: ProvedProfile | None, progress: Progress) -> Parts:
    budget = search.budget
    out_of_time = Inconclusive(f"no proof within {budget.seconds or 0:g} s; raise --time-limit or --eps")
    found = search.plan()
    if found is None and budget.remaining() == 0:
        raise out_of_time
    if found is None:
        raise Inconclusive(f"no network found for d = {search.d}, eps = {float(epsilon):g}: {search.shortfall()}")
    problem = search.problem(found.identity, search.samples)
    slack = 0.0 if proved is None else float(proved.profile.radius)
    # A profile may bend between any sample points.
    bends = np.array([] if proved is None else [float(t) for t in proved.profile.knots])
    for more in range(FURTHER_KNOTS):
        # The search saw only sample points: the certificate may need a few knots more.
        count = found.count + more * (1 + found.count // 40)
        progress.stage(f"solving for {2 * found.identity.lines * count:,} neurons")
        knots = graded_knots(count, found.grading)
        solution = problem.solve(knots, dense=3 if search.stairs else FINE, seconds=budget.remaining())
        if math.isinf(solution.value):
            failed = "the linear program for the network's weights failed; take another --eps"
            raise out_of_time if budget.remaining() == 0 else Inconclusive(failed)
        rounded = _rounded(problem, solution, knots, bends)
        if rounded.bound + slack <= float(epsilon):
            return _assembled(problem, knots, rounded, epsilon, slack, proved)
    raise Inconclusive(f"no network found for d = {search.d}, eps = {float(epsilon):g}: {_BENDS}")


def _assembled(
    problem: Problem, knots: Floats, rounded: Rounded, epsilon: Fraction, slack: float, proved: ProvedProfile | None
) -> Parts:
    d, cubature = problem.d, problem.identity
    bits = 32 + max(0, math.ceil(-math.log2(knots[0])))
    items: list[Document] = []
    ridges: list[Ridges] = []
    majorants: list[Document] = []
    built = _construction(d, cubature, rounded.polynomials, rounded.scale)
    for item in built.classes:
        sign = 1 if item.mass > 0 else -1
        places = [round(knot * math.sqrt(item.norm2) * 2**bits) for knot in knots[:-1]]
        places.append(math.isqrt((item.norm2 << (2 * bits)) - 1) + 1)
        ridges.append(Ridges(bits, places, rounded.ridges[sign], rounded.scale, problem.stairs))
        items.append(
            {"bits": bits, "knots": pack_integers(places), "values": pack_integers(rounded.ridges[sign])}
        )  # fmt: skip
        majorants.append({"coefficients": rationals(rounded.majorants[sign])})
    bound = min(epsilon, rounded_up(Fraction(rounded.bound + slack)))
    radius, error = _witness(built, ridges, None if proved is None else proved.profile)
    network: Document = {"directions": _directions(cubature)}
    if proved is None:
        network["samples"] = len(rounded.polynomials)
    network["ridges"] = items
    proof = _proof(rounded.scale, rounded.polynomials) | {"majorants": majorants}
    witness = {"radius": rational(radius), "error": rational(error)}
    return bound, {"network": network, "witness": witness}, proof


def _proof(scale: int, polynomials: IntArray) -> Document:
    return {"rule": "polynomial-majorant", "scale": scale, "polynomials": pack_integers(polynomials)}


def _directions(cubature: Cubature) -> Document:
    """Return the document form of a cubature."""
    if not isinstance(cubature, ListedCubature):
        return orbit_directions(cubature) | {"degree": cubature.k}
    return {
        "kind": "lines",
        "degree": cubature.k,
        "bits": LINE_BITS,
        "vectors": pack_integers(cubature.vectors),
        "weight_bits": LINE_BITS,
        "weights": pack_integers(cubature.weights),
    }


def _construction(d: int, cubature: Cubature, polynomials: IntArray, scale: int) -> Construction:
    classes: Sequence[LineClass | ListedLines]
    if not isinstance(cubature, ListedCubature):
        classes = kernel_classes(cubature, d)
    else:
        first = cubature.vectors[:, 0].tolist()
        shares = cubature.weights.tolist()
        defects = [Fraction(value) for value in cubature.defects.tolist()]
        marginal = [
            (Fraction(abs(v), 1 << LINE_BITS), Fraction(w, 1 << LINE_BITS)) for v, w in zip(first, shares, strict=True)
        ]
        classes = [ListedLines(marginal, Fraction(1), defects)]
    return Construction(d, cubature.k, classes, polynomials, scale, Fraction(1, len(polynomials)))


def _rounded(problem: Problem, solution: Solution, knots: Floats, bends: Floats) -> Rounded:
    """Round a solution to integers and raise its majorants and bound to what a fine grid shows, and a little more."""
    if not solution.ridges:
        return Rounded(0, np.zeros((0, 0), dtype=np.int64), {}, {}, math.inf)
    largest = max(float(np.abs(table).max()) for table in (solution.polynomials, *solution.ridges.values()))
    scale = min(SCALE, 60 - max(0, math.ceil(math.log2(largest))))
    polynomials = np.rint(solution.polynomials * 2.0**scale).astype(np.int64)
    ridges = {sign: np.rint(q * 2.0**scale).astype(np.int64) for sign, q in solution.ridges.items()}
    t, hats = problem.places(knots, 600)
    weights = problem.powers(t) / problem.moments
    forms = weights @ (polynomials / 2.0**scale).T
    majorants: dict[int, list[Fraction]] = {}
    # Room for the kernel's enclosures, a thousandth of the bound at most.
    amplification = sum(abs(mass) for mass in masses(problem.identity))
    room = min(2e-5, 1e-3 * solution.value / (amplification * (problem.degree + 1)))
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
        raised = row + (max(short, 0.0) + room) / problem.moments
        majorants[sign] = [_short(float(value)) for value in raised]
    r = np.union1d(problem.radii(200), bends)
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
    # Defects: of the majorant's integral, and between P_l and what the ridges' polynomials sum to.
    sizes = np.abs(polynomials / 2.0**scale)
    sizes = sizes.mean(axis=0) if problem.phi is None else sizes.sum(axis=0)
    means = means + problem.defects * (np.abs(means) + sizes) / problem.moments
    bound = float((error + problem.powers(r) @ means).max()) + 2e-4 * solution.value
    return Rounded(scale, polynomials, ridges, majorants, bound)


def _smooth(
    d: int,
    epsilon: Fraction,
    target: float,
    phi: Phi | None,
    proved: ProvedProfile | None,
    activation: Activation,
    directions: str,
) -> Parts:
    """Return the parts of a network of a smooth activation: 2K neurons a line, only polynomials to choose."""
    found = smooth_plan(d, target, phi, SAMPLES, directions)
    if found is None:
        raise Inconclusive(
            f"no network found for d = {d}, eps = {float(epsilon):g}: no polynomial with a cubature of degree at most "
            f"{2 * MAX_DEGREE} comes close enough; take a larger --eps"
        )
    identity, solution = found
    degree = identity.k
    polynomials = np.rint(solution.polynomials * 2.0**SCALE).astype(np.int64)
    built = _construction(d, identity, polynomials, SCALE)
    series = activation.series(2 * degree)
    if series is None:
        raise UsageProblem(f"{activation.name} has no power series")
    slack = float(sum(built.drift())) + (0.0 if proved is None else float(proved.profile.radius))
    value = solution.value * (1 + 1e-4)
    if phi is not None and proved is not None:
        # A profile may bend between any sample points.
        r = np.union1d(np.linspace(0, 1, 4001), [float(t) for t in proved.profile.knots])
        drawn = np.power(r[:, None], 2 * np.arange(degree + 1)) @ polynomials[0] / 2.0**SCALE
        value = max(value, float(np.abs(drawn - phi(r)).max()) + 1e-7)
    room = (epsilon - Fraction(value + slack)) / 2
    if room <= 0:
        raise Inconclusive(f"no network found for d = {d}, eps = {float(epsilon):g}: {_BENDS}")
    largest = [max(abs(int(p)) for p in polynomials[:, k]) for k in range(1, degree + 1)]
    step = Fraction(1)
    while True:
        step /= 4
        if (degree * step / series.radius) ** 2 * max(item.norm2 for item in built.classes) >= Fraction(1, 2):
            continue
        error = Fraction(0)
        for item in built.classes:
            target_row = [
                Fraction(p, 1 << SCALE) / (sphere_moment(d, k) * item.norm2**k) for k, p in enumerate(largest, start=1)
            ]
            error += abs(item.mass) * polynomial_error(series, target_row, Fraction(item.norm2), step)
        if error <= room:
            break
    bound = min(epsilon, rounded_up(epsilon - room))
    network: Document = {"directions": _directions(identity)}
    if proved is None:
        network["samples"] = len(polynomials)
    network["step"] = rational(step)
    return bound, {"network": network}, _proof(built.scale, polynomials)


def _witness(built: Construction, ridges: list[Ridges], profile: Profile | None) -> tuple[Fraction, Fraction]:
    """Return the radius of the worst point tried on the first axis, and a lower bound of the error there."""
    radii = np.linspace(0, 1, 257)
    totals = np.zeros((len(built.polynomials), len(radii)))
    for item, ridge in zip(built.classes, ridges, strict=True):
        knots = np.array(ridge.knots) / 2.0**ridge.bits
        table = ridge.values / 2.0**ridge.scale
        for value, probability in item.marginal(built.d):
            t = float(value) * radii
            places = np.minimum(np.searchsorted(knots, t, side="right"), len(knots) - 1)
            rows = table[:, places] if ridge.stairs else np.array([np.interp(t, knots, row) for row in table])
            totals += float(item.mass * probability) * rows
    if profile is None:
        ends = np.linspace(0, 1, len(totals) + 1)
        below = np.clip(radii - ends[:-1, None], 0, ends[1])
        errors = (below * np.abs(1 - totals) + (ends[1] - below) * np.abs(totals)).sum(axis=0)
    else:
        errors = np.abs(totals[0] - [float(profile.interpolant(Fraction(r))) for r in radii.tolist()])
    radius = Fraction(int(errors.argmax()), len(radii) - 1)
    return radius, rounded_down(max(axis_error(built, ridges, profile, radius), Fraction(0)))


def _short(value: float) -> Fraction:
    """Return a dyadic number of 30 bits just above `value`."""
    if value == 0:
        return Fraction(0)
    exponent = math.floor(math.log2(abs(value))) - 30
    return Fraction(math.ceil(value / 2.0**exponent)) * Fraction(2) ** exponent
