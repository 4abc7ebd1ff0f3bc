"""Checkpoints: a run that is killed at any moment resumes and ends in the same certificate; failures lose nothing."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cover_examples import network_file

import verify
from verify.certificates.document import require_writable
from verify.claims import thm2
from verify.cli.main import run
from verify.errors import Inconclusive, UsageProblem
from verify.provers import covering, journal
from verify.provers.covering import cover
from verify.provers.journal import Checkpoint

REQUEST = ["certify", "thm2", "--d", "2", "--eps", "0.1", "--quiet"]

# A run that saves after every batch and dies by SIGKILL in the middle of its n-th write of the checkpoint.
DRIVER = """
import os, signal, sys
from verify.cli.main import run
from verify.provers import covering, journal
covering.BATCH, covering.WORTH_SHARING, covering.LARGE, covering.FOREST = 32, 64, 200, 64
journal.Checkpoint.__init__.__defaults__ = (0.0,)
writes, real = int(sys.argv[1]), journal.write_atomically
def write(path, data, advice):
    global writes
    writes -= 1
    if writes == 0:
        path.with_name("." + path.name + ".torn").write_bytes(data[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    real(path, data, advice)
journal.write_atomically = write
sys.exit(run(sys.argv[2:]))
"""


def test_a_run_killed_again_and_again_ends_in_the_same_certificate(tmp_path: Path) -> None:
    checkpoint, out = tmp_path / "run.json", tmp_path / "killed.json"
    request = [*REQUEST, "--out", str(out), "--checkpoint", str(checkpoint)]
    deaths = 0
    # The first death is before the first save, the next ones after the construction and in the middle of the search.
    for writes, workers in ((1, 1), (3, 1), (9, 2), (30, 1), (0, 2)):
        command = [sys.executable, "-c", DRIVER, str(writes), *request, "--workers", str(workers)]
        code = subprocess.run(command, check=False, capture_output=True, timeout=120).returncode
        deaths += code == -signal.SIGKILL
    assert deaths == 4
    assert code == 0
    assert not checkpoint.exists()
    plain = tmp_path / "plain.json"
    assert run([*REQUEST, "--out", str(plain), "--workers", "1"]) == 0
    assert out.read_bytes() == plain.read_bytes()


@pytest.mark.parametrize("accuracy", [["--eps", "0.0105"], ["--max-cells", "3000"]])
def test_a_killed_run_on_a_network_resumes_too(accuracy: list[str], tmp_path: Path) -> None:
    request = ["certify", "network", str(network_file(tmp_path)), "--profile", "norm", *accuracy, "--quiet"]
    checkpoint, out, plain = tmp_path / "run.json", tmp_path / "killed.json", tmp_path / "plain.json"
    deaths = 0
    for writes, workers in ((2, 1), (9, 2), (0, 1)):
        options = ["--out", str(out), "--checkpoint", str(checkpoint), "--workers", str(workers)]
        command = [sys.executable, "-c", DRIVER, str(writes), *request, *options]
        code = subprocess.run(command, check=False, capture_output=True, timeout=120).returncode
        deaths += code == -signal.SIGKILL
    assert (deaths, code) == (2, 0)
    assert not checkpoint.exists()
    assert run([*request, "--out", str(plain), "--workers", "1"]) == 0
    assert out.read_bytes() == plain.read_bytes()


def test_the_checkpoint_of_another_network_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, file = tmp_path / "run.json", network_file(tmp_path)
    request = ["certify", "network", str(file), "--profile", "norm", "--quiet", "--checkpoint", str(path)]
    assert run([*request, "--eps", "0.0105", "--max-cells", "20"]) == 3
    body = json.loads(file.read_text())
    file.write_text(json.dumps(body | {"constant": 0.001}))
    assert run([*request, "--eps", "0.0105"]) == 2
    assert "differs in network" in capsys.readouterr().err
    file.write_text(json.dumps(body))
    assert run([*request, "--eps", "0.0106"]) == 2
    assert "differs in eps" in capsys.readouterr().err


class _Counting:
    """A bound that is small near the sphere's north pole only when boxes are; counts the boxes that it is asked for."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.boxes = 0

    def bound(self, centres: Any, half_sides: Any) -> Any:
        self.boxes += centres.shape[0]
        return float(half_sides.max()) * (1.0 + self.scale * np.abs(centres[:, 0]))


def test_a_search_resumes_where_its_budget_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "BATCH", 100)
    whole = _Counting(20.0)
    expected = cover(whole, 2, "orthant", 0.05)
    path = tmp_path / "run.json"
    total = 0
    for cells in (500, 900, 4000, None):
        part = _Counting(20.0)
        checkpoint = Checkpoint(path, {"request": 1})
        kept = checkpoint.journal({"domain": "orthant", "target": "1/20"})
        budget = covering.Budget(None, cells)
        if cells is None:
            result = cover(part, 2, "orthant", 0.05, budget=budget, journal=kept)
        else:
            with pytest.raises(Inconclusive, match="out of budget"):
                cover(part, 2, "orthant", 0.05, budget=budget, journal=kept)
        total += part.boxes
    assert np.array_equal(result.bits, expected.bits)
    assert (result.leaves, result.bound) == (expected.leaves, expected.bound)
    assert total == whole.boxes


def test_memory_stays_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    def peak(target: float) -> tuple[int, int]:
        tracemalloc.start()
        try:
            found = cover(_Counting(0.0), 2, "chamber", target)
            return found.evaluated, tracemalloc.get_traced_memory()[1] - 2 * found.evaluated
        finally:
            tracemalloc.stop()

    monkeypatch.setattr(covering, "LARGE", 1 << 13)
    monkeypatch.setattr(covering, "FOREST", 1 << 11)
    few, small = peak(2.0**-7)
    many, large = peak(2.0**-10)
    # Beyond two bytes a box (the tree's bits, unpacked and joined), memory does not grow with the number of boxes.
    assert many > 50 * few
    assert large < 2 * max(small, 1 << 20)


def test_the_checkpoint_of_another_request_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.json"
    Checkpoint(path, {"d": 2, "eps": "1/10"}).save()
    saved = path.read_bytes()
    with pytest.raises(UsageProblem, match=r"another request \(it differs in eps\)"):
        Checkpoint(path, {"d": 2, "eps": "1/20"})
    assert run([*REQUEST, "--checkpoint", str(path)]) == 2
    assert "another request" in capsys.readouterr().err
    assert path.read_bytes() == saved


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"[" * 100_000, b'{"format": "verify-certificate"}', b"\xff\x00"]
)
def test_a_file_that_is_no_checkpoint_is_refused_and_kept(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(UsageProblem, match="not a checkpoint"):
        Checkpoint(path, {"d": 2})
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "damage", [{"bits": "AAAA"}, {"bits": "?"}, {"sizes": "AAA="}, {"worst": "much"}, {"worst": None}, {"sizes": None}]
)
def test_a_damaged_checkpoint_is_refused(damage: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    first = Checkpoint(path, {"d": 2})
    cover(_Counting(1.0), 2, "orthant", 0.3, journal=first.journal({"target": 1}))
    body = json.loads(path.read_bytes())
    body["journals"][0] |= damage
    path.write_text(json.dumps(body))
    with pytest.raises(UsageProblem, match="damaged"):
        Checkpoint(path, {"d": 2}).journal({"target": 1})


def test_a_full_disk_ends_the_run_with_one_line_and_keeps_what_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.json"
    monkeypatch.setattr(covering, "BATCH", 32)
    monkeypatch.setattr(journal.Checkpoint.__init__, "__defaults__", (0.0,))
    real, calls = os.fsync, [0]

    def fsync(handle: int) -> None:
        calls[0] += 1
        if calls[0] == 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    out = tmp_path / "out.json"
    request = [*REQUEST, "--workers", "1", "--out", str(out), "--checkpoint", str(path)]
    assert run(request) == 2
    message = capsys.readouterr().err.strip()
    assert "No space left on device" in message
    assert "run the same command again" in message
    assert "\n" not in message
    assert len(json.loads(path.read_bytes())["journals"]) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]
    assert run(request) == 0
    assert out.exists()


