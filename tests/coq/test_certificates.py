"""Certificates and their Coq files: the same data, the same verdicts."""

from __future__ import annotations

import base64
import copy
import os
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verify.api import certify
from verify.certificates.certificate import check, load
from verify.certificates.document import Document
from verify.coq import CoqFailure, check_theorem
from verify.formats.coq.certificates import NoCoqRule, coq_source, has_coq_rule
from verify.formats.coq.power import ridge_proof
from verify.formats.coq.radial_cubature import radial_proof
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


# Their Coq files are large; the slow tests write them.
LARGE = {"thm2-d3-eps0.05", "thm3-d10-k2-eps0.01"}


def test_the_quick_look_agrees_with_the_export(power: Document, path_norm: Document) -> None:
    assert has_coq_rule(power)
    assert has_coq_rule(path_norm)
    for path in sorted(SHIPPED.glob("*.json")):
        document = load(path).document
        if path.stem in LARGE:
            continue
        try:
            coq_source(document, path.stem)
        except NoCoqRule:
            assert not has_coq_rule(document), path
        else:
            assert has_coq_rule(document), path


def test_a_code_leaves_out_sign_patterns() -> None:
    document = load(SHIPPED / "thm3-d8-k3-eps0.02.json").document
    proof = ridge_proof(document)
    assert [len(set(group.directions)) for group in proof.groups] == [56, 64, 1]
    assert len(proof.network().neurons) == 2880
    x = (1, -2, 3, 5, -7, 11, 13, 17)
    form = sum(
        g.weight * sum(sum(a * b for a, b in zip(w, x, strict=True)) ** 6 for w in g.directions) for g in proof.groups
    )
    assert form == proof.common * sum(t * t for t in x) ** 3
    assert proof.error() <= Fraction(document["claim"]["bound"])


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
        "thm2-d3-eps0.2",
        "thm3-d3-k2-eps0.1",
        "thm3-d8-k3-eps0.02",
        "thm3-d10-k2-eps0.01",
        "thm1-d3-eps0.1",
        "thm1-d8-eps0.25",
        "thm1-d10-eps0.3",
        "thm1-d24-eps0.2",
    ],
)
def test_shipped_certificates_are_theorems(name: str) -> None:
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
@pytest.mark.parametrize("name", ["thm2-d2-eps0.05-norm", "thm2-d3-eps0.05-norm", "thm2-d2-eps0.1"])
def test_bounds_below_the_error_are_refused_by_both(name: str) -> None:
    document = copy.deepcopy(load(SHIPPED / f"{name}.json").document)
    document["claim"]["bound"] = str(
        Fraction(document["witness"]["error"]).limit_denominator(10**6) * Fraction(99, 100)
    )
    assert check(rehashed(document)).theorem is None
    with pytest.raises(CoqFailure):
        check_theorem(coq_source(document, "mutated"), "main")


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
@pytest.mark.parametrize("change", ["outputs", "biases", "domain"])
def test_mutated_covers_are_refused_by_both(change: str) -> None:
    document = copy.deepcopy(load(SHIPPED / "thm2-d3-eps0.05-norm.json").document)
    if change == "domain":
        # The icosahedral network is invariant under sign changes, but not under swaps of coordinates.
        document["proof"]["domain"] = "chamber"
    else:
        packed = document["network"][change]
        values = np.frombuffer(base64.b64decode(packed["base64"]), "<i8").copy()
        values[0] += 1 << 28
        packed["base64"] = base64.b64encode(values.tobytes()).decode("ascii")
    assert check(rehashed(document)).theorem is None
    with pytest.raises((CoqFailure, CheckFailure, NoCoqRule)):
        check_theorem(coq_source(document, "mutated"), "main")


def mutated_cubature(document: Document, change: str) -> Document:
    """Return a certificate of rule RADIAL CUBATURE with one number changed, which spoils its proof."""
    document = copy.deepcopy(document)
    network, proof = document["network"], document["proof"]
    if change == "bound":
        document["claim"]["bound"] = str(Fraction(document["claim"]["bound"]) * Fraction(97, 100))
    elif change == "majorant":
        first = proof["majorants"][0]["coefficients"]
        first[1] = str(Fraction(first[1]) * Fraction(97, 100))
    else:
        packed = {
            "value": network["ridges"][0]["values"],
            "knot": network["ridges"][0]["knots"],
            "polynomial": proof["polynomials"],
            "direction": network["directions"].get("vectors"),
            "weight": network["directions"].get("weights"),
        }[change]
        values = np.frombuffer(base64.b64decode(packed["base64"]), "<i8").copy()
        values[2] -= values[2] // 10
        packed["base64"] = base64.b64encode(values.tobytes()).decode("ascii")
    return rehashed(document)


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
@pytest.mark.parametrize("change", ["bound", "majorant", "value", "knot", "polynomial", "direction", "weight"])
def test_mutated_cubatures_are_refused_by_both(change: str) -> None:
    name = "thm2-d5-eps0.2-polynomial" if change in ("direction", "weight") else "thm1-d10-eps0.3"
    document = mutated_cubature(load(SHIPPED / f"{name}.json").document, change)
    assert check(document).theorem is None
    with pytest.raises(CoqFailure):
        check_theorem(coq_source(document, "mutated"), "main")


def test_thousand_dimensions_take_few_lines() -> None:
    source = coq_source(load(SHIPPED / "thm1-d1000-eps0.3.json").document, "thm1")
    assert "(1, sparse 1000 [(999%nat, 1)])]" in source
    assert len(source) < 100_000


def test_exact_orbits_are_written_out() -> None:
    proof = radial_proof(load(SHIPPED / "thm1-d24-eps0.2.json").document)
    assert [len(item.lines) for item in proof.classes] == [24, 552]
    assert proof.width == 27648
    x = [(7 * i) % 11 - 4 for i in range(24)]
    # sum mu (w.x)^4 / |w|^4 = c(24, 2) |x|^4, with c = 3 / (24 * 26)
    form = sum(
        Fraction(mu * sum(a * b for a, b in zip(w, x, strict=True)) ** 4, proof.mass_scale * item.square**2)
        for item in proof.classes
        for mu, w in item.lines
    )
    assert form == Fraction(3 * sum(t * t for t in x) ** 2, 24 * 26)


@pytest.mark.slow
@pytest.mark.usefixtures("coq_installed")
def test_mutated_path_norms_are_refused_by_both(path_norm: Document) -> None:
    document = copy.deepcopy(path_norm)
    document["claim"]["path_norm"] = str(Fraction(path_norm["claim"]["path_norm"]) * Fraction(101, 100))
    assert check(rehashed(document)).theorem is None
    with pytest.raises(CoqFailure):
        check_theorem(coq_source(document, "mutated"), "main")
