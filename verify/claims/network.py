"""Somebody's network against a radial profile: proved within epsilon, refuted by a point, or enclosed as tightly as
time allows.
"""

from __future__ import annotations

import time
from concurrent.futures import Executor
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document, rational
from verify.claims.certified import Certified, seal
from verify.claims.explicit import ExplicitCase, symmetry
from verify.claims.regions import Walk
from verify.claims.request import exact
from verify.claims.search import Search, certified_bound, decimal, require_accuracy
from verify.errors import Inconclusive, UsageProblem
from verify.formats.network_file import read_network_file
from verify.kernel.cover.tree import MAX_DIMENSION
from verify.kernel.reader import content_hash
from verify.networks.depth2 import Depth2Network
from verify.progress import Budget, Progress, Silent
from verify.provers.ascent import QUICK, THOROUGH
from verify.provers.covering import Cover, TargetTooLow
from verify.provers.journal import Checkpoint
from verify.provers.workers import available, workforce_for
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

Floats = npt.NDArray[np.float64]

METHODS = ("cover", "regions")
EXACT = "exact"

# Without an accuracy to prove, bounds come down to these multiples of the sampled error, one after the other.
STEPS = (1.5, 1.2, 1.1, 1.05, 1.02, 1.01, 1.004, 1.002, 1.001)
DEFAULT_SECONDS = 60.0
# Up to this dimension a few points find an error near the largest one.
LOW_DIMENSION = 4
# Errors below this are not resolved further: the kernel's radii are multiples of 2^-26.
LEAST = 2.0**-16


def certify(
    *,
    network: Depth2Network | str | Path,
    profile: str,
    d: int | None = None,
    eps: Fraction | str | int | None = None,
    lipschitz: Fraction | str | int | None = None,
    method: str = "cover",
    workers: int | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    max_cells: int | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress | None = None,
    name: str | None = None,
    command: str | None = None,
    thorough: bool = False,
) -> Certified:
    """Prove sup |N(x) - phi(|x|)| <= eps over the unit ball, or refute it.

    Args:
        network: a network, or a file: .onnx, .npz or .json.
        eps: None asks for the tightest interval [witness, bound] within the time limit (default 60 s); "exact" (method
            "regions", piecewise linear profiles) for the supremum to within 10^-12.
        method: "cover" bisects the ball (d <= 8, wide networks); "regions" walks over the regions where N is affine
            (few neurons or a low dimension), and is exact for piecewise linear profiles.
        workers, executor: as for theorem 2 (`verify.claims.thm2.certify`).
        checkpoint: a file that keeps the progress; a run that was killed resumes from it. It is left behind.
        name, command: of the certificate and for its provenance, if another command asks.
        thorough: look for the largest error from many points also where few will do: a better witness, a little later.

    Returns:
        A certificate of kind "radial-approximation", or, if the claim is false, of kind "refutation"
        (`theorem.refutes` tells which).

    Raises:
        verify.errors.Unreadable: the file holds no depth-2 ReLU network.
        verify.errors.Inconclusive: neither a proof nor a witness within the budget.
    """
    start = time.perf_counter()
    progress = progress or Silent()
    supremum = isinstance(eps, str) and eps.strip() == EXACT
    accuracy = None if eps is None or supremum else require_accuracy(eps)
    if method not in METHODS:
        raise UsageProblem(f"unknown method {method!r}; known: {', '.join(METHODS)}")
    if supremum and method != "regions":
        raise UsageProblem("the exact supremum needs --method regions")
    if not isinstance(network, Depth2Network):
        progress.stage(f"reading {Path(network).name}")
        network = read_network_file(Path(network))
    if d is not None and d != network.dimension:
        raise UsageProblem(f"the network takes {network.dimension} numbers, not {d}; leave --d out")
    radius = min(Fraction(1, 10**4), accuracy / 200) if accuracy is not None else Fraction(1, 10**5)
    target = read_target(profile)
    proved = prove_profile(target, 1 if lipschitz is None else exact("lipschitz", lipschitz), radius)
    if supremum and proved.profile.radius:
        raise UsageProblem(
            f"the exact supremum needs a piecewise linear profile such as norm, bump or zigzag:3; {target.text} is "
            "known up to a tube only: leave --eps out for the tightest bound"
        )
    case = ExplicitCase(network, proved, "ball" if method == "regions" else symmetry(network))
    aim = EXACT if supremum else None if accuracy is None else decimal(accuracy)
    name = name or f"network-d{network.dimension}-{target.name}" + (f"-eps{aim.replace('/', '-')}" if aim else "")
    command = command or (
        f"certify network FILE --profile '{profile.strip()}'"
        + (f" --eps {aim}" if aim else "")
        + (" --method regions" if method == "regions" else "")
    )
    if method == "regions":
        if checkpoint is not None or max_cells is not None:
            raise UsageProblem(
                "--checkpoint and --max-cells belong to --method cover; the regions are walked over at once"
            )
        return Walk(case, name, command, start, progress, Budget(time_limit)).decide(accuracy)
    budget = Budget(time_limit if accuracy is not None else time_limit or DEFAULT_SECONDS, max_cells)
    request = _Request(case, name=name, command=command, start=start, thorough=thorough)
    asked: Document = {
        "command": "certify network",
        "network": content_hash(network.to_document()),
        "profile": profile,
        "eps": None if accuracy is None else rational(accuracy),
        "lipschitz": None if lipschitz is None else rational(exact("lipschitz", lipschitz)),
    }
    with workforce_for(workers, executor) as pool:
        kept = None if checkpoint is None else Checkpoint(Path(checkpoint), asked)
        search = Search(
            network.dimension, accuracy or Fraction(1), pool, workers or available(), budget, progress, kept
        )
        return request.decide(search, accuracy) if accuracy is not None else request.enclose(search)


