"""Certificates and their Coq files: the same data, the same verdicts."""

from __future__ import annotations

import copy
import os
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from verify.api import certify
from verify.certificates.certificate import check, load
from verify.certificates.document import Document
from verify.coq import CoqFailure, check_theorem
from verify.formats.coq.certificates import NoCoqRule, coq_source, has_coq_rule
from verify.kernel.outcome import CheckFailure
from verify.kernel.reader import content_hash

SHIPPED = Path(__file__).parents[2] / "certificates"


def certified(claim: str, **options: Any) -> Document:
    return certify(claim, **options).certificate.document


def rehashed(document: Document) -> Document:
    document["hash"] = content_hash(document)
    return document


@pytest.fixture(scope="module")
def power() -> Document:
    return certified("thm3", d=3, k=2, eps="0.05")


@pytest.fixture(scope="module")
def path_norm() -> Document:
    return certified("pathnorm", d=3, profile="zigzag:8", eps="0.005")


def test_kinds_without_a_rule_say_so(power: Document) -> None:
    document = copy.deepcopy(power)
    document["claim"]["kind"] = "lower-bound-l2"
    with pytest.raises(NoCoqRule, match="no rule"):
        coq_source(document, "x")
    tanh = certified("thm3", d=3, k=2, eps="0.05", activation="tanh")
    with pytest.raises(NoCoqRule, match="ReLU"):
        coq_source(tanh, "x")


def test_the_quick_look_agrees_with_the_export(power: Document, path_norm: Document) -> None:
    assert has_coq_rule(power)
    assert has_coq_rule(path_norm)
    for path in sorted(SHIPPED.glob("thm*-d2*.json")):
        document = load(path).document
        try:
            coq_source(document, path.stem)
        except NoCoqRule:
            assert not has_coq_rule(document), path
        else:
            assert has_coq_rule(document), path


def test_the_file_states_the_claim(power: Document, path_norm: Document) -> None:
    assert f"<= {power['claim']['bound'].replace('/', ' / ')}." in coq_source(power, "thm3")
    norm = Fraction(path_norm["claim"]["path_norm"])
    assert f"{norm.numerator} / {norm.denominator} <= path_norm N." in coq_source(path_norm, "pathnorm")


def test_the_title_cannot_close_the_comment(power: Document) -> None:
    assert "*) Axiom" not in coq_source(power, "x *) Axiom a : False. (*").split("From Coq")[0]


@pytest.fixture
def coq_installed() -> None:
    if not os.environ.get("COQC") and shutil.which("coqc") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("coqc is not installed: install Coq 8.16 or newer")
        pytest.skip("coqc is not installed, so no Coq theorem was checked")


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
@pytest.mark.parametrize(
    "name",
    [
        "thm2-d2-eps0.05-norm",
        "thm2-d3-eps0.05-norm",
        "thm2-d4-eps0.1-norm",
        "thm2-d3-eps0.05-bump",
        "thm2-d2-eps0.1",
    ],
)
def test_shipped_covers_are_theorems(name: str) -> None:
    document = load(SHIPPED / f"{name}.json").document
    bound = Fraction(document["claim"]["bound"])
    statement = check_theorem(coq_source(document, name), "main").statement
    assert f"<= {bound.numerator} / {bound.denominator}" in statement


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
def test_power_and_path_norm_are_theorems(power: Document, path_norm: Document) -> None:
    assert "norm x ^ 4" in check_theorem(coq_source(power, "thm3"), "main").statement
    assert "<= path_norm N" in check_theorem(coq_source(path_norm, "pathnorm"), "main").statement


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
@pytest.mark.parametrize("n", [20, 41])
def test_inner_products_are_theorems(n: int) -> None:
    document = certified("ip2", n=n)
    width = document["claim"]["depth2_width"]
    assert f"{width} <= INR (width N)" in check_theorem(coq_source(document, "ip2"), "main").statement
    document["claim"]["depth2_width"] = width * 11 // 10 + 1
    assert check(rehashed(document)).theorem is None
    with pytest.raises(CoqFailure):
        check_theorem(coq_source(document, "mutated"), "main")


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
@pytest.mark.parametrize("change", ["bound", "offset", "knot", "mass"])
def test_mutated_powers_are_refused_by_both(power: Document, change: str) -> None:
    document = copy.deepcopy(power)
    if change == "bound":
        document["claim"]["bound"] = "1/30"
    elif change == "offset":
        document["network"]["offset"] = 0
    elif change == "knot":
        document["network"]["ridges"][0]["blocks"][1][0] += 200000
    else:
        document["network"]["directions"]["classes"][0]["mass"] = "1/5"
        document["network"]["directions"]["classes"][1]["mass"] = "4/5"
    assert check(rehashed(document)).theorem is None
    with pytest.raises((CoqFailure, CheckFailure, NoCoqRule)):
        check_theorem(coq_source(document, "mutated"), "main")


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
def test_mutated_path_norms_are_refused_by_both(path_norm: Document) -> None:
    document = copy.deepcopy(path_norm)
    document["claim"]["path_norm"] = str(Fraction(path_norm["claim"]["path_norm"]) * Fraction(101, 100))
    assert check(rehashed(document)).theorem is None
    with pytest.raises(CoqFailure):
        check_theorem(coq_source(document, "mutated"), "main")
