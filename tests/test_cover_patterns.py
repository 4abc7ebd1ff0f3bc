"""Rule FARKAS from both ends: z3 finds multipliers, the kernel checks them, `check --with-z3` asks again."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import cover_examples as examples
import numpy as np
import pytest
from cover_examples import accepted, changed, put, refused, tight

from verify.certificates.document import pack_integers, serialise, unpack_integers
from verify.cli.main import run
from verify.errors import Inconclusive
from verify.kernel.outcome import Malformed, Rejected
from verify.provers import covering, second_opinion


@pytest.fixture
def tight_file(tmp_path: Path) -> Path:
    path = tmp_path / "tight.json"
    path.write_bytes(serialise(tight()))
    return path


def test_a_tight_bound_is_proved_with_closed_cells() -> None:
    theorem = accepted(serialise(tight()))
    assert theorem.figures["cells closed by patterns"] == 4
    assert "FARKAS" in theorem.rests_on[0]
    assert float(theorem.figures["bound / witness"]) < 1.0001  # type: ignore[arg-type]


def test_the_same_request_gives_the_same_bytes() -> None:
    again = examples.prove_norm(2, Fraction(tight()["claim"]["bound"]))
    assert serialise(again.certificate.document) == serialise(tight())


def test_without_the_declared_cells_the_cover_is_not_a_proof() -> None:
    refused(changed(tight(), lambda d: d["proof"].pop("closed")), "is not proved")


def multipliers(document: dict[str, Any]) -> Any:
    return unpack_integers(document["proof"]["closed"]["multipliers"])


def test_smaller_multipliers_do_not_prove_the_pattern() -> None:
    values = multipliers(tight())
    assert values.any()
    refused(
        put(tight(), "proof.closed.multipliers", pack_integers(np.zeros_like(values))),
        "do not prove activation pattern",
    )
    for index in np.flatnonzero(values)[:6]:
        wrong = values.copy()
        wrong[index] *= 4
        refused(put(tight(), "proof.closed.multipliers", pack_integers(wrong)), "do not prove activation pattern")


def test_a_negative_multiplier_is_rejected() -> None:
    values = multipliers(tight())
    values[0] = -1
    assert isinstance(
        refused(put(tight(), "proof.closed.multipliers", pack_integers(values)), "a multiplier is negative"), Rejected
    )


@pytest.mark.parametrize(
    ("ordinals", "reason"),
    [
        ([3, 2, 1, 0], "must increase"),
        ([-1, 5, 6, 7], "must increase"),
        ([0, 0, 1, 2], "must increase"),
        # Differences that overflow int64 look positive.
        ([1, 2**62 + 1, -(2**62), 0], "must increase"),
        ([1, 2, 3, 10**6], ""),
    ],
)
def test_leaves_must_be_the_right_ones(ordinals: list[int], reason: str) -> None:
    refused(put(tight(), "proof.closed.leaves", pack_integers(ordinals)), reason)


def test_a_leaf_beyond_the_tree() -> None:
    def append(document: dict[str, Any]) -> None:
        closed = document["proof"]["closed"]
        closed["leaves"] = pack_integers([*unpack_integers(closed["leaves"]).tolist(), 10**6])
        closed["undecided"] = pack_integers([*unpack_integers(closed["undecided"]).tolist(), 0])

    refused(changed(tight(), append), "names a leaf that the tree does not have")


def test_the_number_of_undecided_neurons_must_agree() -> None:
    def shrink(document: dict[str, Any]) -> None:
        closed = document["proof"]["closed"]
        counts = unpack_integers(closed["undecided"])
        first = int(counts[0])
        counts[0] = first - 1
        closed["undecided"] = pack_integers(counts)
        drop = first * (2 << first) - (first - 1) * (2 << first - 1)
        closed["multipliers"] = pack_integers(multipliers(document)[drop:])

    refused(changed(tight(), shrink), "not the declared number")
    refused(put(tight(), "proof.closed.undecided", pack_integers([7, 1, 1, 1])), "must lie between 0 and 6")
    refused(put(tight(), "proof.closed.undecided", pack_integers([1, 1])), "shape")
    refused(put(tight(), "proof.closed.bits", 61), "must lie between 0 and 60")
    assert isinstance(refused(put(tight(), "proof.closed.extra", 1), "unknown key"), Malformed)


def test_no_more_closed_cells_than_rational_arithmetic_can_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.kernel.cover.radial.MAX_WORK", 3)
    refused(serialise(tight()), "takes more work than the kernel allows")


@pytest.mark.slow
def test_z3_decides_where_bisection_shrinks_to_dust(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten lines in space, a bound of 1.00001 times the error: no proof without closed cells, a proof with them."""
    bound = Fraction(0.04411182449018082)
    theorem = examples.prove_norm(3, bound).theorem
    assert int(theorem.figures["cells closed by patterns"]) > 20
    monkeypatch.setattr(covering, "FEW", -1)
    with pytest.raises(Inconclusive):
        examples.prove_norm(3, bound)


def test_second_opinion_agrees(tight_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--with-z3", str(tight_file)]) == 0
    out = capsys.readouterr().out
    assert "agrees: 16 of 16 questions on 4 closed cells are unsat" in " ".join(out.split())
    assert run(["check", "--with-z3", "--json", str(tight_file)]) == 0
    row = json.loads(capsys.readouterr().out)["results"][0]
    assert row["second opinion"]["answers"] == {"unsat": 16, "sat": 0, "unknown": 0}


def test_second_opinion_finds_a_bound_below_the_error(tight_file: Path) -> None:
    document = json.loads(tight_file.read_bytes())
    document["claim"]["bound"] = "1/1000"
    opinion = second_opinion.second_opinion(document)
    assert opinion.status == "disagrees" and opinion.place is not None


@pytest.mark.parametrize(("answer", "code", "word"), [("sat", 1, "DISAGREES"), ("unknown", 3, "UNDECIDED")])
def test_a_doubt_is_loud(
    tight_file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    word: str,
) -> None:
    monkeypatch.setattr(second_opinion, "_ask", lambda *arguments: answer)
    assert run(["check", "--quiet", "--with-z3", str(tight_file)]) == code
    assert word in capsys.readouterr().err


def test_nothing_to_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bump.json"
    path.write_bytes(serialise(examples.bump()))
    assert run(["check", "--with-z3", str(path)]) == 0
    assert "nothing to ask" in capsys.readouterr().out
