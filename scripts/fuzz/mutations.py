"""Mutations of certificates: bytes, JSON, and single fields of an otherwise intact document."""

from __future__ import annotations

import base64
import copy
import json
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from verify.kernel.outcome import CheckFailure
from verify.kernel.reader import content_hash

Source = random.Random
Path = tuple[Any, ...]

STRANGE: list[Any] = [
    None, True, False, "", "0", "1/0", "-1/3", "1/3", "nan", "1e9", " 1", "\u0661", [], {}, [[]], [0], {"": 0}, 0, 1,
    -1, 2, 1 << 31, 1 << 62, (1 << 63) - 1, -(1 << 63), 1 << 64, 10**40, -(10**400), 1.5, "ball", "orthant", "chamber",
    "cover-family", "cover-network", "relu", "r", ["abs", "r"], ["pow", "r", 99999], ["exp", ["exp", ["exp", "r"]]],
]  # fmt: skip


class Bytes(random.Random):
    """A source of choices that reads them from a fuzzer's bytes, and goes on with 0 when they are used up."""

    def __new__(cls, data: bytes) -> Bytes:
        return super().__new__(cls)

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data, self._position = data, 0

    def getrandbits(self, k: int, /) -> int:
        size = (k + 7) // 8
        piece = self._data[self._position : self._position + size]
        self._position += size
        return int.from_bytes(piece, "little") & ((1 << k) - 1)

    def random(self) -> float:
        return self.getrandbits(16) / 65536

    def _randbelow(self, n: int) -> int:
        # The standard library draws until the number fits; a fuzzer's bytes would loop for ever.
        return self.getrandbits(max(8, n.bit_length())) % n


def mutate(source: Source, seeds: dict[str, bytes], name: str) -> tuple[str, bytes]:
    """Return the kind of mutation and the mutated file."""
    raw = seeds[name]
    kind = source.choices(("bytes", "json", "field"), (2, 4, 10))[0]
    if kind == "bytes":
        return kind, mutate_bytes(source, raw, seeds)
    document = json.loads(raw)
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        if kind == "json":
            mutate_json(source, document, seeds)
        else:
            mutate_field(source, document)
    if source.random() < 0.97 and isinstance(document, dict):
        try:
            document["hash"] = content_hash(document)
        except (TypeError, ValueError, CheckFailure, RecursionError):
            kind += ", not hashed"
    return kind, json.dumps(document).encode()


def mutate_bytes(source: Source, raw: bytes, seeds: dict[str, bytes]) -> bytes:
    data = bytearray(raw)
    for _ in range(source.choice((1, 1, 2, 8))):
        at, size = source.randrange(len(data) + 1), source.choice((1, 1, 2, 7, 100))
        way = source.randrange(6)
        if way == 0 and at < len(data):
            data[at] ^= 1 << source.randrange(8)
        elif way == 1:
            data[at : at + size] = bytes(source.randrange(256) for _ in range(size))
        elif way == 2:
            del data[at : at + size]
        elif way == 3:
            data[at:at] = data[source.randrange(len(data) + 1) :][:size]
        elif way == 4:
            other = seeds[source.choice(sorted(seeds))]
            begin = source.randrange(len(other))
            data[at : at + size] = other[begin : begin + size]
        else:
            data[at:at] = source.choice((b"[" * 200, b'{"a":', b"1e999", b"-", b"NaN", b"\xff", b"\x00", b"9" * 9000))
    return bytes(data)


