"""Theorem 2 at (d, eps): a depth-2 ReLU network, or a family for all profiles, proved by covering the ball."""

from __future__ import annotations

import math
import time
from concurrent.futures import Executor
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document, pack_bits, rational, rationals
from verify.claims.certified import Certified, KernelDisagrees, seal
from verify.constructions.thm2 import universal_family
from verify.errors import UsageProblem
from verify.kernel.cover.family import exact_error, read_family
from verify.kernel.fields import Fields
from verify.networks.family import RidgeFamily
from verify.progress import Budget, Progress, Silent
from verify.provers.covering import Cover, cover
from verify.provers.family_bound import FamilyFloatBound
from verify.provers.workers import available, executor_for
from verify.sphere.sampling import ball_points

Floats = npt.NDArray[np.float64]

MAX_COVER_DIMENSION = 4
# The certified bound aims at this multiple of the sampled sup, unless epsilon is smaller.
TIGHTNESS = 1.085


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
    progress: Progress | None = None,
) -> Certified:
    """Prove Theorem 2's instance at dimension d and accuracy eps.

    Args:
        profile: None proves it for every 1-Lipschitz profile at once; otherwise a name or an expression in r.
        lipschitz: the Lipschitz constant that the profile may have (default 1).
        executor: any `concurrent.futures.Executor` for the search; default: a pool of `workers` processes.
    """
    accuracy = require_accuracy(eps)
    if d < 1:
        raise UsageProblem(f"the dimension must be at least 1, not {d}")
    if d > MAX_COVER_DIMENSION:
        raise UsageProblem(
            f"the covering prover reaches d <= {MAX_COVER_DIMENSION}, not {d}; use --construction polynomial or thm1"
        )
    budget = Budget(time_limit, max_cells)
    progress = progress or Silent()
    with executor_for(workers, executor) as pool:
        search = _Search(d, accuracy, pool, workers or available(), budget, progress)
        if profile is None:
            if lipschitz is not None and Fraction(lipschitz) != 1:
                raise UsageProblem("--lipschitz needs --profile; for all L-Lipschitz profiles divide --eps by L")
            return search.universal()
        raise UsageProblem(profile)


def require_accuracy(eps: Fraction | str | int) -> Fraction:
    """Return eps as an exact positive rational."""
    try:
        accuracy = Fraction(eps)
    except (ValueError, ZeroDivisionError, TypeError, OverflowError):
        raise UsageProblem(f"eps must be a number such as 0.05 or 1/20, not {eps!r}") from None
    if accuracy <= 0:
        raise UsageProblem(f"eps must be positive, not {eps}")
    if accuracy < Fraction(1, 10**6):
        raise UsageProblem(f"eps = {eps} is finer than the search can reach; use at least 1e-6")
    return accuracy


class _Search:
    """One request: dimension, accuracy, resources."""

    def __init__(
        self,
        dimension: int,
        epsilon: Fraction,
        executor: Executor | None,
        workers: int,
        budget: Budget,
        progress: Progress,
    ) -> None:
        self.dimension = dimension
        self.epsilon = epsilon
        self.executor = executor
        self.workers = workers
        self.budget = budget
        self.progress = progress

    def cover(self, bound: Any, domain: str, target: Fraction, probe: Any) -> Cover:
        """Run the covering search."""
        self.progress.stage(f"covering the ball (bound {float(target):.6g})")
        return cover(
            bound,
            self.dimension,
            domain,
            float(target),
            executor=self.executor,
            budget=self.budget,
            progress=self.progress,
            probe=probe,
        )

    def universal(self) -> Certified:
        """Prove the statement for every 1-Lipschitz profile."""
        start = time.perf_counter()
        family, domain = universal_family(self.dimension, self.epsilon, self.progress)
        constructed = time.perf_counter()
        point, sampled = worst_point(family, domain)
        bound = certified_bound(sampled, self.epsilon)
        tree = self.cover(FamilyFloatBound(family), domain, bound, family.error)
        proved = time.perf_counter()
        kernel_family = read_family(Fields(family.to_document(), "family"))
        witness, lower = exact_witness(point, lambda x: exact_error(kernel_family, x)[0])
        claim: Document = {
            "kind": "universal-approximation",
            "dimension": self.dimension,
            "epsilon": rational(self.epsilon),
            "bound": rational(bound),
        }
        parts: Document = {
            "family": family.to_document(),
            "witness": {"point": rationals(witness), "error": rational(lower)},
        }
        command = f"certify thm2 --d {self.dimension} --eps {decimal(self.epsilon)}"
        return seal(
            f"thm2-d{self.dimension}-eps{decimal(self.epsilon).replace('/', '-')}",
            claim,
            parts,
            cover_proof("cover-family", tree),
            {"command": command, "theorem": "Theorem 2"},
            progress=self.progress,
            workers=self.workers,
            seconds={"construct": constructed - start, "prove": proved - constructed},
        )


