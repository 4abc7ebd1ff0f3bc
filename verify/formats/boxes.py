"""The boxes of a radial-approximation certificate with affine bounds of phi(|x|) on each, as exact rationals.

For queries to other tools: the bounds are those of kernel rules RADIUS and NETWORK, valid on the part of the box inside
the unit ball. Nothing is proved here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.kernel.cover.explicit import NetworkBound
from verify.kernel.cover.tree import DOMAINS, MAX_CELLS, MAX_GRID_BITS, grid_for, walk
from verify.kernel.cover.tube import FixedTube
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.packing import bit_array
from verify.kernel.profiles.profile import Profile, read_profile

# constant and slopes of an affine function of x
Affine = tuple[Fraction, tuple[Fraction, ...]]


@dataclass(frozen=True)
class Box:
    """One leaf of a cover.

    Attributes:
        low, high: its corners.
        below, above: affine functions with below(x) <= phi(|x|) <= above(x) on the box inside the unit ball.
    """

    low: tuple[Fraction, ...]
    high: tuple[Fraction, ...]
    below: Affine
    above: Affine


def require_radial(certificate: Certificate) -> None:
    """Raise `UsageProblem` unless the certificate proves a radial approximation by a cover."""
    if certificate.kind != "radial-approximation":
        raise UsageProblem(
            f"queries are exported from certificates of kind 'radial-approximation', not {certificate.kind!r}"
        )


def proved_profile(certificate: Certificate) -> Profile:
    """Return the profile of the certificate, its Lipschitz constant and tube checked."""
    claim, proof = certificate.document["claim"], certificate.document["proof"]
    tube = Fields(proof["tube"], "proof.tube") if "tube" in proof else None
    return read_profile(Fields(claim["profile"], "claim.profile"), tube)


def boxes(certificate: Certificate) -> Iterator[Box]:
    """Yield every leaf of the certificate's cover, in level order."""
    network = read_network(Fields(certificate.document["network"], "network"))
    profile = proved_profile(certificate)
    proof = Fields(certificate.document["proof"], "proof")
    domain = proof.choice("domain", DOMAINS)
    depth = proof.integer("depth", 0, MAX_GRID_BITS * network.dimension)
    tree = bit_array(proof, "tree", most=MAX_CELLS)
    grid = grid_for(network.dimension, domain, depth)
    bound = NetworkBound(network, FixedTube(profile.knots, profile.values, profile.radius), grid)
    unit = Fraction(1, 1 << bound.BOUND_BITS)
    for level, centres in walk(tree, grid, depth):
        half = [Fraction(side, 1 << grid.bits) for side in level.half_sides]
        sides = [bound.radial(centres, level, sign) for sign in (-1, 1)] if centres.shape[0] else []
        for row, centre in enumerate(centres.tolist()):
            middle = [Fraction(c, 1 << grid.bits) for c in centre]
            affine = []
            for (constants, slopes), sign in zip(sides, (-1, 1), strict=True):
                # sign * phi <= constant + sum slope_k (x_k - middle_k) / half_k
                tilt = [sign * int(s) * unit / h for s, h in zip(slopes[row], half, strict=True)]
                offset = sign * int(constants[row]) * unit
                offset -= sum((t * m for t, m in zip(tilt, middle, strict=True)), Fraction(0))
                affine.append((offset, tuple(tilt)))
            yield Box(
                tuple(m - h for m, h in zip(middle, half, strict=True)),
                tuple(m + h for m, h in zip(middle, half, strict=True)),
                affine[0],
                affine[1],
            )
