"""Hostile certificates: the right refusal, the right exit code, one line, little memory, never a traceback."""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cover_examples import bump, changed, tight, universal

from verify.certificates.certificate import check
from verify.certificates.document import pack_bits, pack_integers, rehash, serialise
from verify.cli.main import run
from verify.kernel import check_bytes
from verify.kernel.outcome import CheckFailure, Malformed, Unsupported
from verify.kernel.reader import MAX_BYTES, parse

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("example", [universal, tight])
def test_flipped_bits_never_verify(example: Any) -> None:
    """The hash covers the content; what it does not cover is white space."""
    data = serialise(example())
    generator = np.random.default_rng(11)
    for place in generator.integers(0, len(data), size=400):
        flipped = bytearray(data)
        flipped[place] ^= 1 << int(generator.integers(0, 8))
        try:
            check_bytes(bytes(flipped))
        except CheckFailure:
            continue
        assert parse(bytes(flipped)) == parse(data)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated_files_are_malformed(share: float) -> None:
    data = serialise(universal()).rstrip()
    with pytest.raises(Malformed):
        check_bytes(data[: int(len(data) * share)])


ENVELOPE = '"format": "verify-certificate", "version": 1, "producer": "x", "hash": "sha256:0"'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("[]", "not an object"),
        ("null", "not an object"),
        ('{"a": 1, "a": 1}', "occurs twice"),
        ('{"a": {"b": 1, "b": 2}}', "occurs twice"),
        ('{"a": NaN}', "numbers must be integers"),
        ('{"a": Infinity}', "numbers must be integers"),
        ('{"a": -Infinity}', "numbers must be integers"),
        ('{"a": 1e5}', "numbers must be integers"),
        ('{"a": 1.0}', "numbers must be integers"),
        ('{"a": ' + "9" * 4001 + "}", "more than 4000 digits"),
        ('{"a": "\u00e9"}', "not ASCII"),
        ("[" * 41 + "]" * 41, "nested deeper"),
        ('{"a": ' + "[" * 100_000, "nested deeper"),
        ("{" + ENVELOPE + "}", "does not match the content"),
        ("{}", "'format' is missing"),
        ('{"a": "\\ud800"}', "'format' is missing"),
        ("\x00", "not JSON"),
        ('{"a": "\n"}', "not JSON"),
        ('{"a": 01}', "not JSON"),
        ("[" + "1," * 3_000_001 + "1]", "more than 3000000 items"),
    ],
)
def test_what_the_reader_refuses(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        check_bytes(text.encode("utf-8"))
    assert reason in str(caught.value)


def test_sizes_are_bounded_before_parsing() -> None:
    with pytest.raises(Malformed, match="larger than"):
        check_bytes(b" " * (MAX_BYTES + 1))


def test_brackets_in_text_do_not_nest() -> None:
    with pytest.raises(Malformed, match="'format' is missing"):
        check_bytes(json.dumps({"a": "[" * 1000 + '\\"' + "{" * 1000}).encode())


def test_other_versions_and_kinds_are_unsupported() -> None:
    for key, value in (("version", 2), ("version", 0)):
        with pytest.raises(Unsupported):
            check_bytes(serialise(rehash({**universal(), key: value})))


def test_long_integers_reach_no_conversion_limit() -> None:
    """4000 digits are a legal integer; nothing may trip over them."""
    document = rehash({**universal(), "claim": {**universal()["claim"], "epsilon": 10**3999}})
    with pytest.raises(Malformed, match="more than 60 digits"):
        check_bytes(serialise(document))


def zeros(count: int) -> dict[str, Any]:
    return {"type": "int8", "shape": [count], "base64": base64.b64encode(bytes(count)).decode()}


def bombs() -> dict[str, bytes]:
    """Files that ask for memory or time without end."""

    def full_tree(document: dict[str, Any]) -> None:
        document["proof"] |= {"depth": 50, "tree": pack_bits(np.ones(1 << 24, dtype=np.bool_))}

    def declared(document: dict[str, Any]) -> None:
        document["family"]["blocks"][0]["directions"] = {"type": "int64", "shape": [1 << 40, 2], "base64": ""}

    def square(document: dict[str, Any]) -> None:
        document["family"]["blocks"][0]["coefficients"] = {"type": "int64", "shape": [65536, 65536], "base64": ""}

    def many_cells(document: dict[str, Any]) -> None:
        document["proof"]["closed"]["leaves"] = zeros(20_001)

    def wide(document: dict[str, Any]) -> None:
        document["network"] |= {"width": 200_000, "weights": {"type": "int64", "shape": [200_000, 2], "base64": "AAAA"}}

    def wide_and_long(document: dict[str, Any]) -> None:
        """A wide network in large numbers on a deep tree: each leaf is cheap to accept and dear to compute."""
        width = 20_000
        document["network"] |= {
            "width": width,
            "hidden_denominator": 1 << 300,
            "weights": pack_integers(np.ones((width, 2), dtype=np.int64)),
            "biases": pack_integers(np.zeros(width, dtype=np.int64)),
            "outputs": pack_integers(np.ones(width, dtype=np.int64)),
        }
        document["claim"] |= {"bound": 3, "epsilon": 3}
        document["witness"]["error"] = 0
        document["proof"] |= {
            "domain": "ball",
            "depth": 40,
            "tree": pack_bits(np.concatenate([np.ones((1 << 16) - 1, np.bool_), np.zeros(1 << 17, np.bool_)])),
        }

    def digits(document: dict[str, Any]) -> None:
        document["witness"]["point"] = ["1/" + "3" * 19_999] * 2

    return {
        "full tree": changed(universal(), full_tree),
        "declared shape": changed(universal(), declared),
        "square shape": changed(universal(), square),
        "many closed cells": changed(tight(), many_cells),
        "wide network": changed(bump(), wide),
        "wide and long": changed(bump(), wide_and_long),
        "digits": changed(universal(), digits),
        "brackets": b"[" * (32 << 20),
        "quotes": b'"\\' * (16 << 20),
        "escapes": b'"' + b"\\a" * (16 << 20),
        "numbers": b"[" + b"1," * (16 << 20) + b"1]",
        "fewer numbers": b"[" + b"1," * (2 << 20) + b"1]",
    }


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))


