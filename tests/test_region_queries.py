"""Solvers on activation regions: z3 and cvc5 agree with the kernel, and z3 proves what sums of ReLUs stand for."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.certificates.certificate import Certificate, load
from verify.certificates.document import Document, rehash
from verify.claims.network import certify
from verify.claims.thm2 import certify as certify_thm2
from verify.cli.main import run
from verify.errors import UsageProblem
from verify.formats import smtlib
from verify.formats.region_queries import region_problem
from verify.networks.depth2 import Depth2Network
from verify.provers import second_opinion
from verify.provers.relu_sums import Comparison, PiecewiseLinear, ReluSum, WrongSum, require_sums, ridges

CERTIFICATES = Path(__file__).resolve().parent.parent / "certificates"
PLANE = CERTIFICATES / "exact-d2-norm-5neurons.json"
SPACE = CERTIFICATES / "exact-d3-bump-15neurons.json"


def with_bound(document: Document, factor: Fraction) -> Document:
    bound = str(Fraction(document["claim"]["bound"]) * factor)
    return rehash({**document, "claim": {**document["claim"], "bound": bound}})


def ask_z3(prelude: str, query: str) -> str:
    import z3

    solver = z3.SolverFor("QF_NRA")
    solver.set("timeout", 60_000)
    solver.from_string(prelude + query)
    return str(solver.check())


def ask_cvc5(prelude: str, query: str) -> str:
    cvc5 = pytest.importorskip("cvc5")
    solver = cvc5.Solver()
    solver.setOption("tlimit-per", "60000")
    parser = cvc5.InputParser(solver)
    script = f"(set-logic QF_NRA)\n{prelude}{query}(check-sat)\n"
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "regions")
    manager = parser.getSymbolManager()
    answers = []
    while not (command := parser.nextCommand()).isNull():
        answers.append(command.invoke(solver, manager).strip())
    return answers[-1]


def queries(script: str) -> tuple[str, list[str]]:
    prelude = script.split("(set-logic QF_NRA)\n")[1].split("(push 1)")[0]
    return prelude, re.findall(r"\(push 1\)\n(.*?)\(check-sat\)", script, re.S)


@pytest.mark.parametrize(("path", "share", "least"), [(PLANE, 1, 32), (SPACE, 97, 20)], ids=["plane", "space"])
def test_z3_and_cvc5_answer_every_query_alike(path: Path, share: int, least: int) -> None:
    prelude, asked = queries(smtlib.export(load(path), None).decode())
    assert len(asked) == sum(1 for _ in region_problem(load(path).document).queries())
    chosen = asked[::share]
    assert len(chosen) >= least
    for query in chosen:
        assert ask_z3(prelude, query) == "unsat", query
        assert ask_cvc5(prelude, query) == "unsat", query


@pytest.mark.parametrize("path", [PLANE, SPACE], ids=["plane", "space"])
def test_the_queries_are_not_vacuous(path: Path) -> None:
    """At half the supremum some query has a model, for both solvers."""
    document = with_bound(load(path).document, Fraction(1, 2))
    problem = region_problem(document)
    prelude = problem.prelude()
    for _, assertions in problem.queries():
        query = "\n".join(assertions)
        if ask_z3(prelude, query) == "sat":
            assert ask_cvc5(prelude, query) == "sat"
            return
    raise AssertionError("no query has a model")


def test_z3_agrees_and_finds_a_bound_below_the_supremum() -> None:
    document = load(PLANE).document
    opinion = second_opinion.second_opinion(document)
    assert opinion.status == "agrees"
    assert opinion.text.endswith("agrees: 32 of 32 questions on activation regions are unsat")
    wrong = second_opinion.second_opinion(with_bound(document, Fraction(9, 10)))
    assert wrong.status == "disagrees"
    assert "first at region" in wrong.text
    undecided = second_opinion.Opinion("z3", 0, {"unsat": 3, "sat": 0, "unknown": 1}, query="face 7, dimension 2")
    assert undecided.status == "undecided"
    assert undecided.text.endswith(
        "UNDECIDED: 0 sat, 1 unknown of 4 questions on activation regions, first at face 7, dimension 2"
    )


def test_the_command_asks_z3(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--with-z3", str(PLANE)]) == 0
    assert "32 of 32 questions on activation" in " ".join(capsys.readouterr().out.split())


def test_an_export_is_of_one_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageProblem, match="leave --profile out"):
        smtlib.export(load(PLANE), "norm")
    target = tmp_path / "queries.smt2"
    assert run(["export", str(PLANE), "--format", "smtlib", "--out", str(target)]) == 0
    assert target.read_text(encoding="ascii").count("(check-sat)") == 32
    monkeypatch.setattr(smtlib, "MOST_QUERIES", 10)
    with pytest.raises(UsageProblem, match="too many for one script"):
        smtlib.export(load(PLANE), None)


def test_regions_without_a_gradient_are_asked_about_spheres() -> None:
    """N constant on all of space: the error is largest at the knots of the profile."""
    network = Depth2Network.from_rationals([], [], [], Fraction(1, 8), 3)
    certificate = certify(network=network, profile="max(r, 1/4)", eps="exact", method="regions").certificate
    assert Fraction(certificate.document["claim"]["bound"]) == Fraction(7, 8)
    for factor, expected in ((Fraction(1), {"unsat"}), (Fraction(9, 10), {"unsat", "sat"})):
        problem = region_problem(with_bound(certificate.document, factor))
        answers = {ask_z3(problem.prelude(), "\n".join(assertions)) for _, assertions in problem.queries()}
        assert answers == expected


small = st.integers(-6, 6).map(lambda k: Fraction(k, 4))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=7), st.integers(0, 10**6), small)
def test_sums_of_relus_are_what_they_stand_for(
    terms: list[tuple[Fraction, Fraction, Fraction]], choice: int, at: Fraction
) -> None:
    columns = list(zip(*terms, strict=True))
    ridge = ReluSum(columns[0], columns[1], columns[2])
    function = ridge.piecewise_linear()
    comparison = Comparison()
    comparison.require_equal(ridge, function)
    value = sum((a * max(c * at + b, Fraction(0)) for a, c, b in terms), Fraction(0))
    piece = sum(kink < at for kink in function.kinks)
    slope, offset = function.lines()[piece]
    assert slope * at + offset == value
    # Any other slope, or a shift, is found to be wrong.
    wrong = list(function.slopes)
    wrong[choice % len(wrong)] += Fraction(1, 1000)
    for other in (
        PiecewiseLinear(function.kinks, tuple(wrong), function.at_zero),
        PiecewiseLinear(function.kinks, function.slopes, function.at_zero + Fraction(1, 10**9)),
    ):
        with pytest.raises(WrongSum, match="not its piecewise linear function at t = "):
            comparison.require_equal(ridge, other)


def test_the_networks_of_the_constructions_are_what_they_stand_for() -> None:
    for dimension, eps in ((1, "1/20"), (2, "1/5")):
        certificate: Certificate = certify_thm2(d=dimension, eps=eps, workers=1).certificate
        network = certificate.network.network(lambda r: r * r / 2)
        lines = [ridge for _, ridge in ridges(network)]
        assert sum(len(ridge.outputs) for ridge in lines) == network.width
        assert require_sums(network) == len(lines)
        assert dimension > 1 or len(lines[0].outputs) > 4


def test_a_line_that_is_derived_wrongly_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ReluSum.piecewise_linear

    def wrong(self: ReluSum) -> PiecewiseLinear:
        function = right(self)
        return PiecewiseLinear(function.kinks[1:], function.slopes[1:], function.at_zero)

    monkeypatch.setattr(ReluSum, "piecewise_linear", wrong)
    with pytest.raises(WrongSum):
        certify(network=PLANE, profile="norm", eps="exact", method="regions")
