"""A depth separation at constant accuracy for a 1-Lipschitz target: rules INNER PRODUCT and CODE DISTANCE.

Statement and proof: docs/rules/parity.md, section "SEPARATION (codes)".
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.check import Resources
from verify.kernel.fields import Fields, positive
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.parity.codes import Code, read_code
from verify.kernel.parity.inner_product import Neuron, least_width, parity_neurons

RULE = "SEPARATION"


def root_above(value: Fraction) -> Fraction:
    """Return an upper bound of the square root, sharp to 2^-60."""
    return Fraction(isqrt((value.numerator << 120) // value.denominator) + 1, 1 << 60)


def code_width(
    code: Code, scale: Fraction, height: Fraction, epsilon: Fraction, noise: Fraction, bound: Fraction
) -> int:
    """Return the depth-2 width that is forced.

    Neurons are functions of u_x + v_y; each of the two varies by at most B N/scale, and the bias with the noise is at
    most B (1 + noise sqrt(2N)).
    """
    neuron = Neuron(bound * code.length / scale, bound * (1 + noise * root_above(Fraction(2 * code.length))))
    return least_width(code.messages, height - epsilon - noise, neuron, bound)


def code_neurons(code: Code, scale: Fraction, height: Fraction, bound: Fraction) -> int:
    """Return the neurons of the depth-3 network: first layer max(0, B (X_i + Y_i) - B/scale) = (B/scale) x_i y_i."""
    return code.messages + parity_neurons(code.messages, bound * bound / scale, height, bound)


def depth3_error(code: Code, scale: Fraction, height: Fraction, noise: Fraction) -> Fraction:
    """Return a bound of E|N3 - f| under noise: (Lip(N3) + 1) noise, Lip(N3) <= 2 height scale sqrt(2n)."""
    return (2 * height * scale * root_above(Fraction(2 * code.messages)) + 1) * noise


def check_separation_code(document: Fields, resources: Resources) -> Theorem:
    """Check one certificate of claim kind "separation-code"."""
    claim = document.fields("claim")
    claim.text("kind")
    height = positive(claim, "height")
    epsilon = positive(claim, "epsilon")
    scale = positive(claim, "scale")
    noise = claim.rational("noise", digits=60)
    bound = positive(claim, "weight_bound")
    width = claim.integer("depth2_width", 1, 10**100)
    neurons = claim.integer("depth3_neurons", 1, 10**12)
    claim.done()
    code = read_code(document.fields("code"))
    proof = document.fields("proof")
    proof.choice("rule", ("code-lifting",))
    proof.done()
    big = code.length
    if noise < 0:
        raise Rejected(RULE, "claim.noise", "is negative")
    if root_above(Fraction(2 * big)) / scale + noise > 1 and (noise > 0 or scale * scale < 2 * big):
        raise Rejected(RULE, "claim.scale", "the inputs may leave the unit ball")
    if 4 * height * height * scale * scale > code.distance:
        raise Rejected(RULE, "claim.height", "the target is steeper than 1")
    if bound < 1:
        raise Rejected(RULE, "claim.weight_bound", "below 1")
    error = depth3_error(code, scale, height, noise)
    if error > epsilon:
        raise Rejected(RULE, "claim.epsilon", f"the depth-3 error is proved to be at most {rounded_up(error)} only")
    least = code_width(code, scale, height, epsilon, noise, bound)
    if width > least:
        raise Rejected(RULE, "claim.depth2_width", f"only {least} is proved")
    size = code_neurons(code, scale, height, bound)
    if neurons != size:
        raise Rejected(RULE, "claim.depth3_neurons", f"the network of the rule has {size} neurons")
    return Theorem(
        f"Let Enc be the [{big},{code.messages}] binary code of this certificate, of minimum distance at least "
        f"{code.distance}, in systematic form, and x, y uniform in {{0,1}}^{code.messages}. The input is X + Z in "
        f"the unit ball of R^{2 * big}: X = (Enc(x), Enc(y))/({scale}), Z uniform in the ball of radius {noise}. "
        f"There is a 1-Lipschitz f on R^{2 * big}, |f| <= {height}, with f(X) = {height} (-1)^(x.y), such that every "
        f"depth-2 ReLU network with parameters (weights and biases) at most {bound} in absolute value and mean error "
        f"E|N(X+Z) - f(X+Z)| <= {epsilon} has width at least {width}, while a depth-3 ReLU network with {neurons} "
        f"neurons and parameters at most {bound} has mean error at most {rounded_up(error)} (0 without noise)."
        + ("" if width > neurons else " At this size it is not a separation: the deeper network is the larger one."),
        ("kernel rules INNER PRODUCT, CODE DISTANCE (integers and rationals only)", "McShane's extension theorem"),
        {
            "n": code.messages,
            "code": f"[{big},{code.messages},{code.distance}]",
            "inputs": 2 * big,
            "height of f": str(height),
            "epsilon": str(epsilon),
            "epsilon / height": rounded_down(epsilon / height, 3),
            "noise": str(noise),
            "parameter bound": str(bound),
            "depth-2 width at least": width,
            "depth-3 neurons": neurons,
            "depth-3 error at most": rounded_up(error),
        },
    )
