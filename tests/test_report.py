"""The report page: self-contained, complete, escaped, and readable in a real browser."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pytest

import verify
from verify.cli.main import run
from verify.kernel.check import rules
from verify.report import formulas
from verify.report.formulas import formula, mathml
from verify.report.page import TITLES
from verify.report.rules import RULES, named_in, section

pytest.importorskip("matplotlib")
pytest.importorskip("latex2mathml")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    verify.certify("thm2", d=2, eps="1/10", profile="norm").certificate.save(folder / "c" / "norm.json")
    verify.certify("thm3", d=3, k=1, eps="1/10", activation="sigmoid").certificate.save(folder / "c" / "power.json")
    assert run(["report", str(folder / "c"), "-o", str(folder / "report.html"), "--workers", "1"]) == 0
    return folder / "report.html"


def test_the_page_is_self_contained_and_complete(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    HTMLParser().feed(text)
    assert "<script" not in text
    outside = [a for a in re.findall(r'(?:src|href)="([^"]*)"', text) if a.startswith(("http", "//", "file"))]
    assert not outside
    for name in ("norm.json", "power.json"):
        theorem = verify.check(page.parent / "c" / name).theorem
        assert theorem is not None
        assert html.escape(theorem.statement) in text
        assert all(key in text for key in theorem.figures)
    assert text.count("<math ") == 2
    assert text.count("<figure>") == 2
    identifiers = re.findall(r'\bid="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))


def test_the_same_certificates_make_the_same_page(page: Path) -> None:
    again = page.with_name("again.html")
    assert run(["report", str(page.parent / "c"), "-o", str(again), "--workers", "1"]) == 0
    assert again.read_bytes() == page.read_bytes()


def test_titles_are_of_known_claims_and_every_rule_has_a_section() -> None:
    assert set(TITLES) == set(rules())
    for rule in RULES:
        assert section(rule), rule.name


def test_the_rules_that_a_theorem_names() -> None:
    names = [rule.name for rule in named_in(("kernel rules POWER, ORBITS, CHORD-POWER (integers only)",))]
    assert names == ["POWER", "ORBITS", "CHORD-POWER"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("thm1-d8-eps0.25", ["<mi>&#x003C6;</mi>", "270"]),
        ("thm1-d8-eps0.25-bump-sigmoid", ["16"]),
        ("thm5-d6-eps0.02-hat", ["5", "149", "<mi>&#x003BC;</mi>"]),
        ("ip2-n40", ["52", "429", "<mi>&#x003C7;</mi>"]),
        ("separation-code-n36", ["14", "067", "474", "128"]),
    ],
)
def test_formulas_hold_the_claim_s_numbers(name: str, parts: list[str]) -> None:
    path = Path(__file__).resolve().parent.parent / "certificates" / f"{name}.json"
    certificate = verify.load(path)
    theorem = verify.check(certificate).theorem
    assert theorem is not None
    shown = mathml(formula(certificate.document, theorem))
    assert shown.startswith("<math ")
    assert all(part in shown for part in parts), shown


def test_a_rejected_certificate_gets_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.json").write_text("{}", encoding="ascii")
    assert run(["report", str(tmp_path / "c.json"), "-o", str(tmp_path / "r.html")]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "r.html").exists()


def test_a_browser_shows_it(page: Path, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        message = "no Chromium: the report was not opened in a browser (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    from matplotlib.image import imread

    shot = tmp_path / "page.png"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,2400"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={shot}"]
    subprocess.run([browser, *flags, page.as_uri()], check=True, capture_output=True, timeout=240)
    pixels = imread(shot)
    assert pixels.shape[:2] == (2400, 1000)
    dark = (pixels[:, :, :3].sum(axis=2) < 1.0).mean(axis=1)
    # Text or graphics in every tenth of the page, and paper between them.
    assert all(part.max() > 0 for part in dark.reshape(10, -1))
    assert (dark == 0).mean() > 0.2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1860454950, r"1\,860\,454\,950"),
        ("1/20", r"\frac{1}{20}"),
        ("2462747/10000000", r"0.246274\ldots"),
        ("-2462747/10000000", r"-0.246274\ldots"),
        (f"1/{3 * 10**12}", r"3.33333\ldots\cdot 10^{-13}"),
    ],
)
def test_formulas_show_digits_that_are_there(value: int | str, text: str) -> None:
    assert formulas.number(value) == text