def test_a_limit_on_file_sizes_is_met_like_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    request = [*REQUEST, "--workers", "1", "--checkpoint", str(path), "--out", str(tmp_path / "out.json")]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    command = [sys.executable, "-m", "verify", *request]
    result = subprocess.run(command, check=False, capture_output=True, text=True, preexec_fn=limit, timeout=120)
    assert result.returncode == 2
    assert result.stderr.startswith("verify: cannot write")
    assert "File too large" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def unwritable(folder: Path) -> Path:
    """Return a folder in which not even root can write."""
    if os.geteuid() == 0:
        return Path("/proc")
    folder.chmod(0o500)
    return folder


@pytest.mark.parametrize("option", ["--out", "--checkpoint"])
def test_a_read_only_folder_is_noticed_before_the_work(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: Any) -> Any:
        raise AssertionError("the work has begun")

    monkeypatch.setattr(thm2, "universal_family", never)
    assert run([*REQUEST, option, str(unwritable(tmp_path) / "x.json")]) == 2
    message = capsys.readouterr().err
    assert message.startswith("verify: cannot write")
    assert f"choose another {option}" in message


def test_a_device_is_not_replaced_by_a_file() -> None:
    with pytest.raises(UsageProblem, match="not a regular file"):
        require_writable(Path("/dev/full"))


def test_the_construction_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    with pytest.raises(Inconclusive):
        verify.certify("thm2", d=2, eps="0.1", workers=1, checkpoint=path, max_cells=50)
    monkeypatch.setattr(thm2, "universal_family", None)
    resumed = verify.certify("thm2", d=2, eps=Fraction(1, 10), workers=1, checkpoint=path)
    monkeypatch.undo()
    assert resumed.certificate.to_bytes() == verify.certify("thm2", d=2, eps="0.1").certificate.to_bytes()
