"""Packed arrays: base64 of little-endian integers, or of bits, with their shape declared and checked first."""

from __future__ import annotations

import base64
import binascii
import math

import numpy as np
import numpy.typing as npt

from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed

IntArray = npt.NDArray[np.int64]

_TYPES = {"int8": "<i1", "int16": "<i2", "int32": "<i4", "int64": "<i8"}


def integer_array(fields: Fields, key: str, shape: tuple[int | None, ...], *, most: int) -> IntArray:
    """Return the packed integer array at `key` as int64.

    Args:
        shape: the required shape; None leaves that length to the file.
        most: the largest allowed number of entries.
    """
    packed = fields.fields(key)
    where = packed.where
    kind = packed.choice("type", tuple(_TYPES))
    declared = tuple(packed.integers("shape", most=4, low=0, high=most))
    if len(declared) != len(shape) or any(w is not None and w != n for w, n in zip(shape, declared, strict=False)):
        raise Malformed(where, f"shape {list(declared)} where {['any' if n is None else n for n in shape]} is due")
    count = math.prod(declared)
    if count > most:
        raise Malformed(where, f"more than {most} entries")
    dtype = np.dtype(_TYPES[kind])
    data = _decode(packed, count * dtype.itemsize)
    packed.done()
    return np.frombuffer(data, dtype=dtype).astype(np.int64).reshape(declared)


def increasing(array: IntArray) -> bool:
    """Return whether the entries strictly increase. (Differences of hostile int64 entries would overflow.)"""
    return bool((array[1:] > array[:-1]).all())


def bit_array(fields: Fields, key: str, *, most: int) -> npt.NDArray[np.bool_]:
    """Return the packed bits at `key` (least significant bit first; the padding must be zero)."""
    packed = fields.fields(key)
    length = packed.integer("bits", 0, most)
    data = _decode(packed, (length + 7) // 8)
    packed.done()
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), bitorder="little")
    if bits[length:].any():
        raise Malformed(packed.where, "the padding bits are not zero")
    return bits[:length].astype(np.bool_)


def _decode(packed: Fields, size: int) -> bytes:
    text = packed.text("base64", most=(size + 2) // 3 * 4)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(packed.where, "is not base64") from None
    if len(data) != size:
        raise Malformed(packed.where, f"holds {len(data)} bytes where {size} are due")
    return data
