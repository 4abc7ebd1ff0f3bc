"""Floating-point estimates of G(c), fast enough to search for good targets; nothing here is believed.

Gauss-Legendre quadrature in u, and Lommel's integral in closed form in the frequency.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from verify.kernel.tubes.radial_profile import RadialProfile

Floats = npt.NDArray[np.float64]


class TailEstimate:
    """Estimates G(c) for one profile by floating-point quadrature, up to the frequency `largest`."""

    def __init__(self, profile: RadialProfile, d: int, m: int, largest: float) -> None:
        from scipy.special import jv, loggamma

        self.order = d / 2
        knots = [float(knot) for knot in profile.knots]
        ends = ([0.0] if knots[0] > 0 else []) + knots
        nodes, weights = [], []
        for left, right in pairwise(ends):
            pieces = max(1, math.ceil(right - left))
            count = 8 + math.ceil(0.8 * largest * (right - left) / pieces)
            x, w = np.polynomial.legendre.leggauss(count)
            for k in range(pieces):
                half = (right - left) / pieces / 2
                nodes.append(left + half * (2 * k + 1) + half * x)
                weights.append(half * w)
        u, w = np.concatenate(nodes), np.concatenate(weights)
        g = np.interp(u**profile.exponent, np.array(knots) ** profile.exponent, [float(v) for v in profile.values])
        g -= float(profile.values[-1])
        bessel = jv(self.order + m, u) * u**-m
        log_z = (1 + 2 * m) * math.log(2) + 2 * math.lgamma(1 + m) + math.lgamma(self.order + 2 * m + 1)
        self.scale = math.exp(log_z - math.lgamma(1 + 2 * m) - float(loggamma(self.order)))
        self.u, self.w = u, w * g * bessel
        self.square_norm = self.scale * float(np.sum(w * g * g * bessel**2 / u))
        square = u * u
        gaps = square[:, None] - square[None, :]
        np.fill_diagonal(gaps, np.inf)
        self.kernel = 1 / gaps

    def tail(self, c: float) -> float:
        """Return an estimate of G(c)."""
        from scipy.special import jv

        nu, u, w = self.order, self.u, self.w
        x = c * u
        here, below = jv(nu, x), jv(nu - 1, x)
        inner = 2 * c * float((w * u * here) @ (self.kernel @ (w * below)))
        diagonal = below**2 - (2 * (nu - 1) / x * below - here) * here
        inner += c * c / 2 * float(np.sum(w * w * diagonal))
        return max(self.square_norm - self.scale * inner, 0.0)


def lines_for(d: int, c: Floats) -> Floats:
    """Return 1 / tau(c)."""
    from scipy.special import betainc

    result: Floats = 1 / betainc((d - 1) / 2, 0.5, 1 / c**2)
    return result


def estimated_width(tails: Floats, lines: Floats, distance: float) -> float:
    """Return the width that tails G(c_j) and lines 1/tau(c_j), at increasing c_j, exclude at this distance."""
    goal = distance**2
    if tails[0] <= goal:
        return 0.0

    def missed(width: float) -> float:
        weights = np.maximum(0, 1 - width / lines)
        return float(np.sum(np.diff(weights, prepend=0.0) * tails))

    low, high = 0.0, 1.0
    while missed(high) > goal:
        low, high = high, 2 * high
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if missed(middle) > goal else (low, middle)
    return low
