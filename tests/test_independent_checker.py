"""The independent checker of examples/ agrees with the kernel, and rejects what is not proved."""

from __future__ import annotations

import copy
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import verify
from verify.certificates.document import rehash

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "examples" / "independent_checker.py"

spec = importlib.util.spec_from_file_location("independent_checker", SCRIPT)
assert spec is not None and spec.loader is not None
checker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(checker)


def shipped(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "certificates" / f"{name}.json").read_text(encoding="ascii"))
    return document


@pytest.mark.parametrize("name", ["thm2-d2-eps0.05-norm", "thm2-d3-eps0.05-norm"])
def test_it_proves_shipped_certificates(name: str) -> None:
    boxes, bound = checker.check(shipped(name))
    assert boxes > 10
    assert str(bound) == shipped(name)["claim"]["bound"]


def test_it_proves_a_network_with_offsets() -> None:
    document = verify.certify("thm2", d=2, eps="1/5", profile="bump").certificate.document
    assert checker.check(document)[0] > 0


def test_it_shares_no_code_with_the_package() -> None:
    program = f"import runpy, sys; runpy.run_path({str(SCRIPT)!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert not [name for name in loaded if name.split(".")[0] in ("verify", "numpy")]


MUTATIONS = {
    "bound": (lambda b: b["claim"].update(bound="1/30"), "no proof near"),
    "constant": (lambda b: b["network"].update(constant=b["network"]["constant"] * 3), "no proof near"),
    "witness": (lambda b: b["witness"].update(error="1/2"), "witness's error"),
    "outside": (lambda b: b["witness"].update(point=[2, 0]), "outside the ball"),
    "lipschitz": (lambda b: b["claim"]["profile"].update(lipschitz="1/2"), "declared constant"),
    "tree": (lambda b: b["proof"]["tree"].update(bits=b["proof"]["tree"]["bits"] - 1), None),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_it_rejects(name: str) -> None:
    change, why = MUTATIONS[name]
    body = copy.deepcopy(shipped("thm2-d2-eps0.05-norm"))
    change(body)
    with pytest.raises((checker.NotProved, StopIteration), match=why):
        checker.check(rehash(body))


def test_it_checks_the_hash_and_the_symmetry() -> None:
    body = shipped("thm2-d2-eps0.05-norm")
    with pytest.raises(checker.NotProved, match="hash"):
        checker.check({**body, "hash": "sha256:0"})
    lopsided = copy.deepcopy(body)
    weights = checker.numbers(lopsided["network"]["weights"])
    lopsided["network"]["weights"] = [int(w) for w in (weights[0] + 1, *weights[1:])]
    with pytest.raises(checker.NotProved, match=r"linear part|symmetric"):
        checker.check(rehash(lopsided))
