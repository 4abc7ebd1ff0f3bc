"""Figures: every kind of claim that has one draws in every format, deterministically, and refuses with one line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import verify
from verify.cli.main import run
from verify.kernel.check import rules
from verify.report import figures

pytest.importorskip("matplotlib")

REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "universal, d = 2": ("thm2", {"d": 2, "eps": "1/5"}),
    "universal, d = 1": ("thm2", {"d": 1, "eps": "1/5"}),
    "radial, d = 2": ("thm2", {"d": 2, "eps": "1/10", "profile": "norm"}),
    "radial, d = 3": ("thm2", {"d": 3, "eps": "1/5", "profile": "bump"}),
    "power": ("thm3", {"d": 4, "k": 2, "eps": "1/20"}),
    "power, stairs": ("thm3", {"d": 3, "k": 1, "eps": "1/10", "activation": "threshold"}),
    "power, large d": ("thm3", {"d": 500, "k": 2, "eps": "1/10"}),
    "assumption 1": ("assumption1", {"activation": "tanh", "delta": "1/10"}),
    "path norm": ("pathnorm", {"d": 3, "profile": "sin(20*(r**2-1/2))/40", "eps": "1/100"}),
    "depth 3": ("depth3", {"d": 3, "profile": "sin(20*(r**2-1/2))/40", "eps": "1/100"}),
    "theorem 4": ("thm4", {"d": 5}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_every_kind_draws(name: str, tmp_path: Path) -> None:
    claim, options = REQUESTS[name]
    certificate = verify.certify(claim, **options).certificate
    certificate.save(tmp_path / "c.json")
    figure = figures.draw(certificate.document)
    assert figure.axes
    svg = figures.rendered(figure, "svg")
    assert svg == figures.rendered(figures.draw(certificate.document), "svg")
    for form, head in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        assert run(["plot", str(tmp_path / "c.json"), "-o", str(tmp_path / f"f.{form}")]) == 0
        assert (tmp_path / f"f.{form}").read_bytes().startswith(head)


def test_every_painter_belongs_to_a_claim_that_the_kernel_knows() -> None:
    assert set(figures.PAINTERS) <= set(rules())


def test_the_drawn_depth3_network_is_the_certificate_s() -> None:
    from verify.kernel.fields import Fields
    from verify.kernel.sup_norm.radial_depth3 import read_network
    from verify.report.figures.depth3 import even, layers

    document = verify.certify(*REQUESTS["depth 3"][:1], **REQUESTS["depth 3"][1]).certificate.document
    network = read_network(Fields(document["network"], "network"), 3)
    inner, outer = layers(document["network"])
    for point in ([0.25, -0.5, 0.125], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]):
        total = network.dimension * network.inner.offset
        for x in map(Fraction, point):
            for side in (x, -x):
                total += sum(
                    (u * max(Fraction(0), side - k)
                     for u, k in zip(network.inner.coefficients, network.inner.knots, strict=True)),
                    Fraction(0),
                )  # fmt: skip
        exact = network.outer.offset + sum(
            (u * max(Fraction(0), total - k)
             for u, k in zip(network.outer.coefficients, network.outer.knots, strict=True)),
            Fraction(0),
        )  # fmt: skip
        drawn = outer(even(inner, np.array([point])).sum(axis=1))[0]
        assert abs(drawn - float(exact)) < 1e-12


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = verify.certify("thm3", d=3, k=1, eps="1/10", activation="sigmoid").certificate
    certificate.save(tmp_path / "c.json")
    broken = {**certificate.document, "hash": "sha256:0"}
    verify.Certificate(broken, "b").save(tmp_path / "b.json")
    cases = [("c.json", "f.png", 2), ("c.json", "f.docx", 2), ("b.json", "f.png", 4), ("missing.json", "f.png", 4)]
    for source, target, code in cases:
        assert run(["plot", str(tmp_path / source), "-o", str(tmp_path / target)]) == code
        assert capsys.readouterr().err.count("\n") == 1
        assert not (tmp_path / target).exists()
