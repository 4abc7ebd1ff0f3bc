"""The bound C d^p of growth claims, with rational C and p; compared with widths in integers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed

MAX_EXPONENT = 100
MAX_DENOMINATOR = 100


@dataclass(frozen=True)
class PowerLaw:
    """The bound C d^p."""

    constant: Fraction
    exponent: Fraction

    def __str__(self) -> str:
        power = spelled(self.exponent)
        power = "" if power == "1" else f"^({power})" if "/" in power else f"^{power}"
        return f"{spelled(self.constant)} * d{power}"

    def allows(self, width: int, d: int) -> bool:
        """Return whether width <= C d^p: both sides to the power of p's denominator, in integers."""
        a, b = self.exponent.as_integer_ratio()
        left: int = (width * self.constant.denominator) ** b
        right: int = self.constant.numerator**b * d**a
        return left <= right

    def cost(self, width: int, d: int) -> int:
        """Return what `allows` costs at most, in products of integers of 512 bits."""
        a, b = self.exponent.as_integer_ratio()
        left = (width.bit_length() + self.constant.denominator.bit_length()) * b
        right = self.constant.numerator.bit_length() * b + d.bit_length() * a
        length: int = 1 + max(left, right) // 512
        return length * length


def spelled(value: Fraction) -> str:
    """Return a number that is not negative exactly: as a decimal of at most six places, or as a fraction."""
    if 10**6 % value.denominator:
        return str(value)
    whole, rest = divmod(value * 10**6, 10**6)
    return f"{whole}.{int(rest):06d}".rstrip("0").rstrip(".")


def read_power_law(claim: Fields) -> PowerLaw:
    """Return the bound that the claim states: a positive `constant`, an `exponent` that is not negative."""
    constant = claim.rational("constant", digits=60)
    exponent = claim.rational("exponent", digits=60)
    if constant <= 0:
        raise Malformed(claim.place("constant"), "must be positive")
    if not 0 <= exponent <= MAX_EXPONENT:
        raise Malformed(claim.place("exponent"), f"must lie between 0 and {MAX_EXPONENT}")
    if exponent.denominator > MAX_DENOMINATOR:
        raise Malformed(claim.place("exponent"), f"has a denominator above {MAX_DENOMINATOR}")
    return PowerLaw(constant, exponent)
