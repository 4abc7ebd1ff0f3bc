"""Finds proofs of the Fourier tube bound: radii, precision, and the largest width that they prove.

The kernel's own enclosures are the engine (they are fast and exact), so what is found here passes the kernel's check.
Source: the argument of Eldan and Shamir (2016) with explicit constants, docs/rules/tubes.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verify.errors import Inconclusive
from verify.exact.spelling import Document, rationals
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.bound import LINES_BITS, TAIL_BITS, TubeProof
from verify.kernel.tubes.radial_profile import RULE, RadialProfile
from verify.kernel.tubes.share import tube_share
from verify.kernel.tubes.tail_mass import MAX_BITS, TailMass
from verify.provers.tube_search import Floats, TailEstimate, estimated_width, lines_for

GRID = 1 << 10
"""Radii are multiples of 1 / GRID."""


@dataclass(frozen=True)
class TubeBound:
    """A proved bound: every sum of `width` ridge functions is farther than the given distance from f.

    Attributes:
        width: the largest width that the radii prove.
        proof: what the certificate stores.
    """

    width: int
    proof: TubeProof

    def document(self) -> Document:
        """Return the certificate's proof object."""
        return {
            "rule": RULE,
            "bits": self.proof.bits,
            "radii": rationals(self.proof.radii),
            "tails": list(self.proof.tails),
            "lines": list(self.proof.lines),
        }


def on_grid(values: Sequence[float]) -> list[Fraction]:
    """Return radii near `values`: multiples of 1 / GRID beyond 1, increasing, without repetition."""
    return [Fraction(k, GRID) for k in sorted({max(round(value * GRID), GRID + 8) for value in values})]


def tail_mass(profile: RadialProfile, d: int, m: int, largest: Fraction, accuracy: float) -> TailMass:
    """Return the expansion of a profile's transform with enough bits for the given absolute accuracy of G."""
    half, x = d / 2, float(profile.radius * largest)
    scale = 2 * d * math.log(float(profile.radius)) + d * math.log(float(largest)) - 4 * math.lgamma(half)
    bits = int((x + scale / 2) / math.log(2) - math.log2(accuracy)) + 48
    bits = max(bits, 128)
    while bits <= MAX_BITS:
        try:
            mass = TailMass(profile, d, m, largest, bits, "the target")
        except Rejected:
            break
        slack = mass.slack()
        if slack < Fraction(accuracy):
            return mass
        bits += max(32, math.ceil(math.log2(float(min(slack, Fraction(1 << 512))) / accuracy)))
    raise Inconclusive(
        f"frequencies up to {float(largest):.4g} on the radius {float(profile.radius):.4g} are beyond what the kernel "
        "expands; take a larger --eps or a smaller target"
    )


def prove(profile: RadialProfile, d: int, m: int, distance: Fraction, radii: Sequence[Fraction]) -> TubeBound:
    """Return the largest width that the given radii prove, with the proof.

    Raises:
        Inconclusive: not even width 0 can be excluded at these radii.
    """
    mass = tail_mass(profile, d, m, max(radii), float(distance) ** 2 * 2.0**-24)
    try:
        tails = [int(bound * (1 << TAIL_BITS)) for bound in mass.outside(list(radii))]
        lines = [int((1 << LINES_BITS) / tube_share(d, radius, "the target")) for radius in radii]
    except Rejected as problem:
        raise Inconclusive(str(problem)) from problem
    kept = [j for j, tail in enumerate(tails) if tail > 0]
    proof = TubeProof(
        tuple(radii[j] for j in kept), tuple(tails[j] for j in kept), tuple(lines[j] for j in kept), mass.bits
    )
    width = largest_width(proof, distance)
    if width is None:
        raise Inconclusive(
            f"the energy at high frequencies does not exceed the square of {float(distance):.4g}; take a smaller --eps"
        )
    # Radii whose weight is zero at this width prove nothing: leave them out.
    useful = [j for j, count in enumerate(proof.lines) if count > width << LINES_BITS]
    return TubeBound(
        width,
        TubeProof(
            tuple(proof.radii[j] for j in useful),
            tuple(proof.tails[j] for j in useful),
            tuple(proof.lines[j] for j in useful),
            proof.bits,
        ),
    )


def largest_width(proof: TubeProof, distance: Fraction) -> int | None:
    """Return the largest width whose missed energy exceeds distance^2, None if there is none."""
    goal = distance**2
    if not proof.radii or proof.missed_energy(0) <= goal:
        return None
    low, high = 0, 1
    while proof.missed_energy(high) > goal:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if proof.missed_energy(middle) > goal:
            low = middle
        else:
            high = middle
    return low


def spread_radii(profile: RadialProfile, d: int, m: int, distance: Fraction, count: int) -> list[Fraction]:
    """Return radii at which the bound for any profile is well read off, found from a coarse geometric grid.

    The energy of a profile with kinks falls slowly with the frequency, so only radii that decide are kept.

    Raises:
        Inconclusive: no energy to speak of at frequencies beyond 1.
    """
    goal = float(distance) ** 2
    top = 4.0
    while True:
        radii = np.geomspace(1.02, top, 48)
        tails = _estimated_tails(profile, d, m, radii)
        if tails[-1] < goal or top * float(profile.radius) > 4000:
            break
        top *= 1.6
    lines = lines_for(d, radii)
    width = estimated_width(tails, lines, float(distance))
    if width == 0:
        raise Inconclusive(
            f"no lower bound: hardly any energy lies beyond frequency 1 (distance {float(distance):.4g} asked for); "
            "take a smaller --eps or another --scale"
        )
    # Below `first` the weights 1 - width tau are zero, beyond `last` within 1/1000 of one: in between they decide.
    first = float(radii[lines <= width].max(initial=1.02))
    last = min(first * 1000 ** (1 / (d - 1)), 3 * top)
    last = max(min(last, float(radii[tails < goal / 1000].min(initial=last))), 1.02 * first)
    return on_grid([first * (last / first) ** (k / (count - 1)) for k in range(count)])


def _estimated_tails(profile: RadialProfile, d: int, m: int, radii: Floats) -> Floats:
    """Return estimates of G at the radii: floating point, continued by a power law where its rounding errors begin."""
    estimate = TailEstimate(profile, d, m, float(radii[-1]))
    tails = np.array([estimate.tail(float(c)) for c in radii])
    trusted = tails > 1e-11 * estimate.square_norm
    count = int(np.argmin(trusted)) if not trusted.all() else len(radii)
    if count < 8 or count == len(radii):
        return tails
    # The energy of a profile with kinks falls like a power of the frequency.
    first = count // 2
    power, constant = np.polyfit(np.log(radii[first:count]), np.log(tails[first:count]), 1)
    tails[count:] = np.exp(constant) * radii[count:] ** power
    return np.asarray(tails)
