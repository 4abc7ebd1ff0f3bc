"""Growth claims, evaluated in floating point: the networks in some dimensions, and their widths against C d^p."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
from fuzz.samples import TOLERANCE, lipschitz_holds, profile

DIMENSIONS = (1, 2, 3, 4, 7, 20, 60, 300, 1000)


def growth(document: Any, statement: str) -> bool | None:
    """Return whether the claim holds where it is tried; None if nothing could be tried."""
    claim = document["claim"]
    if "profile" in claim and not lipschitz_holds(claim["profile"]):
        return False
    return in_a_range(document, statement) if "to" in claim else everywhere(document)


def obeys(claim: Any, width: int, d: int) -> bool:
    """Return whether width <= C d^p, up to rounding."""
    law = math.log(Fraction(claim["constant"])) + float(Fraction(claim["exponent"])) * math.log(d)
    return width == 0 or math.log(width) <= law + 1e-9


def in_a_range(document: Any, statement: str) -> bool | None:
    """Try each step as a certificate of its own, and the widths that the statement names."""
    from fuzz.numeric import cubature

    claim = document["claim"]
    ends = re.search(r"at most (\d+) for d = (\d+) and (\d+) for d = (\d+)", statement)
    steps = [(int(d), int(width)) for d, width in re.findall(r"(\d+) \(width (\d+)\)", statement)]
    if ends is None or len(steps) != len(document["steps"]):
        return False
    widths = [(int(ends[1]), int(ends[2])), (int(ends[3]), int(ends[4]))]
    inside = [(width, d) for d, width in steps if claim["from"] <= d <= claim["to"]]
    if not all(obeys(claim, width, d) for width, d in [*widths, *inside]):
        return False
    if (widths[0][1], widths[1][1]) != (claim["from"], claim["to"]) or steps[-1][0] < claim["to"]:
        return False
    found: list[bool | None] = []
    for step, (d, width) in zip(document["steps"], steps, strict=True):
        same = all(step["claim"].get(key) == claim.get(key) for key in ("activation", "profile", "epsilon"))
        if not same or step["claim"]["dimension"] != d:
            return False
        found.append(cubature(step, f"width {width}"))
    return None if None in found else all(found)


def everywhere(document: Any) -> bool:
    """Try some dimensions, with points of all kinds, and the widths in many more."""
    claim, network, proof = document["claim"], document["network"], document["proof"]
    first, ratio = float(Fraction(network["first"])), float(Fraction(network["ratio"]))
    epsilon = float(Fraction(claim["epsilon"]))
    from fuzz.numeric import integers

    table = integers(proof["polynomials"]) * 2.0 ** -proof["scale"]
    for d in DIMENSIONS:
        points = ball(d)
        radius = np.sqrt((points * points).sum(axis=1))
        values = table[:, :1] + table[:, 1:] * square_mean(first, ratio, points)
        if "profile" in claim:
            error = np.abs(values[0] - profile(claim["profile"], radius))
        else:
            share = 1 / len(values)
            below = np.clip(radius - share * np.arange(len(values))[:, None], 0, share)
            error = (below * np.abs(1 - values) + (share - below) * np.abs(values)).sum(axis=0)
        if error.max() > epsilon + TOLERANCE:
            return False
    jumps = [int(first * ratio ** (2 * j)) + 1 for j in range(150) if first * ratio ** (2 * j) < 1e12]
    tried = {max(claim["from"], d) for d in (*range(1, 300), *jumps)}
    return all(obeys(claim, 2 * d * knots_below(first, ratio, d), d) for d in tried)


def knots_below(first: float, ratio: float, d: int) -> int:
    """Return how many of T rho^j are less than sqrt(d), the nearest misses left out."""
    return max(0, math.ceil(math.log(d / first) / (2 * math.log(ratio)) - 1e-9))


def ball(d: int) -> Any:
    rng = np.random.default_rng(d)
    points = rng.standard_normal((400, d)) * (rng.random((400, d)) < rng.random((400, 1)) ** 3)
    points[:20, 0] += 30
    points[20:40] = 1
    length = np.maximum(np.sqrt((points * points).sum(axis=1, keepdims=True)), 1e-9)
    return points / length * np.linspace(0, 1, 400)[rng.permutation(400), None]


def square_mean(first: float, ratio: float, points: Any) -> Any:
    """Return the mean over the coordinates of g(sqrt(d) x_i), g by its values at the knots."""
    d = points.shape[1]
    knots = first**0.5 * ratio ** np.arange(knots_below(first, ratio, d) + 2)
    peak = (ratio + 1) ** 2 / (4 * ratio)
    return np.interp(np.abs(points) * d**0.5, knots, 2 / (1 + peak) * knots**2).mean(axis=1)
