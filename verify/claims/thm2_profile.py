"""Theorem 2 for one profile: an explicit network, proved by covering the ball (rule RADIAL-APPROXIMATION)."""

from __future__ import annotations

import time
from fractions import Fraction

from verify.certificates.document import Document, rational
from verify.claims.certified import Certified, seal
from verify.claims.explicit import ExplicitCase, float_tube
from verify.claims.search import Search, certified_bound, decimal
from verify.constructions.radial import fit_profile
from verify.networks.depth2 import Depth2Network, network_from_document
from verify.targets.profiles import read_target
from verify.targets.tube import ProvedProfile, prove_profile


def certify_profile(search: Search, text: str, lipschitz: Fraction | None) -> Certified:
    """Build and prove a network for the profile that `text` names."""
    start = time.perf_counter()
    target = read_target(text)
    search.progress.stage(f"proving the Lipschitz constant of {target.text}")
    proved = prove_profile(target, 1 if lipschitz is None else lipschitz, min(Fraction(1, 10**4), search.epsilon / 200))
    knots, values = float_tube(proved)

    def construct() -> Document:
        fit = fit_profile(search.dimension, knots, values, search.epsilon, search.budget, search.progress)
        return {"network": fit.network.to_document(), "symmetry": fit.symmetry}

    construction = search.construction(construct)
    constructed = time.perf_counter() - start
    command = f"certify thm2 --d {search.dimension} --eps {decimal(search.epsilon)} --profile '{text.strip()}'"
    if lipschitz is not None:
        command += f" --lipschitz {lipschitz}"
    return prove_network(
        search,
        network_from_document(construction["network"]),
        proved,
        str(construction["symmetry"]),
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
    case = ExplicitCase(network, proved, domain)
    point, sampled = case.climb()
    bound = certified_bound(sampled + 2 * case.radius, search.epsilon)
    tree = search.cover(case.evaluator(), domain, bound, case.error, case.closer(bound))
    return seal(
        name,
        {**case.claim("radial-approximation", search.epsilon), "bound": rational(bound)},
        case.parts(case.witness(point)),
        case.cover_proof(tree),
        provenance,
        progress=search.progress,
        workers=search.workers,
        seconds={**seconds, "prove": time.perf_counter() - start},
    )
