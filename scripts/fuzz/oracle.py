"""Judge a mutated certificate that the kernel has verified: does it still say something true?

Independent of the kernel: statements about networks and families are tried at many points in float64, widths of rules
with a closed formula are computed again (numeric.py), and so are lower bounds (lower_bounds.py); for other kinds a
changed number has to be a weaker claim than the original one. What is neither is "unexplained", for people to read.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
from fuzz.lower_bounds import LOWER_BOUNDS
from fuzz.mutations import at, places
from fuzz.numeric import NUMERIC
from fuzz.samples import TOLERANCE, lipschitz_holds, points, profile

from verify.kernel import Theorem
from verify.networks.depth2 import network_from_document
from verify.networks.family import family_from_document

SAME, WEAKER, SAMPLED, UNEXPLAINED, FALSE = "same statement", "weaker claim", "true at samples", "unexplained", "FALSE"

# kind -> the claim's numbers and the direction in which a change makes the claim weaker
WEAKER_BY = {
    "assumption-1": {"bound": 1, "delta": 1, "radius": -1, "lipschitz": -1},
    "depth3-approximation": {"epsilon": 1, "weight_bound": 1, "neurons": 1},
    "path-norm": {"path_norm": -1, "path_norm_upper": 1, "epsilon": -1, "width": -1, "weight_bound": -1},
    "power": {"epsilon": 1, "bound": 1},
    "theorem-4": {"width_1_lipschitz": -1, "width_relu": -1},
    "ridge-lower-bound": {"width": -1, "error": -1},
    "depth-separation-l2": {"width": -1, "error": -1},
    "growth": {"from": 1, "to": -1, "constant": 1, "exponent": 1},
    "inner-product": {"epsilon": -1, "depth2_width": -1, "depth3_neurons": 1},
    "separation-code": {"epsilon": -1, "depth2_width": -1, "depth3_neurons": 1},
    "separation-sup": {"depth2_width": -1, "depth3_neurons": 1},
}
# Proof data and remarks: a theorem that was checked does not depend on them.
FREE = ("hash", "producer", "provenance", "proof")


def judge(raw: bytes, original: bytes, theorem: Theorem, statement: str) -> tuple[str, list[str]]:
    """Return the verdict and the places that were changed."""
    if theorem.statement == statement:
        return SAME, []
    mutated, before = json.loads(raw), json.loads(original)
    changes = differences(mutated, before)
    kind = mutated["claim"]["kind"]
    if kind in SAMPLERS:
        return (SAMPLED if SAMPLERS[kind](mutated) else FALSE), changes
    oracle = NUMERIC.get(kind) or LOWER_BOUNDS.get(kind)
    tried = oracle(mutated, theorem.statement) if oracle else None
    if tried is not None:
        return (SAMPLED if tried else FALSE), changes
    table = WEAKER_BY.get(kind, {})
    for path in paths_of_difference(mutated, before):
        if path[0] in FREE:
            continue
        if path == ("witness", "error") and Fraction(mutated["witness"]["error"]) < Fraction(
            before["witness"]["error"]
        ):
            continue
        if path[0] != "claim" or len(path) != 2 or path[1] not in table:
            return UNEXPLAINED, changes
        if path[1] == "epsilon" and "bound" in mutated["claim"]:
            # The proved bound says more than epsilon.
            if Fraction(mutated["claim"]["bound"]) > Fraction(mutated["claim"]["epsilon"]):
                return FALSE, changes
            continue
        step = (Fraction(mutated["claim"][path[1]]) - Fraction(before["claim"][path[1]])) * table[path[1]]
        if step < 0:
            return UNEXPLAINED, changes
    return WEAKER, changes


def paths_of_difference(one: Any, two: Any) -> list[tuple[Any, ...]]:
    """Return the outermost places at which two documents differ."""
    found: list[tuple[Any, ...]] = []
    for path in places(one):
        if any(path[: len(outer)] == outer for outer in found):
            continue
        try:
            other = at(two, path)
        except (KeyError, IndexError, TypeError):
            found.append(path)
            continue
        value = at(one, path)
        if not (isinstance(value, dict | list) and isinstance(other, type(value))) and value != other:
            found.append(path)
    return found


def differences(one: Any, two: Any) -> list[str]:
    """Return the changes in words."""
    words = []
    for path in paths_of_difference(one, two):
        if path[0] == "hash":
            continue
        try:
            old = str(at(two, path))[:60]
        except (KeyError, IndexError, TypeError):
            old = "nothing"
        words.append(f"{'.'.join(map(str, path))}: {old} -> {str(at(one, path))[:60]}")
    return words


def universal_holds(document: Any) -> bool:
    claim = document["claim"]
    bound, epsilon = Fraction(claim["bound"]), Fraction(claim["epsilon"])
    family = family_from_document(document["family"])
    error = family.error(points(claim["dimension"]))
    here = np.array([[float(Fraction(x)) for x in document["witness"]["point"]]])
    lower = float(Fraction(document["witness"]["error"]))
    return bool(
        bound <= epsilon
        and error.max() <= float(bound) + TOLERANCE
        and lower <= family.error(here)[0] + TOLERANCE
        and (here * here).sum() <= 1 + TOLERANCE
    )


def radial_holds(document: Any) -> bool:
    claim = document["claim"]
    sample = points(claim["dimension"])
    network = network_from_document(document["network"])
    radius = np.sqrt((sample * sample).sum(axis=1))
    error = np.abs(profile(claim["profile"], radius) - network.evaluate(sample))
    lower = float(Fraction(document["witness"]["error"]))
    return bool(
        lipschitz_holds(claim["profile"])
        and Fraction(claim["bound"]) <= Fraction(claim["epsilon"])
        and error.max() <= float(Fraction(claim["bound"])) + TOLERANCE
        and lower <= float(Fraction(claim["bound"])) + TOLERANCE
    )


def refutation_holds(document: Any) -> bool:
    claim = document["claim"]
    here = [Fraction(x) for x in document["witness"]["point"]]
    radius = math.sqrt(sum(x * x for x in here))
    # Exactly: mutated weights may be far beyond float64.
    value = network_from_document(document["network"])(here)
    target = Fraction(float(profile(claim["profile"], np.array([radius]))[0]))
    return radius <= 1 + TOLERANCE and abs(target - value) > Fraction(claim["epsilon"]) - Fraction(TOLERANCE)


SAMPLERS = {
    "universal-approximation": universal_holds,
    "radial-approximation": radial_holds,
    "refutation": refutation_holds,
}
