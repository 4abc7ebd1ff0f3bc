"""Small certificates' worth of exact data for the Coq rules, built without the provers."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from verify.formats.coq.ridge import RidgeGroup, RidgeProof, fitted_group
from verify.formats.coq.source import IntegerNetwork

Vector = tuple[int, ...]


def signed_permutations(base: Vector) -> tuple[Vector, ...]:
    """Return the orbit of `base`, one vector of each pair ±w."""
    found = set()
    for order in set(itertools.permutations(base)):
        for signs in itertools.product((1, -1), repeat=len(base)):
            w = tuple(a * b for a, b in zip(order, signs, strict=True))
            if next(a for a in w if a) > 0:
                found.add(w)
    return tuple(sorted(found, reverse=True))


def even_signs(base: Vector) -> tuple[Vector, ...]:
    return tuple(w for w in signed_permutations(base) if sum(a < 0 for a in w) % 2 == 0)


def power_group(
    weight: int, directions: tuple[Vector, ...], common: int, k: int, pieces: int, K: int, S: int
) -> RidgeGroup:
    """Return a PL profile of (weight/common)·t^2k on |t| ≤ |w|, both errors nearly the same."""
    p, half = 2 * k, pieces // 2
    square = sum(a * a for a in directions[0])
    top = math.isqrt(square * K * K - 1) + 1
    positive = [round(math.sqrt(square) * K * (j / half) ** (1 / k)) for j in range(1, half)] + [top]
    kinks = [-t for t in reversed(positive)] + [0, *positive]
    value = [Fraction(weight, common) * Fraction(t, K) ** p for t in kinks]
    slopes = [round((b - a) / (t - s) * S) for a, b, s, t in zip(value, value[1:], kinks, kinks[1:], strict=False)]
    units = [(slopes[0], K, -kinks[0])]
    units += [(b - a, K, -t) for a, b, t in zip(slopes, slopes[1:], kinks[1:-1], strict=False) if a != b]
    level = round(value[0] * S)
    for _ in range(2):
        group = fitted_group(
            k=k,
            common=common,
            knot_scale=K,
            scale=S,
            weight=weight,
            directions=directions,
            units=tuple(units),
            level=level,
            knots=kinks,
        )
        level -= (1 if weight >= 0 else -1) * (group.above - group.below) // 2
    return group


def ridge_proof(
    d: int, k: int, common: int, orbits: list[tuple[tuple[Vector, ...], int]], pieces: list[int], K: int, S: int
) -> RidgeProof:
    """Return the ridge proof for common·|x|^2k = Σ weight Σ_{w in orbit} (w·x)^2k."""
    groups = [
        power_group(weight, directions, common, k, count, K, S)
        for (directions, weight), count in zip(orbits, pieces, strict=True)
    ]
    return RidgeProof(d, k, common, K, S, tuple(groups))


def quartic(d: int, pieces: list[int], K: int = 1 << 10, S: int = 1 << 30) -> RidgeProof:
    """Return the ridge proof of |x|^4 = (4-d)/3 Σ x_i^4 + 1/6 Σ (x_i ± x_j)^4; one weight is negative for d > 4."""
    unit = (1,) + (0,) * (d - 1)
    pair = (1, 1) + (0,) * (d - 2)
    orbits = [(signed_permutations(unit), 2 * (4 - d)), (signed_permutations(pair), 1)]
    return ridge_proof(d, 2, 6, [o for o in orbits if o[1]], pieces, K, S)


def gosset_sextic(pieces: list[int]) -> RidgeProof:
    """Return the ridge proof of |x|^6 on B_8 with the 120 lines of the E8 roots."""
    roots = [(signed_permutations((2, 2, 0, 0, 0, 0, 0, 0)), 1), (even_signs((1,) * 8), 1)]
    return ridge_proof(8, 3, 960, roots, pieces, 1 << 12, 1 << 40)


def lines_network(S: int, lines: list[tuple[int, tuple[Vector, ...]]]) -> IntegerNetwork:
    """Return Σ a |w·x| / S, two neurons a line."""
    neurons = [(a, v, 0) for a, orbit in lines for w in orbit for v in (w, tuple(-t for t in w))]
    return IntegerNetwork(S, 0, tuple(neurons))


def octahedral_norm() -> IntegerNetwork:
    """Return 13 lines for |x| on R^3, relative error .0447."""
    orbits = [(2422, (1, 0, 0)), (2031, (1, 1, 0)), (1277, (1, 1, 1))]
    return lines_network(16384, [(a, signed_permutations(w)) for a, w in orbits])
