"""What ships with the certificates stays in step: the index, the table of commands, the CI action and the hook."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from verify.formats.coq.certificates import has_coq_rule

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "certificates").glob("*.json"))


def script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_index_lists_every_certificate_with_its_size_time_and_proof() -> None:
    text = (ROOT / "certificates" / "README.md").read_text(encoding="utf-8")
    indexer = script("index_certificates")
    measured = indexer.read(indexer.MEASURED)
    assert set(measured) == {path.stem for path in FILES}, "run python scripts/index_certificates.py"
    for path in FILES:
        item = measured[path.stem]
        assert item.content == json.loads(path.read_text(encoding="ascii"))["hash"], path.stem
        (line,) = (line for line in text.splitlines() if line.startswith(f"| [{path.stem}]("))
        *_, check, proof, size, _ = (cell.strip() for cell in line.split(" | ".strip()))
        assert size == f"{path.stat().st_size:,}", "run python scripts/index_certificates.py"
        assert check == indexer.time_class(item.check)
        assert proof.startswith("Coq theorem") == (item.coq is not None)
        assert item.coq is None or has_coq_rule(json.loads(path.read_text(encoding="ascii"))), path.stem
    assert len(re.findall(r"^\| \[", text, flags=re.MULTILINE)) == len(FILES)


@pytest.mark.slow
def test_the_index_is_what_the_kernel_says() -> None:
    text = (ROOT / "certificates" / "README.md").read_text(encoding="utf-8")
    indexer = script("index_certificates")
    measured = indexer.read(indexer.MEASURED)
    assert indexer.index(measured, []) == (text, measured)


@pytest.mark.slow
def test_what_the_index_calls_a_coq_theorem_is_one() -> None:
    if shutil.which("coqc") is None:
        pytest.skip("coqc is not installed, so no Coq theorem was checked")
    indexer = script("index_certificates")
    measured = indexer.read(indexer.MEASURED)
    named = [path for path in FILES if measured[path.stem].coq is not None]
    assert named
    for path in named:
        assert indexer.coq_seconds(path, 600.0) is not None, path.stem


def test_times_are_stored_coarsely_and_read_back(tmp_path: Path) -> None:
    indexer = script("index_certificates")
    assert [indexer.rounded(seconds) for seconds in (0.0004, 0.0449, 7.1, 123.0)] == [0.01, 0.04, 7.0, 100.0]
    assert [indexer.time_class(t) for t in (0.01, 0.1, 7, 30, 100, 9999)] == [
        "< 0.1 s", "< 1 s", "< 10 s", "< 1 min", "< 10 min", "hours",
    ]  # fmt: skip
    stored = {"a": indexer.Measured("sha256:0", 0.04, None), "b": indexer.Measured("sha256:1", 7.0, 100.0)}
    indexer.write(stored, tmp_path / "m.csv")
    assert indexer.read(tmp_path / "m.csv") == stored


def test_certificates_are_chosen_by_name_or_pattern(capsys: pytest.CaptureFixture[str]) -> None:
    matching = script("regenerate").matching
    names = ["thm1-d8", "thm1-d80", "thm2-d8"]
    assert matching(["thm1-d8"], names) == ["thm1-d8"]
    assert matching(["*-d8", "thm1-*"], names) == ["thm1-d8", "thm2-d8", "thm1-d80"]
    for pattern, hint in (("thm1-d9", "did you mean thm1-d8"), ("zzz*", "--list")):
        with pytest.raises(SystemExit, match=hint):
            matching([pattern], names)
    regenerate = script("regenerate")
    done = subprocess.run(
        [sys.executable, regenerate.__file__, "--list", "--only", "thm4-d4", "assumption1-*"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.count("certify assumption1") == done.stdout.count("\n") - 1
    assert "thm4 --d 4 --out" in done.stdout
    done = subprocess.run(
        [sys.executable, regenerate.__file__, "--only", "thm4-d"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "thm4-d" in done.stderr


def test_every_certificate_has_its_command() -> None:
    assert set(script("regenerate").COMMANDS) == {path.stem for path in FILES}


@pytest.mark.parametrize("name", ["thm2-d2-eps0.1", "assumption1-sigmoid-L1-R1-delta0.05", "thm3-d10-k2-eps0.01"])
def test_rebuilding_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    from verify.cli.main import run

    out = tmp_path / "c.json"
    assert run(["certify", *shlex.split(script("regenerate").COMMANDS[name]), "--quiet", "--out", str(out)]) == 0
    assert out.read_bytes() == (ROOT / "certificates" / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", ["minimal-d2-eps0.1-bump", "minimal-d3-eps0.05-norm"])
def test_records_are_rebuilt_from_their_own_networks(name: str, tmp_path: Path) -> None:
    from verify.cli.main import run

    command = shlex.split(script("regenerate").records()[f"records/{name}"])
    command[1] = str(ROOT / command[1])
    out = tmp_path / "c.json"
    assert run(["certify", *command, "--quiet", "--out", str(out)]) == 0
    assert out.read_bytes() == (ROOT / "certificates" / "records" / f"{name}.json").read_bytes()


def test_the_table_of_records_is_current() -> None:
    records = script("records")
    assert records.table() == (records.RECORDS / "README.md").read_text(encoding="utf-8"), "run scripts/records.py"
    assert {path.stem for path in records.RECORDS.glob("*.json")} == set(records.FOUND)


def test_changes_are_named() -> None:
    differences = script("regenerate").differences
    before = {"claim": {"bound": 1, "kind": "x"}, "hash": "a"}
    assert differences(before, {"claim": {"bound": 2, "kind": "x"}, "hash": "b"}) == ["claim.bound"]
    assert differences(before, before) == []


def test_the_action_s_command_runs(tmp_path: Path) -> None:
    """Take the shell text out of action.yml and run it as the runner would."""
    lines = (ROOT / "action.yml").read_text(encoding="utf-8").splitlines()
    start = max(i for i, line in enumerate(lines) if line.strip() == "run: |")
    command = "\n".join(line.strip() for line in lines[start + 1 :])
    (tmp_path / "bad.json").write_text("{}", encoding="ascii")
    good = ROOT / "certificates" / "thm2-d2-eps0.05-norm.json"
    folder = Path(sys.executable).parent
    for paths, code in ((str(good), 0), (f"{good} {tmp_path / 'bad.json'}", 4)):
        environment = {**os.environ, "PATHS": paths, "JUNIT": str(tmp_path / "r.xml"), "PYTHONPATH": str(ROOT)}
        environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(
            ["bash", "-e", "-c", command], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, done.stderr
        assert "::notice file=" in done.stdout
        assert (tmp_path / "r.xml").exists()


def test_the_hook_s_entry_is_a_command() -> None:
    from verify.cli.main import run

    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entry = re.search(r"^  entry: verify (.*)$", text, flags=re.MULTILINE)
    assert entry is not None
    assert run([*entry[1].split(), str(ROOT / "certificates" / "thm2-d2-eps0.05-norm.json")]) == 0
