"""Small networks: what the search returns is proved, small, and the same for the same request."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from verify.certificates.certificate import check
from verify.claims.minimal import optimize
from verify.cli.main import run
from verify.errors import UsageProblem


def test_five_neurons_are_near_the_norm_on_the_plane() -> None:
    result = optimize(d=2, eps="1/20", profile="norm", tries=4, workers=1)
    width = result.theorem.figures["width"]
    assert isinstance(width, int)
    assert width <= 6
    assert Fraction(result.certificate.document["claim"]["bound"]) <= Fraction(1, 20)
    assert check(result.certificate).status == "verified"


def test_the_same_request_gives_the_same_bytes() -> None:
    first, second = (optimize(d=2, eps="1/5", profile="bump", tries=2, workers=1) for _ in range(2))
    assert first.certificate.to_bytes() == second.certificate.to_bytes()
    other = optimize(d=2, eps="1/5", profile="bump", tries=2, seed=1, workers=1)
    assert "--seed 1" in other.certificate.document["provenance"]["command"]


def test_a_constant_suffices_for_a_coarse_accuracy() -> None:
    result = optimize(d=3, eps="3/5", profile="norm", workers=1)
    assert result.theorem.figures["width"] == 0


def test_requests_must_make_sense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageProblem, match="dimensions 1 to 6, not 7"):
        optimize(d=7, eps="1/10", profile="norm")
    with pytest.raises(UsageProblem, match="--from-width"):
        optimize(d=2, eps="1/10", profile="norm", from_width=401)
    with pytest.raises(UsageProblem, match="--tries"):
        optimize(d=2, eps="1/10", profile="norm", tries=0)
    out = tmp_path / "small.json"
    arguments = ["--d", "1", "--eps", "0.2", "--profile", "norm", "--tries", "2", "--quiet", "--workers", "1"]
    assert run(["optimize", *arguments, "--out", str(out)]) == 0
    assert check(out).status == "verified"
    assert "Proved and checked" in capsys.readouterr().out


def test_the_search_may_begin_with_a_width() -> None:
    result = optimize(d=2, eps="1/5", profile="bump", tries=1, from_width=6, workers=1)
    assert int(result.theorem.figures["width"]) <= 6
    assert "--from-width 6" in result.certificate.document["provenance"]["command"]
