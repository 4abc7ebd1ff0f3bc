"""Theorem 3: `certify("thm3", d=10, k=2, eps="1/100")`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from threadpoolctl import threadpool_limits

from verify.certificates.document import Document, pack_integers, rational, rationals
from verify.claims.activation import activation_named, in_titles
from verify.claims.certified import Certified, seal
from verify.claims.request import exact, whole
from verify.constructions.thm3 import Identity, PowerNetwork, best_designs, generated_identity, network
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.activation.activations import Activation
from verify.kernel.activation.differences import polynomial_error
from verify.kernel.cubature.chords import MAX_BITS, Knots, interior_knots
from verify.kernel.cubature.group_orbits import read_group_orbits
from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.cubature.orbits import MAX_DIMENSION, MAX_POWER, LineClass, OrbitClass
from verify.kernel.cubature.power import axis_value, one_sided_errors, stair_error
from verify.kernel.fields import Fields
from verify.progress import Budget, Progress, Silent
from verify.sphere.group_orbits import NOT_NAMES, GroupCubature
from verify.sphere.hilbert import identities
from verify.sphere.orbits import Orbit


def certify(
    *,
    d: int,
    k: int,
    eps: Fraction | str,
    activation: str = "relu",
    directions: str = "auto",
    proof: str = "identity",
    time_limit: float | None = None,
    max_cells: int | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    **_: Any,
) -> Certified:
    """Prove that a depth-2 network of an explicit width approximates |x|^(2k) on the unit ball of R^d within eps.

    Args:
        d: dimension.
        k: half the power.
        eps: the error, exact: a Fraction or text such as "1/100" or "0.01".
        activation: see `verify.claims.activation`; smooth ones need a width that does not depend on eps.
        directions: "auto", the name of generated ones such as "leech" (d = 24), or "orbits" for all but these.
        proof: "identity", or "cover" for a second, independent proof of the same ReLU network (d <= 3).
        time_limit, max_cells: limits on covering.
    """
    progress = progress or Silent()
    d, k, epsilon = whole("d", d, MAX_DIMENSION), whole("k", k, MAX_POWER), exact("eps", eps)
    chosen = activation_named(activation)
    if proof not in ("identity", "cover"):
        raise UsageProblem(f"--proof must be identity or cover, not {proof!r}")
    if proof == "cover":
        if chosen.name != "relu" or epsilon >= Fraction(1, 2):
            raise UsageProblem("--proof cover needs the relu activation and --eps below 1/2")
        from verify.claims.thm3_cover import certify_by_cover

        budget = Budget(time_limit, max_cells)
        return certify_by_cover(d, k, epsilon, budget=budget, workers=workers, progress=progress)
    title = name(d, k, epsilon, chosen.name, directions)
    claim: Document = {
        "kind": "power",
        "dimension": d,
        "power": k,
        "epsilon": rational(epsilon),
        "activation": chosen.name,
    }
    command = f"certify thm3 --d {d} --k {k} --eps {rational(epsilon)} --activation {chosen.name}"
    command += "" if directions == "auto" else f" --directions {directions}"
    provenance: Document = {"command": command}
    start = time.perf_counter()
    with threadpool_limits(1):  # sums must not depend on the number of cores
        if epsilon >= Fraction(1, 2):
            bound, parts, evidence = _constant()
        elif chosen.series(2 * k) is not None:
            progress.stage("identity and differences")
            bound, parts, evidence = _differences(chosen, d, k, epsilon, directions)
        elif chosen.name == "threshold":
            progress.stage("identity and stairs")
            bound, parts, evidence = _stairs(d, k, epsilon, directions)
        else:
            progress.stage("identity and chords")
            bound, parts, evidence = _chords(d, k, epsilon, directions)
    claim["bound"] = rational(bound)
    seconds = {"construct": time.perf_counter() - start}
    return seal(title, claim, parts, evidence, provenance, progress=progress, workers=workers or 1, seconds=seconds)


Parts = tuple[Fraction, Document, Document]


def _chords(d: int, k: int, epsilon: Fraction, directions: str) -> Parts:
    """Return the bound, the parts and the proof of a network of chords."""
    found, offset, bound = chosen_network(d, k, epsilon, directions)
    radius, error = _witness(kernel_classes(found.identity, d), list(found.ridges), offset, d, k)
    parts = {
        "network": _network(found) | {"offset": rational(offset)},
        "witness": {"radius": rational(radius), "error": rational(error)},
    }
    return bound, parts, _proof("chords", found)


def chosen_network(
    d: int, k: int, epsilon: Fraction, directions: str = "auto"
) -> tuple[PowerNetwork, Fraction, Fraction]:
    """Return the network of chords that is certified, its offset and its bound."""
    found, above, below = _best(d, k, epsilon, directions)
    offset = _dyadic((below - above) / 2, epsilon / 2**30)
    return found, offset, min(epsilon, rounded_up(max(above + offset, below - offset)))


def _stairs(d: int, k: int, epsilon: Fraction, directions: str) -> Parts:
    """Return the bound, the parts and the proof of a network of stairs."""
    found, error, _ = _best(d, k, epsilon, directions, stairs=True)
    bound = min(epsilon, rounded_up(error))
    return bound, {"network": _network(found) | {"offset": 0}}, _proof("stairs", found)


def _differences(activation: Activation, d: int, k: int, epsilon: Fraction, directions: str) -> Parts:
    """Return the bound, the parts and the proof of a network of differences of a smooth activation."""
    generated = generated_identity(d, k, directions)
    tried: list[Identity] = [*identities(d, k)] if directions in NOT_NAMES else []
    if generated is not None:
        tried.append(generated)
    identity = min(tried, key=lambda identity: identity.lines)
    series = activation.series(2 * k)
    if series is None:
        raise UsageProblem(f"{activation.name} has no power series")
    target = [Fraction(0)] * (k - 1) + [Fraction(1)]
    step = Fraction(1)
    while True:
        step /= 2
        if (k * step / series.radius) ** 2 * max(item.norm2 for item, _ in identity.terms) >= Fraction(1, 2):
            continue
        error = sum(
            (
                abs(mass)
                / (sphere_moment(d, k) * item.norm2**k)
                * polynomial_error(series, target, Fraction(item.norm2), step)
                for item, mass in identity.terms
            ),
            Fraction(0),
        )
        if error <= epsilon:
            break
    parts: Document = {"network": {"directions": orbit_directions(identity), "step": rational(step)}}
    bound = min(epsilon, rounded_up(error))
    return bound, parts, {"rule": "hilbert-identity", "ridges": "differences"}


def _constant() -> Parts:
    """Return the parts for the constant 1/2, which has no neuron at all."""
    network: Document = {"directions": {"kind": "orbits", "classes": []}, "ridges": [], "offset": "1/2"}
    witness: Document = {"radius": 0, "error": "1/2"}
    proof: Document = {"rule": "hilbert-identity", "ridges": "chords", "majorants": []}
    return Fraction(1, 2), {"network": network, "witness": witness}, proof


def orbit_directions(identity: Identity) -> Document:
    """Return the document form of an identity's directions."""
    if isinstance(identity, GroupCubature):
        return {
            "kind": "group-orbits",
            "generators": pack_integers(identity.generators),
            "classes": [
                {"starts": pack_integers(item.starts), "mass": rational(mass)} for item, mass in identity.terms
            ],
        }
    return {"kind": "orbits", "classes": [_class(item, mass) for item, mass in identity.terms]}


