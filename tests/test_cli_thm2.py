"""`certify thm2` on the command line: bad requests, budgets, output files, interruption, determinism."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from verify.cli.main import run

ROOT = Path(__file__).resolve().parent.parent
THM2 = ["certify", "thm2", "--workers", "1", "--quiet"]


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["--d", "0", "--eps", "0.1"], 2, "at least 1"),
        (["--d", "-3", "--eps", "0.1"], 2, "at least 1"),
        (["--d", "two", "--eps", "0.1"], 2, "--d"),
        (["--d", "2", "--eps", "0"], 2, "positive"),
        (["--d", "2", "--eps", "-1"], 2, "positive"),
        (["--d", "2", "--eps", "nan"], 2, "nan"),
        (["--d", "2", "--eps", "inf"], 2, "inf"),
        (["--d", "2", "--eps", "1/0"], 2, "1/0"),
        (["--d", "2", "--eps", "1e999999999"], 2, "too long"),
        (["--d", "2", "--eps", "1e-9"], 2, "1e-6"),
        (["--d", "2"], 2, "--eps"),
        (["--d", "2", "--eps", "0.1", "--epz", "3"], 2, "No such option"),
        (["--d", "2", "--eps", "0.1", "--profile", "nrom"], 2, "nrom"),
        (["--d", "2", "--eps", "0.1", "--profile", "2*r"], 2, "["),
        (["--d", "2", "--eps", "0.1", "--profile", "__import__('os')"], 2, ""),
        (["--d", "2", "--eps", "0.1", "--lipschitz", "2"], 2, "--lipschitz"),
        (["--d", "2", "--eps", "0.05", "--max-cells", "20"], 3, "--max-cells"),
        (["--d", "2", "--eps", "0.05", "--time-limit", "1e-9"], 3, "--time-limit"),
        (["--d", "2", "--eps", "0.05", "--time-limit", "0"], 2, "--time-limit"),
        (["--d", "2", "--eps", "0.1", "--workers", "0"], 2, "--workers"),
    ],
)
def test_bad_requests_are_one_line(
    words: list[str], code: int, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    assert run([*THM2, *words, "--out", str(out)]) == code
    error = capsys.readouterr().err
    assert part in error and error.count("\n") == 1 and error.startswith("verify: ")
    assert not list(tmp_path.iterdir())


def test_a_profile_that_is_too_steep_is_refused_with_its_interval(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*THM2, "--d", "2", "--eps", "0.1", "--profile", "r + r^2"]) == 2
    error = capsys.readouterr().err
    assert "[" in error and "]" in error and "--lipschitz" in error


@pytest.mark.parametrize("eps", ["1", "0.6"])
@pytest.mark.parametrize("profile", [[], ["--profile", "norm"]])
def test_large_eps_needs_no_neuron(
    eps: str, profile: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*THM2, "--d", "3", "--eps", eps, *profile, "--json", "--out", str(tmp_path / "c.json")]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["width"] == 0
    assert run(["check", "-q", str(tmp_path / "c.json")]) == 0


def test_outputs_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path, tmp_path / "file" / "c.json", Path("/proc/none/c.json")):
        assert run([*THM2, "--d", "1", "--eps", "0.2", "--out", str(out)]) == 2
        assert "cannot write" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_result_as_json_and_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "c.json"
    assert run([*THM2, "--d", "1", "--eps", "0.2", "--json", "--out", str(out)]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert result["status"] == "verified" and result["certificate"] == str(out) and captured.err == ""
    assert run(["check", "--json", str(out)]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert checked["verified"] == 1 and checked["results"][0]["statement"] == result["statement"]
    assert run(["check", "--quiet", str(out)]) == 0
    assert capsys.readouterr().out.startswith("1 verified, 0 rejected")


@pytest.mark.parametrize("words", [["--d", "2", "--eps", "0.2"], ["--d", "2", "--eps", "0.1", "--profile", "bump"]])
def test_same_request_same_bytes(words: list[str], tmp_path: Path) -> None:
    contents = set()
    for index, workers in enumerate(("1", "1", "2")):
        out = tmp_path / f"{index}.json"
        assert run(["certify", "thm2", "--quiet", "--workers", workers, *words, "--out", str(out)]) == 0
        contents.add(out.read_bytes())
    assert len(contents) == 1


def test_interruption_leaves_no_half_file(tmp_path: Path) -> None:
    out = tmp_path / "c.json"
    out.write_text("older")
    words = ["certify", "thm2", "--d", "4", "--eps", "0.04", "--profile", "norm", "--out", str(out), "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "verify", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert process.stderr is not None
    first = process.stderr.readline()  # a stage has begun
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    # Interrupted inside an exec (an import that makes a dataclass), Python ends by the signal: to a shell, 130 as well.
    assert process.returncode in (130, -signal.SIGINT), first + rest
    assert "interrupted" in rest and "Traceback" not in rest
    assert [p.name for p in tmp_path.iterdir()] == ["c.json"] and out.read_text() == "older"
