"""The two rules: what they accept, and one rejection for every reason they have."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest

from tests.fourier_tubes.conftest import Change, checked
from verify.certificates.document import rehash
from verify.claims.certified import Certified
from verify.kernel import CheckFailure, check_document
from verify.kernel.outcome import Malformed, Rejected


def put(*path: Any) -> Change:
    """Return a change that stores the last item at the path of the others."""
    *keys, last, value = path

    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for key in keys:
            place = place[key]
        place[last] = value

    return change


def test_flagship_statement(flagship: Certified) -> None:
    theorem = flagship.theorem
    assert theorem.figures["depth-3 neurons"] == 63
    assert int(theorem.figures["depth-2 width"]) >= 264
    assert "at most 2" in theorem.statement
    assert "has 63 neurons in two hidden layers (54 and 9)" in theorem.statement
    assert "> 1/10 in L2(mu)" in theorem.statement
    assert not any("arb" in item.lower() for item in theorem.rests_on)


def lower_bound(flagship: Certified) -> dict[str, Any]:
    """Return the same bound as a certificate of kind ridge-lower-bound."""
    document = copy.deepcopy(flagship.certificate.document)
    network = document.pop("network")
    document["claim"]["kind"] = "ridge-lower-bound"
    document["target"] = {"variable": "|y|^2", "knots": network["knots"], "values": network["values"]}
    return rehash(document)


def test_lower_bound_of_the_target_alone(flagship: Certified) -> None:
    theorem = check_document(lower_bound(flagship))
    assert "has ||N - f|| > 1/10 in L2(mu)" in theorem.statement


def radii_up_to(document: dict[str, Any], top: int) -> list[Any]:
    return [*document["proof"]["radii"][:-1], top]


def endless(document: dict[str, Any]) -> None:
    """A radius and a target beyond all bounds of the kernel's time."""
    document["proof"]["radii"] = radii_up_to(document, 1000)
    document["network"].update(knots=[*document["network"]["knots"][:-1], 100], kinks=10**4)


REJECTIONS: list[tuple[str, Change, str]] = [
    ("width", lambda c: c["claim"].update(width=c["claim"]["width"] + 1), "missed energy does not exceed"),
    ("error", put("claim", "error", "11/100"), "missed energy does not exceed"),
    ("error zero", put("claim", "error", 0), "must be positive"),
    ("dimension", put("claim", "d", 4), "differs from the claim's dimension"),
    ("tail", lambda c: c["proof"]["tails"].__setitem__(0, c["proof"]["tails"][0] + 1), "exceeds the energy proved"),
    ("lines", lambda c: c["proof"]["lines"].__setitem__(3, c["proof"]["lines"][3] + 1), "more lines than the share"),
    ("falling lines", lambda c: c["proof"]["lines"].__setitem__(3, c["proof"]["lines"][2] - 1), "must not decrease"),
    ("radius below one", lambda c: c["proof"]["radii"].__setitem__(0, "1/2"), "must increase and exceed 1"),
    ("equal radii", lambda c: c["proof"]["radii"].__setitem__(1, c["proof"]["radii"][0]), "must increase and exceed 1"),
    ("far radius", lambda c: c["proof"]["radii"].__setitem__(-1, 1001), "beyond 1000"),
    ("no radii", lambda c: c["proof"].update(radii=[], tails=[], lines=[]), "needs at least one radius"),
    ("fewer tails", lambda c: c["proof"]["tails"].pop(), "needs at least one radius"),
    ("long expansion", lambda c: c["proof"].update(bits=16384, radii=radii_up_to(c, 400)), "the expansion is too long"),
    ("endless expansion", endless, "more than 6000 terms"),
    ("few bits", put("proof", "bits", 64), "exceeds the energy proved"),
    ("mesh beyond pi", lambda c: c["network"].update(mesh="355/113", kinks=9), "must be at most pi"),
    ("mesh negative", put("network", "mesh", "-1/2"), "must be positive"),
    ("coarser mesh", put("network", "mesh", "3/7"), "missed energy does not exceed"),
    ("finer mesh", put("network", "mesh", "6/17"), "the grid ends before"),
    ("fewer kinks", put("network", "kinks", 8), "the grid ends before"),
    ("knots out of order", lambda c: c["network"]["knots"].reverse(), "nonnegative and increasing"),
    ("negative knot", lambda c: c["network"]["knots"].__setitem__(0, "-1/2"), "nonnegative and increasing"),
    ("value missing", lambda c: c["network"]["values"].pop(), "one value for each"),
    ("large value", lambda c: c["network"]["values"].__setitem__(0, 1001), "values beyond 1000"),
    ("long value", lambda c: c["network"]["values"].__setitem__(0, f"1/{2**128}"), "at most 128 bits"),
]