def _network(found: PowerNetwork) -> Document:
    return {"directions": orbit_directions(found.identity), "ridges": [_ridge(knots) for knots in found.ridges]}


def _proof(method: str, found: PowerNetwork) -> Document:
    majorants = [{"coefficients": rationals(row)} for row in found.majorants]
    return {"rule": "hilbert-identity", "ridges": method, "majorants": majorants}


def name(d: int, k: int, epsilon: Fraction, activation: str = "relu", directions: str = "auto") -> str:
    """Return the certificate's default name."""
    suffix = "" if activation == "relu" else "-" + in_titles(activation)
    suffix += "" if directions == "auto" else f"-{directions}"
    return f"thm3-d{d}-k{k}-eps{float(epsilon):g}{suffix}"


def _best(
    d: int, k: int, epsilon: Fraction, directions: str, *, stairs: bool = False
) -> tuple[PowerNetwork, Fraction, Fraction]:
    """Return the narrowest network found with its one-sided errors, whose sum is at most 2 epsilon.

    Stairs err to both sides: the two numbers are then the same.
    """
    best: tuple[int, PowerNetwork, Fraction, Fraction] | None = None
    for design in best_designs(d, k, directions, stairs=stairs):
        target = float(epsilon) * (1 - 1e-4)
        for _ in range(8):
            candidate = network(design, target)
            if any(knots.bits > MAX_BITS for knots in candidate.ridges):
                break
            classes, ridges = kernel_classes(candidate.identity, d), list(candidate.ridges)
            majorants = [list(row) for row in candidate.majorants]
            if stairs:
                above = below = stair_error(classes, ridges, majorants, d, k)
            else:
                above, below = one_sided_errors(classes, ridges, majorants, d, k)
            if above + below <= 2 * epsilon * (1 - Fraction(1, 2**20)):
                width = width_of(candidate)
                if best is None or width < best[0]:
                    best = (width, candidate, above, below)
                break
            target *= min(0.9999, float(2 * epsilon / (above + below)))
    if best is None:
        raise Inconclusive(f"no network found for d = {d}, k = {k}, eps = {float(epsilon):g}; take a larger --eps")
    return best[1:]


