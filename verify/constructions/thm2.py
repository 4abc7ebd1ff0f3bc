"""Theorem 2's networks: the universal family for (d, eps), and an explicit network for one profile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from importlib import resources
from typing import Any

import numpy as np

from verify.constructions.universal import (
    COEFFICIENT_BITS,
    KNOT_BITS,
    WEIGHT_BITS,
    Effort,
    Shape,
    fit_family,
)
from verify.errors import Inconclusive
from verify.networks.family import RidgeBlock, RidgeFamily, family_from_document
from verify.progress import Budget, Progress, Silent
from verify.sphere.directions import DIRECTION_BITS, LEBEDEV_DEGREES, candidates, lebedev, polygon

# A construction is accepted if its sampled sup is below this share of epsilon: the cover needs some slack.
ROOM = 0.97
MOST_NEURONS = 200_000
# phi(1/2) alone has error 1/2; a cover needs a little more, because the error 1/2 is attained.
CONSTANT_SUFFICES = Fraction(101, 200)


def universal_family(
    dimension: int, epsilon: Fraction, progress: Progress | None = None, budget: Budget | None = None
) -> tuple[RidgeFamily, str]:
    """Return a family with sup E <= epsilon on samples, and the symmetry of its lines.

    Raises:
        Inconclusive: no shape that this construction knows is good enough, or out of time.
    """
    progress = progress or Silent()
    if epsilon >= CONSTANT_SUFFICES:
        return constant_family(dimension), "chamber"
    if dimension == 1:
        return interval_family(epsilon), "orthant"
    shipped = shipped_design(dimension, epsilon)
    if shipped is not None:
        progress.stage("design taken from the package")
        return shipped
    for shape, effort in shapes(dimension, float(epsilon)):
        if shape.width > MOST_NEURONS:
            raise Inconclusive(
                f"{float(epsilon):g} would take about {shape.width:,} neurons in dimension {dimension}, more than this "
                f"construction fits; raise --eps"
            )
        progress.stage(f"fitting {shape.lines.count} lines, {shape.knots} knots, {shape.bins} bins")
        family, error = fit_family(shape, effort, budget)
        if error <= ROOM * epsilon:
            return family, shape.lines.symmetry
    raise Inconclusive(
        f"no family of this construction reaches {float(epsilon):g} in dimension {dimension}; raise --eps"
    )


def constant_family(dimension: int) -> RidgeFamily:
    """Return the family of width 0: N_phi = phi(1/2), with sup E = 1/2."""
    return RidgeFamily(
        dimension,
        0,
        0,
        0,
        0,
        1,
        np.array([0, 1, 2]),
        np.array([1, 0]),
        (),
    )


def interval_family(epsilon: Fraction) -> RidgeFamily:
    """Return the interpolation family of dimension 1: m bins of length h have sup E = h / 2."""
    bins = -(-1 // (2 * Fraction(ROOM) * epsilon))
    bins = int(bins)
    edges = np.rint(np.arange(bins + 1) / bins * (1 << KNOT_BITS)).astype(np.int64)
    coefficients = np.zeros((bins, bins), dtype=np.int64)
    for l in range(bins):  # noqa: E741 - the bins of the paper are numbered by l
        steep = round((1 << COEFFICIENT_BITS + KNOT_BITS) / int(edges[l + 1] - edges[l]))
        coefficients[l, l] = steep
        if l + 1 < bins:
            coefficients[l + 1, l] = -steep
    line = RidgeBlock(np.array([[1 << DIRECTION_BITS]]), np.array([1 << WEIGHT_BITS]), edges[:-1], coefficients)
    return RidgeFamily(
        1,
        DIRECTION_BITS,
        WEIGHT_BITS,
        KNOT_BITS,
        COEFFICIENT_BITS,
        KNOT_BITS,
        edges,
        np.zeros(bins, dtype=np.int64),
        (line,),
    )


def shapes(dimension: int, epsilon: float) -> Iterator[tuple[Shape, Effort]]:
    """Yield shapes of growing width that should reach `epsilon`, by the scaling seen in d = 2 and 3."""
    for growth in (1.0, 1.12, 1.26, 1.4, 1.6, 1.8):
        scale = growth * 0.047 / epsilon
        if dimension == 2:
            count = max(2, 2 * round(8 * scale))
            yield (
                Shape(polygon(count), max(2, round(16 * scale)), max(3, round(18 * scale))),
                Effort(points=4000, rounds=3),
            )
        elif dimension == 3:
            degree = next((known for known in LEBEDEV_DEGREES if known >= 28.5 * scale), LEBEDEV_DEGREES[-1])
            yield Shape(lebedev(degree), max(2, round(18 * scale)), max(3, round(24 * scale))), Effort()
        else:
            for lines in candidates(dimension):
                if lines.count >= (12 * scale) ** (dimension - 1) / 4:
                    yield Shape(lines, max(2, round(16 * scale)), max(3, round(20 * scale))), Effort(rounds=3)


def shipped_design(dimension: int, epsilon: Fraction) -> tuple[RidgeFamily, str] | None:
    """Return the package's own design for this dimension with the largest accuracy in [0.8 eps, eps], if any."""
    folder = resources.files("verify") / "designs"
    if not folder.is_dir():
        return None
    found: list[tuple[Fraction, dict[str, Any]]] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.startswith(f"universal-d{dimension}-") and entry.name.endswith(".json"):
            design = json.loads(entry.read_text())
            reached = Fraction(design["epsilon"])
            if Fraction(4, 5) * epsilon <= reached <= epsilon:
                found.append((reached, design))
    if not found:
        return None
    _, design = max(found, key=lambda item: item[0])
    return family_from_document(design["family"]), str(design["symmetry"])
