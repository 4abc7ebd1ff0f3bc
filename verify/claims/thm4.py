"""`certify thm4`: the paper's hard function at the paper's accuracy and weight bound, with a proved width."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np

from verify.certificates.document import Document
from verify.claims.certified import Certified, seal
from verify.claims.path_norm import LowerBound, proved_response
from verify.errors import UsageProblem
from verify.kernel.sup_norm.spectral import SLOPES, quotient, width_bound
from verify.kernel.sup_norm.theorem4 import MAX_DIMENSION, dual_width
from verify.progress import Progress, Silent
from verify.provers.alternating_measure import Extrema, alternating_measure
from verify.provers.path_norm import rounded_measure, solve
from verify.provers.spectral import best_weights

MAX_ATOMS = {0: 96, 1: 300}
"""Atoms of the dual measure by the parity of d; a kernel check takes a few seconds (even d: longer power series)."""
GRADING = 17
ACCURACY = 0.1
"""d = 3: with more than the paper's accuracy the linear program has smaller masses and is solved faster."""


def certify(
    *, d: int, time_limit: float | None = None, progress: Progress | None = None, workers: int = 1
) -> Certified:
    """Certify the width that Theorem 4 forces in dimension d.

    Args:
        d: the dimension, 3 to 16.
        time_limit: ignored; d = 12 takes half a minute, d = 16 a few.
        progress: receives stages.
        workers: ignored.
    """
    progress = progress or Silent()
    if not 3 <= d <= MAX_DIMENSION:
        raise UsageProblem(f"--d must lie between 3 and {MAX_DIMENSION}, not {d}")
    start = time.perf_counter()
    progress.stage("test weights")
    test = best_weights(d)
    progress.stage("masses")
    bound = quotient(d, test.first, list(test.weights), test.precision)
    widths = {f"width_{name.replace('-', '_').lower()}": width_bound(d, bound, kappa) for name, kappa in SLOPES.items()}
    proof: Document = {
        "rule": "spectral",
        "precision": test.precision,
        "first_degree": test.first,
        "weights": list(test.weights),
    }
    progress.stage("dual measure")
    measure = dual_measure(d)
    dual = dual_width(measure.measure, measure.response, d)
    if dual > widths["width_relu"]:
        widths["width_relu"] = dual
        proof["dual_measure"] = measure.document()
    seconds = {"prove": time.perf_counter() - start}
    return seal(
        f"thm4-d{d}",
        {"kind": "theorem-4", "dimension": d, **widths},
        {},
        proof,
        {"command": f"certify thm4 --d {d}"},
        progress=progress,
        seconds=seconds,
    )


def dual_measure(d: int) -> LowerBound:
    """Return a dual measure for the paper's f, with its proved response; its bound is for amplitude 1."""
    if d == 3:
        frequency = 2 * math.pi * d**3
        solution = solve(d, lambda r: np.sin(frequency * r * r), ACCURACY, tolerance=1e-3)
        measure, peak = rounded_measure(solution), solution.peak
    else:
        # sin(2 pi d^3 u) is extremal at u = (2k + 1) / (4 d^3), first 1.
        extrema = Extrema(Fraction(1, 4 * d**3), Fraction(1, 2 * d**3), 2 * d**3, 1)
        measure, peak = alternating_measure(d, extrema.outer(MAX_ATOMS[d % 2]))
    return LowerBound(measure, proved_response(measure, d, peak, grading=GRADING), Fraction(0), GRADING)
