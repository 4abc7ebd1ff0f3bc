"""Words for the statements that the Fourier tube bound proves: the measure, the profile, decimals rounded safely."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from verify.kernel.arithmetic.decimals import rounded_down
from verify.kernel.tubes.radial_profile import RadialProfile
from verify.kernel.tubes.tail_mass import TailMass

DEPTH_TWO = (
    "N(y) = b + sum of a_i s_i(w_i . y + b_i) over at most {width:,} neurons i, whatever the weights, the biases and "
    "the activations s_i (measurable, of at most polynomial growth)"
)

RESTS_ON = ("rule fourier-tubes (docs/rules/tubes.md; integers, rationals and pi enclosed)", "Plancherel's theorem")


def measure_words(d: int, m: int, mass: TailMass) -> str:
    """Describe mu: its density, the mass of the ball where f varies, its tails."""
    inside = mass.share_inside()[0]
    if m == 0:
        tails = "E|y|^2 is infinite"
    else:
        tails = f"E|y|^2 = {Fraction(m * d * (d + 4 * m), 2 * (2 * m - 1))}"
    return (
        f"mu is the probability measure on R^{d} whose density is proportional to "
        f"(J_{Fraction(d, 2) + m}(|y|) / |y|^{_bracketed(Fraction(d, 2) + m)})^2, J a Bessel function; {tails}, and "
        f"mu(|y| <= {mass.profile.radius}) >= {rounded_down(inside, 4)}"
    )


def profile_words(profile: RadialProfile) -> str:
    """Describe f in a clause that leaves nothing open."""
    knots, values = profile.knots, profile.values
    variable = "|y|" if profile.exponent == 1 else "|y|^2"
    if profile.exponent == 1 and knots[0] == 0 and values == (Fraction(1), Fraction(0)):
        return f"f(y) = max(0, 1 - |y|/{_bracketed(knots[1])})"
    gap = knots[1] - knots[0]
    regular = all(right - left == gap for left, right in pairwise(knots))
    if regular and all(value == (-1) ** j for j, value in enumerate(values)):
        points = f"the values (-1)^j at |y| = {knots[0]} + {_bracketed(gap)} j, j = 0..{len(knots) - 1}"
    else:
        points = "the values " + ", ".join(
            f"{value} at |y| = {knot}" for knot, value in zip(knots, values, strict=True)
        )
    return f"f(y) = g({variable}), g piecewise linear through {points}, constant outside"


def _bracketed(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"({value})"