class _Request:
    """One network, profile and the names of what comes out."""

    def __init__(self, case: ExplicitCase, *, name: str, command: str, start: float, thorough: bool) -> None:
        self._case = case
        self._thorough = thorough
        self._name = name
        self._provenance = {"command": command}
        self._start = start

    def decide(self, search: Search, accuracy: Fraction) -> Certified:
        """Prove the bound `accuracy` or refute it."""
        case = self._case
        search.progress.stage("looking for large errors")
        quick = not self._thorough and case.network.dimension <= LOW_DIMENSION
        point, sampled = case.climb(QUICK if quick else THOROUGH)
        while True:
            refutation = self._refute(search, accuracy, point)
            if refutation is not None:
                return refutation
            self._require_reach(sampled)
            bound = certified_bound(max(sampled + 2 * case.radius, float(accuracy) / 64), accuracy)
            try:
                tree = search.cover(case.evaluator(), case.domain, bound, case.error, case.closer(bound))
            except TargetTooLow as low:
                if low.error <= sampled or bound == accuracy:
                    refutation = self._refute(search, accuracy, low.point)
                    if refutation is None:
                        raise
                    return refutation
                point, sampled = low.point, low.error
                continue
            except Inconclusive:
                if not quick:
                    raise
                # Perhaps the claim is false: look again, from more points.
                quick = False
                point, _ = case.climb()
                refutation = self._refute(search, accuracy, point)
                if refutation is None:
                    raise
                return refutation
            return self._proved(search, accuracy, bound, tree, point)

    def enclose(self, search: Search) -> Certified:
        """Bring the bound down towards the sampled error until the budget is used up."""
        case = self._case
        search.progress.stage("looking for large errors")
        point, sampled = case.climb()
        self._require_reach(sampled)
        best: tuple[Fraction, Cover] | None = None
        evaluator = case.evaluator()
        for step in STEPS:
            bound = Fraction(int(max(sampled + 2 * case.radius, LEAST) * step * 2**24) + 1, 2**24)
            try:
                best = bound, search.cover(evaluator, case.domain, bound, case.error, case.closer(bound))
            except TargetTooLow as low:
                point, sampled = low.point, low.error
            except Inconclusive as problem:
                if best is None:
                    raise Inconclusive(f"the error is at least {sampled:.6g}; no upper bound ({problem})") from None
                break
        if best is None:
            raise Inconclusive(f"the error is at least {sampled:.6g}; no upper bound was found")
        return self._proved(search, best[0], best[0], best[1], point)

    def _require_reach(self, sampled: float) -> None:
        dimension = self._case.network.dimension
        if dimension > MAX_DIMENSION:
            raise Inconclusive(
                f"the error is at least {sampled:.6g}; covering reaches d <= {MAX_DIMENSION}, not {dimension}"
            )

    def _refute(self, search: Search, accuracy: Fraction, point: Floats) -> Certified | None:
        """Return a refutation with this witness point, or None if the error there is not above the accuracy."""
        case = self._case
        witness = case.witness(point)
        if witness[1] <= accuracy:
            return None
        return seal(
            f"{self._name}-refuted",
            case.claim("refutation", accuracy),
            case.parts(witness),
            case.witness_proof(),
            self._provenance,
            progress=search.progress,
            workers=search.workers,
            seconds={"search": time.perf_counter() - self._start},
        )

    def _proved(self, search: Search, accuracy: Fraction, bound: Fraction, tree: Cover, point: Floats) -> Certified:
        case = self._case
        return seal(
            self._name,
            {**case.claim("radial-approximation", accuracy), "bound": rational(bound)},
            case.parts(case.witness(point)),
            case.cover_proof(tree),
            self._provenance,
            progress=search.progress,
            workers=search.workers,
            seconds={"prove": time.perf_counter() - self._start},
        )
