"""Rule INNER PRODUCT: chi(x, y) = (-1)^(x.y) is hard for depth-2 ReLU networks and exact for depth 3.

Statement and proof: docs/rules/parity.md, rule INNER PRODUCT.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from verify.kernel.check import Resources
from verify.kernel.fields import Fields, positive
from verify.kernel.outcome import Rejected, Theorem

RULE = "INNER PRODUCT"
MAX_BITS = 4096


@dataclass(frozen=True)
class Neuron:
    """What is known of max(0, p(x) + q(y)), whatever the functions p and q of x and y in {0,1}^n are.

    Attributes:
        spread: p and q each range over an interval of at most this length.
        bias: |p(0) + q(0)| is at most this.
    """

    spread: Fraction
    bias: Fraction


def correlation(n: int, neuron: Neuron) -> Fraction:
    """Return an upper bound of |E[max(0, p(x) + q(y)) chi(x, y)]| (lemma of the rule)."""
    cell = Fraction(1, 1 << n)
    hull = 2 * neuron.spread + neuron.bias
    return (neuron.bias * cell + hull * cell + neuron.spread * root_cell(n) / 2) / 2


def root_cell(n: int) -> Fraction:
    """Return an upper bound of 2^(-n/2), exact for even n."""
    if n % 2 == 0:
        return Fraction(1, 1 << n // 2)
    places = n + 80
    return Fraction(isqrt(1 << 2 * places - n) + 1, 1 << places)


def least_width(n: int, gap: Fraction, neuron: Neuron, weight_bound: Fraction) -> int:
    """Return the least width with width B corr + B 2^-n >= gap: outputs and constant are at most B; 0 if none."""
    needed = gap - weight_bound / (1 << n)
    if needed <= 0:
        return 0
    width = needed / (weight_bound * correlation(n, neuron))
    return -(-width.numerator // width.denominator)


def parity_neurons(n: int, slope: Fraction, height: Fraction, weight_bound: Fraction) -> int:
    """Return the size of a second layer that outputs height (-1)^S from a sum S in {0, ..., n} of n neurons.

    Neuron j = 0, ..., n - 1 is max(0, s_j (S - j)), with s_j <= slope and bias s_j j <= B; its output weight, 2 height
    for j = 0 and 4 height for the others over s_j, is shared by copies of weight at most B.
    """
    total = 0
    for index in range(n):
        s = slope if index == 0 else min(slope, weight_bound / index)
        share = (2 if index == 0 else 4) * height / (s * weight_bound)
        total += -(-share.numerator // share.denominator)
    return total


def check_inner_product(document: Fields, resources: Resources) -> Theorem:
    """Check one certificate of claim kind "inner-product"."""
    claim = document.fields("claim")
    claim.text("kind")
    n = claim.integer("n", 1, MAX_BITS)
    epsilon = positive(claim, "epsilon")
    weight_bound = positive(claim, "weight_bound")
    width = claim.integer("depth2_width", 1, 10**700)
    neurons = claim.integer("depth3_neurons", 1, 10**12)
    claim.done()
    proof = document.fields("proof")
    proof.choice("rule", ("inner-product",))
    proof.done()
    if weight_bound < 1:
        raise Rejected(RULE, "claim.weight_bound", "the depth-3 network needs parameters of absolute value 1")
    least = least_width(n, 1 - epsilon, Neuron(weight_bound * n, weight_bound), weight_bound)
    if width > least:
        raise Rejected(RULE, "claim.depth2_width", f"only {least} is proved")
    size = n + parity_neurons(n, weight_bound, Fraction(1), weight_bound)
    if neurons != size:
        raise Rejected(RULE, "claim.depth3_neurons", f"the network of the rule has {size} neurons")
    return Theorem(
        f"Let chi(x, y) = (-1)^(x.y) for x, y in {{0,1}}^{n}, drawn uniformly. Every depth-2 ReLU network whose "
        f"parameters (weights and biases) are at most {weight_bound} in absolute value, with mean error "
        f"E|N - chi| <= {epsilon}, has width at least {width}. A depth-3 ReLU network computes chi exactly with "
        f"{2 * n} neurons and parameters at most {max(4, n - 1)}, and with {neurons} neurons and parameters at most "
        f"{weight_bound}.",
        ("kernel rule INNER PRODUCT (rationals only)",),
        {
            "n": n,
            "inputs": 2 * n,
            "epsilon": str(epsilon),
            "parameter bound": str(weight_bound),
            "depth-2 width at least": width,
            "depth-3 neurons": neurons,
            "depth-3 neurons, parameters unbounded": 2 * n,
        },
    )
