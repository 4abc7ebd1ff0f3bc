"""`certify depth3`: a depth-3 ReLU network with small weights close to a radial target, in any dimension."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from verify.certificates.document import Document, rational, rationals
from verify.claims.certified import Certified, seal
from verify.claims.path_norm import decimal, tube_part, tube_pieces, vectorised
from verify.claims.request import exact
from verify.constructions.depth3 import Depth3Design, build
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.profiles.profile import MAX_KNOTS
from verify.kernel.sup_norm.radial_depth3 import MAX_BITS, MAX_CUTS, MAX_DIMENSION, Hinges, proved_error
from verify.progress import Progress, Silent
from verify.targets.profiles import read_target
from verify.targets.tube import ProvedProfile, prove_profile

TUBE_SHARE = 60  # the tube's radius is epsilon over this
# What the construction aims at, in parts of the accuracy: just below it; coarse networks lose more on the way.
AIMS = (*(1 - Fraction(2**k, 1000) for k in range(8)), *(Fraction(1, 2**k) for k in range(1, 6)))
# A profile with a piece as long as LONG is cut at multiples of epsilon / CUTS, for the proof only.
LONG = Fraction(1, 8)
CUTS = 16


@dataclass(frozen=True)
class UpperBound:
    """A depth-3 network whose error the kernel's rule has bounded by epsilon."""

    design: Depth3Design
    error: Fraction
    cuts: int = 1

    @property
    def neurons(self) -> int:
        """The number of neurons of both hidden layers."""
        return self.design.network.neurons()

    def network_document(self) -> Document:
        """Return the network's form in a certificate."""
        network = self.design.network
        numbers = [*_numbers(network.inner), *_numbers(network.outer)]
        bits = max(number.denominator.bit_length() - 1 for number in numbers)
        if bits > MAX_BITS:
            raise Inconclusive("a weight of the network needs too many bits; please report this")
        form: Document = {
            "bits": bits,
            "inner": _scaled(network.inner, bits),
            "outer": _scaled(network.outer, bits),
        }
        if network.scales != (Fraction(1), Fraction(1)):
            form["scales"] = rationals(network.scales)
        return form

    def band_document(self) -> Document:
        """Return the band's form in a proof."""
        band = self.design.band
        cuts: Document = {} if self.cuts == 1 else {"cuts": self.cuts}
        return {"square_below": rationals(band.below), "square_above": rationals(band.above), **cuts}


def _numbers(hinges: Hinges) -> tuple[Fraction, ...]:
    return (hinges.offset, *hinges.knots, *hinges.coefficients)


def _scaled(hinges: Hinges, bits: int) -> Document:
    def scaled(values: tuple[Fraction, ...]) -> list[int]:
        return [int(value * (1 << bits)) for value in values]

    return {
        "offset": int(hinges.offset * (1 << bits)),
        "knots": scaled(hinges.knots),
        "coefficients": scaled(hinges.coefficients),
    }


def certify(
    *,
    d: int,
    profile: str,
    eps: Fraction | str,
    lipschitz: Fraction | str = "1",
    weight_bound: Fraction | str = "1",
    time_limit: float | None = None,
    progress: Progress | None = None,
    workers: int = 1,
) -> Certified:
    """Certify a depth-3 ReLU network within eps of f(x) = phi(|x|) on the unit ball of R^d.

    Args:
        d: the dimension.
        profile: phi, in the language of verify.targets.profiles.
        eps: the accuracy in the sup norm over the unit ball.
        lipschitz: a Lipschitz constant of phi to prove and state.
        weight_bound: the largest allowed absolute value of a weight; below 1, several neurons share a larger one.
        time_limit: ignored; the construction takes seconds.
        progress: receives stages.
        workers: ignored.
    """
    progress = progress or Silent()
    epsilon, bound = exact("eps", eps), exact("weight-bound", weight_bound)
    if not 1 <= d <= MAX_DIMENSION:
        raise UsageProblem(f"--d must lie between 1 and {MAX_DIMENSION}, not {d}")
    start = time.perf_counter()
    progress.stage("profile")
    proved = fine_profile(profile, exact("lipschitz", lipschitz), epsilon)
    progress.stage("depth-3 network")
    upper = upper_bound(d, proved, epsilon, bound)
    seconds = {"construct": time.perf_counter() - start}
    return seal(
        f"depth3-d{d}-{proved.target.name}-eps{decimal(epsilon)}",
        {
            "kind": "depth3-approximation",
            "dimension": d,
            "profile": proved.claim,
            "epsilon": rational(epsilon),
            "weight_bound": rational(bound),
            "neurons": upper.neurons,
        },
        {"network": upper.network_document()},
        {"rule": "radial-depth3", **tube_part(proved), **upper.band_document()},
        {"command": f"certify depth3 --d {d} --profile '{profile}' --eps {rational(epsilon)}"},
        progress=progress,
        seconds=seconds,
    )


def fine_profile(profile: str, lipschitz: Fraction, epsilon: Fraction) -> ProvedProfile:
    """Return the proved profile with a tube of radius just below epsilon / TUBE_SHARE."""
    target = read_target(profile)
    share = TUBE_SHARE / epsilon
    radius = Fraction(1, -(-share.numerator // share.denominator))
    if target.table is None:
        pieces = tube_pieces(target, radius)
        if pieces > MAX_KNOTS:
            raise Inconclusive(f"a proof at accuracy {rational(epsilon)} needs too fine a tube; raise --eps")
    return prove_profile(target, lipschitz, radius)


def upper_bound(
    d: int,
    proved: ProvedProfile,
    epsilon: Fraction,
    weight_bound: Fraction,
    *,
    most: int = 20_000,
    inner: int | None = None,
) -> UpperBound:
    """Return a network of at most `most` neurons that the kernel's rule accepts (`inner`: see `build`)."""
    # A constant is within the Lipschitz constant of phi; rule RADIAL DEPTH 3 wants a network that bends.
    room = min(epsilon - proved.profile.radius, proved.profile.lipschitz)
    longest = max(b - a for a, b in pairwise(proved.profile.knots))
    cuts = 1 if longest < LONG else min(MAX_CUTS, math.ceil(CUTS / epsilon))
    for share in AIMS:
        design = build(d, vectorised(proved.target), float(room * share), weight_bound, most=most, inner=inner)
        if not design.network.outer.knots:
            continue
        error = proved_error(design.network, design.band, proved.profile, cuts)
        if error <= epsilon:
            return UpperBound(design, error, cuts)
    raise Inconclusive("the network that was built is not accurate enough; please report this")
