"""Even binary codes without short words: the sign vectors orthogonal to one have the moments of the whole cube."""

from __future__ import annotations

from itertools import combinations


def best_code(d: int, k: int) -> tuple[int, ...]:
    """Return generators (bit masks) of an even code of length d without words of weight 1..2k, () if none is known.

    Among the repetition code, Reed-Muller codes and the Golay code, shortened to length d, the largest dimension wins.
    """
    best: list[int] = []
    for length, distance, generators in _parents(d):
        if distance > 2 * k and length >= d:
            short = _shortened(generators, d)
            if len(short) > len(best):
                best = short
    return tuple(best)


def _parents(d: int) -> list[tuple[int, int, list[int]]]:
    """Return (length, least distance, generators) of the codes known for length d."""
    known = []
    if d % 2 == 0:
        known.append((d, d, [(1 << d) - 1]))
    for m in range(3, 7):
        known.append((1 << m, 1 << (m - 1), reed_muller(1, m)))
    known += [(24, 8, golay()), (32, 8, reed_muller(2, 5))]
    return [parent for parent in known if d <= parent[0] < 2 * d]


def reed_muller(order: int, m: int) -> list[int]:
    """Return generators of the Reed-Muller code of that order and length 2^m."""
    points = range(1 << m)
    rows = []
    for degree in range(order + 1):
        for monomial in combinations(range(m), degree):
            rows.append(sum(1 << p for p in points if all(p >> i & 1 for i in monomial)))
    return rows


def golay() -> list[int]:
    """Return generators of the extended binary Golay code: quadratic residues modulo 23, and a parity bit."""
    residues = {i * i % 23 for i in range(1, 23)}
    # The idempotent of the quadratic residue code, its cyclic shifts, each with a parity bit.
    rows = []
    for shift in range(23):
        word = sum(1 << ((i + shift) % 23) for i in range(23) if i not in residues and i != 0)
        rows.append(word | (word.bit_count() % 2) << 23)
    return _reduced([*rows, (1 << 24) - 1])


def _shortened(generators: list[int], d: int) -> list[int]:
    """Return generators of the words that vanish beyond the first d coordinates."""
    return [row for row in _reduced(generators) if row < 1 << d]


def _reduced(generators: list[int]) -> list[int]:
    """Return a basis in which leading bits differ, largest first."""
    basis: list[int] = []
    for row in generators:
        for other in basis:
            row = min(row, row ^ other)
        if row:
            basis = sorted([min(other, other ^ row) for other in basis] + [row], reverse=True)
    return basis
