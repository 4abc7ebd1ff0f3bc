"""Tries lower bounds with numbers, without the kernel's code: path norms by a linear program, Theorem 5 by quadrature.

Each function takes a mutated certificate and the kernel's statement and returns True (nothing speaks against it), False
(a number contradicts it) or None (this certificate is out of its reach).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from fuzz.samples import lipschitz_holds, profile
from scipy.optimize import linprog
from scipy.special import betainc, gamma, gammaln, jv

MOST_OSCILLATIONS = 900  # of a Bessel function over target and frequencies
MOST_DIMENSIONS = 30
MOST_BIASES = 500
NODES = 8
RELATIVE = 1e-3
ABSOLUTE = 1e-9


# Path norms


def path_norm(document: Any, statement: str) -> bool | None:
    """Build a mixture of neurons within epsilon of the target, with a path norm near the least."""
    claim = document["claim"]
    dimension, bound, norm = claim["dimension"], Fraction(claim["weight_bound"]), Fraction(claim["path_norm"])
    if not lipschitz_holds(claim["profile"]) or claim["width"] - 1 >= norm / bound**2 / math.sqrt(dimension):
        return False
    if "path_norm_upper" in claim and Fraction(claim["path_norm_upper"]) < norm:
        return False
    found = least_path_norm(dimension, claim["profile"], float(Fraction(claim["epsilon"])))
    return None if found is None else bool(norm <= found * (1 + ABSOLUTE))


def least_path_norm(dimension: int, target: Any, epsilon: float) -> float | None:
    """Return the path norm of a mixture within epsilon at 40,000 radii, about the least one; None if none is found."""
    fine = np.linspace(0, 1, 40_001)
    count = 80 + 8 * np.count_nonzero(np.diff(np.sign(np.diff(profile(target, fine[::10])))))
    if count > MOST_BIASES:
        return None
    radii, biases = np.linspace(0, 1, 2 * count + 1), np.arange(count) / count
    response, phi = mean_neuron(dimension, radii, biases), profile(target, radii)
    columns = np.hstack([response, -response, np.ones((len(radii), 1)), -np.ones((len(radii), 1))])
    cost = np.concatenate([np.ones(2 * count), np.zeros(2)])
    room = epsilon
    for _ in range(5):
        limits = np.concatenate([phi + room, room - phi])
        outcome = linprog(cost, A_ub=np.vstack([columns, -columns]), b_ub=limits)
        if outcome.status != 0:
            return None
        weights, offset = outcome.x[:count] - outcome.x[count:-2], outcome.x[-2] - outcome.x[-1]
        error = np.abs(mean_neuron(dimension, fine, biases) @ weights + offset - profile(target, fine)).max()
        if error <= epsilon:
            return float(np.abs(weights).sum())
        room *= 0.999 * epsilon / error  # between the radii of the program the error is larger
    return None


def mean_neuron(dimension: int, radii: Any, biases: Any) -> Any:
    """Return the mean of max(0, r u_1 - s) over the unit sphere, shape (radii, biases)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(radii[:, None] > biases, biases / radii[:, None], 1.0)
    power = (dimension - 1) / 2
    kappa = math.exp(math.lgamma(dimension / 2) - math.lgamma(power)) / math.sqrt(math.pi)
    beyond = betainc(power, 0.5, 1 - z * z) / 2  # the probability of u_1 > z
    return radii[:, None] * (kappa * (1 - z * z) ** power / (dimension - 1) - z * beyond)


# Theorem 5


def ridge_bound(document: Any, statement: str) -> bool | None:
    """Compute the energy that the neurons' tubes leave, and compare it with the square of the error."""
    target, claim = document["target"], document["claim"]
    return _escapes(document, target, 1 if target["variable"] == "|y|" else 2, float(Fraction(claim["error"])))


