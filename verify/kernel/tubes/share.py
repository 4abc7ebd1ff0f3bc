"""The share of a sphere that one tube around a line covers (docs/rules/tubes.md, tubes/share)."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.arithmetic.series import pi
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.radial_profile import RULE

BITS = 160
SMALL = 32  # the series is cut when its terms fall below 2^(SMALL - BITS)
MAX_TERMS = 20_000


def tube_share(d: int, radius: Fraction, where: str) -> Fraction:
    """Return an upper bound of tau(c): the share of the sphere |w| = c in R^d within distance 1 of a line through 0.

    tau(c) = I_x((d-1)/2, 1/2) = (2/B) c^-(d-1) * sum over n of b_n x^n / (d-1+2n), with x = 1/c^2,
    b_n = (1/2)_n / n! and B = B((d-1)/2, 1/2). All terms are positive and b_n falls, so what is left out after N terms
    is at most b_N x^N / ((d-1+2N) (1-x)).
    """
    if radius <= 1:
        raise Rejected(RULE, where, "the radii must exceed 1")
    x = 1 / (radius * radius)
    term, total, n = 1 << BITS, 0, 0
    while term > 1 << SMALL:
        total += -(-term // (d - 1 + 2 * n))
        term = -(-term * (2 * n + 1) * x.numerator // ((2 * n + 2) * x.denominator))
        n += 1
        if n > MAX_TERMS:
            raise Rejected(RULE, where, "this radius is too close to 1")
    rest = Fraction(term, d - 1 + 2 * n) / (1 - x)
    return min(Fraction(1), 2 * inverse_beta(d) * radius ** (1 - d) * (total + rest) / (1 << BITS))


def inverse_beta(d: int) -> Fraction:
    """Return an upper bound of 1 / B((d-1)/2, 1/2), exact for odd d (B = 2 at d = 3, pi at d = 2)."""
    if d % 2:
        value, k = Fraction(1, 2), 3
    else:
        value, k = Fraction(1 << BITS, pi(BITS)[0]), 2
    while k < d:
        value *= Fraction(k, k - 1)  # B(a + 1, 1/2) = B(a, 1/2) a / (a + 1/2), a = (k-1)/2
        k += 2
    return value
