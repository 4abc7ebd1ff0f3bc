"""Theorem 2 for one profile: an explicit network, proved by covering the ball (rule RADIAL-APPROXIMATION)."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.certificates.document import rational, rationals
from verify.claims.certified import Certified, seal
from verify.claims.search import Search, certified_bound, cover_proof, decimal, exact_witness
from verify.constructions.radial import fit_profile
from verify.kernel.radial import norm_enclosure
from verify.networks.depth2 import Depth2Network
from verify.provers.ascent import climb
from verify.provers.network_bound import NetworkFloatBound
from verify.targets.profiles import read_target
from verify.targets.tube import ProvedProfile, prove_profile

Floats = npt.NDArray[np.float64]


def certify_profile(search: Search, text: str, lipschitz: Fraction | None) -> Certified:
    """Build and prove a network for the profile that `text` names."""
    start = time.perf_counter()
    target = read_target(text)
    search.progress.stage(f"proving the Lipschitz constant of {target.text}")
    proved = prove_profile(target, 1 if lipschitz is None else lipschitz, min(Fraction(1, 10**4), search.epsilon / 200))
    knots, values = float_tube(proved)
    fit = fit_profile(search.dimension, knots, values, search.epsilon, search.budget, search.progress)
    constructed = time.perf_counter() - start
    command = f"certify thm2 --d {search.dimension} --eps {decimal(search.epsilon)} --profile '{text.strip()}'"
    if lipschitz is not None:
        command += f" --lipschitz {lipschitz}"
    return prove_network(
        search,
        fit.network,
        proved,
        fit.symmetry,
        name=f"thm2-d{search.dimension}-eps{decimal(search.epsilon).replace('/', '-')}-{target.name}",
        provenance={"command": command, "theorem": "Theorem 2"},
        seconds={"construct": constructed},
    )


def prove_network(
    search: Search,
    network: Depth2Network,
    proved: ProvedProfile,
    domain: str,
    *,
    name: str,
    provenance: dict[str, str],
    seconds: dict[str, float],
) -> Certified:
    """Prove sup |phi(|x|) - N(x)| over the ball for one explicit network and profile.

    Args:
        domain: the symmetry of the network, which the kernel verifies: "ball" claims none.
    """
    start = time.perf_counter()
    knots, values = float_tube(proved)

    def error(points: Floats) -> Floats:
        radius = np.minimum(np.sqrt((points * points).sum(axis=1)), 1.0)
        result: Floats = np.abs(np.interp(radius, knots, values) - network.evaluate(points))
        return result

    point, sampled = climb(error, search.dimension, domain)
    radius = float(proved.profile.radius)
    bound = certified_bound(sampled + 2 * radius, search.epsilon)
    evaluator = NetworkFloatBound(network, knots, values, radius)
    tree = search.cover(evaluator, domain, bound, error)

    def lower_bound(x: list[Fraction]) -> Fraction:
        least, most = proved.profile.enclose(*norm_enclosure(x))
        value: Fraction = network(x)
        return max(least - value, value - most)

    witness, lower = exact_witness(point, lower_bound)
    proof = cover_proof("cover-network", tree)
    if proved.tube is not None:
        proof["tube"] = proved.tube
    return seal(
        name,
        {
            "kind": "radial-approximation",
            "dimension": search.dimension,
            "profile": proved.claim,
            "epsilon": rational(search.epsilon),
            "bound": rational(bound),
        },
        {"network": network.to_document(), "witness": {"point": rationals(witness), "error": rational(lower)}},
        proof,
        provenance,
        progress=search.progress,
        workers=search.workers,
        seconds={**seconds, "prove": time.perf_counter() - start},
    )


def float_tube(proved: ProvedProfile) -> tuple[Floats, Floats]:
    """Return the knots and values of the proved profile's piecewise linear interpolant in float64."""
    profile = proved.profile
    return np.array([float(k) for k in profile.knots]), np.array([float(v) for v in profile.values])
