"""The examples run, print what their docstrings show, and write what they say."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "certify_and_check": {"half-square.json"},
    "own_network": {"ring.npz", "ring.json"},
    "figures_and_report": {"sigmoid.svg", "separation.png", "report.html"},
    "sweep": {"table.tex", "table.csv", "table.png"},
}


def shown(script: Path) -> str:
    """Return the output in the docstring: the indented lines after the command."""
    doc = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")), clean=False) or ""
    _, mark, after = doc.partition(f"    $ python examples/{script.name}\n")
    assert mark, f"{script.name} shows no output"
    return "".join(f"{line[4:]}\n" for line in after.splitlines() if line.startswith("    "))


def test_every_example_is_run() -> None:
    # The independent checker has tests of its own.
    assert {path.stem for path in (ROOT / "examples").glob("*.py")} == {*FILES, "independent_checker"}


@pytest.mark.parametrize("name", FILES)
def test_example(name: str, tmp_path: Path) -> None:
    if name in ("figures_and_report", "sweep"):
        pytest.importorskip("matplotlib")
        pytest.importorskip("latex2mathml")
    script = ROOT / "examples" / f"{name}.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == shown(script)
    assert {path.name for path in tmp_path.iterdir() if path.stat().st_size > 100} >= FILES[name]
