"""One explicit network against one profile: its error, where it is large, and the certificates that follow."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document, rational, rationals
from verify.claims.search import cover_proof, exact_witness
from verify.kernel.cover.radial import norm_enclosure, require_symmetry
from verify.kernel.cover.tree import DOMAINS, MAX_DIMENSION
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.outcome import Rejected
from verify.networks.depth2 import Depth2Network
from verify.provers.ascent import QUICK, THOROUGH, climb
from verify.provers.covering import Cover
from verify.provers.network_bound import NetworkFloatBound
from verify.provers.patterns import PatternCloser, pack_closed
from verify.targets.tube import ProvedProfile

Floats = npt.NDArray[np.float64]

# Wider networks are sampled at fewer points.
WIDE = 10_000

Witness = tuple[list[Fraction], Fraction]


class ExplicitCase:
    """A network and a proved profile.

    Args:
        domain: a symmetry of the network, which the kernel verifies: "ball" claims none.
    """

    def __init__(self, network: Depth2Network, proved: ProvedProfile, domain: str = "ball") -> None:
        self.network = network
        self.proved = proved
        self.domain = domain
        self.radius = float(proved.profile.radius)
        self._knots, self._values = float_tube(proved)

    def error(self, points: Floats) -> Floats:
        """Return |psi(|x|) - N(x)| at points (n, d) in float64; phi is within `radius` of psi."""
        radius = np.minimum(np.sqrt((points * points).sum(axis=1)), 1.0)
        result: Floats = np.abs(np.interp(radius, self._knots, self._values) - self.network.evaluate(points))
        return result

    def climb(self, effort: tuple[int, int] = THOROUGH) -> tuple[Floats, float]:
        """Return a point of the ball where the error is large, and the error there, by sampling and local ascent."""
        effort = effort if self.network.width <= WIDE else QUICK
        return climb(self.error, self.network.dimension, self.domain, effort)

    def evaluator(self) -> NetworkFloatBound:
        """Return the search's bound of the error on boxes."""
        return NetworkFloatBound(self.network, self._knots, self._values, self.radius)

    def closer(self, bound: Fraction) -> PatternCloser:
        """Return the prover of single boxes by activation patterns (rule FARKAS)."""
        return PatternCloser(self.network, self.proved.profile, self.domain, bound)

    def lower_bound(self, point: Sequence[Fraction]) -> Fraction:
        """Return a rational below |phi(|x|) - N(x)| at an exact point of the ball."""
        least, most = self.proved.profile.enclose(*norm_enclosure(list(point)))
        value: Fraction = self.network(point)
        return max(least - value, value - most)

    def witness(self, point: Floats) -> Witness:
        """Return a dyadic point near `point` and a short dyadic below the error there."""
        return exact_witness(point, self.lower_bound)

    def claim(self, kind: str, epsilon: Fraction) -> Document:
        """Return the claim's common keys."""
        return {
            "kind": kind,
            "dimension": self.network.dimension,
            "profile": self.proved.claim,
            "epsilon": rational(epsilon),
        }

    def parts(self, witness: Witness) -> Document:
        """Return the certificate's objects."""
        point, error = witness
        return {
            "network": self.network.to_document(),
            "witness": {"point": rationals(point), "error": rational(error)},
        }

    def cover_proof(self, tree: Cover) -> Document:
        """Return the proof of a radial-approximation claim that rests on a cover."""
        proof = cover_proof("cover-network", tree)
        if tree.closed:
            proof["closed"] = pack_closed(tree.closed, self.closer(Fraction(1)).bits)
        return self._with_tube(proof)

    def witness_proof(self) -> Document:
        """Return the proof of a refutation."""
        return self._with_tube({"rule": "witness"})

    def regions_proof(self) -> Document:
        """Return the proof of a radial-approximation claim on regions, which the kernel enumerates itself."""
        return self._with_tube({"rule": "regions"})

    def _with_tube(self, proof: Document) -> Document:
        if self.proved.tube is not None:
            proof["tube"] = self.proved.tube
        return proof


def symmetry(network: Depth2Network) -> str:
    """Return the largest symmetry of the network that the kernel accepts: "chamber", "orthant" or "ball"."""
    if network.dimension > MAX_DIMENSION:
        return "ball"
    read = read_network(Fields(network.to_document(), "network"))
    for domain in reversed(DOMAINS):
        try:
            require_symmetry(read, domain)
        except Rejected:
            continue
        return domain
    return "ball"


def float_tube(proved: ProvedProfile) -> tuple[Floats, Floats]:
    """Return the knots and values of the proved profile's piecewise linear interpolant in float64."""
    profile = proved.profile
    return np.array([float(k) for k in profile.knots]), np.array([float(v) for v in profile.values])
