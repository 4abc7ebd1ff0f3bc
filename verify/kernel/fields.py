"""Typed access to one JSON object of a certificate: every key must be asked for, and only once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from verify.kernel.outcome import Malformed
from verify.kernel.reader import MAX_INTEGER_DIGITS, decimal_integer

_RATIONAL = re.compile(r"(-?(?:0|[1-9][0-9]*))(?:/([1-9][0-9]*))?")


class Fields:
    """A cursor over one JSON object; `done` raises `Malformed` if a key was never read."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(where, "must be an object")
        self._value: dict[str, Any] = value
        self._unread = set(value)
        self.where = where

    def has(self, key: str) -> bool:
        """Return whether the optional key is present."""
        return key in self._value

    def raw(self, key: str) -> Any:
        """Return the value at `key` as parsed JSON."""
        if key not in self._value:
            raise Malformed(self.where, f"key {key!r} is missing")
        self._unread.discard(key)
        return self._value[key]

    def place(self, key: str) -> str:
        """Return the path of `key` for messages."""
        return f"{self.where}.{key}" if self.where else key

    def integer(self, key: str, low: int, high: int) -> int:
        """Return the integer at `key`, which must lie in [low, high]."""
        return as_integer(self.raw(key), self.place(key), low, high)

    def rational(self, key: str, *, digits: int = MAX_INTEGER_DIGITS) -> Fraction:
        """Return the rational at `key`: an integer or text "n/d" in lowest terms."""
        return as_rational(self.raw(key), self.place(key), digits=digits)

    def rationals(self, key: str, *, most: int, digits: int = MAX_INTEGER_DIGITS) -> list[Fraction]:
        """Return the list of at most `most` rationals at `key`."""
        items = self.sequence(key, most=most)
        return [as_rational(item, f"{self.place(key)}[{index}]", digits=digits) for index, item in enumerate(items)]

    def integers(self, key: str, *, most: int, low: int, high: int) -> list[int]:
        """Return the list of at most `most` integers at `key`, each in [low, high]."""
        items = self.sequence(key, most=most)
        return [as_integer(item, f"{self.place(key)}[{index}]", low, high) for index, item in enumerate(items)]

    def text(self, key: str, *, most: int = 2000) -> str:
        """Return the text at `key`, of at most `most` characters."""
        value = self.raw(key)
        if not isinstance(value, str):
            raise Malformed(self.place(key), "must be text")
        if len(value) > most:
            raise Malformed(self.place(key), f"longer than {most} characters")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return the text at `key`, which must be one of `choices`."""
        value = self.text(key)
        if value not in choices:
            raise Malformed(self.place(key), f"{value[:40]!r} is not one of {', '.join(choices)}")
        return value

    def flag(self, key: str) -> bool:
        """Return the Boolean at `key`."""
        value = self.raw(key)
        if not isinstance(value, bool):
            raise Malformed(self.place(key), "must be true or false")
        return value

    def sequence(self, key: str, *, most: int) -> list[Any]:
        """Return the list at `key`, of at most `most` items."""
        value = self.raw(key)
        if not isinstance(value, list):
            raise Malformed(self.place(key), "must be a list")
        if len(value) > most:
            raise Malformed(self.place(key), f"more than {most} items")
        return value

    def fields(self, key: str) -> Fields:
        """Return a cursor over the object at `key`."""
        return Fields(self.raw(key), self.place(key))

    def objects(self, key: str, *, most: int) -> Iterator[Fields]:
        """Yield a cursor over each object of the list at `key`."""
        for index, item in enumerate(self.sequence(key, most=most)):
            yield Fields(item, f"{self.place(key)}[{index}]")

    def done(self) -> None:
        """Raise `Malformed` if the object has keys that were not read."""
        if self._unread:
            raise Malformed(self.where or "document", f"unknown key {min(self._unread)[:60]!r}")


def positive(fields: Fields, key: str) -> Fraction:
    """Return the rational at `key`, which must be positive and short (at most 60 digits a part)."""
    value = fields.rational(key, digits=60)
    if not 0 < value < 10**60:
        raise Malformed(fields.place(key), "must be positive and below 10^60")
    return value


def as_integer(value: object, where: str, low: int, high: int) -> int:
    """Return `value` if it is an integer (not a Boolean) in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(where, "must be an integer")
    if not low <= value <= high:
        raise Malformed(where, f"must lie between {_short(low)} and {_short(high)}")
    return value


def as_rational(value: object, where: str, *, digits: int = MAX_INTEGER_DIGITS) -> Fraction:
    """Return the rational that `value` spells: an integer, or text "n/d" in lowest terms with d > 1."""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= _power_of_ten(digits):
            raise Malformed(where, f"an integer of more than {digits} digits")
        return Fraction(value)
    if not isinstance(value, str) or len(value) > 2 * digits + 2:
        raise Malformed(where, 'must be an integer or text "n/d"')
    match = _RATIONAL.fullmatch(value)
    if match is None or match[2] is None:
        raise Malformed(where, 'must be an integer or text "n/d"')
    numerator, denominator = decimal_integer(match[1]), decimal_integer(match[2])
    result = Fraction(numerator, denominator)
    if denominator == 1 or result.denominator != denominator:
        raise Malformed(where, "is not in lowest terms")
    return result


@cache
def _power_of_ten(digits: int) -> int:
    """Return 10^digits; computed once, as it is long and lists have many items."""
    power: int = 10**digits
    return power


def _short(value: int) -> str:
    if abs(value) < 10**12:
        return str(value)
    sign = "-" if value < 0 else ""
    power = abs(value).bit_length() - 1
    return f"{sign}2^{power}" if abs(value) == 1 << power else f"about {sign}2^{power}"
