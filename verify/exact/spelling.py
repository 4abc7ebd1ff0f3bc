"""How certificates spell exact data: rationals as text, integer arrays and bits packed (docs/format-1.md)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.kernel.reader import decimal_text

Document = dict[str, Any]


def rational(value: Fraction | int) -> int | str:
    """Return the format's spelling of an exact number: an integer, or "n/d" in lowest terms."""
    value = Fraction(value)
    if value.denominator == 1:
        return value.numerator
    return f"{decimal_text(value.numerator)}/{decimal_text(value.denominator)}"


def rationals(values: Iterable[Fraction | int]) -> list[int | str]:
    """Return the format's spelling of a list of exact numbers."""
    return [rational(value) for value in values]


def pack_integers(array: npt.ArrayLike) -> Document:
    """Return the packed form of an integer array, in the narrowest type that holds it."""
    values = np.asarray(array, dtype=np.int64)
    largest = int(np.abs(values).max(initial=0))
    bits = next(bits for bits in (8, 16, 32, 64) if largest < 1 << (bits - 1))
    data = values.astype(f"<i{bits // 8}").tobytes()
    return {
        "type": f"int{bits}",
        "shape": list(values.shape),
        "base64": base64.b64encode(data).decode("ascii"),
    }


def unpack_integers(packed: Document) -> npt.NDArray[np.int64]:
    """Return the int64 array that `pack_integers` packed."""
    data = base64.b64decode(packed["base64"])
    return np.frombuffer(data, dtype=f"<i{int(packed['type'][3:]) // 8}").astype(np.int64).reshape(packed["shape"])


def pack_bits(bits: npt.NDArray[np.bool_]) -> Document:
    """Return the packed form of a bit sequence, least significant bit of each byte first."""
    data = np.packbits(np.asarray(bits, dtype=np.bool_), bitorder="little").tobytes()
    return {"bits": int(bits.size), "base64": base64.b64encode(data).decode("ascii")}
