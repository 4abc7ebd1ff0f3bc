"""Rule ASSUMPTION-1: one family of networks follows every Lipschitz function that is constant outside [-R, R]."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.activation.activations import Activation, read_activation
from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.check import Resources
from verify.kernel.fields import Fields
from verify.kernel.outcome import Rejected, Theorem

RULE = "ASSUMPTION-1"
MAX_WIDTH = 10**30


def check_assumption1(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "assumption-1"."""
    claim = document.fields("claim")
    claim.text("kind")
    activation = read_activation(claim.text("activation", most=40), "claim.activation")
    lipschitz = claim.rational("lipschitz", digits=60)
    radius = claim.rational("radius", digits=60)
    delta = claim.rational("delta", digits=60)
    bound = claim.rational("bound", digits=60)
    claim.done()
    if min(lipschitz, radius) <= 0 or not 0 < bound <= delta:
        raise Rejected(RULE, "claim", "lipschitz, radius, bound must be positive and bound at most delta")
    network = document.fields("network")
    width = network.integer("width", 0, MAX_WIDTH)
    sharpness = network.rational("sharpness", digits=60) if width else Fraction(0)
    network.done()
    proof = document.fields("proof")
    proof.choice("rule", (activation.family,))
    proof.done()
    if width and sharpness <= 0:
        raise Rejected(RULE, "network.sharpness", "must be positive")
    proved, lower = error_bounds(activation, lipschitz * radius, width, sharpness)
    if proved > bound:
        raise Rejected(RULE, "claim.bound", f"is {rounded_down(bound)} where {rounded_up(proved)} was found")
    share = width * delta / (lipschitz * radius)
    constant = 2 if activation.family == "steps" else 3
    return Theorem(
        statement=(
            f"For every f: R -> R with Lipschitz constant at most {lipschitz} that is constant on (-oo, -{radius}] and "
            f"on [{radius}, oo) there is h(x) = a + sum_(i<=w) alpha_i s(beta x - gamma_i), s the {activation.name} "
            f"activation, of width w = {width} with sup over all real x of |f(x) - h(x)| <= {bound} "
            f"(delta = {delta}). "
            + (
                "beta and the gamma_i are the same for every f, and a and the alpha_i are linear in samples of f. "
                f"No smaller bound than {rounded_down(lower)} holds for this family. "
                if width
                else "h is the constant f(0). "
            )
            + f"Here w = c R L / delta with c = {rounded_up(share)}; the rule's proof gives Assumption 1 for this "
            f"activation with c_s = {constant} for all L, R, delta."
        ),
        rests_on=("kernel rules ASSUMPTION-1 and ACTIVATION (rationals only)",),
        figures={
            "width": width,
            "c = w delta / (R L)": rounded_up(share),
            "c_s for all L, R, delta": constant,
            "certified bound": rounded_up(bound),
            "lower bound of the sup": rounded_down(lower),
        },
    )


def error_bounds(
    activation: Activation, product: Fraction, width: int, sharpness: Fraction
) -> tuple[Fraction, Fraction]:
    """Return an upper and a lower bound of the largest error over all f and all real x.

    Args:
        product: L R.
        sharpness: steps: beta times half a bin; ramps: beta times R.
    """
    if width == 0:
        return product, product
    if activation.family == "steps":
        tails = 2 * product * activation.tail(sharpness)
        return product / width + tails, product / width - tails
    if width == 1:
        raise Rejected(RULE, "network.width", "must be 0 or at least 2 for this activation")
    smoothing = 2 * (width - 1) * product * activation.distance / sharpness
    return product / (width - 1) + smoothing, product / (width - 1) - smoothing
