"""Rule REFUTATION: at one point of the unit ball an explicit network is farther than epsilon from a radial function."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.arithmetic.decimals import rounded_down
from verify.kernel.check import Resources
from verify.kernel.cover.radial import check_witness
from verify.kernel.fields import Fields
from verify.kernel.network import MAX_DIMENSION, Network, read_network
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.profiles.profile import Profile, read_profile

RULE = "refutation"


def check_refutation(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "refutation": the claim |N(x) - phi(|x|)| <= epsilon on the unit ball is false."""
    claim = document.fields("claim")
    claim.text("kind")
    dimension = claim.integer("dimension", 1, MAX_DIMENSION)
    epsilon = claim.rational("epsilon", digits=60)
    if epsilon < 0:
        raise Rejected(RULE, "claim.epsilon", "is negative, so there is nothing to refute")
    proof = document.fields("proof")
    proof.choice("rule", ("witness",))
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    claim.done()
    proof.done()
    network = read_network(document.fields("network"))
    if network.dimension != dimension:
        raise Rejected(RULE, "network.dimension", "is not the claim's")
    witness = document.fields("witness")
    error = check_witness(network, profile, witness)
    # Only now are the coordinates known to be short enough to be written out.
    point = [str(x) for x in witness.rationals("point", most=MAX_DIMENSION)]
    if error <= epsilon:
        raise Rejected(RULE, "witness.error", "is not above epsilon")
    extra = ", TUBE" if profile.expression is not None else ""
    return Theorem(
        statement=_statement(network, profile, epsilon, error, point),
        rests_on=(f"kernel rules REFUTATION, WITNESS, LIPSCHITZ{extra} (integers and rationals only)",),
        figures={"width": network.width, "epsilon": str(epsilon), "error at the witness": rounded_down(error)},
        refutes=True,
    )


def _statement(network: Network, profile: Profile, epsilon: Fraction, error: Fraction, point: list[str]) -> str:
    shown = ", ".join(point) if len(point) <= 8 else f"{', '.join(point[:4])}, ... of the certificate"
    return (
        f"Let {profile.text}. The depth-2 ReLU network N of width {network.width} of this certificate does not satisfy "
        f"|N(x) - phi(|x|)| <= {epsilon} on the unit ball of R^{network.dimension}: at x = ({shown}) the error is at "
        f"least {rounded_down(error)}."
    )
