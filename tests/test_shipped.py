"""What ships with the certificates stays in step: the index, the table of commands, the CI action and the hook."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "certificates").glob("*.json"))


def script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_index_lists_every_certificate_with_its_size() -> None:
    text = (ROOT / "certificates" / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \[([^\]]+)\]\([^)]+\) \|.* ([\d,]+) \|$", text, flags=re.MULTILINE))
    sizes = {path.stem: f"{path.stat().st_size:,}" for path in FILES}
    assert rows == sizes, "run python scripts/index_certificates.py"


@pytest.mark.slow
def test_the_index_is_what_the_kernel_says() -> None:
    text = (ROOT / "certificates" / "README.md").read_text(encoding="utf-8")
    assert script("index_certificates").index() == text


def test_every_certificate_has_its_command() -> None:
    assert set(script("regenerate").COMMANDS) == {path.stem for path in FILES}


@pytest.mark.parametrize("name", ["thm2-d2-eps0.1", "assumption1-sigmoid-L1-R1-delta0.05", "thm3-d10-k2-eps0.01"])
def test_rebuilding_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    from verify.cli.main import run

    out = tmp_path / "c.json"
    assert run(["certify", *shlex.split(script("regenerate").COMMANDS[name]), "--quiet", "--out", str(out)]) == 0
    assert out.read_bytes() == (ROOT / "certificates" / f"{name}.json").read_bytes()


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
