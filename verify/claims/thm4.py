"""`certify thm4`: the paper's hard function at the paper's accuracy and weight bound, with a proved width."""

from __future__ import annotations

import time

from verify.claims.certified import Certified, seal
from verify.errors import UsageProblem
from verify.kernel.spectral import MAX_DIMENSION, SLOPES, quotient, width_bound
from verify.progress import Progress, Silent
from verify.provers.spectral import best_weights


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
    seconds = {"prove": time.perf_counter() - start}
    return seal(
        f"thm4-d{d}",
        {"kind": "theorem-4", "dimension": d, **widths},
        {},
        {
            "rule": "spectral",
            "precision": test.precision,
            "first_degree": test.first,
            "weights": list(test.weights),
        },
        {"command": f"certify thm4 --d {d}"},
        progress=progress,
        seconds=seconds,
    )
