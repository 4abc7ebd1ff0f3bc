"""Theorem 4 of Safran, Eldan and Shamir (2019) with numbers: rule SPECTRAL, and rule DUAL MEASURE for ReLU networks.

Statement and proof: docs/rules/sup_norm.md, rule SPECTRAL (Theorem 4).
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.arithmetic.elementary import Arithmetic
from verify.kernel.check import Resources
from verify.kernel.fields import Fields
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.sup_norm.mean_neuron import RadialMeasure
from verify.kernel.sup_norm.path_norm import read_bounded_measure
from verify.kernel.sup_norm.spectral import SLOPES, quotient, scaled_accuracy, width_bound

RULE = "SPECTRAL"
MAX_DIMENSION = 16
MAX_PRECISION = 40_000
MAX_DEGREES = 400
MAX_WEIGHT = 1 << 60


def check_theorem4(document: Fields, resources: Resources) -> Theorem:
    """Check one certificate of claim kind "theorem-4"."""
    claim = document.fields("claim")
    claim.text("kind")
    d = claim.integer("dimension", 3, MAX_DIMENSION)
    widths = {name: claim.integer(f"width_{name.replace('-', '_').lower()}", 1, 10**60) for name in SLOPES}
    claim.done()
    proof = document.fields("proof")
    proof.choice("rule", ("spectral",))
    precision = proof.integer("precision", 64, MAX_PRECISION)
    first = proof.integer("first_degree", 1, 100_000)
    weights = proof.integers("weights", most=MAX_DEGREES, low=0, high=MAX_WEIGHT)
    dual = proof.fields("dual_measure") if proof.has("dual_measure") else None
    proof.done()
    if first % 2 == 0:
        raise Rejected(RULE, "proof.first_degree", "must be odd: sin(h t) has no even degrees")
    if not any(weights):
        raise Rejected(RULE, "proof.weights", "are all zero")
    bound = quotient(d, first, weights, precision)
    if bound.numerator <= 0:
        raise Rejected(RULE, "proof.weights", "the accuracy swallows the test function: no bound")
    for name, kappa in SLOPES.items():
        least = width_bound(d, bound, kappa)
        if name == "relu" and dual is not None:
            measure, response = read_bounded_measure(dual, d)
            dual.done()
            least = max(least, dual_width(measure, response, d))
        if widths[name] > least:
            raise Rejected(RULE, f"claim.width_{name.replace('-', '_').lower()}", f"only {least} is proved")
    accuracy = scaled_accuracy()
    if not accuracy[1] < Fraction(1, 50) * accuracy[0] * Fraction(101, 2):
        raise Rejected(RULE, "claim", "2 pi d^3 eps < 1/(50 e^2 pi^2) was not decided")
    return Theorem(_statement(d, widths), _rests_on(dual is not None), _figures(d, widths, accuracy))


def _rests_on(dual: bool) -> tuple[str, ...]:
    return (
        f"kernel rules SPECTRAL, {'DUAL MEASURE, BERNSTEIN, ' if dual else ''}Elementary enclosures (integers only)",
    )


def dual_width(measure: RadialMeasure, response: Fraction, d: int) -> int:
    """Return the width that a dual measure forces on ReLU networks (rule DUAL MEASURE for the paper's f).

    With amplitude 2 pi d^3: the path norm is at least V/(2 pi d^3), V K = int sin(2 pi d^3 r^2) dnu - delta |nu|,
    where K = `response` has been proved.
    """
    arithmetic = Arithmetic(200 + max(abs(mass) for mass in measure.masses).bit_length())
    gain = -scaled_accuracy()[1] * measure.total_variation()
    for radius, mass in measure.atoms():
        low, high = arithmetic.fractions(arithmetic.sin(arithmetic.scale(arithmetic.pi(), 2 * d**3 * radius**2)))
        gain += mass * (low if mass > 0 else high)
    if gain <= 0:
        raise Rejected(RULE, "proof.dual_measure", "the measure gives no bound")
    amplitude = 2 * d**3 * arithmetic.fractions(arithmetic.pi())[0]
    square = (gain / response * amplitude / 4 ** (d + 1)) ** 2 / d
    root = isqrt(square.numerator // square.denominator)
    return root if root * root == square else root + 1


def _statement(d: int, widths: dict[str, int]) -> str:
    return (
        f"Theorem 4 of Safran, Eldan and Shamir (2019) at d = {d}: let f(x) = sin(2 pi d^3 |x|^2)/(2 pi d^3) on the "
        f"unit ball of R^{d}. Every depth-2 ReLU network b0 + sum_j a_j max(0, w_j.x + b_j) whose |a_j| and entries of "
        f"w_j are at most 2^(d+1)/(2 pi d^3) (biases are free) and that is within 1/(101 e^2 pi^3 d^3) of f in the sup "
        f"norm has width at least {widths['relu']}. The same holds for every 1-Lipschitz activation in place of the "
        f"ReLU with width at least {widths['1-Lipschitz']}. (The Lipschitz constant of f is 2, not 1 as the paper "
        f"says: |phi'(r)| = 2r |cos(2 pi d^3 r^2)| is 2 at r = 1.)"
    )


def _figures(d: int, widths: dict[str, int], accuracy: tuple[Fraction, Fraction]) -> dict[str, str | int]:
    # epsilon = accuracy / (2 pi d^3)
    arithmetic = Arithmetic(200)
    amplitude = arithmetic.fractions(arithmetic.scale(arithmetic.pi(), Fraction(2 * d**3)))
    return {
        "dimension": d,
        "width at least (relu)": widths["relu"],
        "width at least (1-Lipschitz)": widths["1-Lipschitz"],
        "epsilon about": rounded_down(accuracy[0] / amplitude[1]),
        "weight bound about": rounded_up(2 ** (d + 1) / amplitude[0]),
        "Lipschitz constant of f": 2,
    }