def width_of(found: PowerNetwork) -> int:
    """Return the exact number of hidden neurons."""
    classes = [item for item, _ in found.identity.terms]
    return sum(
        2 * item.lines * interior_knots(knots, item.norm2) for item, knots in zip(classes, found.ridges, strict=True)
    )


@lru_cache(maxsize=16)
def kernel_classes(identity: Identity, d: int) -> Sequence[LineClass]:
    """Return the classes as the kernel reads them."""
    if isinstance(identity, GroupCubature):
        return read_group_orbits(Fields(orbit_directions(identity), "directions"), d, identity.k)
    return [OrbitClass(item.entries, item.lines, item.norm2, mass) for item, mass in identity.terms]


def _class(item: Orbit, mass: Fraction) -> Document:
    body: Document = {"entries": [list(pair) for pair in item.entries], "mass": rational(mass)}
    if item.code:
        body["code"] = list(item.code)
    return body | {"array": item.field} if item.field else body


def _ridge(knots: Knots) -> Document:
    return {"bits": knots.bits, "first": knots.first, "blocks": [list(pair) for pair in knots.blocks]}


def _witness(
    classes: Sequence[LineClass], ridges: list[Knots], offset: Fraction, d: int, k: int
) -> tuple[Fraction, Fraction]:
    """Return the radius of the worst point tried on the first axis, and a lower bound of the error there."""
    tried = [
        (abs(axis_value(classes, ridges, offset, d, k, radius) - radius ** (2 * k)), radius)
        for radius in (Fraction(i, 256) for i in range(257))
    ]
    error, radius = max(tried)
    return radius, rounded_down(error)


def rounded_up(value: Fraction) -> Fraction:
    """Return a decimal fraction of 6 significant digits at least `value` > 0."""
    unit = _unit(value)
    return -(-value // unit) * unit


def rounded_down(value: Fraction) -> Fraction:
    """Return a decimal fraction of 6 significant digits at most `value` >= 0."""
    return value // _unit(value) * _unit(value) if value > 0 else Fraction(0)


def _unit(value: Fraction) -> Fraction:
    digits = len(str(value.numerator)) - len(str(value.denominator))
    return Fraction(10) ** (digits - 6)


def _dyadic(value: Fraction, tolerance: Fraction) -> Fraction:
    """Return a dyadic number within `tolerance` of `value`."""
    bits = max(0, (1 / tolerance).__ceil__().bit_length())
    return Fraction(round(value * (1 << bits)), 1 << bits)
