"""Rule depth-separation-l2: one explicit depth-3 network that no depth-2 network of bounded width approximates."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.arithmetic.series import pi
from verify.kernel.check import Resources
from verify.kernel.fields import Fields
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.tubes.bound import check_bound, deviation, read_setting
from verify.kernel.tubes.radial_profile import RadialProfile, read_profile
from verify.kernel.tubes.words import DEPTH_TWO, RESTS_ON, measure_words, profile_words

RULE = "gridded-squares"
MAX_KINKS = 100_000
MAX_MESH_BITS = 128
ROOT_BITS = 128


def check_depth_separation(document: Fields, resources: Resources) -> Theorem:
    """Check that a depth-3 network escapes every depth-2 network of a given width (docs/rules/tubes.md)."""
    claim = document.fields("claim")
    claim.text("kind")
    d, m, width, error = read_setting(claim)
    claim.done()
    network = document.fields("network")
    network.choice("kind", (RULE,))
    if network.integer("d", 2, d) != d:
        raise Rejected(RULE, network.place("d"), "differs from the claim's dimension")
    mesh, kinks = network.rational("mesh"), network.integer("kinks", 1, MAX_KINKS)
    profile = read_profile(network, 2)
    delta = depth_three_error(profile, d, mesh, kinks, network.where)
    network.done()
    _, mass = check_bound(document.fields("proof"), profile, d, m, width, error + delta)
    first, second = 2 * kinks * d, len(profile.knots)
    spread = rounded_down(deviation(mass), 4)
    return Theorem(
        statement=(
            f"Let {profile_words(profile)}, and {measure_words(d, m, mass)}. The ReLU network "
            f"N3(y) = g(p(y_1) + ... + p(y_{d}) - {d} h^2/6), p(t) = h^2/4 + 2h sum of (|t| - (j + 1/2) h)_+ "
            f"over j = 0..{kinks - 1}, h = {mesh}, has {first + second:,} neurons in two hidden layers ({first:,} and "
            f"{second:,}) and ||N3 - f|| <= {rounded_up(delta, 4)} in L2(mu). Every depth-2 network "
            f"{DEPTH_TWO.format(width=width)}, has ||N - N3|| > {error} in L2(mu). "
            f"(The best constant is at distance >= {spread} from f; f lies between {min(profile.values)} and "
            f"{max(profile.values)}.)"
        ),
        rests_on=RESTS_ON,
        figures={
            "d": d,
            "measure": m,
            "error": str(error),
            "depth-3 neurons": first + second,
            "depth-3 error": rounded_up(delta, 4),
            "depth-2 width": width,
            "ratio": rounded_down(Fraction(width, first + second), 4),
            "deviation": spread,
        },
    )


def depth_three_error(profile: RadialProfile, d: int, mesh: Fraction, kinks: int, where: str) -> Fraction:
    """Return an upper bound of ||N3 - f|| in L2(mu): L h^2 sqrt(d/180), L the largest |slope| of g in |y|^2.

    Raises:
        Rejected: h > pi (the gridding errors would be correlated), or the grid ends before f is constant.
    """
    if mesh <= 0 or max(mesh.numerator, mesh.denominator).bit_length() > MAX_MESH_BITS:
        raise Rejected(RULE, f"{where}.mesh", f"must be positive, with at most {MAX_MESH_BITS} bits")
    if mesh * (1 << 64) > pi(64)[0]:
        raise Rejected(RULE, f"{where}.mesh", "must be at most pi")
    reach = (kinks + Fraction(1, 2)) * mesh
    if reach < profile.radius or reach**2 < profile.radius**2 + (3 - d) * mesh**2 / 12:
        raise Rejected(RULE, f"{where}.kinks", "the grid ends before the profile is constant")
    slope = max(map(abs, profile.slopes()))
    square = (slope * mesh**2) ** 2 * d / 180
    return Fraction(isqrt((square.numerator << 2 * ROOT_BITS) // square.denominator) + 1, 1 << ROOT_BITS)