def places(value: Any, path: Path = ()) -> list[Path]:
    """Return the paths of all values below `value`, its own first."""
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def mutate_json(source: Source, document: Any, seeds: dict[str, bytes]) -> None:
    path = source.choice([p for p in places(document) if p] or [()])
    if not path:
        return
    holder, key = at(document, path[:-1]), path[-1]
    way = source.randrange(7)
    if way == 0:
        del holder[key]
    elif way == 1 and isinstance(holder, dict):
        holder[source.choice((f"{key}x", "rule", "kind", "bound", "witness", ""))] = copy.deepcopy(holder[key])
    elif way == 2:
        holder[key] = copy.deepcopy(at(document, source.choice(places(document))))
    elif way == 3:
        other = json.loads(seeds[source.choice(sorted(seeds))])
        same = [p for p in places(other) if p and p[-1] == key]
        holder[key] = at(other, source.choice(same or places(other)))
    elif way == 4:
        holder[key] = [holder[key]] * source.choice((1, 2, 50))
    else:
        holder[key] = copy.deepcopy(source.choice(STRANGE))


def mutate_field(source: Source, document: Any) -> None:
    """Change one number, one word, or one entry of one packed array, keeping its type."""
    # Arrays and trees are single places; what proves nothing is left alone.
    found = []
    for path in places(document):
        value = at(document, path)
        inside_packed = path and isinstance(at(document, path[:-1]), dict) and "base64" in at(document, path[:-1])
        if path and path[0] not in ("hash", "producer", "provenance", "format", "version") and not inside_packed:
            if isinstance(value, dict) and "base64" in value:
                found += [path] * 3
            elif isinstance(value, str | int) and not isinstance(value, bool):
                found.append(path)
    if not found:
        return
    path = source.choice(found)
    holder, key = at(document, path[:-1]), path[-1]
    value = holder[key]
    if isinstance(value, dict):
        mutate_packed(source, value)
    elif isinstance(value, int):
        holder[key] = _number(source, Fraction(value), whole=True)
    else:
        try:
            exact = Fraction(value)
        except (ValueError, ZeroDivisionError):
            holder[key] = source.choice([word for word in STRANGE if isinstance(word, str)])
            return
        holder[key] = _number(source, exact, whole=False)


def _number(source: Source, value: Fraction, *, whole: bool) -> int | str:
    tiny = Fraction(1, 1 << source.choice((1, 4, 10, 20, 40)))
    ways: list[Callable[[], Fraction]] = [
        lambda: value + 1,
        lambda: value - 1,
        lambda: -value,
        lambda: value * 2,
        lambda: value / 2,
        lambda: Fraction(0),
        lambda: value * (1 + tiny),
        lambda: value * (1 - tiny),
        lambda: Fraction(source.randrange(-300, 300)),
        lambda: value + (Fraction(1) if whole else tiny),
    ]
    result = source.choice(ways)()
    if whole or result.denominator == 1:
        return int(result)
    return f"{result.numerator}/{result.denominator}"


def mutate_packed(source: Source, packed: dict[str, Any]) -> None:
    try:
        data = bytearray(base64.b64decode(packed["base64"]))
    except (ValueError, TypeError):
        return
    way = source.randrange(10)
    if way == 0 and "shape" in packed:
        packed["shape"] = [source.choice((0, 1, n - 1, n + 1, n, 1 << 40)) for n in packed["shape"]]
    elif way == 1:
        packed["type"] = source.choice(("int8", "int16", "int32", "int64", "float64"))
    elif way == 2 and "bits" in packed:
        packed["bits"] += source.choice((-8, -1, 1, 8, 1 << 30))
    elif data:
        width = int(packed["type"][3:]) // 8 if str(packed.get("type", "")).startswith("int") else 1
        for _ in range(source.choice((1, 1, 1, 4))):
            place = source.randrange(len(data))
            if width == 1 and "bits" in packed:
                data[place] ^= 1 << source.randrange(8)
            elif source.random() < 0.5:
                data[place] = source.randrange(256)
            else:
                start = place // width * width
                value = int.from_bytes(data[start : start + width], "little", signed=True)
                value = value + source.choice((-1, 1, -16, 16)) if source.random() < 0.7 else -value
                low = -(1 << 8 * width - 1)
                value = min(max(value, low), -low - 1)
                data[start : start + width] = value.to_bytes(width, "little", signed=True)
        packed["base64"] = base64.b64encode(bytes(data)).decode()
