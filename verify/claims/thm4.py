"""`certify thm4`: the paper's hard function at the paper's accuracy and weight bound, with a proved width."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verify.certificates.document import Document
from verify.claims.certified import Certified, seal
from verify.claims.path_norm import LowerBound, proved_response
from verify.errors import UsageProblem
from verify.kernel.fields import Fields
from verify.kernel.sup_norm.spectral import SLOPES, quotient, width_bound
from verify.kernel.sup_norm.theorem4 import MAX_DIMENSION, dual_width
from verify.progress import Progress, Silent
from verify.provers.path_norm import rounded_measure, solve_on_shell
from verify.provers.spectral import best_weights


@dataclass(frozen=True)
class Shell:
    """Where the dual measure lives: the outer `turns` half periods; chosen so that floats can solve the program."""

    accuracy: float
    turns: int
    scale: float


SHELLS = {3: Shell(0.03, 54, 1e3), 4: Shell(0.03, 60, 1e3), 5: Shell(0.03, 30, 1e8), 6: Shell(0.3, 12, 1e9)}
"""Beyond d = 6 the masses are too large for a floating-point program; rule SPECTRAL alone is used."""


def certify(
    *, d: int, time_limit: float | None = None, progress: Progress | None = None, workers: int = 1
) -> Certified:
    """Certify the width that Theorem 4 forces in dimension d.

    Args:
        d: the dimension, 3 to 16.
        time_limit: ignored; d = 12 takes under a minute.
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
    if d in SHELLS:
        progress.stage("dual measure")
        proof["dual_measure"] = dual_measure(d)
        widths["width_relu"] = max(widths["width_relu"], dual_width(Fields(proof["dual_measure"], "dual_measure"), d))
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


def dual_measure(d: int) -> Document:
    """Return a dual measure for the paper's f (amplitude 1) with atoms in an outer shell, in its proof's form."""
    shell = SHELLS[d]
    frequency = 2 * math.pi * d**3
    inner = math.sqrt(max(0.0, 1 - shell.turns * math.pi / frequency))
    solution = solve_on_shell(
        d, lambda r: np.sin(frequency * r * r), shell.accuracy, inner, 3 * shell.turns + 30, shell.scale
    )
    measure = rounded_measure(solution)
    return LowerBound(measure, proved_response(measure, d, solution.peak), Fraction(0)).document()
