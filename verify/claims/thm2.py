"""Theorem 2 at (d, eps): a depth-2 ReLU network, or a family for all profiles, proved by covering the ball."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from fractions import Fraction
from pathlib import Path

from threadpoolctl import threadpool_limits

from verify.certificates.document import Document, rational, rationals
from verify.claims.certified import Certified, seal
from verify.claims.request import exact
from verify.claims.search import (
    Search,
    certified_bound,
    cover_proof,
    decimal,
    exact_witness,
    require_accuracy,
)
from verify.constructions.thm2 import universal_family
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.cover.family import exact_error, read_family
from verify.kernel.fields import Fields
from verify.networks.family import family_from_document
from verify.progress import Budget, Progress, Silent
from verify.provers.ascent import climb
from verify.provers.family_bound import FamilyFloatBound
from verify.provers.journal import Checkpoint
from verify.provers.workers import available, workforce_for

MAX_COVER_DIMENSION = 4
CONSTRUCTIONS = ("cover", "polynomial", "auto")


def certify(
    *,
    d: int,
    eps: Fraction | str | int,
    profile: str | None = None,
    lipschitz: Fraction | str | int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    max_cells: int | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress | None = None,
    construction: str = "cover",
) -> Certified:
    """Prove Theorem 2's instance at dimension d and accuracy eps.

    Args:
        profile: None proves it for every 1-Lipschitz profile at once; otherwise a name or an expression in r.
        lipschitz: the Lipschitz constant that the profile may have (default 1).
        workers: processes for the kernel's check, and for the search unless an executor is given.
        executor: any `concurrent.futures.Executor` for the search, on this machine or many; the certificate does not
            depend on it.
        construction: "cover" optimises a network and covers the ball; "polynomial" works in any dimension (Theorem 1's
            construction); "auto" takes the smaller network of the two, and gives each at most half of the time.
        checkpoint: a file that keeps the progress; a run that was killed resumes from it. It is left behind.
    """
    accuracy = require_accuracy(eps)
    if d < 1:
        raise UsageProblem(f"the dimension must be at least 1, not {d}")
    if construction not in CONSTRUCTIONS:
        raise UsageProblem(f"--construction must be one of {', '.join(CONSTRUCTIONS)}, not {construction!r}")
    polynomial: Certified | None = None
    only = construction == "polynomial" or d > MAX_COVER_DIMENSION
    began = time.monotonic()
    if construction != "cover":
        from verify.claims import thm1

        constant = None if lipschitz is None else exact("lipschitz", lipschitz)
        try:
            polynomial = thm1.certify(
                d=d,
                eps=accuracy,
                profile=profile,
                lipschitz=constant,
                progress=progress,
                time_limit=None if time_limit is None else time_limit if only else time_limit / 2,
                theorem="thm2",
            )
        except Inconclusive:
            if only:
                raise
        if polynomial is not None and only:
            return polynomial
    if d > MAX_COVER_DIMENSION:
        raise UsageProblem(
            f"the covering prover reaches d <= {MAX_COVER_DIMENSION}, not {d}; use --construction polynomial or thm1"
        )
    left = None if time_limit is None else max(0.0, time_limit - (time.monotonic() - began))
    budget = Budget(left, max_cells)
    progress = progress or Silent()
    # One BLAS thread: processes share the work, and sums do not depend on the number of cores.
    with threadpool_limits(1), workforce_for(workers, executor) as pool:
        request: Document = {
            "command": "certify thm2",
            "d": d,
            "eps": rational(accuracy),
            "profile": profile,
            "lipschitz": None if lipschitz is None else rational(exact("lipschitz", lipschitz)),
        }
        kept = None if checkpoint is None else Checkpoint(Path(checkpoint), request)
        search = Search(d, accuracy, pool, workers or available(), budget, progress, kept)
        try:
            return narrower(_covered(search, profile, lipschitz), polynomial)
        except Inconclusive:
            if polynomial is None:
                raise
            return polynomial


def _covered(search: Search, profile: str | None, lipschitz: Fraction | str | int | None) -> Certified:
    if profile is None:
        if lipschitz is not None and exact("lipschitz", lipschitz) != 1:
            raise UsageProblem("--lipschitz needs --profile; for all L-Lipschitz profiles divide --eps by L")
        return universal(search)
    from verify.claims.thm2_profile import certify_profile

    return certify_profile(search, profile, None if lipschitz is None else exact("lipschitz", lipschitz))


def narrower(covered: Certified, polynomial: Certified | None) -> Certified:
    """Return the certificate of the network with fewer neurons."""
    if polynomial is None or int(covered.theorem.figures["width"]) <= int(polynomial.theorem.figures["width"]):
        return covered
    return polynomial


def universal(search: Search) -> Certified:
    """Prove the statement for every 1-Lipschitz profile."""
    start = time.perf_counter()

    def construct() -> Document:
        family, domain = universal_family(search.dimension, search.epsilon, search.progress, search.budget)
        return {"family": family.to_document(), "symmetry": domain}

    construction = search.construction(construct)
    family, domain = family_from_document(construction["family"]), str(construction["symmetry"])
    constructed = time.perf_counter()
    point, sampled = climb(family.error, search.dimension, domain)
    bound = certified_bound(sampled, search.epsilon)
    tree = search.cover(FamilyFloatBound(family), domain, bound, family.error)
    proved = time.perf_counter()
    kernel_family = read_family(Fields(family.to_document(), "family"))
    witness, lower = exact_witness(point, lambda x: exact_error(kernel_family, x)[0])
    claim: Document = {
        "kind": "universal-approximation",
        "dimension": search.dimension,
        "epsilon": rational(search.epsilon),
        "bound": rational(bound),
    }
    parts: Document = {
        "family": family.to_document(),
        "witness": {"point": rationals(witness), "error": rational(lower)},
    }
    command = f"certify thm2 --d {search.dimension} --eps {decimal(search.epsilon)}"
    return seal(
        f"thm2-d{search.dimension}-eps{decimal(search.epsilon).replace('/', '-')}",
        claim,
        parts,
        cover_proof("cover-family", tree),
        {"command": command, "theorem": "Theorem 2"},
        progress=search.progress,
        workers=search.workers,
        seconds={"construct": constructed - start, "prove": proved - constructed},
    )