@pytest.mark.parametrize(("change", "why"), [row[1:] for row in REJECTIONS], ids=[row[0] for row in REJECTIONS])
def test_rejected(flagship: Certified, change: Change, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        checked(flagship.certificate.document, change)


MALFORMED: list[tuple[str, Change, str]] = [
    ("measure", put("claim", "measure", 9), "must lie between 0 and 8"),
    ("d = 1", put("claim", "d", 1), "must lie between 2 and 200"),
    ("rule", put("proof", "rule", "other"), "is not one of"),
    ("extra key", put("proof", "extra", 1), "unknown key"),
    ("network kind", put("network", "kind", "other"), "is not one of"),
    ("bits", put("proof", "bits", 10**6), "must lie between"),
    ("many radii", lambda c: c["proof"].update(radii=[2] * 65), "more than 64 items"),
    ("negative tail", lambda c: c["proof"]["tails"].__setitem__(0, -1), "must lie between"),
    ("float", put("network", "mesh", "0.4"), "must be an integer or text"),
]


@pytest.mark.parametrize(("change", "why"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_malformed(flagship: Certified, change: Change, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        checked(flagship.certificate.document, change)


def numbers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all numbers of a document."""
    if isinstance(value, dict):
        return [p for key, item in value.items() if key != "provenance" for p in numbers(item, (*path, key))]
    if isinstance(value, list):
        return [p for index, item in enumerate(value) for p in numbers(item, (*path, index))]
    is_number = isinstance(value, int) or (isinstance(value, str) and "/" in value and value.replace("/", "").isdigit())
    return [path] if is_number else []


def test_every_number_matters(flagship: Certified) -> None:
    """Raise each stored number a little: the certificate is refused, or it proves another, true statement."""
    document = flagship.certificate.document
    survivors = []
    for path in numbers(document):
        changed = copy.deepcopy(document)
        place: Any = changed
        for key in path[:-1]:
            place = place[key]
        old = place[path[-1]]
        number = old + 1 if isinstance(old, int) else Fraction(old) + Fraction(1, 1000)
        place[path[-1]] = number if isinstance(number, int) else f"{number.numerator}/{number.denominator}"
        try:
            theorem = check_document(rehash(changed))
        except CheckFailure:
            continue
        assert theorem.statement != flagship.theorem.statement or path == ("proof", "bits"), path
        survivors.append(path)
    # Another network is another statement, which may be true; of the claim and the proof only `bits` survives.
    assert [path for path in survivors if path[0] != "network"] == [("proof", "bits")]


def test_lowered_numbers_prove_weaker_statements(flagship: Certified) -> None:
    document = flagship.certificate.document
    width = document["claim"]["width"]
    weaker = checked(document, put("claim", "width", width - 1))
    assert weaker.figures["depth-2 width"] == width - 1
    weaker = checked(document, put("claim", "error", "9/100"))
    assert weaker.figures["error"] == "9/100"


def test_width_zero_and_huge(flagship: Certified) -> None:
    checked(flagship.certificate.document, put("claim", "width", 0))
    with pytest.raises(Rejected):
        checked(flagship.certificate.document, put("claim", "width", 1 << 512))
