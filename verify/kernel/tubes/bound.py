"""The Fourier tube bound: what no sum of k ridge functions can approximate in L2(mu) (docs/rules/tubes.md)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from verify.kernel.fields import Fields
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.radial_profile import RULE, RadialProfile
from verify.kernel.tubes.share import tube_share
from verify.kernel.tubes.tail_mass import MAX_BITS, MAX_DIMENSION, MAX_MEASURE, MIN_BITS, TailMass

MAX_POINTS = 64
MAX_FREQUENCY = 1000
MAX_NUMBER_BITS = 512
MAX_RADIUS_BITS = 64
TAIL_BITS = 128
LINES_BITS = 32


@dataclass(frozen=True)
class TubeProof:
    """The proof data of one certificate: radii c_j, G(c_j) and 1/tau(c_j), the latter two rounded down.

    Attributes:
        radii: 1 < c_0 < c_1 < ..., rational.
        tails: integers; G(c_j) >= tails[j] / 2^128.
        lines: integers; 1 / tau(c_j) >= lines[j] / 2^32.
        bits: the precision at which the kernel recomputes both.
    """

    radii: tuple[Fraction, ...]
    tails: tuple[int, ...]
    lines: tuple[int, ...]
    bits: int

    def missed_energy(self, width: int) -> Fraction:
        """Return a lower bound of ||N - f||^2 in L2(mu) for every sum N of `width` ridge functions.

        The weights w_j = (1 - width * tau(c_j))_+ grow with j, so summation by parts gives
        sum over j of w_j (G(c_j) - G(c_{j+1})) = sum over j of (w_j - w_{j-1}) G(c_j).
        """
        total = last = Fraction(0)
        for tail, lines in zip(self.tails, self.lines, strict=True):
            weight = max(Fraction(0), 1 - Fraction(width << LINES_BITS, lines))
            total += (weight - last) * tail
            last = weight
        return total / (1 << TAIL_BITS)


def read_setting(claim: Fields) -> tuple[int, int, int, Fraction]:
    """Read the dimension d, the measure's parameter m, the width and the error of a claim."""
    d = claim.integer("d", 2, MAX_DIMENSION)
    m = claim.integer("measure", 0, MAX_MEASURE)
    width = claim.integer("width", 0, 1 << MAX_NUMBER_BITS)
    error = claim.rational("error")
    if error <= 0 or _size(error) > MAX_NUMBER_BITS:
        raise Rejected(RULE, claim.place("error"), f"must be positive, with at most {MAX_NUMBER_BITS} bits")
    return d, m, width, error


def read_proof(proof: Fields) -> TubeProof:
    """Read the proof; require increasing radii beyond 1 and shares that fall with the radius."""
    proof.choice("rule", (RULE,))
    bits = proof.integer("bits", MIN_BITS, MAX_BITS)
    radii = proof.rationals("radii", most=MAX_POINTS)
    tails = proof.integers("tails", most=MAX_POINTS, low=0, high=1 << (TAIL_BITS + 64))
    lines = proof.integers("lines", most=MAX_POINTS, low=1, high=1 << 4 * MAX_NUMBER_BITS)
    proof.done()
    if not radii or not len(radii) == len(tails) == len(lines):
        raise Rejected(RULE, proof.where, "needs at least one radius, with one tail and one count of lines for each")
    if radii[0] <= 1 or any(right <= left for left, right in pairwise(radii)):
        raise Rejected(RULE, proof.place("radii"), "must increase and exceed 1")
    if radii[-1] > MAX_FREQUENCY or max(map(_size, radii)) > MAX_RADIUS_BITS:
        raise Rejected(RULE, proof.place("radii"), f"beyond {MAX_FREQUENCY}, or of more than {MAX_RADIUS_BITS} bits")
    if any(right < left for left, right in pairwise(lines)):
        raise Rejected(RULE, proof.place("lines"), "must not decrease")
    return TubeProof(tuple(radii), tuple(tails), tuple(lines), bits)


def check_bound(
    proof: Fields, profile: RadialProfile, d: int, m: int, width: int, distance: Fraction
) -> tuple[TubeProof, TailMass]:
    """Check that every sum of at most `width` ridge functions is farther than `distance` from f in L2(mu)."""
    data = read_proof(proof)
    for j, (radius, lines) in enumerate(zip(data.radii, data.lines, strict=True)):
        where = f"{proof.place('lines')}[{j}]"
        if lines * tube_share(d, radius, where) > 1 << LINES_BITS:
            raise Rejected(RULE, where, "more lines than the share of one tube allows")
    # The inequality on the stored numbers is cheap: decide it before the numbers themselves are recomputed.
    if data.missed_energy(width) <= distance**2:
        raise Rejected(RULE, "claim.width", "the missed energy does not exceed the square of the error")
    mass = TailMass(profile, d, m, data.radii[-1], data.bits, proof.place("radii"))
    for j, (tail, bound) in enumerate(zip(data.tails, mass.outside(list(data.radii)), strict=True)):
        if Fraction(tail, 1 << TAIL_BITS) > bound:
            raise Rejected(RULE, f"{proof.place('tails')}[{j}]", "exceeds the energy proved beyond this radius")
    return data, mass


def deviation(mass: TailMass) -> Fraction:
    """Return a lower bound of the standard deviation of f under mu: no constant comes closer to f."""
    low, high = mass.mean()
    variance = mass.square_norm()[0] - max(low * low, high * high)
    return Fraction(isqrt(max(0, int(variance * (1 << 64)))), 1 << 32)


def _size(value: Fraction) -> int:
    return max(abs(value.numerator), value.denominator).bit_length()
