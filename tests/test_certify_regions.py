"""`certify network --method regions`: accuracies decided, suprema enclosed, clear answers where it does not reach."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import pytest

from verify.certificates.certificate import Certificate, check
from verify.claims.network import certify
from verify.cli.main import run
from verify.errors import Inconclusive, UsageProblem
from verify.networks.depth2 import Depth2Network

RECORDS = Path(__file__).resolve().parent.parent / "certificates" / "records"
NORM = RECORDS / "minimal-d2-eps0.05-norm.json"
WIDTH = Fraction(1, 10**12)


def diamond(factor: Fraction) -> Depth2Network:
    """Return factor (|x| + |y|)."""
    rows = [[Fraction(x) for x in row] for row in ([1, 0], [-1, 0], [0, 1], [0, -1])]
    return Depth2Network.from_rationals(rows, [Fraction(0)] * 4, [factor] * 4, Fraction(0))


@pytest.fixture(scope="module")
def exact() -> Certificate:
    return certify(network=NORM, profile="norm", eps="exact", method="regions").certificate


def interval(certificate: Certificate) -> tuple[Fraction, Fraction]:
    document = certificate.document
    return Fraction(document["witness"]["error"]), Fraction(document["claim"]["bound"])


def test_the_supremum_is_enclosed_within_ten_to_the_minus_12(exact: Certificate) -> None:
    low, high = interval(exact)
    assert 0 <= high - low < WIDTH
    assert exact.document["proof"] == {"rule": "regions"}
    assert check(exact).status == "verified"
    covered = interval(certify(network=NORM, profile="norm", workers=1, time_limit=5).certificate)
    assert covered[0] <= high
    assert low <= covered[1]


@pytest.mark.parametrize(
    ("name", "profile"), [("d3-eps0.05-norm", "norm"), ("d2-eps0.05-bump", "bump"), ("d3-eps0.2-bump", "bump")]
)
def test_records_have_exact_suprema(name: str, profile: str) -> None:
    result = certify(network=RECORDS / f"minimal-{name}.json", profile=profile, eps="exact", method="regions")
    low, high = interval(result.certificate)
    assert high - low < WIDTH
    assert high < Fraction(name.split("eps")[1].split("-")[0])


def test_an_accuracy_is_decided_even_if_it_is_the_supremum() -> None:
    half = certify(network=diamond(Fraction(1, 2)), profile="norm", eps="1/2", method="regions")
    assert half.certificate.document["claim"]["bound"] == "1/2"
    refuted = certify(network=diamond(Fraction(1, 2)), profile="norm", eps="49999/100000", method="regions")
    assert refuted.theorem.refutes
    assert check(refuted.certificate).status == "refutation verified"


def test_an_accuracy_next_to_an_irrational_supremum_is_decided() -> None:
    # sup = 5 sqrt(2) / 6 - 1 = 0.178511301977579...
    for eps, refutes in (("0.1785113019775", True), ("0.1785113019776", False)):
        assert (
            certify(network=diamond(Fraction(5, 6)), profile="norm", eps=eps, method="regions").theorem.refutes
            is refutes
        )


def test_other_profiles_are_bounded_up_to_their_tube() -> None:
    result = certify(network=diamond(Fraction(5, 6)), profile="sin(2*r)/2", method="regions")
    low, high = interval(result.certificate)
    assert low <= high <= low + Fraction(1, 10**4)
    assert check(result.certificate).status == "verified"
    assert not certify(
        network=diamond(Fraction(1, 2)), profile="sin(2*r)/2", eps="2/5", method="regions"
    ).theorem.refutes


def test_a_network_without_error() -> None:
    rows, ones = [[Fraction(1)], [Fraction(-1)]], [Fraction(1)] * 2
    network = Depth2Network.from_rationals(rows, [Fraction(0)] * 2, ones, Fraction(0))
    low, high = interval(certify(network=network, profile="norm", eps="exact", method="regions").certificate)
    assert low == 0
    assert 0 < high < WIDTH


def test_the_same_request_gives_the_same_bytes(exact: Certificate) -> None:
    again = certify(network=NORM, profile="norm", eps="exact", method="regions").certificate
    assert again.to_bytes() == exact.to_bytes()


def test_what_does_not_work_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageProblem, match="needs --method regions"):
        certify(network=NORM, profile="norm", eps="exact")
    with pytest.raises(UsageProblem, match="needs a piecewise linear profile"):
        certify(network=NORM, profile="sin(r)", eps="exact", method="regions")
    with pytest.raises(UsageProblem, match="unknown method 'area'"):
        certify(network=NORM, profile="norm", eps="exact", method="area")
    with pytest.raises(Inconclusive, match="out of time"):
        certify(network=NORM, profile="norm", eps="exact", method="regions", time_limit=1e-9)
    wide = Depth2Network.from_rationals(
        [[Fraction(k % 89 - 44, 44), Fraction(k % 97 - 48, 48), Fraction(k % 83 - 41, 41)] for k in range(120)],
        [Fraction(k % 79 - 39, 100) for k in range(120)],
        [Fraction(1, 120)] * 120,
        Fraction(0),
    )
    monkeypatch.setattr("verify.kernel.regions.flats.MAX_RESTRICTIONS", 4_000)
    with pytest.raises(
        Inconclusive, match="more intersections of hyperplanes than the kernel enumerates: use --method"
    ):
        certify(network=wide, profile="norm", eps="1/100000", method="regions")


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "c.json"
    common = ["certify", "network", str(NORM), "--profile", "norm", "--quiet", "--out", str(out)]
    assert run([*common, "--eps", "exact", "--method", "regions"]) == 0
    assert "0.0244988041687" in capsys.readouterr().out
    assert run([*common, "--eps", "0.02", "--method", "regions"]) == 1
    assert "REFUTED" in capsys.readouterr().out
    assert run([*common, "--eps", "exact"]) == 2
    assert run([*common, "--eps", "precise", "--method", "regions"]) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 2
    assert "--method regions" in errors[0]


def test_figures_show_the_lines_of_the_network(exact: Certificate) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    from verify.report.figures.radial import draw

    figure = Figure(figsize=(8, 4), layout="constrained")
    draw(exact.document, figure)
    assert any("bends across 5 lines" in axes.get_title() for axes in figure.axes)
    figure.savefig(io.BytesIO(), format="png", dpi=40)


def test_coq_has_no_rule_for_regions(exact: Certificate) -> None:
    from verify.formats.coq.certificates import NoCoqRule, coq_source, has_coq_rule

    assert not has_coq_rule(exact.document)
    with pytest.raises(NoCoqRule, match="activation regions"):
        coq_source(exact.document, "c")
