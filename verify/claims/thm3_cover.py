"""Theorem 3 a second time: the same network, all its neurons listed, proved by covering the ball (d <= 3)."""

from __future__ import annotations

from fractions import Fraction

from threadpoolctl import threadpool_limits

from verify.certificates.document import rational
from verify.claims.certified import Certified
from verify.claims.search import Search
from verify.claims.thm2_profile import prove_network
from verify.claims.thm3 import chosen_network, name
from verify.constructions.thm3 import materialised
from verify.errors import UsageProblem
from verify.progress import Budget, Progress
from verify.provers.workers import available, workforce_for
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

MAX_DIMENSION = 3


def certify_by_cover(
    d: int, k: int, epsilon: Fraction, *, budget: Budget, workers: int | None, progress: Progress
) -> Certified:
    """Prove the error of Theorem 3's explicit network with the covering prover, which knows nothing of identities."""
    if d > MAX_DIMENSION:
        raise UsageProblem(f"--proof cover reaches d <= {MAX_DIMENSION}, not {d}; use --proof identity")
    found, offset, _ = chosen_network(d, k, epsilon)
    network = materialised(found, offset)
    proved = prove_profile(read_target(f"r**{2 * k}"), 2 * k, min(Fraction(1, 10**4), epsilon / 200))
    with threadpool_limits(1), workforce_for(workers, None) as pool:
        search = Search(d, epsilon, pool, workers or available(), budget, progress)
        return prove_network(
            search,
            network,
            proved,
            "chamber",
            name=f"{name(d, k, epsilon)}-cover",
            provenance={"command": f"certify thm3 --d {d} --k {k} --eps {rational(epsilon)} --proof cover"},
            seconds={},
        )
