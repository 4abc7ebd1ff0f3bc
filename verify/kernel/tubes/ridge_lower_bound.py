"""Rule ridge-lower-bound: a radial function that no depth-2 network of bounded width approximates in L2(mu)."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.arithmetic.decimals import rounded_down
from verify.kernel.check import Resources
from verify.kernel.fields import Fields
from verify.kernel.outcome import Theorem
from verify.kernel.tubes.bound import check_bound, deviation, read_setting
from verify.kernel.tubes.cone_identity import cones_of
from verify.kernel.tubes.radial_profile import RadialProfile, read_profile
from verify.kernel.tubes.words import DEPTH_TWO, RESTS_ON, measure_words, profile_words


def check_ridge_lower_bound(document: Fields, resources: Resources) -> Theorem:
    """Check a lower bound on the width of depth-2 networks for one radial target (docs/rules/tubes.md, tubes/bound)."""
    claim = document.fields("claim")
    claim.text("kind")
    d, m, width, error = read_setting(claim)
    claim.done()
    target = document.fields("target")
    exponent = {"|y|": 1, "|y|^2": 2}[target.choice("variable", ("|y|", "|y|^2"))]
    profile = read_profile(target, exponent)
    target.done()
    _, mass = check_bound(document.fields("proof"), profile, d, m, width, error)
    reduction = _reduction(profile, width, error) if exponent == 1 else ""
    spread = rounded_down(deviation(mass), 4)
    return Theorem(
        statement=(
            f"Let {profile_words(profile)}, and {measure_words(d, m, mass)}. Every depth-2 network "
            f"{DEPTH_TWO.format(width=width)}, has ||N - f|| > {error} in L2(mu). "
            f"(The best constant is at distance >= {spread}.){reduction}"
        ),
        rests_on=RESTS_ON,
        figures={
            "d": d,
            "measure": m,
            "scale": str(profile.radius),
            "error": str(error),
            "width": width,
            "deviation": spread,
            "frequency": rounded_down(mass.largest, 4),
        },
    )


def _reduction(profile: RadialProfile, width: int, error: Fraction) -> str:
    """Say what follows for the cones of which f is a combination; nothing if f is one cone."""
    cones = cones_of(profile, "target")
    if len(cones) < 2:
        return ""
    terms = " + ".join(f"({c}) max(0, 1 - |y|/({scale}))" for c, scale in cones)
    share = error / sum(abs(c) for c, _ in cones)
    return (
        f" Since f(y) = {profile.values[-1]} + {terms} exactly, at least one of these {len(cones)} scaled copies of "
        f"max(0, 1 - |y|) is farther than {share} from every depth-2 network of at most "
        f"{width // len(cones):,} neurons."
    )
