"""How cost grows with slack, width and dimension, what prover and kernel reach, memory; writes growth.json.

python scripts/bench/growth.py
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

import numpy as np
from bench.instances import CERTIFICATES, INSTANCES, homogeneous
from bench.memory import peak_memory

import verify
from verify.certificates.certificate import load
from verify.claims.explicit import ExplicitCase, symmetry
from verify.networks.family import family_from_document
from verify.provers.covering import cover
from verify.provers.family_bound import FamilyFloatBound
from verify.sphere.directions import candidates, lebedev, polygon
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile


def measure(sweep: str, value: float, instance: Any, slack: float) -> dict[str, Any]:
    """Cover at slack times the error, and check."""
    proved = prove_profile(read_target(instance.profile), 1, Fraction(1, 10**6))
    case = ExplicitCase(instance.network, proved, symmetry(instance.network))
    bound = float(instance.epsilon(slack))
    found, prove = timed(lambda: cover(case.evaluator(), instance.network.dimension, case.domain, bound))
    result = verify.certify(
        "network", network=instance.network, profile=instance.profile, eps=instance.epsilon(slack), workers=1
    )
    _, check = timed(lambda: verify.check(result.certificate))
    return {
        "sweep": sweep,
        "value": value,
        "width": instance.network.width,
        "cells": found.leaves,
        "boxes": found.evaluated,
        "prove": prove,
        "check": check,
    }


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what `work` returns, and the least processor time of up to three runs (one, if that takes long)."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
        if best > 1.0:
            break
    return result, best


def peak() -> float:
    """Return the flops/s of a float64 matrix product on one core: what BLAS can do here and now."""
    matrix = np.random.default_rng(0).normal(size=(1000, 1000))
    return 2e9 / timed(lambda: matrix @ matrix)[1]


def universal() -> tuple[Any, Any]:
    document = load(CERTIFICATES / "thm2-d3-eps0.05.json").document
    return document, family_from_document(document["family"])


def throughput() -> dict[str, str]:
    """Prove and check the universal claim d = 3, eps = 0.05 on one core."""
    document, family = universal()
    bound = float(Fraction(document["claim"]["bound"]))
    found, prove = timed(lambda: cover(FamilyFloatBound(family), 3, document["proof"]["domain"], bound))
    checked, check = timed(lambda: verify.check(CERTIFICATES / "thm2-d3-eps0.05.json", workers=1))
    assert checked.theorem is not None
    lines = sum(len(block.directions) for block in family.blocks)
    knots = sum(len(block.knots) for block in family.blocks)
    segments, bins = knots + len(family.blocks), len(family.constants)
    # Inner products; weights and gradients by segment; segments by bins (value, gradient); kinks by bins (value,
    # deviation); the bound from the bins.
    flops = 2 * 3 * lines + 8 * lines + 2 * 4 * segments * bins + 2 * 2 * knots * bins + 60 * bins
    best = peak()
    return {
        "universal, d = 3, eps = 0.05": f"{found.evaluated:,} boxes, {found.leaves:,} leaves, {lines} lines, "
        f"{knots} knots, {bins} bins; one core, processor time",
        "prover": f"{prove:.2f} s, {found.evaluated / prove:,.0f} boxes/s",
        "arithmetic": f"about {flops:,} flops a box, {flops * found.evaluated / prove / 1e9:.2f} Gflops/s of "
        f"{best / 1e9:.1f} that a large matrix product reaches ({100 * flops * found.evaluated / prove / best:.1f} %)",
        "kernel": f"{check:.2f} s, {found.leaves / check:,.0f} leaves/s",
    }


def memory_of(bound: float) -> tuple[int, float]:
    """Cover at a bound in this process; return the boxes and the peak memory in MB."""
    document, family = universal()
    found = cover(FamilyFloatBound(family), 3, document["proof"]["domain"], bound)
    return found.evaluated, peak_memory()


def memory() -> list[dict[str, float]]:
    """Prove larger and larger bounds of one family, each in a process of its own."""
    rows = []
    for bound in (0.2, 0.1, 0.07, 0.055, 0.05):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            boxes, peak_memory = pool.submit(memory_of, bound).result()
        rows.append({"bound": bound, "boxes": boxes, "memory": peak_memory})
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    rows = []
    for excess in (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005):
        rows.append(measure("(eps - e*) / e*, 55 lines", excess, INSTANCES["55 lines, d = 3"](), 1 + excess))
    for count in (4, 8, 16, 32, 64, 128):
        rows.append(measure("lines, d = 2, slack 1.05", count, homogeneous("", polygon(count), None), 1.05))
    for degree in (7, 11, 17, 23, 29):
        lines = lebedev(degree)
        rows.append(measure("lines, d = 3, slack 1.05", lines.count, homogeneous("", lines, None), 1.05))
    for dimension in (2, 3, 4):
        lines = candidates(dimension)[0 if dimension != 2 else 1]
        rows.append(measure("d, slack 1.2", dimension, homogeneous("", lines, None), 1.2))
    for row in rows:
        print(row, flush=True)
    target = HERE.parents[1] / "docs" / "benchmarks" / "growth.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"rows": rows, "throughput": throughput(), "memory": memory()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
