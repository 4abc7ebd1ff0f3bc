"""Depth-3 networks for radial functions: squares of the coordinates, added up, then a function of the sum."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

from verify.errors import UsageProblem
from verify.kernel.fields import Fields
from verify.kernel.tubes.depth_separation import MAX_KINKS
from verify.kernel.tubes.radial_profile import RadialProfile, read_profile
from verify.kernel.tubes.tail_mass import MAX_DIMENSION
from verify.networks.depth3 import Depth3Network


def gridded_squares(profile: RadialProfile, d: int, mesh: Fraction, kinks: int) -> Depth3Network:
    """Return N3(y) = g(p(y_1) + ... + p(y_d) - d h^2/6), f(y) = g(|y|^2), with 2 d J + n + 1 neurons.

    p(t) = h^2/4 + 2h * sum over j < J of (|t| - (j + 1/2) h)_+ interpolates t^2 at the odd multiples of h/2; its mean
    error over a period is h^2/6, which the shift removes. Error: docs/rules/tubes.md, tubes/separation.

    Args:
        profile: f, piecewise linear in |y|^2 (exponent 2).
        mesh: h, at most pi.
        kinks: J; (J + 1/2) h should reach the radius where f becomes constant.
    """
    if profile.exponent != 2:
        raise UsageProblem("the depth-3 network needs a profile that is piecewise linear in |y|^2")
    first = tuple(
        (((i, Fraction(sign)),), -Fraction(2 * j + 1, 2) * mesh)
        for i in range(d)
        for sign in (1, -1)
        for j in range(kinks)
    )
    offset = Fraction(d, 12) * mesh**2  # d (h^2/4 - h^2/6)
    slopes = [Fraction(0), *profile.slopes(), Fraction(0)]
    return Depth3Network(
        dimension=d,
        first=first,
        forms=((2 * mesh,) * len(first),),
        second=tuple((0, offset - knot**2) for knot in profile.knots),
        outputs=tuple(right - left for left, right in itertools.pairwise(slopes)),
        constant=profile.values[0],
    )


def network_from_document(part: dict[str, Any]) -> Depth3Network:
    """Return the depth-3 network of a certificate's part of kind "gridded-squares", read as the kernel reads it."""
    fields = Fields(part, "network")
    d, kinks = fields.integer("d", 2, MAX_DIMENSION), fields.integer("kinks", 1, MAX_KINKS)
    return gridded_squares(read_profile(fields, 2), d, fields.rational("mesh"), kinks)


def target_from_document(part: dict[str, Any]) -> RadialProfile:
    """Return the radial function f that the network of this part approximates."""
    return read_profile(Fields(part, "network"), 2)
