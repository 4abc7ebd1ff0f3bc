"""Directions (rules ORBITS, GROUP ORBITS, DEFECT) in figures, and what differences of a smooth activation miss."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.exact.spelling import unpack_integers
from verify.kernel.activation.activations import Series
from verify.kernel.activation.differences import difference_weights
from verify.kernel.cubature.group_orbits import MAX_LINES, orbit_lines

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_ORDER = 40  # the longest power series that rule ACTIVATION gives


class Direction:
    """One class of directions: its norm, its mass, the law of its vectors' first coordinate, its name."""

    def __init__(self, item: Document, dimension: int) -> None:
        entries = [(int(value), int(count)) for value, count in item["entries"]]
        zeros = 1 - sum(count for _, count in entries) / dimension
        self.norm2: int = sum(value * value * count for value, count in entries)
        self.mass = float(Fraction(item["mass"]))
        self.law: list[tuple[float, float]] = [(value, count / dimension) for value, count in entries]
        if zeros > 0:
            self.law.append((0, zeros))
        self.name = f"w = {pattern(item)}"

    def on_axis(self, function: Callable[[Floats], Floats], r: Floats) -> Floats:
        """Return the mean of the even `function` of |w.x| / |w| over the class, at the points x = r e_1."""
        total = np.zeros_like(r)
        for value, share in self.law:
            total = total + share * function(np.minimum(r * value / math.sqrt(self.norm2), 1.0))
        return total


class Listed(Direction):
    """Directions given one by one (rule DEFECT), all in one class.

    Attributes:
        vectors: w_i of norm about 1, shape (N, d).
        shares: their weights, which sum to 1.
    """

    def __init__(self, item: Document) -> None:
        weights = unpack_integers(item["weights"]) / 2.0 ** item["weight_bits"]
        self.vectors: Floats = unpack_integers(item["vectors"]) / 2.0 ** item["bits"]
        self.mass = float(weights.sum())
        self.shares: Floats = weights / self.mass
        self.norm2 = 1
        self.law = list(zip(np.abs(self.vectors[:, 0]).tolist(), self.shares.tolist(), strict=True))
        self.name = f"each of {len(weights):,} lines"


class Generated(Direction):
    """Directions that a group of signed permutations generates (rule GROUP ORBITS)."""

    def __init__(self, item: Document, generators: Integers) -> None:
        starts = unpack_integers(item["starts"])
        seen: set[bytes] = set()
        for start in starts:
            orbit_lines(start, generators, seen, MAX_LINES)
        first = np.frombuffer(b"".join(seen), dtype=np.int8).reshape(-1, generators.shape[1])[:, 0]
        values, counts = np.unique(first, return_counts=True)
        self.norm2 = int((starts[0] ** 2).sum())
        self.mass = float(Fraction(item["mass"]))
        self.law = list(zip(values.tolist(), (counts / len(seen)).tolist(), strict=True))
        self.name = f"each of {len(seen):,} lines"


def directions_of(part: Document, dimension: int) -> list[Direction]:
    """Return the classes of a network's object "directions"."""
    if part["kind"] == "lines":
        return [Listed(part)]
    if part["kind"] == "group-orbits":
        generators = unpack_integers(part["generators"])
        return [Generated(item, generators) for item in part["classes"]]
    return [Direction(item, dimension) for item in part["classes"]]


def pattern(item: Document) -> str:
    """Return a class of directions as people write it: "(1,1,0,...)" up to order and signs."""
    entries = [str(value) for value, count in item["entries"] for _ in range(min(count, 4))]
    total = sum(count for _, count in item["entries"])
    return f"({','.join(entries[:4])}{',…' if total > 4 else ''})"


def difference_errors(series: Series, target: Sequence[Fraction], norm2: int, step: Fraction) -> Floats:
    """Return e_i, shape (MOST_ORDER / 2 + 1,), with q(t) - sum_m p_m t^(2m) = sum_i e_i s^(2i), s = t / |w|.

    q is the sum of differences of rule DIFFERENCES and p_1, p_2, ... is `target`. Evaluated from the power series,
    because the neurons' outputs cancel to far below what float64 shows.
    """
    count = len(target)
    errors = np.zeros(MOST_ORDER // 2 + 1)
    weights = difference_weights(count)
    for i in range(count + 1, MOST_ORDER // 2 + 1):
        total = Fraction(0)
        for m, (p, row) in enumerate(zip(target, weights, strict=True), start=1):
            if p:
                share = sum((x * j ** (2 * i) for j, x in enumerate(row, start=1)), Fraction(0))
                total += p * share * step ** (2 * i - 2 * m) / series.coefficients[2 * m]
        errors[i] = float(total * series.coefficients[2 * i] * norm2**i)
    return errors


def even_polynomial(coefficients: Floats, s: Floats) -> Floats:
    """Return sum_i coefficients[i] s^(2i)."""
    values = np.zeros_like(s)
    for coefficient in coefficients[::-1]:
        values = values * s * s + coefficient
    return values
