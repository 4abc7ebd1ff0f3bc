"""Find the test weights of rule SPECTRAL: degrees near h = pi d^3 and the best trade of mass against degree.

For fixed numerator the best weights have the form c_k = 1 / (1 + s / (N(d,k) lambda_k)) with one parameter s: the
Lagrange condition of maximising sum c m - eps sqrt(sum c^2 m) over sqrt(sum c^2 m / (N lambda)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from verify.errors import Inconclusive
from verify.kernel.sup_norm.spectral import MASS_BITS, dimension_of_harmonics, half_sine, masses

WEIGHT_BITS = 24
DEGREES = 200


@dataclass(frozen=True)
class SpectralWeights:
    """Weights c_k in units of 2^-WEIGHT_BITS at the degrees first, first + 2, ..., and the proof's binary places."""

    first: int
    weights: tuple[int, ...]
    precision: int


def best_weights(dimension: int) -> SpectralWeights:
    """Return nearly optimal weights for Theorem 4 in dimension d >= 3."""
    h = math.pi * dimension**3
    accuracy = 2 / (101 * math.e**2 * math.pi**2)
    top = int(h + 14 * h ** (1 / 3)) | 1
    degrees = range(max(1, top - 2 * min(DEGREES, int(22 * h ** (1 / 3)))) | 1, top + 1, 2)
    precision = _precision(dimension, degrees[-1], h)
    enclosed = masses(half_sine(dimension, precision), degrees[0], len(degrees))
    m = [low / 2**MASS_BITS for low, _ in enclosed]
    costs = [math.log(dimension_of_harmonics(dimension, k)) + math.log(k * (k + dimension - 2)) for k in degrees]
    best: tuple[float, list[float]] | None = None
    for step in range(800):
        level = costs[0] + (costs[-1] - costs[0]) * (step / 600 - 0.1)
        c = [1 / (1 + math.exp(min(600.0, level - cost))) for cost in costs]
        gain = sum(a * b for a, b in zip(c, m, strict=True))
        gain -= accuracy * math.sqrt(sum(a * a * b for a, b in zip(c, m, strict=True)))
        if gain <= 0:
            continue
        spread = sum(a * a * b * math.exp(costs[-1] - cost) for a, b, cost in zip(c, m, costs, strict=True))
        value = math.log(gain) - math.log(spread) / 2
        if best is None or value > best[0]:
            best = value, c
    if best is None:
        raise Inconclusive(f"no test function found for d = {dimension}; please report this")
    weights = [round(c * 2**WEIGHT_BITS) for c in best[1]]
    first = next(index for index, weight in enumerate(weights) if weight)
    return SpectralWeights(degrees[first], tuple(weights[first:]), precision)


def _precision(dimension: int, degree: int, h: float) -> int:
    """Return enough binary places for B_k (see the rule): the size of its factors, and the recurrence."""
    gammas = math.lgamma(dimension / 2 + degree) - math.lgamma(dimension / 2)
    log_scale = degree * math.log2(h / 2) - gammas / math.log(2)
    largest = log_term = 0.0
    index = 0
    while log_term >= largest - 1:
        log_term += math.log2(h * h / 4 / ((index + 1) * (dimension / 2 + degree + index)))
        largest = max(largest, log_term)
        index += 1
    return int(max(log_scale, 0) + largest) + 160 + 3 * DEGREES