BOMBS = [
    "full tree", "declared shape", "square shape", "many closed cells", "wide network", "wide and long", "digits",
    "brackets", "quotes", "escapes", "numbers", "fewer numbers",
]  # fmt: skip


def test_bombs_fizzle(tmp_path: Path) -> None:
    """All in one process with bounded address space: codes 1 or 4 in the end, one line each, no traceback."""
    made = bombs()
    assert set(made) == set(BOMBS)
    for name, data in made.items():
        (tmp_path / f"{name.replace(' ', '-')}.json").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "verify", "check", "--workers", "1", "--json", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=limit_memory,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        timeout=300,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    results = json.loads(done.stdout)["results"]
    assert len(results) == len(BOMBS)
    for row in results:
        assert row["status"] in ("rejected", "malformed"), row
        assert "broke off" not in row["why"], row
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak < 1 << 20, f"{peak >> 10} MB"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.write_bytes(b""), 4),
        (lambda path: path.write_bytes(b"\xff\xfe"), 4),
        (lambda path: path.write_bytes(serialise(universal())[:-50]), 4),
        (lambda path: path.write_bytes(serialise({**universal(), "producer": "me"})), 4),
        (lambda path: path.write_bytes(serialise(rehash({**universal(), "extra": 1}))), 4),
        (lambda path: path.write_bytes(serialise(rehash({**universal(), "version": 9}))), 4),
        (lambda path: path.write_bytes(changed(universal(), lambda d: d["claim"].update(bound="1/1000"))), 1),
        (lambda path: path.write_bytes(serialise(universal())), 0),
        (lambda path: path.mkdir(), 4),
        (lambda path: None, 2),
    ],
)
def test_exit_codes(make: Any, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file.json"
    make(path)
    if path.is_dir():
        (path / "inside.json").mkdir()
        path = path / "inside.json"
        (path / "x.json").symlink_to("/nonexistent")
    assert run(["check", "--workers", "1", str(path)]) == code
    text = capsys.readouterr()
    assert "Traceback" not in text.err + text.out
    assert (" verified," in text.out and "1 verified" in text.out) == (code == 0)


def test_a_fault_of_the_kernel_is_a_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> None:
        raise ZeroDivisionError("for the test")

    monkeypatch.setattr("verify.certificates.certificate.check_bytes", broken)
    result = check(universal())
    assert result.theorem is None and "broke off" in str(result.failure)
    with pytest.raises(TypeError):
        bool(result)
