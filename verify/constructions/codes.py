"""Binary cyclic codes for the code-lifted separation: quadratic residue and BCH codes, extended by a parity bit."""

from __future__ import annotations

from dataclasses import dataclass

from verify.certificates.document import Document
from verify.kernel.parity.codes import remainder


@dataclass(frozen=True)
class CyclicCode:
    """A cyclic code, extended by a parity bit; polynomials over GF(2) are integers.

    Attributes:
        cycle: the length before extension.
        generator: the generator polynomial.
        distance: the minimum distance of the extended code (BCH codes: its designed value).
        field_polynomial: for BCH codes, a primitive polynomial of the field of the roots.
    """

    cycle: int
    generator: int
    distance: int
    field_polynomial: int | None = None

    @property
    def length(self) -> int:
        """The length with the parity bit."""
        return self.cycle + 1

    def document(self) -> Document:
        """Return the code's form in a certificate."""
        method = {"method": "enumeration"}
        if self.field_polynomial is not None:
            method = {"method": "bch", "field_polynomial": self.field_polynomial}  # type: ignore[dict-item]
        return {
            "cyclic_length": self.cycle,
            "generator": self.generator,
            "extended": True,
            "distance": self.distance,
            **method,
        }


def quadratic_residue(prime: int, distance: int) -> CyclicCode:
    """Return the extended quadratic residue code of length p + 1, p a prime with p = -1 mod 8."""
    residues = {index * index % prime for index in range(1, prime)}
    idempotent = sum(1 << residue for residue in residues)
    candidates = [common_divisor(idempotent ^ shift, (1 << prime) | 1) for shift in (0, 1)]
    generator = next(g for g in candidates if g.bit_length() - 1 == (prime - 1) // 2)
    return CyclicCode(prime, generator, distance)


def bch(degree: int, designed: int) -> CyclicCode:
    """Return the extended narrow-sense BCH code of length 2^m whose cyclic part has designed distance delta (odd)."""
    cycle = (1 << degree) - 1
    modulus = next(f for f in range(1 << degree | 1, 2 << degree, 2) if len(set(field_powers(f, cycle))) == cycle)
    powers = field_powers(modulus, cycle)
    logarithm = {value: index for index, value in enumerate(powers)}
    generator, seen = 1, set[int]()
    for exponent in range(1, designed):
        orbit = {exponent * 2**k % cycle for k in range(degree)}
        if min(orbit) in seen:
            continue
        seen.add(min(orbit))
        # The minimal polynomial of alpha^exponent: the product of x - alpha^j over its conjugates.
        factor = [1]
        for j in orbit:
            shifted = [0, *factor]
            for place, value in enumerate(factor):
                if value:
                    shifted[place] ^= powers[(logarithm[value] + j) % cycle]
            factor = shifted
        generator = product(generator, sum(value << place for place, value in enumerate(factor)))
    return CyclicCode(cycle, generator, designed + 1, modulus)


def field_powers(modulus: int, count: int) -> list[int]:
    """Return 1, x, x^2, ... modulo a polynomial."""
    powers = [1]
    for _ in range(count - 1):
        powers.append(remainder(powers[-1] << 1, modulus))
    return powers


def product(a: int, b: int) -> int:
    """Return the product of two polynomials over GF(2)."""
    result = 0
    while b:
        if b & 1:
            result ^= a
        a, b = a << 1, b >> 1
    return result


def common_divisor(a: int, b: int) -> int:
    """Return the greatest common divisor of two polynomials over GF(2)."""
    while b:
        a, b = b, remainder(a, b)
    return a


def code_for(messages: int) -> CyclicCode | None:
    """Return the code that the separation uses for n message bits: n = 12, 24, 36 or 64."""
    match messages:
        case 12:
            return quadratic_residue(23, 8)
        case 24:
            return quadratic_residue(47, 12)
        case 36:
            return bch(6, 11)
        case 64:
            return bch(7, 21)
    return None
