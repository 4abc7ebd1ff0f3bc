"""Sweeps over dimension and accuracy: tables, fitted exponents, and thm2's polynomial construction."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import verify
from verify.certificates.certificate import Certificate
from verify.claims.certified import Certified
from verify.cli.main import run
from verify.errors import Inconclusive, UsageProblem
from verify.report.scaling import Instance, exponents
from verify.report.tables import Chart, Table, write_table
from verify.report.widths import draw_widths, horizontal


def test_exponents_are_least_squares_slopes() -> None:
    rows = [Instance(d, 2, Fraction(1, e), d**2 * e) for d in (2, 4, 8) for e in (10, 100)]
    lines = exponents(rows)
    assert "fitted at k = 2, d = 2: width ~ (1/eps)^1.00 (2 instances)" in lines
    assert "fitted at k = 2, eps = 0.1: width ~ d^2.00 (3 instances)" in lines


THM3 = ["thm3", "--d", "2", "3", "--k", "2", "--eps", "0.1", "--eps", "1/7"]
SWEEPS = {
    "thm1": (["thm1", "--d", "4,5", "--eps", "2/5"], "certified bound", 2),
    "thm2": (["thm2", "--d", "3..4", "--eps", "0.4"], "certified bound", 2),
    "thm2 auto": (["thm2", "--d", "2", "--eps", "0.4", "--construction", "auto"], "certified bound", 1),
    "thm3": (THM3, "certified bound", 4),
    "thm5": (["thm5", "--d", "2", "3"], "deviation", 2),
    "separation l2": (["separation", "--d", "3", "--neurons", "63"], "depth-2 width", 1),
    "separation sup": (["separation", "--kind", "sup", "--d", "2", "--budget", "40"], "weight bound", 1),
    "separation code": (["separation", "--kind", "code", "--n", "12,36"], "depth-2 width at least", 2),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_every_sweep_writes_every_form(name: str, tmp_path: Any, capsys: Any) -> None:
    words, column, rows = SWEEPS[name]
    paths = {ending: tmp_path / f"t.{ending}" for ending in ("md", "csv", "tex", "png")}
    folder = tmp_path / "certificates"
    out = [word for path in paths.values() for word in ("-o", str(path))]
    assert run(["sweep", *words, *out, "--certificates", str(folder)]) == 0
    printed = capsys.readouterr().out
    read = list(csv.DictReader(paths["csv"].open(encoding="utf-8")))
    assert len(read) == rows and column in read[0] and column in printed
    assert paths["md"].read_text().count("\n|") == rows + 1
    assert paths["tex"].read_text().count(r"\\") == rows + 1
    assert paths["png"].read_bytes().startswith(b"\x89PNG")
    proved = [verify.check(path).theorem for path in folder.iterdir()]
    exact = {str(theorem.figures[key]) for theorem in proved if theorem for key in theorem.figures if "width" in key}
    assert {row[key] for row in read for key in row if "width" in key and row[key]} <= exact


def test_sweep_fits_exponents_beside_the_paper_s_bound(tmp_path: Any, capsys: Any) -> None:
    assert run(["sweep", *THM3, "-o", str(tmp_path / "t.md")]) == 0
    out = capsys.readouterr().out
    assert "width ~ d^" in out and "width ~ (1/eps)^" in out and "exp(O(k^2 log(d/eps)))" in out
    text = (tmp_path / "t.md").read_text()
    assert "width ~ d^" in text and "| 1/7 |" in text


def test_long_numbers_are_cut_off_visibly_but_exact_in_csv(tmp_path: Any) -> None:
    number = 12345678901234567890
    table = Table(("d", "width", "a_b"), Chart(("d",), {}), [{"d": 3, "width": number, "a_b": "x|y"}], ["a note"])
    for ending in ("md", "csv", "tex"):
        write_table(table, tmp_path / f"t.{ending}")
    assert str(number) in (tmp_path / "t.csv").read_text()
    assert "| 3 | 1.234…e19 | x\\|y |" in (tmp_path / "t.md").read_text(encoding="utf-8")
    assert r"3 & 1.234\ldots{}e19 & x\textbar{}y \\" in (tmp_path / "t.tex").read_text()
    assert r"a\_b" in (tmp_path / "t.tex").read_text()


def test_curves_are_told_apart_by_the_columns_that_vary() -> None:
    chart = Chart(by=("d", "eps"), curves={"width": "w"}, groups=("k",))

    def rows(ds: Any, errors: Any, ks: Any) -> list[dict[str, str | int]]:
        return [{"d": d, "eps": e, "k": k, "width": 10 * d} for d in ds for e in errors for k in ks]

    assert horizontal(rows([2, 3], ["0.1"], [2]), chart) == ("d", [])
    assert horizontal(rows([2, 3], ["0.1", "0.2"], [2, 3]), chart) == ("d", ["eps", "k"])
    assert horizontal(rows([2], ["0.1", "0.2"], [2]), chart) == ("eps", [])
    # One accuracy for each dimension, such as d^-3, is one curve.
    assert horizontal([{"d": 2, "eps": "1/8", "k": 1}, {"d": 3, "eps": "1/27", "k": 1}], chart) == ("d", [])
    figure = draw_widths(rows([2, 3], ["0.1", "0.2"], [2]), chart)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["w (eps = 0.1)", "w (eps = 0.2)"]


def test_sweep_refuses_other_endings_before_the_work(tmp_path: Any, capsys: Any) -> None:
    assert run(["sweep", "thm1", "--d", "2", "--eps", "0.4", "-o", str(tmp_path / "t.xls")]) == 2
    assert "md, csv, tex, png, svg, pdf" in capsys.readouterr().err
    assert run(["sweep", "thm5", "--d", "3", "-o", str(tmp_path / "t.md"), "-o", str(tmp_path / "no" / "t")]) == 2
    assert not (tmp_path / "t.md").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--d", "3", "5", "--eps", "0.5", "0.25", "--k", "1", "2"],
        ["--k=1", "2", "--eps=0.5", "--eps", "1/4", "--d", "3,5"],
        ["--eps", "1/2", "0.25", "--d", "3", "5", "--k", "1..2", "--activation", "relu"],
    ],
)
def test_several_values_may_follow_an_option(words: list[str], capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, Fraction]] = []

    def certify(*, d: int, k: int, eps: Fraction, **_: Any) -> None:
        seen.append((k, d, eps))
        raise Inconclusive("not today")

    monkeypatch.setattr("verify.claims.thm3.certify", certify)
    assert run(["sweep", "thm3", *words]) == 3
    assert seen == [(k, d, eps) for k in (1, 2) for d in (3, 5) for eps in (Fraction(1, 2), Fraction(1, 4))]
    capsys.readouterr()
    assert run(["sweep", "thm3", *words, "--activation", "relu", "7"]) == 2
    assert "unexpected extra argument (7)" in capsys.readouterr().err


def test_a_sweep_that_proves_nothing_says_so(tmp_path: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def certify(**_: Any) -> None:
        raise Inconclusive("no proof; try less")

    monkeypatch.setattr("verify.claims.thm5.certify", certify)
    out = tmp_path / "t.md"
    assert run(["sweep", "thm5", "--d", "3", "-o", str(out)]) == 3
    assert "d = 3: no proof; try less" in capsys.readouterr().out
    assert not out.exists()


def test_theorem_2_by_polynomials_in_any_dimension() -> None:
    result = verify.certify("thm2", d=5, eps="1/5", construction="polynomial")
    assert result.certificate.name == "thm2-d5-eps0.2-polynomial"
    width = result.theorem.figures["width"]
    assert isinstance(width, int) and width < 1000
    with pytest.raises(UsageProblem, match="construction"):
        verify.certify("thm2", d=2, eps="1/5", construction="magic")


@pytest.mark.parametrize(("eps", "construction"), [("2/5", "polynomial"), ("1/10", "cover")])
def test_auto_takes_the_smaller_network(eps: str, construction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if construction == "cover":
        # The shipped polynomial network instead of a search for it.
        shipped = Path(__file__).resolve().parent.parent / "certificates" / "thm1-d2-eps0.1.json"
        theorem = verify.check(shipped).theorem
        assert theorem is not None
        polynomial = Certified(Certificate(json.loads(shipped.read_text()), "thm1-d2"), theorem)
        monkeypatch.setattr("verify.claims.thm1.certify", lambda **_: polynomial)
    widths = {
        name: int(verify.certify("thm2", d=2, eps=eps, construction=name).theorem.figures["width"])
        for name in ("cover", "polynomial", "auto")
    }
    assert widths["auto"] == widths[construction] == min(widths.values()) < max(widths.values())


def test_auto_keeps_the_network_that_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any) -> None:
        raise Inconclusive("no cover")

    monkeypatch.setattr("verify.claims.thm2.universal", nothing)
    result = verify.certify("thm2", d=2, eps="2/5", construction="auto", time_limit=100)
    assert result.certificate.document["claim"]["kind"] == "radial-cubature"
    with pytest.raises(Inconclusive, match="no cover"):
        verify.certify("thm2", d=2, eps="2/5")
