"""A depth separation in the sup norm: rule DUAL MEASURE for depth 2 and rule RADIAL DEPTH 3, for the same target."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.arithmetic.decimals import rounded_down
from verify.kernel.check import Resources
from verify.kernel.fields import Fields, positive
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.profiles.profile import read_profile
from verify.kernel.sup_norm.path_norm import MAX_DIMENSION, dual_measure_bound, least_width
from verify.kernel.sup_norm.radial_depth3 import figures, prove_network, read_network, weights_text

RULE = "SEPARATION"


def check_separation_sup(document: Fields, resources: Resources) -> Theorem:
    """Check one certificate of claim kind "separation-sup"."""
    claim = document.fields("claim")
    claim.text("kind")
    proof = document.fields("proof")
    proof.choice("rule", ("dual-measure-and-radial-depth3",))
    dimension = claim.integer("dimension", 2, MAX_DIMENSION)
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    epsilon = positive(claim, "epsilon")
    weight_bound = positive(claim, "weight_bound")
    width = claim.integer("depth2_width", 1, 10**100)
    neurons = claim.integer("depth3_neurons", 1, 10**12)
    claim.done()
    network = read_network(document.fields("network"), dimension)
    error = prove_network(network, profile, proof, epsilon, weight_bound, neurons)
    measure = proof.fields("depth2")
    norm = dual_measure_bound(measure, dimension, profile, epsilon)
    measure.done()
    proof.done()
    least = least_width(norm, weight_bound, dimension)
    if width > least:
        raise Rejected(RULE, "claim.depth2_width", f"the measure proves only width {least}")
    return Theorem(
        f"Let f(x) = phi(|x|) on the unit ball of R^{dimension}, where {profile.text} ({profile.lipschitz}-Lipschitz). "
        f"Every depth-2 ReLU network with output weights and input weights at most {weight_bound} in absolute value "
        f"(any biases) that is within {epsilon} of f in the sup norm has width at least {width}. The depth-3 ReLU "
        f"network of this certificate is within {epsilon} of f with {neurons} neurons in all, "
        f"{weights_text(network, weight_bound)}.",
        ("kernel rules DUAL MEASURE, BERNSTEIN, RADIAL DEPTH 3, TUBE, LIPSCHITZ (integers and rationals only)",),
        {
            "dimension": dimension,
            "depth-2 width at least": width,
            "depth-2 path norm at least": rounded_down(norm),
            **figures(network, epsilon, error, weight_bound),
            "width / neurons": rounded_down(Fraction(width, neurons), 4),
        },
    )
