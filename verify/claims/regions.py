"""The largest error of somebody's small network, from the regions on which the network is affine (rule REGIONS)."""

from __future__ import annotations

import math
import time
from fractions import Fraction

from verify.certificates.document import rational
from verify.claims.certified import Certified, seal
from verify.claims.explicit import ExplicitCase, Witness
from verify.errors import Inconclusive
from verify.progress import Budget, Progress
from verify.provers.regions import supremum
from verify.provers.relu_sums import require_sums

UNIT = Fraction(1, 10**14)
"""Bounds are rounded up, and errors at witnesses down, to multiples of this."""


class Walk:
    """One request: a network with its profile, the names of what comes out, and its resources."""

    def __init__(
        self, case: ExplicitCase, name: str, command: str, start: float, progress: Progress, budget: Budget
    ) -> None:
        self._case = case
        self._name = name
        self._provenance = {"command": command}
        self._start = start
        self._progress = progress
        self._budget = budget

    def decide(self, accuracy: Fraction | None) -> Certified:
        """Prove the bound `accuracy` or refute it; with None, state the supremum itself.

        Raises:
            Inconclusive: the network is too large, or the accuracy lies between the error and its upper bound.
        """
        case = self._case
        profile = case.proved.profile
        self._progress.stage("looking for large errors")
        sampled, _ = case.climb()
        self._progress.stage("z3: sums of ReLUs on a line are piecewise linear functions")
        lines = require_sums(case.network)
        self._provenance["relu_sums"] = f"z3: {lines} lines of neurons equal their piecewise linear functions for all t"
        start = case.witness(sampled)
        self._progress.stage("walking over the regions")
        # Not quite the sampled error, so that the walk always meets a point above its start.
        found = supremum(case.network, profile, max(start[1] - Fraction(1, 10**6), Fraction(0)), self._budget)
        witness = start if found.point is None else self._witness(found.point)
        if accuracy is not None and witness[1] > accuracy:
            return self._sealed(f"{self._name}-refuted", "refutation", accuracy, None, witness)
        bound = UNIT * math.ceil((found.upper + profile.radius) / UNIT)
        if accuracy is not None and bound > accuracy:
            # The supremum may still be the accuracy itself: the kernel compares exactly.
            if found.upper + profile.radius > accuracy + UNIT:
                raise Inconclusive(
                    f"the largest error lies in [{float(witness[1]):.9g}, {float(bound):.9g}]; raise or lower --eps"
                )
            bound = accuracy
        bound = max(bound, UNIT)
        return self._sealed(self._name, "radial-approximation", accuracy or bound, bound, witness)

    def _witness(self, point: list[Fraction]) -> Witness:
        """Return the witness at an exact point."""
        return point, max(UNIT * math.floor(self._case.lower_bound(point) / UNIT), Fraction(0))

    def _sealed(self, name: str, kind: str, epsilon: Fraction, bound: Fraction | None, witness: Witness) -> Certified:
        case = self._case
        claim = case.claim(kind, epsilon)
        return seal(
            name,
            claim if bound is None else {**claim, "bound": rational(bound)},
            case.parts(witness),
            case.witness_proof() if bound is None else case.regions_proof(),
            self._provenance,
            progress=self._progress,
            seconds={"prove": time.perf_counter() - self._start},
        )
