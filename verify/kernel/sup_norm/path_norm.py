"""Rule "dual measure": a lower bound on the path norm, hence the width, of every depth-2 ReLU network near a target.

Statement and proof: docs/rules/sup_norm.md, rule "dual measure".
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import isqrt

from verify.kernel.arithmetic.bernstein import NotBounded
from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.arithmetic.elementary import DomainFailure
from verify.kernel.check import Resources
from verify.kernel.fields import Fields, as_integer, positive
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.profiles.profile import Profile, read_profile
from verify.kernel.sup_norm.mean_neuron import RadialMeasure, require_response_bounded
from verify.kernel.sup_norm.mixture import Mixture, require_close

RULE = "DUAL MEASURE"
MAX_DIMENSION = 64
MAX_ATOMS = 1000
MAX_BITS = 120
MAX_GRADING = 100
MAX_MASS = 1 << 400
STRICT = Fraction(1, 1 << 20)
"""The mixture must be closer than epsilon by this share, which leaves room for finitely many neurons."""


def check_path_norm(document: Fields, resources: Resources) -> Theorem:
    """Check one certificate of claim kind "path-norm"."""
    claim = document.fields("claim")
    claim.text("kind")
    proof = document.fields("proof")
    proof.choice("rule", ("dual-measure",))
    dimension = claim.integer("dimension", 2, MAX_DIMENSION)
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    epsilon = positive(claim, "epsilon")
    norm = positive(claim, "path_norm")
    weight_bound = positive(claim, "weight_bound")
    width = claim.integer("width", 1, 10**100)
    upper = positive(claim, "path_norm_upper") if claim.has("path_norm_upper") else None
    claim.done()
    proved = dual_measure_bound(proof, dimension, profile, epsilon)
    if upper is not None:
        check_mixture(proof.fields("mixture"), dimension, profile, epsilon, upper)
    proof.done()
    if norm > proved:
        raise Rejected(RULE, "claim.path_norm", f"the measure proves only {rounded_down(proved)}")
    least = least_width(norm, weight_bound, dimension)
    if width > least:
        raise Rejected(RULE, "claim.width", f"the path norm forces only width {least}")
    return Theorem(
        f"Let f(x) = phi(|x|) on the unit ball of R^{dimension}, where {profile.text} ({profile.lipschitz}-Lipschitz). "
        f"Every depth-2 ReLU network b0 + sum_j a_j max(0, w_j.x + b_j), of any width, within {epsilon} of f in the "
        f"sup norm has path norm sum_j |a_j| |w_j|_2 at least {rounded_down(norm)}. If all |a_j| and all entries of "
        f"the w_j are at most {weight_bound} (the biases are free), its width is at least {width}."
        + ("" if upper is None else f" There are such networks with path norm at most {rounded_up(upper)}."),
        (f"kernel rules DUAL MEASURE, {'MIXTURE, ' if upper else ''}BERNSTEIN, TUBE, LIPSCHITZ (rationals only)",),
        {
            "dimension": dimension,
            "epsilon": str(epsilon),
            "path norm at least": rounded_down(norm),
            **({} if upper is None else {"least path norm at most": rounded_up(upper)}),
            "weight bound": str(weight_bound),
            "width at least": width,
            "atoms": len(proof.raw("radii")),
        },
    )


def check_mixture(proof: Fields, dimension: int, profile: Profile, epsilon: Fraction, upper: Fraction) -> None:
    """Prove that networks within epsilon exist whose path norm is at most `upper` (rule MIXTURE)."""
    bias_bits = proof.integer("bias_bits", 0, MAX_BITS)
    weight_bits = proof.integer("weight_bits", 0, MAX_BITS)
    biases = proof.integers("biases", most=MAX_ATOMS, low=0, high=(1 << bias_bits) - 1)
    weights = proof.integers("weights", most=MAX_ATOMS, low=-MAX_MASS, high=MAX_MASS)
    offset = proof.integer("offset", -MAX_MASS, MAX_MASS)
    grading = proof.integer("grading", 4, MAX_GRADING)
    proof.done()
    if len(biases) != len(weights) or any(left >= right for left, right in pairwise(biases)):
        raise Rejected("MIXTURE", proof.place("biases"), "must increase, one for each weight")
    mixture = Mixture(tuple(biases), bias_bits, tuple(weights), offset, weight_bits)
    if mixture.path_norm() > upper:
        raise Rejected("MIXTURE", "claim.path_norm_upper", f"the mixture has {rounded_up(mixture.path_norm())}")
    room = epsilon * (1 - STRICT) - profile.radius
    try:
        if room <= 0:
            raise NotBounded("the tube is wider than epsilon")
        require_close(mixture, dimension, profile, room, grading)
    except (NotBounded, DomainFailure) as problem:
        raise Rejected("MIXTURE", proof.where, f"not within epsilon of phi: {problem}") from None


def dual_measure_bound(proof: Fields, dimension: int, profile: Profile, epsilon: Fraction) -> Fraction:
    """Return the path norm that the measure of `proof` forces (Lemma of the rule); `proof` also holds its bound."""
    measure, bound = read_bounded_measure(proof, dimension)
    return max(Fraction(0), (integral(measure, profile) - epsilon * measure.total_variation()) / bound)


def read_bounded_measure(proof: Fields, dimension: int) -> tuple[RadialMeasure, Fraction]:
    """Read a measure and a bound of its response, and prove the bound for every bias."""
    measure = read_measure(proof)
    bound = proof.rational("response_bound", digits=60)
    if bound <= 0:
        raise Rejected(RULE, proof.place("response_bound"), "must be positive")
    grading = proof.integer("grading", 4, MAX_GRADING)
    try:
        require_response_bounded(measure, dimension, bound, grading)
    except (NotBounded, DomainFailure) as problem:
        raise Rejected(RULE, proof.place("response_bound"), f"not proved for every bias: {problem}") from None
    return measure, bound


def read_measure(proof: Fields) -> RadialMeasure:
    """Read the measure: radii increasing in [0, 1], masses non-zero with sum exactly 0."""
    radius_bits = proof.integer("radius_bits", 0, MAX_BITS)
    mass_bits = proof.integer("mass_bits", 0, MAX_BITS)
    radii = proof.integers("radii", most=MAX_ATOMS, low=0, high=1 << radius_bits)
    masses = [
        as_integer(item, f"{proof.place('masses')}[{index}]", -MAX_MASS, MAX_MASS)
        for index, item in enumerate(proof.sequence("masses", most=MAX_ATOMS))
    ]
    if len(radii) != len(masses) or not radii:
        raise Rejected(RULE, proof.place("masses"), f"{len(masses)} masses at {len(radii)} radii")
    if any(left >= right for left, right in pairwise(radii)):
        raise Rejected(RULE, proof.place("radii"), "must increase")
    if 0 in masses:
        raise Rejected(RULE, proof.place("masses"), "an atom without mass")
    if sum(masses) != 0:
        raise Rejected(RULE, proof.place("masses"), "the total mass is not 0")
    return RadialMeasure(tuple(radii), radius_bits, tuple(masses), mass_bits)


def integral(measure: RadialMeasure, profile: Profile) -> Fraction:
    """Return a lower bound of the integral of phi against the measure."""
    total = Fraction(0)
    for radius, mass in measure.atoms():
        low, high = profile.enclose(radius, radius)
        total += mass * (low if mass > 0 else high)
    return total


def least_width(norm: Fraction, weight_bound: Fraction, dimension: int) -> int:
    """Return the least integer n with n B^2 sqrt(d) >= norm: each neuron has |a| |w|_2 <= B^2 sqrt(d)."""
    square = (norm / weight_bound**2) ** 2 / dimension
    root = isqrt(square.numerator // square.denominator)
    return root if root * root == square else root + 1
