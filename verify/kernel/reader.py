"""Read a certificate as hostile bytes: bounded size and depth, no duplicate keys, no floats, a content hash."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NoReturn

from verify.kernel.outcome import Malformed

MAX_BYTES = 64 << 20
MAX_DEPTH = 40
MAX_ITEMS = 3_000_000
MAX_INTEGER_DIGITS = 20_000
MAX_BARE_DIGITS = 4000

FORMAT = "verify-certificate"
VERSIONS = range(1, 2)

_STRUCTURE = re.compile(rb'["\[\]{}]')
_TEXT = re.compile(rb'["\\]')


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`; raise `Malformed` on anything that format 1 does not allow."""
    if len(raw) > MAX_BYTES:
        raise Malformed("file", f"larger than {MAX_BYTES >> 20} MiB")
    # Each of these costs an iteration of some loop; a certificate holds few of them beside its packed arrays.
    if max(raw.count(mark) for mark in (b",", b'"', b"\\", b"[", b"{")) > MAX_ITEMS:
        raise Malformed("file", f"more than {MAX_ITEMS} items")
    _bound_depth(raw)
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("file", f"byte {error.start} is not ASCII") from None
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except json.JSONDecodeError as error:
        raise Malformed("file", f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    if not isinstance(document, dict):
        raise Malformed("file", "the top level is not an object")
    return document


def content_hash(document: dict[str, Any]) -> str:
    """Return the hash of the canonical form of `document` without its key "hash"."""
    body = {key: value for key, value in document.items() if key != "hash"}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "sha256:" + hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _bound_depth(raw: bytes) -> None:
    """Refuse deep nesting before the JSON parser, which recurses, sees it."""
    depth = position = 0
    in_string = False
    while True:
        # Certificates hold long base64 texts: they are skipped whole.
        found = (_TEXT if in_string else _STRUCTURE).search(raw, position)
        if found is None:
            return
        byte = found.group()
        position = found.end()
        if byte == b"\\":
            position += 1
        elif byte == b'"':
            in_string = not in_string
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed("file", f"nested deeper than {MAX_DEPTH} levels")
        else:
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Malformed("file", f"key {key[:60]!r} occurs twice in one object")
            seen.add(key)
    return result


def _integer(text: str) -> int:
    # The canonical form is written by the JSON library, which spells no longer ones.
    if len(text) > MAX_BARE_DIGITS:
        raise Malformed("file", f"an integer of more than {MAX_BARE_DIGITS} digits")
    return decimal_integer(text)


def _no_float(text: str) -> NoReturn:
    raise Malformed("file", f'{text[:40]!r}: numbers must be integers or exact text such as "1/20"')


def decimal_integer(text: str) -> int:
    """Convert decimal text of at most MAX_INTEGER_DIGITS digits, whatever the interpreter's own digit limit."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    value = 0
    for start in range(0, len(digits), 4000):
        chunk = digits[start : start + 4000]
        value = value * 10 ** len(chunk) + int(chunk)
    return sign * value


def decimal_text(value: int) -> str:
    """Return `value` in decimal, whatever the interpreter's own digit limit."""
    if abs(value) < 10**4000:
        return str(value)
    sign, value = ("-", -value) if value < 0 else ("", value)
    chunks = []
    while value:
        value, chunk = divmod(value, 10**4000)
        chunks.append(f"{chunk:04000d}")
    return sign + "".join(reversed(chunks)).lstrip("0")
