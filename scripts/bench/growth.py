"""How the cost of a proof grows with slack, width and dimension, and what prover and kernel reach; writes growth.json.

python scripts/bench/growth.py
"""

from __future__ import annotations

import json
import os
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

import numpy as np
from bench.instances import CERTIFICATES, INSTANCES, homogeneous

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
    start = time.perf_counter()
    found = cover(case.evaluator(), instance.network.dimension, case.domain, bound)
    prove = time.perf_counter() - start
    result = verify.certify(
        "network", network=instance.network, profile=instance.profile, eps=instance.epsilon(slack), workers=1
    )
    return {
        "sweep": sweep,
        "value": value,
        "width": instance.network.width,
        "cells": found.leaves,
        "boxes": found.evaluated,
        "prove": prove,
        "check": result.seconds["check"],
    }


def peak() -> float:
    """Return the flops/s of a float64 matrix product on one core: what BLAS can do here and now."""
    matrix = np.random.default_rng(0).normal(size=(1000, 1000))
    matrix @ matrix
    start = time.perf_counter()
    for _ in range(5):
        matrix @ matrix
    return 5 * 2e9 / (time.perf_counter() - start)


def throughput() -> dict[str, str]:
    """Prove and check the universal claim d = 3, eps = 0.05 on one core."""
    document = load(CERTIFICATES / "thm2-d3-eps0.05.json").document
    family = family_from_document(document["family"])
    bound = float(Fraction(document["claim"]["bound"]))
    start = time.perf_counter()
    found = cover(FamilyFloatBound(family), 3, document["proof"]["domain"], bound)
    prove = time.perf_counter() - start
    start = time.perf_counter()
    assert verify.check(CERTIFICATES / "thm2-d3-eps0.05.json", workers=1).theorem is not None
    check = time.perf_counter() - start
    block = family.blocks[0]
    lines, knots, bins = len(block.directions), len(block.knots), len(family.constants)
    # Inner products, prefix sums for value and gradient, and the products with the coefficients.
    flops = 2 * 3 * lines + 8 * lines + 4 * 3 * knots + 2 * 5 * knots * bins + 60 * bins
    best = peak()
    return {
        "universal, d = 3, eps = 0.05": f"{found.evaluated:,} boxes, {found.leaves:,} leaves, one core",
        "prover": f"{prove:.2f} s, {found.evaluated / prove:,.0f} boxes/s",
        "arithmetic": f"about {flops:,} flops a box, {flops * found.evaluated / prove / 1e9:.2f} Gflops/s of "
        f"{best / 1e9:.1f} that a large matrix product reaches ({100 * flops * found.evaluated / prove / best:.1f} %)",
        "kernel": f"{check:.2f} s, {found.leaves / check:,.0f} leaves/s",
    }


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
    target.write_text(json.dumps({"rows": rows, "throughput": throughput()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