def cover_proof(rule: str, tree: Cover) -> Document:
    """Return the proof part of a certificate that rests on a cover."""
    return {"rule": rule, "domain": tree.domain, "depth": tree.depth, "tree": pack_bits(tree.bits)}


def certified_bound(sampled: float, epsilon: Fraction, tightness: float = TIGHTNESS) -> Fraction:
    """Return the bound to prove: epsilon, or a short dyadic a little above the sampled sup if that is smaller."""
    aim = Fraction(math.ceil(sampled * tightness * 2**14), 2**14) if sampled < 0.5 else Fraction(101, 200)
    return min(aim, epsilon)


def worst_point(family: RidgeFamily, domain: str) -> tuple[Floats, float]:
    """Return a point of the ball where E is large, by sampling and local search (seeded), and its error."""
    return climb(family.error, family.dimension, domain)


def climb(error: Any, dimension: int, domain: str) -> tuple[Floats, float]:
    """Maximise `error` (vectorised, float64) over the ball by random sampling and shrinking steps."""
    generator = np.random.default_rng(1)
    points = ball_points(generator, 60_000, dimension, domain)
    values = error(points)
    best = points[np.argsort(-values, kind="stable")[:200]]
    top = error(best)
    for step in 0.01 * 0.7 ** np.arange(30):
        moved = best[:, None, :] + step * generator.normal(size=(best.shape[0], 12, dimension))
        moved = moved.reshape(-1, dimension)
        moved /= np.maximum(np.linalg.norm(moved, axis=1), 1.0)[:, None]
        new = error(moved).reshape(best.shape[0], 12)
        choice = new.argmax(axis=1)
        rows = np.arange(best.shape[0])
        better = new[rows, choice] > top
        best = np.where(better[:, None], moved.reshape(best.shape[0], 12, dimension)[rows, choice], best)
        top = np.where(better, new[rows, choice], top)
    winner = int(top.argmax())
    return best[winner], float(top[winner])


def exact_witness(point: Floats, lower_bound: Any) -> tuple[list[Fraction], Fraction]:
    """Return a dyadic point of the ball near `point` and a short dyadic below the exact error there."""
    unit = 1 << 20
    shrunk = [Fraction(math.trunc(float(x) * unit), unit) for x in point]  # towards the origin: stays in the ball
    while sum(x * x for x in shrunk) > 1:
        shrunk = [Fraction(math.trunc(x * unit * Fraction(unit - 1, unit)), unit) for x in shrunk]
    low = lower_bound(shrunk)
    return shrunk, max(Fraction(math.floor(low * 2**30), 2**30), Fraction(0))


def decimal(value: Fraction) -> str:
    """Return the shortest spelling of an accuracy for names: 0.05, or 1-30 for 1/30."""
    for digits in range(1, 13):
        text = f"{float(value):.{digits}g}"
        if Fraction(text) == value:
            return text
    return f"{value.numerator}/{value.denominator}"


__all__ = ["KernelDisagrees", "certify"]
