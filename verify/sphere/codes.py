"""Even binary codes without short words: the sign vectors orthogonal to one have the moments of the whole cube."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import combinations

from verify.kernel.cubature.orbits import MAX_CODE_DIMENSION


def best_code(d: int, k: int) -> tuple[int, ...]:
    """Return generators (bit masks) of an even code of length d without words of weight 1..2k, () if none is known.

    Among the repetition code, Reed-Muller, quadratic residue and BCH codes, shortened to length d, the largest
    dimension wins; rule ORBITS lists the words of a code, so it is at most `MAX_CODE_DIMENSION`.
    """
    best: list[int] = []
    for length, distance, generators in _parents(d):
        if distance > 2 * k and length >= d:
            short = _shortened(generators, d)
            if len(short) > len(best):
                best = short
    return tuple(best[-MAX_CODE_DIMENSION:])


def _parents(d: int) -> list[tuple[int, int, list[int]]]:
    """Return (length, least distance, generators) of the codes known for length d."""
    known: list[tuple[int, int, Callable[[], list[int]]]] = []
    if d % 2 == 0:
        known.append((d, d, lambda: [(1 << d) - 1]))
    known += [(1 << m, 1 << (m - 1), partial(reed_muller, 1, m)) for m in range(3, 7)]
    known += [(24, 8, golay), (32, 8, partial(reed_muller, 2, 5))]
    known += [(32, 12, extended_bch), (48, 12, partial(quadratic_residue, 47))]
    return [(length, distance, code()) for length, distance, code in known if d <= length < 2 * d]


def reed_muller(order: int, m: int) -> list[int]:
    """Return generators of the Reed-Muller code of that order and length 2^m."""
    points = range(1 << m)
    rows = []
    for degree in range(order + 1):
        for monomial in combinations(range(m), degree):
            rows.append(sum(1 << p for p in points if all(p >> i & 1 for i in monomial)))
    return rows


def quadratic_residue(prime: int) -> list[int]:
    """Return generators of the extended quadratic residue code of length p + 1, p = -1 modulo 8."""
    residues = {i * i % prime for i in range(1, prime)}
    # An idempotent of the code of even weight, its cyclic shifts, each with a parity bit, and the word of ones.
    rows = []
    for shift in range(prime):
        word = sum(1 << ((i + shift) % prime) for i in range(1, prime) if i not in residues)
        rows.append(word | (word.bit_count() % 2) << prime)
    return _reduced([*rows, (1 << (prime + 1)) - 1])


def golay() -> list[int]:
    """Return generators of the extended Golay code, of length 24, dimension 12 and least distance 8."""
    return quadratic_residue(23)


def extended_bch() -> list[int]:
    """Return generators of the extended BCH code of length 32 and dimension 11 with least distance 12.

    Its zeros are alpha, alpha^3, alpha^5, alpha^7 and their conjugates, among them alpha^9 and alpha^10.
    """
    powers = [1]
    for _ in range(30):
        powers.append(powers[-1] << 1 ^ (37 if powers[-1] >> 4 else 0))  # modulo x^5 + x^2 + 1
    generator = 1
    for exponent in (1, 3, 5, 7):
        conjugates = {exponent * 2**i % 31 for i in range(5)}
        # The least common multiple of x^5 + ... with these roots: the polynomial over GF(2) that vanishes at one.
        factor = next(
            f for f in range(33, 64, 2)
            if all(_sum(powers[place * c % 31] for place in range(6) if f >> place & 1) == 0 for c in conjugates)
        )  # fmt: skip
        generator = _sum(generator << place for place in range(6) if factor >> place & 1)
    words = [generator << shift for shift in range(31 - generator.bit_length() + 1)]
    return [word | (word.bit_count() % 2) << 31 for word in words]


def _sum(terms: Iterable[int]) -> int:
    """Return the sum over GF(2)."""
    total = 0
    for term in terms:
        total ^= term
    return total


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
