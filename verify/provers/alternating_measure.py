"""A dual measure in closed form for targets that oscillate like sin(omega |x|^2): one atom at each extremum.

At the extrema u_k of the target as a function of u = r^2, equally spaced, put the masses

    c_k = (-1)^k sum_i binomial(m, i) a_{k-i},   a_j > 0 slowly varying,

so that the measure annihilates every polynomial in u of degree below m, exactly: its response to a neuron vanishes but
for the neurons whose kink runs through the atoms, and there it oscillates with the target. For the singularity
Psi_s(r) = C (r - s)^p + ..., p = (d+1)/2, of the mean neuron the height of the oscillation is known, and a_j makes
it 1 everywhere. No linear program of this size would survive floating point: the masses reach 10^35 for d = 16.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.kernel.sup_norm.mean_neuron import RadialMeasure

RADIUS_BITS = 118
MASS_BITS = 30
SAMPLES = 8
"""Samples of the response in one half oscillation."""


@dataclass(frozen=True)
class Extrema:
    """Where the target is extremal: at |x|^2 = first + k spacing, k = 0..count-1, with alternating signs.

    Attributes:
        sign: the target's sign at the first.
    """

    first: Fraction
    spacing: Fraction
    count: int
    sign: int

    def outer(self, count: int) -> Extrema:
        """Return the outermost `count` of them."""
        skipped = max(0, self.count - count)
        sign = self.sign * (-1) ** skipped
        return Extrema(self.first + skipped * self.spacing, self.spacing, self.count - skipped, sign)


def alternating_measure(dimension: int, extrema: Extrema) -> tuple[RadialMeasure, float]:
    """Return the measure, of total mass exactly 0, and about the largest value of its response.

    Its integral against a target of amplitude 1 is its total variation.
    """
    order = min(dimension + 1, extrema.count - 1)
    taper = dimension // 2
    groups = extrema.count - order
    heights = []
    for j in range(groups):
        centre = float(extrema.first + (j + Fraction(order, 2)) * extrema.spacing)
        ramp = min(1.0, (j + 1) / (taper + 1), (groups - j) / (taper + 1))
        heights.append(round(ramp / _height(dimension, centre, float(extrema.spacing)) * 2 ** (MASS_BITS - order)))
    masses = [0] * extrema.count
    for j, height in enumerate(heights):
        for i in range(order + 1):
            masses[j + i] += (-1) ** (j + i) * extrema.sign * math.comb(order, i) * height
    squares = [extrema.first + k * extrema.spacing for k in range(extrema.count)]
    radii = [math.isqrt((u.numerator << 2 * RADIUS_BITS) // u.denominator) for u in squares]
    kept = [(radius, mass) for radius, mass in zip(radii, masses, strict=True) if mass]
    measure = RadialMeasure(
        tuple(radius for radius, _ in kept), RADIUS_BITS, tuple(mass for _, mass in kept), MASS_BITS
    )
    return measure, peak_response(measure, dimension)


def _height(dimension: int, square: float, spacing: float) -> float:
    """Return the height of the response near r = sqrt(square) to unit masses of alternating signs.

    Psi_s(r) is about C (r - s)^p, C = kappa (2/r)^alpha / (r (alpha+1)(alpha+2)), for s just below r, and the wave
    sum_k (-1)^k delta_{kh} has the first Fourier coefficient 2/h: 2 C Gamma(p+1) h^p / pi^(p+1).
    """
    alpha, p = (dimension - 3) / 2, (dimension + 1) / 2
    r = math.sqrt(square)
    h = spacing / (2 * r)
    log_kappa = math.lgamma(dimension / 2) - math.lgamma((dimension - 1) / 2) - math.log(math.pi) / 2
    constant = log_kappa + alpha * math.log(2) - (alpha + 1) * math.log(r) - math.log((alpha + 1) * (alpha + 2))
    return 2 * math.exp(constant + math.lgamma(p + 1) + p * math.log(h) - (p + 1) * math.log(math.pi))


def peak_response(measure: RadialMeasure, dimension: int) -> float:
    """Return about max |G|, sampled near both ends of the measure, at some places between, and below it."""
    from flint import arb, ctx

    with ctx.workprec(240 + 2 * dimension + max(measure.masses).bit_length()):
        unit = arb(1) / 2**measure.radius_bits
        atoms = [(radius * unit, mass) for radius, mass in zip(measure.radii, measure.masses, strict=True) if radius]
        kappa = (arb(dimension) / 2).gamma() / (arb(dimension - 1) / 2).gamma() / arb.pi().sqrt()
        kappa /= 2**measure.mass_bits

        def response(s: Any) -> float:
            total = arb(0)
            for radius, mass in reversed(atoms):
                if radius <= s:
                    break
                total += mass * radius * cap_height(dimension, s / radius)
            return abs(float((total * kappa).mid()))

        count = len(atoms)
        edge = 3 * dimension + 6
        places = {
            *range(1, count, max(1, count // 12)),
            *range(max(1, count - edge), count),
            *range(1, min(edge, count)),
        }
        best, where, step = 0.0, arb(0), arb(1)
        for k in sorted(places):
            low, high = atoms[k - 1][0], atoms[k][0]
            for sample in range(SAMPLES):
                s = low + (high - low) * sample / SAMPLES
                if (value := response(s)) > best:
                    best, where, step = value, s, (high - low) / SAMPLES
        for _ in range(3):
            step /= 4
            best, where = max((response(where + step * k), where + step * k) for k in range(-4, 5))
        return max(best, *(response(atoms[0][0] * k / 24) for k in range(25)))


def cap_height(dimension: int, z: Any) -> Any:
    """Return H(z) of rule DUAL MEASURE for 0 <= z <= 1 in Arb."""
    q = 1 - z * z
    if dimension % 2:
        tail, power, start = 1 - z, q, 3
    else:
        tail, power, start = z.acos(), q.sqrt(), 2
    for lower in range(start, dimension, 2):
        tail = ((lower - 1) * tail - z * power) / lower
        power *= q
    return power / (dimension - 1) - z * tail
