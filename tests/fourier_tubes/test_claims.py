"""From a request to a certificate: defaults, the table of the design, bad requests, the command line, sweeps."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import verify
from verify.claims import separation, separation_l2, thm5
from verify.cli.main import run
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.cone_identity import cones_of
from verify.kernel.tubes.radial_profile import RadialProfile
from verify.provers.fourier_tube import largest_width
from verify.provers.separation_search import Limits, search

# d -> (depth-3 neurons and excluded depth-2 width at error 0.1 of an earlier search, a design that must beat both)
KNOWN = {
    3: (69, 264, "27/16,43/16,20,8"),
    4: (71, 493, "19/8,55/16,14,7"),
    5: (107, 3978, "45/16,9/2,26,8"),
    6: (153, 29888, "55/16,81/16,32,10"),
    8: (203, 1560000, "33/8,109/16,42,10"),
    10: (251, 75000000, "35/8,143/16,50,10"),
    15: (585, 1400000000000, "21/4,75/8,56,17"),
    20: (1021, 31 * 10**15, "5,47/4,73,23"),
}


@pytest.mark.parametrize("d", sorted(KNOWN))
def test_separations_beat_the_known_ones_at_their_size(d: int) -> None:
    neurons, width, design = KNOWN[d]
    theorem = separation_l2.certify(d=d, design=design).theorem
    assert int(theorem.figures["depth-3 neurons"]) <= neurons
    assert int(theorem.figures["depth-2 width"]) > 5 * width


def test_a_separation_in_the_plane() -> None:
    figures = separation_l2.certify(d=2, design="7/8,11/8,46,22").theorem.figures
    assert int(figures["depth-2 width"]) > 2 * int(figures["depth-3 neurons"])


def test_ratio_of_three_hundred_in_space() -> None:
    figures = separation_l2.certify(d=3, design="13/16,25/16,61,29").theorem.figures
    assert int(figures["depth-2 width"]) >= 290 * int(figures["depth-3 neurons"])


def test_same_request_same_bytes() -> None:
    first = separation_l2.certify(d=4, neurons=71).certificate
    assert separation_l2.certify(d=4, neurons=71).certificate.to_bytes() == first.to_bytes()
    design = str(first.document["provenance"]["command"]).split()[-1]
    assert separation_l2.certify(d=4, design=design).certificate.to_bytes() == first.to_bytes()


def test_width_is_the_largest_that_the_radii_prove(flagship: verify.Certified) -> None:
    from verify.kernel.fields import Fields
    from verify.kernel.tubes.bound import read_proof

    document = flagship.certificate.document
    proof = read_proof(Fields(document["proof"], "proof"))
    from verify.kernel.tubes.depth_separation import depth_three_error

    profile = RadialProfile(
        2, tuple(map(Fraction, document["network"]["knots"])), tuple(map(Fraction, document["network"]["values"]))
    )
    delta = depth_three_error(profile, 3, Fraction(document["network"]["mesh"]), 9, "here")
    assert largest_width(proof, Fraction(1, 10) + delta) == document["claim"]["width"]


@pytest.mark.parametrize(
    ("d", "eps", "scale", "measure", "least"),
    [(3, "0.00456", "33/20", 0, 76), (8, "0.00081", "22/5", 0, 3.0e7), (10, "1/1000", "25/4", 1, 4.0e8)],
)
def test_theorem_five_with_numbers(d: int, eps: str, scale: str, measure: int, least: float) -> None:
    theorem = thm5.certify(d=d, eps=eps, scale=scale, measure=measure).theorem
    assert int(theorem.figures["width"]) >= least
    assert "max(0, 1 - |y|/(" in theorem.statement


def test_theorem_five_picks_scale_and_error() -> None:
    figures = thm5.certify(d=6).theorem.figures
    assert figures["error"] == "1/216"
    assert int(figures["width"]) >= 2500


def test_hat_reduces_to_cones() -> None:
    theorem = thm5.certify(d=6, eps="1/50", hat=("3", "1")).theorem
    assert "(2) max(0, 1 - |y|/(2)) + (-6) max(0, 1 - |y|/(3)) + (4) max(0, 1 - |y|/(4))" in theorem.statement
    assert "farther than 1/600" in theorem.statement


@given(
    st.lists(st.fractions(0, 20, max_denominator=30), min_size=2, max_size=7, unique=True),
    st.lists(st.fractions(-3, 3, max_denominator=9), min_size=7, max_size=7),
    st.lists(st.fractions(0, 25, max_denominator=17), min_size=1, max_size=5),
)
def test_every_profile_is_its_combination_of_cones(
    knots: list[Fraction], values: list[Fraction], points: list[Fraction]
) -> None:
    knots = sorted(knots)
    profile = RadialProfile(1, tuple(knots), tuple(values[: len(knots)]))
    cones = cones_of(profile, "here")
    for u in points:
        if u <= knots[0]:
            expected = profile.values[0]
        elif u >= knots[-1]:
            expected = profile.values[-1]
        else:
            j = next(j for j in range(len(knots) - 1) if knots[j] <= u <= knots[j + 1])
            slope = (profile.values[j + 1] - profile.values[j]) / (knots[j + 1] - knots[j])
            expected = profile.values[j] + slope * (u - knots[j])
        assert sum((c * max(Fraction(0), 1 - u / a) for c, a in cones), profile.values[-1]) == expected


def test_profiles_in_the_square_are_no_cones() -> None:
    with pytest.raises(Rejected, match="piecewise linear in"):
        cones_of(RadialProfile(2, (Fraction(0), Fraction(1)), (Fraction(1), Fraction(0))), "here")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"d": 1}, "--d must be a whole number"),
        ({"d": 3, "eps": 2}, "--eps must be below 1"),
        ({"d": 3, "neurons": 3}, "--neurons must be"),
        ({"d": 3, "measure": 20}, "--measure must be"),
        ({"d": 3, "design": "1,2,3"}, "needs four exact numbers"),
        ({"d": 3, "design": "2,1,3,4"}, "needs 0 < u0 < A"),
        ({"d": 3, "design": "1,20,30,2"}, "at most pi"),
        ({"d": 3, "kind": "other"}, "unknown kind"),
        ({"d": 3, "weight_bound": 1}, "does not apply to separations of kind l2"),
        ({}, "needs --d"),
    ],
)
def test_bad_requests_name_the_option(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        separation.certify(**{"kind": "l2", **options})  # type: ignore[arg-type]


def test_hopeless_requests_are_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="no separation found"):
        separation_l2.certify(d=3, eps="0.9")
    with pytest.raises(Inconclusive, match=r"no lower bound|no scale"):
        thm5.certify(d=3, eps="1/2")
    with pytest.raises(Inconclusive, match="beyond what the kernel expands"):
        thm5.certify(d=10, eps="1e-9")
    with pytest.raises(Inconclusive, match="no separation found"):
        search(8, 1, 0.1, Limits(20, 400, None))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "s.json"
    assert run(["certify", "separation", "--d", "3", "--design", "3/2,7/2,8,9", "--json", "--out", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["depth-3 neurons"] == 63
    assert run(["check", str(out)]) == 0
    assert run(["certify", "thm5", "--d", "3", "--quiet", "--out", str(tmp_path / "t.json")]) == 0
    assert run(["certify", "separation", "--kind", "sup", "--d", "3", "--neurons", "9"]) == 2
    assert run(["certify", "thm5", "--d", "3", "--hat", "1"]) == 2


def test_sweeps_print_only_proved_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, figure, folder = tmp_path / "t.csv", tmp_path / "t.svg", tmp_path / "certificates"
    command = ["sweep", "thm5", "--d", "3..5,7", "-o", str(table), "-o", str(figure)]
    assert run([*command, "--certificates", str(folder)]) == 0
    lines = table.read_text().splitlines()
    assert lines[0] == "d,scale,error,deviation,width"
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "4", "5", "7"]
    assert figure.read_text().startswith("<?xml")
    assert run(["check", "--quiet", str(folder)]) == 0
    assert run(["sweep", "separation", "--d", "3", "--neurons", "63"]) == 0
    assert "no lower bound" not in capsys.readouterr().out
    assert run(["sweep", "separation", "--d", "three"]) == 2
