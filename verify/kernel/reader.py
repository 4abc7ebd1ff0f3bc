"""Read a certificate as hostile bytes: bounded size and depth, no duplicate keys, no floats, a content hash."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from verify.kernel.outcome import Malformed

MAX_BYTES = 64 << 20
MAX_DEPTH = 40
MAX_INTEGER_DIGITS = 20_000
MAX_BARE_DIGITS = 4000

FORMAT = "verify-certificate"
VERSIONS = range(1, 2)


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`; raise `Malformed` on anything that format 1 does not allow."""
    if len(raw) > MAX_BYTES:
        raise Malformed("file", f"larger than {MAX_BYTES >> 20} MiB")
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
    depth = 0
    in_string = escaped = False
    # Only brackets, quotes and backslashes matter; certificates hold long base64 strings that are skipped whole.
    position = 0
    length = len(raw)
    while position < length:
        byte = raw[position]
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
            else:
                quote = raw.find(b'"', position)
                backslash = raw.find(b"\\", position, quote if quote >= 0 else length)
                position = backslash if backslash >= 0 else (quote if quote >= 0 else length)
                continue
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed("file", f"nested deeper than {MAX_DEPTH} levels")
        elif byte in b"]}":
            depth -= 1
        position += 1


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