def depth_separation(document: Any, statement: str) -> bool | None:
    """Do the same with the distance of the depth-3 network from its target added to the error."""
    claim, network = document["claim"], document["network"]
    knots, values = ([float(Fraction(x)) for x in network[key]] for key in ("knots", "values"))
    mesh = float(Fraction(network["mesh"]))
    slopes = [abs((v - u) / (b * b - a * a)) for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True)]
    if not 0 < mesh <= math.pi or (network["kinks"] + 0.5) * mesh < knots[-1] * (1 - 1e-12) or len(knots) < 2:
        return False
    distance = max(slopes) * mesh**2 * math.sqrt(claim["d"] / 180)
    return _escapes(document, network, 2, float(Fraction(claim["error"])) + distance)


def _escapes(document: Any, target: Any, exponent: int, distance: float) -> bool | None:
    claim = document["claim"]
    d, m = claim["d"], claim["measure"]
    knots, values = (np.array([float(Fraction(x)) for x in target[key]]) for key in ("knots", "values"))
    largest = float(Fraction(document["proof"]["radii"][-1]))
    reach = min(4 * largest, MOST_OSCILLATIONS / knots[-1])
    if d > MOST_DIMENSIONS or reach < largest:
        return None
    whole, missed = missed_energy(d, m, claim["width"], knots, values, exponent, reach)
    return missed * (1 + RELATIVE) + ABSOLUTE * whole > distance**2


def missed_energy(
    d: int, m: int, width: int, knots: Any, values: Any, exponent: int, reach: float
) -> tuple[float, float]:
    """Return the energy of f - f(infinity) in L2(mu), and at least what `width` tubes around lines leave of it.

    Frequencies beyond `reach` are counted in full.
    """
    limit = values[-1]
    # In radius: h = (f - f(infinity)) phi, with panels that end at the knots.
    ends = [np.array([0.0])]
    for a, b in pairwise([0.0, *knots[knots > 0]]):
        ends.append(np.linspace(a, b, 2 + math.ceil((b - a) * (reach + 1) / 5))[1:])
    r, weights = panels(np.concatenate(ends))
    f = np.interp(r**exponent, knots**exponent, values)
    order = d / 2 + m
    h = (f - limit) * entire(order, r)
    lam = 2 * m + 1
    logarithm = (
        2 * gammaln(order + 1) + 2 * order * math.log(2) - lam * math.log(2)
        + gammaln(lam) + gammaln(order + (1 - lam) / 2) - 2 * gammaln((1 + lam) / 2) - gammaln(order + (1 + lam) / 2)
    )  # fmt: skip
    norm = math.exp(logarithm)  # of phi^2 r^(d-1), by Weber and Schafheitlin
    whole = float((h * h * r ** (d - 1) * weights).sum()) / norm
    # In frequency, from 0 to `reach`.
    k, steps = panels(np.linspace(0, reach, 2 + math.ceil(reach * (2 * knots[-1] + 1) / 5)))
    transform = np.concatenate(
        [entire(d / 2 - 1, part[:, None] * r) @ (h * r ** (d - 1) * weights) for part in np.array_split(k, 64)]
    )
    density = 4 / (2.0**d * gamma(d / 2) ** 2) * transform**2 * k ** (d - 1) / norm
    share = betainc((d - 1) / 2, 0.5, np.minimum(1, 1 / k**2))
    caught = np.minimum(1, width * share)
    return whole, whole - float((caught * density * steps).sum())


def panels(ends: Any) -> tuple[Any, Any]:
    """Return the nodes and weights of Gauss's rule on each panel."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(ends)[:, None] / 2
    return (ends[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()


def entire(order: float, x: Any) -> Any:
    """Return 0F1(; order + 1; -x^2/4) = Gamma(order + 1) (2/x)^order J_order(x)."""
    safe = np.maximum(x, 1e-6)
    return np.where(x < 1e-6, 1.0, gamma(order + 1) * (2 / safe) ** order * jv(order, safe))


LOWER_BOUNDS: dict[str, Callable[[Any, str], bool | None]] = {
    "path-norm": path_norm,
    "ridge-lower-bound": ridge_bound,
    "depth-separation-l2": depth_separation,
}
