"""Rule ridge-lower-bound: a radial function that no depth-2 network of bounded width approximates in L2(mu)."""

from __future__ import annotations

from verify.kernel.check import Resources
from verify.kernel.decimals import rounded_down
from verify.kernel.fields import Fields
from verify.kernel.outcome import Theorem
from verify.kernel.radial_profile import read_profile
from verify.kernel.tube_bound import check_bound, deviation, read_setting
from verify.kernel.tube_words import DEPTH_TWO, RESTS_ON, measure_words, profile_words


def check_ridge_lower_bound(document: Fields, resources: Resources) -> Theorem:
    """Check a lower bound on the width of depth-2 networks for one radial target (docs/rules.md, tubes/bound)."""
    claim = document.fields("claim")
    claim.text("kind")
    d, m, width, error = read_setting(claim)
    claim.done()
    target = document.fields("target")
    exponent = {"|y|": 1, "|y|^2": 2}[target.choice("variable", ("|y|", "|y|^2"))]
    profile = read_profile(target, exponent)
    target.done()
    _, mass = check_bound(document.fields("proof"), profile, d, m, width, error)
    spread = rounded_down(deviation(mass), 4)
    return Theorem(
        statement=(
            f"Let {profile_words(profile)}, and {measure_words(d, m, mass)}. Every depth-2 network "
            f"{DEPTH_TWO.format(width=width)}, has ||N - f|| > {error} in L2(mu). "
            f"(The best constant is at distance >= {spread}.)"
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
