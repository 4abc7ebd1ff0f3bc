"""Rule CODE DISTANCE: binary cyclic codes, perhaps extended by a parity bit, and their minimum distance.

Statement and proof: docs/rules/parity.md, rule CODE DISTANCE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verify.kernel.fields import Fields
from verify.kernel.outcome import Rejected

RULE = "CODE DISTANCE"
MAX_LENGTH = 255
MAX_ENUMERATED = 24


@dataclass(frozen=True)
class Code:
    """A binary linear code with a systematic encoder.

    Attributes:
        length: N, the parity bit included.
        messages: n, the number of message bits, which appear among the bits of each codeword.
        distance: a proved lower bound of the Hamming distance of two codewords.
    """

    length: int
    messages: int
    distance: int


def read_code(fields: Fields) -> Code:
    """Read a code and prove its distance; every key is used.

    Polynomials over GF(2) are integers, bit i the coefficient of x^i.
    """
    cycle = fields.integer("cyclic_length", 3, MAX_LENGTH)
    generator = fields.integer("generator", 1, (1 << MAX_LENGTH + 1) - 1)
    extended = fields.flag("extended")
    distance = fields.integer("distance", 1, MAX_LENGTH + 1)
    method = fields.choice("method", ("enumeration", "bch"))
    messages = cycle + 1 - generator.bit_length()
    if not 1 <= messages < cycle or not generator & 1 or remainder((1 << cycle) | 1, generator):
        raise Rejected(RULE, fields.place("generator"), f"does not divide x^{cycle} + 1 properly")
    if method == "enumeration":
        if messages > MAX_ENUMERATED:
            raise Rejected(RULE, fields.place("method"), f"more than 2^{MAX_ENUMERATED} codewords")
        proved = least_weight(systematic_rows(cycle, generator, extended))
    else:
        proved = _designed_distance(fields, cycle, generator)
        # Codewords of the extended code have even weight.
        proved += proved % 2 if extended else 0
    fields.done()
    if distance > proved:
        raise Rejected(RULE, fields.place("distance"), f"only {proved} is proved")
    return Code(cycle + 1 if extended else cycle, messages, distance)


def remainder(dividend: int, divisor: int) -> int:
    """Return the remainder of a division of polynomials over GF(2)."""
    size = divisor.bit_length()
    while dividend.bit_length() >= size:
        dividend ^= divisor << (dividend.bit_length() - size)
    return dividend


def systematic_rows(cycle: int, generator: int, extended: bool) -> list[int]:
    """Return generator rows: message bit i sits at x^(cycle - n + i); the parity bit, if any, at x^cycle."""
    low = generator.bit_length() - 1
    rows = [(1 << place) ^ remainder(1 << place, generator) for place in range(low, cycle)]
    if extended:
        rows = [row | (row.bit_count() % 2 << cycle) for row in rows]
    return rows


def least_weight(rows: list[int]) -> int:
    """Return the least weight of a nonzero codeword, by listing all of them (at most 64 bits long)."""
    if any(row.bit_length() > 64 for row in rows):
        raise Rejected(RULE, "code", "codewords of more than 64 bits are not enumerated")
    words = np.zeros(1, dtype=np.uint64)
    for row in rows[:12]:
        words = np.concatenate([words, words ^ np.uint64(row)])
    outer = [0]
    for row in rows[12:]:
        outer += [word ^ row for word in outer]
    least = 64
    for index, word in enumerate(outer):
        weights = np.bitwise_count(words ^ np.uint64(word))
        # The zero codeword does not count.
        least = min(least, int((weights[1:] if index == 0 else weights).min()))
    return least


def _designed_distance(fields: Fields, cycle: int, generator: int) -> int:
    """Return delta: g vanishes at alpha, ..., alpha^(delta - 1), alpha of order `cycle` in GF(2^m) (BCH bound)."""
    modulus = fields.integer("field_polynomial", 2, 1 << 9)
    degree = modulus.bit_length() - 1
    if cycle != (1 << degree) - 1:
        raise Rejected(RULE, fields.place("field_polynomial"), "its degree does not fit the length")
    powers = [1]
    for _ in range(cycle - 1):
        powers.append(remainder(powers[-1] << 1, modulus))
    # All powers differ, none is 0 and x^cycle = 1: GF(2)[x]/(modulus) is a field whose nonzero elements they are.
    if len({*powers, 0}) != cycle + 1 or remainder(powers[-1] << 1, modulus) != 1:
        raise Rejected(RULE, fields.place("field_polynomial"), "x does not have the full order: not primitive")
    delta = 1
    while delta <= cycle and _value(generator, delta, powers) == 0:
        delta += 1
    return delta


def _value(polynomial: int, exponent: int, powers: list[int]) -> int:
    """Return the polynomial at alpha^exponent."""
    total = 0
    for place in range(polynomial.bit_length()):
        if polynomial >> place & 1:
            total ^= powers[place * exponent % len(powers)]
    return total
