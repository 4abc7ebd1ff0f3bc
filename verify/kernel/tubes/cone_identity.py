"""Piecewise linear radial functions as combinations of scaled cones max(0, 1 - |y|/A) (docs/rules/tubes.md)."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.outcome import Rejected
from verify.kernel.tubes.radial_profile import RULE, RadialProfile

Cones = list[tuple[Fraction, Fraction]]
"""[(coefficient, scale A)], the scales positive."""


def cones_of(profile: RadialProfile, where: str) -> Cones:
    """Return the cones whose combination, plus f(infinity), is f; the identity is checked exactly.

    Raises:
        Rejected: the profile is not piecewise linear in |y|, or (a fault of this program) the identity fails.
    """
    if profile.exponent != 1:
        raise Rejected(RULE, where, "only profiles that are piecewise linear in |y| are combinations of cones")
    slopes = [Fraction(0), *profile.slopes(), Fraction(0)]
    bends = [(right - left, knot) for left, right, knot in zip(slopes, slopes[1:], profile.knots, strict=False)]
    cones = [(bend * knot, knot) for bend, knot in bends if bend and knot]
    # Both sides are continuous, linear between the knots and constant beyond the last: compare at 0 and at the knots.
    for u, value in zip((Fraction(0), *profile.knots), (profile.values[0], *profile.values), strict=True):
        total = sum((c * max(Fraction(0), 1 - u / scale) for c, scale in cones), profile.values[-1])
        if total != value:
            raise Rejected(RULE, where, f"the combination of cones differs from the profile at |y| = {u}")
    return cones
