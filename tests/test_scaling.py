"""Sweeps over dimension and accuracy: tables, fitted exponents, and thm2's polynomial construction."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import verify
from verify.cli.main import run
from verify.errors import UsageProblem
from verify.report.scaling import Row, exponents


def test_exponents_are_least_squares_slopes() -> None:
    rows = [Row("thm3", d, 2, Fraction(1, e), d**2 * e, "") for d in (2, 4, 8) for e in (10, 100)]
    lines = exponents(rows)
    assert "fitted at k = 2, d = 2: width ~ (1/eps)^1.00 (2 instances)" in lines
    assert "fitted at k = 2, eps = 0.1: width ~ d^2.00 (3 instances)" in lines


@pytest.mark.parametrize("ending", ["md", "csv", "tex"])
def test_sweep_writes_its_table(ending: str, tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / f"t.{ending}"
    assert run(["sweep", "thm3", "--d", "2,3", "--k", "2", "--eps", "0.1", "--eps", "0.2", "-o", str(path)]) == 0
    out = capsys.readouterr().out
    assert "width ~ d^" in out and "width ~ (1/eps)^" in out and "exp(O(k^2 log(d/eps)))" in out
    text = path.read_text()
    assert text.count("thm3") == 4 and "certified bound" in text


def test_sweep_refuses_other_endings(tmp_path: Any) -> None:
    assert run(["sweep", "thm1", "--d", "2", "--eps", "0.4", "-o", str(tmp_path / "t.xls")]) == 2


def test_theorem_2_by_polynomials_in_any_dimension() -> None:
    result = verify.certify("thm2", d=5, eps="1/5", construction="polynomial")
    assert result.certificate.name == "thm2-d5-eps0.2-polynomial"
    width = result.theorem.figures["width"]
    assert isinstance(width, int) and width < 1000
    with pytest.raises(UsageProblem, match="construction"):
        verify.certify("thm2", d=2, eps="1/5", construction="magic")
