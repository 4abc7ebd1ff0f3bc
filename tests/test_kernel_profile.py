"""Rules LIPSCHITZ and TUBE: what they prove is true, and each reason of rejection fires."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.certificates.document import pack_integers
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.kernel.profiles.profile import Profile, read_profile

SINE = ["div", ["sin", ["mul", 5, "r"]], 5]
DIP = ["abs", ["sub", "r", "1/3"]]


def tube_of(function: Any, pieces: int, radius: str | int, scale: int = 40) -> dict[str, Any]:
    knots = [Fraction(j, pieces) for j in range(pieces + 1)]
    return {
        "scale": scale,
        "knots": pack_integers(np.array([int(knot * 2**scale) for knot in knots])),
        "values": pack_integers(np.array([round(function(knot) * 2**scale) for knot in knots])),
        "radius": radius,
    }


def sine(r: Fraction) -> Any:
    return mpmath.sin(5 * mpmath.mpf(r.numerator) / r.denominator) / 5


def read(profile: dict[str, Any], tube: dict[str, Any] | None = None) -> Profile:
    fields = Fields(profile, "claim.profile")
    return read_profile(fields, None if tube is None else Fields(tube, "proof.tube"))


def linear(knots: list[Any], values: list[Any], lipschitz: Any = 1) -> dict[str, Any]:
    return {"lipschitz": lipschitz, "piecewise_linear": {"knots": knots, "values": values}}


@pytest.mark.parametrize(
    ("knots", "values", "text"),
    [
        ([0, 1], [0, 1], "phi(r) = r"),
        ([0, 1], [1, "1/2"], "phi(r) = 1 - (1/2)*r"),
        ([0, 1], ["1/3", "1/3"], "phi(r) = 1/3"),
        ([0, 1], [-1, -2], "phi(r) = -r - 1"),
        ([0, "1/2", 1], ["1/2", 0, 0], "phi(r) = max(0, 1/2 - r)"),
        ([0, "1/2", 1], [0, "1/2", "1/2"], "phi(r) = min(r, 1/2)"),
        ([0, "1/2", 1], [0, "1/2", 0], "phi(r) = min(r, 1 - r)"),
        (
            [0, "1/4", "1/2", "3/4", 1],
            [0, "1/4", 0, "1/4", 0],
            "phi(r) = the distance from r to the nearest multiple of 1/2",
        ),
        ([0, "1/4", "1/2", 1], [0, "1/4", 0, 0], "phi piecewise linear with phi(0) = 0, phi(1/4) = 1/4, "),
    ],
)
def test_piecewise_linear_profiles(knots: list[Any], values: list[Any], text: str) -> None:
    profile = read(linear(knots, values))
    assert profile.text.startswith(text)
    assert profile.radius == 0
    assert profile.lipschitz == 1
    assert profile.source == linear(knots, values)
    assert profile.knots == tuple(Fraction(knot) for knot in knots)


values_lists = st.lists(st.fractions(-3, 3, max_denominator=8), min_size=2, max_size=9)


@given(values_lists, st.fractions(0, 1, max_denominator=60), st.fractions(0, 1, max_denominator=60), st.data())
def test_piecewise_linear_enclosures_are_exact(
    values: list[Fraction], a: Fraction, b: Fraction, data: st.DataObject
) -> None:
    pieces = len(values) - 1
    spelled = [v.numerator if v.denominator == 1 else str(v) for v in values]
    knots = [Fraction(j, pieces) for j in range(pieces + 1)]
    profile = read(linear([k.numerator if k.denominator == 1 else str(k) for k in knots], spelled, 1000))
    low, high = min(a, b), max(a, b)
    bottom, top = profile.enclose(low, high)
    r = low + (high - low) * data.draw(st.fractions(0, 1, max_denominator=30))
    place = min(int(r * pieces), pieces - 1)
    truth = values[place] + (values[place + 1] - values[place]) * (r - knots[place]) * pieces
    assert profile.interpolant(r) == truth
    assert bottom <= truth <= top
    ends = {profile.interpolant(low), profile.interpolant(high), *values}
    assert {bottom, top} <= ends


def test_an_expression_with_its_tube() -> None:
    profile = read({"lipschitz": 1, "expression": SINE}, tube_of(sine, 40, "1/2000"))
    assert profile.text == "phi(r) = sin(5*r)/5"
    assert profile.radius == Fraction(1, 2000)
    assert len(profile.knots) == 41
    rng = random.Random(7)
    for _ in range(300):
        r = Fraction(rng.randrange(10**9 + 1), 10**9)
        truth = sine(r)
        assert abs(truth - mpmath.mpf(profile.interpolant(r).numerator) / profile.interpolant(r).denominator) <= 5e-4
        low, high = profile.enclose(r, r)
        assert high - low < Fraction(1, 2**100)
        wide = profile.enclose(max(r - Fraction(1, 50), Fraction(0)), r)
        assert wide[0] <= low <= high <= wide[1]


def test_a_kink_between_knots_is_proved_by_subdivision() -> None:
    def dip(r: Fraction) -> Fraction:
        return abs(r - Fraction(1, 3))

    profile = read({"lipschitz": 1, "expression": DIP}, tube_of(dip, 32, "1/71"))
    assert profile.lipschitz == 1
    # The kink cuts its piece 2 : 1, so that the distance there is 4/9 of the piece's length, 1/72.
    with pytest.raises(Rejected, match="TUBE"):
        read({"lipschitz": 1, "expression": DIP}, tube_of(dip, 32, "1/73"))


@given(st.integers(3, 40), st.fractions(Fraction(1, 10**5), Fraction(1, 50), max_denominator=10**6))
def test_no_tube_is_accepted_that_the_profile_leaves(pieces: int, radius: Fraction) -> None:
    tube = tube_of(sine, pieces, str(radius))
    try:
        profile = read({"lipschitz": 1, "expression": SINE}, tube)
    except Rejected:
        profile = None
    worst = mpmath.mpf(0)
    for j in range(pieces):
        for k in range(9):
            r = Fraction(8 * j + k, 8 * pieces)
            a, b = sine(Fraction(j, pieces)), sine(Fraction(j + 1, pieces))
            worst = max(worst, abs(sine(r) - (a + (b - a) * k / 8)))
    exact = mpmath.mpf(radius.numerator) / radius.denominator
    if profile is not None:
        assert worst <= exact * (1 + 1e-9)
    else:
        assert worst * 1.1 > exact  # and the rule is not wasteful on smooth profiles


@pytest.mark.parametrize("expression", [["sqrt", ["add", "r", "1/4"]], ["tanh", "r"], ["sub", "r", ["pow", "r", 2]]])
def test_lipschitz_constants_are_proved_exactly_where_intervals_allow(expression: Any) -> None:
    tube = tube_of(lambda r: 0, 4, 10)
    assert read({"lipschitz": 1, "expression": expression}, tube).lipschitz == 1


@pytest.mark.parametrize(
    ("expression", "lipschitz", "why"),
    [
        (["exp", ["mul", 2, "r"]], 1, r"slopes are bounded by 2\.\d+ only"),
        (["exp", ["mul", 2, "r"]], 14, r"slopes are bounded by 14\.\d+ only"),
        (["sqrt", "r"], 100, "no known bound"),
        (["log", "r"], 100, "logarithm"),
        (["div", 1, ["sub", "r", "1/3"]], 10**6, r"bounded by 1\.\d+e6 only"),
        (["sqrt", ["sub", "r", "1/3"]], 10**6, "negative"),
    ],
)
def test_lipschitz_rejections(expression: Any, lipschitz: int, why: str) -> None:
    with pytest.raises(Rejected, match=why) as failure:
        read({"lipschitz": lipschitz, "expression": expression}, tube_of(lambda r: 0, 4, 100))
    assert failure.value.rule == "LIPSCHITZ"


def test_a_steep_slope_hidden_beside_a_kink_is_rejected() -> None:
    # 5/8 - r/2 - 3/2 r^2 up to r = 1/2, then 0: the slope reaches -2 exactly where |.| and min(., 0) both switch.
    u = ["add", ["div", "r", 2], ["mul", "3/2", ["pow", "r", 2]], "-5/8"]
    profile = ["abs", ["min", u, 0]]
    for pieces in (2, 4, 64):
        tube = tube_of(lambda r: 0, pieces, 10)
        with pytest.raises(Rejected, match="LIPSCHITZ"):
            read({"lipschitz": 1, "expression": profile}, tube)
        assert read({"lipschitz": 2, "expression": profile}, tube).lipschitz == 2


def test_steep_piecewise_linear_profiles_are_rejected() -> None:
    with pytest.raises(Rejected, match=r"slope on .* is 2, beyond the declared constant 1") as failure:
        read(linear([0, "1/2", 1], [0, 1, 1]))
    assert failure.value.rule == "LIPSCHITZ"
    assert read(linear([0, "1/2", 1], [0, 1, 1], 2)).lipschitz == 2


def test_too_narrow_tubes_are_rejected() -> None:
    with pytest.raises(Rejected, match="distance to the interpolant") as failure:
        read({"lipschitz": 1, "expression": SINE}, tube_of(sine, 40, "1/5000"))
    assert failure.value.rule == "TUBE"
    moved = tube_of(lambda r: sine(r) + 1 / 1000, 40, "1/2000")
    with pytest.raises(Rejected, match="TUBE"):
        read({"lipschitz": 1, "expression": SINE}, moved)


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.kernel.profiles.profile.WORK", 20_000)
    # A cancellation that intervals do not see, everywhere.
    wide: Any = ["sub", ["sin", ["mul", 10**6, "r"]], ["sin", ["mul", 10**6, "r"]]]
    heavy = ["add", "r", *[["mul", "1/1000", wide]] * 40]
    with pytest.raises(Rejected, match=r"more work than the kernel allows|slopes are bounded"):
        read({"lipschitz": 2, "expression": heavy}, tube_of(lambda r: r, 4, "1/10"))


def mutated(**changes: Any) -> dict[str, Any]:
    tube = tube_of(sine, 40, "1/2000")
    tube.update(changes)
    return {key: value for key, value in tube.items() if value is not None}


@pytest.mark.parametrize(
    ("profile", "tube", "why"),
    [
        ({"expression": SINE}, mutated(), "'lipschitz' is missing"),
        ({"lipschitz": -1, "expression": SINE}, mutated(), "between 0 and"),
        ({"lipschitz": 10**10, "expression": SINE}, mutated(), "between 0 and"),
        ({"lipschitz": 1}, mutated(), "'expression' is missing"),
        ({"lipschitz": 1, "expression": SINE, "colour": 1}, mutated(), "unknown key 'colour'"),
        ({"lipschitz": 1, "expression": SINE}, None, "needs a tube"),
        ({"lipschitz": 1, "expression": ["boo"]}, mutated(), "not an operator"),
        (linear([0, 1], [0, 1]), mutated(), "needs no tube"),
        ({**linear([0, 1], [0, 1]), "expression": "r"}, None, "unknown key 'expression'"),
        ({"lipschitz": 1, "expression": SINE}, mutated(radius="-1/2"), "negative"),
        ({"lipschitz": 1, "expression": SINE}, mutated(radius=None), "'radius' is missing"),
        ({"lipschitz": 1, "expression": SINE}, mutated(scale=61), "between 0 and 60"),
        ({"lipschitz": 1, "expression": SINE}, mutated(scale=39), "from 0 to 1"),
        ({"lipschitz": 1, "expression": SINE}, mutated(extra=1), "unknown key 'extra'"),
        ({"lipschitz": 1, "expression": SINE}, mutated(values=pack_integers(np.zeros(5))), "41 knots but 5 values"),
        ({"lipschitz": 1, "expression": SINE}, mutated(knots=pack_integers(np.zeros(20001))), "20000"),
        (
            {"lipschitz": 1, "expression": SINE},
            mutated(scale=1, knots=pack_integers([0, 1, 1, 2]), values=pack_integers([0] * 4)),
            "must increase",
        ),
        (
            {"lipschitz": 1, "expression": SINE},
            mutated(scale=0, knots=pack_integers([0]), values=pack_integers([0])),
            "from 0 to 1",
        ),
        (linear([0, "1/2", "1/2", 1], [0, 0, 0, 0]), None, "must increase"),
        (linear([0, "3/4", "1/2", 1], [0, 0, 0, 0]), None, "must increase"),
        (linear([0, "1/2"], [0, 0]), None, "from 0 to 1"),
        (linear([], []), None, "from 0 to 1"),
        (linear([0, 1], [0]), None, "2 knots but 1 values"),
        (linear([0, 1], [0, 10**60]), None, "more than 60 digits"),
        (linear([0, 1], [0, "2/4"]), None, "lowest terms"),
    ],
)
def test_malformed_profiles(profile: dict[str, Any], tube: dict[str, Any] | None, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read(profile, tube)


def test_enclosures_outside_the_unit_interval_are_refused() -> None:
    profile = read(linear([0, 1], [0, 1]))
    for low, high in ((Fraction(-1), Fraction(0)), (Fraction(1), Fraction(2)), (Fraction(1), Fraction(0))):
        with pytest.raises(Rejected, match="outside"):
            profile.enclose(low, high)
