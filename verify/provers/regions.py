"""The exact supremum of |N(x) - psi(|x|)| over the unit ball, by the kernel's own walk over activation regions.

The kernel decides whether any critical point exceeds a limit (rules FACES, CRITICAL). Here the limit rises to every
critical value that exceeds it, so that it ends at the supremum after one walk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from verify.errors import Inconclusive
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.outcome import CheckFailure
from verify.kernel.profiles.profile import Profile
from verify.kernel.regions.critical import Critical, Surd, Survey
from verify.kernel.regions.folds import fold
from verify.networks.depth2 import Depth2Network
from verify.progress import Budget

BITS = 100
"""Square roots and maximisers are rounded to multiples of 2^-BITS."""


@dataclass(frozen=True)
class Supremum:
    """The largest error of a network.

    Attributes:
        upper: a rational above sup |N(x) - psi(|x|)|, by less than 2^-90.
        point: a dyadic point of the ball next to a maximiser; None if no error is above the limit at the start.
        regions, faces: how many were looked at.
    """

    upper: Fraction
    point: list[Fraction] | None
    regions: int
    faces: int


def supremum(network: Depth2Network, profile: Profile, start: Fraction, budget: Budget) -> Supremum:
    """Return the supremum, `start` being known to be below it (or 0).

    Raises:
        Inconclusive: the network is too large for the kernel's walk, or the time is up.
    """
    best: Critical | None = None
    try:
        survey = Survey(fold(read_network(Fields(network.to_document(), "network"))), profile, start)
        for group in survey.groups():
            budget.spend(0)
            for critical in survey.above(group):
                for value in (critical.value, -critical.value):
                    if value.exceeds(survey.limit):
                        survey.limit, best = rounded_up(value), critical
    except CheckFailure as failure:
        raise Inconclusive(f"the network {failure.why}: use --method cover") from failure
    point = None if best is None else maximiser(best)
    return Supremum(survey.limit, point, survey.regions, survey.faces)


def rounded_up(value: Surd) -> Fraction:
    """Return a rational above `value`, by less than 2^-BITS."""
    root = _root(value.radicand)
    return value.rational + value.sign * (root + (Fraction(1, 1 << BITS) if value.sign > 0 else 0))


def maximiser(critical: Critical) -> list[Fraction]:
    """Return a dyadic point of the closed ball within a few 2^-BITS of a critical point."""
    reach = critical.sign * _root(critical.square)
    point = []
    for axis, foot in enumerate(critical.flat.foot):
        across = sum(
            (e * u[axis] for e, u in zip(critical.direction, critical.flat.directions, strict=True)), Fraction(0)
        )
        point.append(_rounded(Fraction(foot, critical.flat.scale) + reach * across))
    shrink = 1 - Fraction(1, 1 << (BITS - 2))
    while sum(x * x for x in point) > 1:
        point = [_rounded(x * shrink) for x in point]
    return point


def _root(square: Fraction) -> Fraction:
    """Return the square root, rounded down to a multiple of 2^-BITS."""
    return Fraction(math.isqrt((square.numerator << 2 * BITS) // square.denominator), 1 << BITS)


def _rounded(value: Fraction) -> Fraction:
    """Return the nearest multiple of 2^-BITS towards zero."""
    return Fraction(math.trunc(value * (1 << BITS)), 1 << BITS)
