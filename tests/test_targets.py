"""Profiles as users write them: reading, refusing, evaluating in every arithmetic, Lipschitz constants, tubes."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_kernel_expression import expressions

from verify.errors import EXIT_INCONCLUSIVE, EXIT_USAGE, Inconclusive, UsageProblem
from verify.kernel.fields import Fields
from verify.kernel.profiles.expression import read_expression
from verify.kernel.profiles.profile import read_profile
from verify.targets.errors import NotLipschitz, TargetError, Unproved
from verify.targets.evaluation import ends, evaluate
from verify.targets.lipschitz import prove_lipschitz
from verify.targets.profiles import Target, bump, decimal_text, norm, read_target, sine, zigzag
from verify.targets.syntax import parse
from verify.targets.tube import prove_profile

ONE_LIPSCHITZ = [
    "norm",
    "bump",
    "sine:20",
    "sine:3.7",
    "zigzag:3",
    "sin(30*(r^2 - 1/2))/60",
    "tanh(r)",
    "r*exp(-r)",
    "Abs(sin(3*r))/3",
    "sqrt(r**2 + 0.01)",
    "r**1.5/1.5",
    "Max(r, tanh(2*r)/2)",
    "atan(r)/2 - cosh(r/2)/9 + log(1 + r)/7 - sinh(r)/50 + tan(r)/30 + 1/(9 + r)",
    "Min(r, 1 - r, 1/3)",
    "pi/4 - E*r/3",
]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("r", "r"),
        ("sin(20*r)/20", ["div", ["sin", ["mul", 20, "r"]], 20]),
        ("r^2", ["pow", "r", 2]),
        ("2*r^2", ["mul", 2, ["pow", "r", 2]]),
        ("-r**2", ["neg", ["pow", "r", 2]]),
        ("r**0.5", ["pow", "r", "1/2"]),
        ("r**-1", ["pow", "r", -1]),
        ("2**r", ["exp", ["mul", "r", ["log", 2]]]),
        ("E**r", ["exp", "r"]),
        ("0.1 + 1e-2*r", ["add", "1/10", ["mul", "1/100", "r"]]),
        (".5*r + 2.*r", ["add", ["mul", "1/2", "r"], ["mul", 2, "r"]]),
        ("r + 1 + pi - E", ["add", "r", 1, "pi", ["neg", "e"]]),
        ("r - 1 + 2", ["add", ["sub", "r", 1], 2]),
        ("2*3*r/4", ["div", ["mul", 6, "r"], 4]),
        ("Rational(1, 3)*r", ["mul", "1/3", "r"]),
        ("Max(0, 1/2 - r)", ["max", 0, ["sub", "1/2", "r"]]),
        ("max(1, 2, 1/3) + min(2, 5)*r + Abs(-3)", ["add", 2, ["mul", 2, "r"], 3]),
        ("ln(1 + r)", ["log", ["add", 1, "r"]]),
        ("+r", "r"),
        ("Max(r)", "r"),
    ],
)
def test_parsing(text: str, source: Any) -> None:
    assert parse(text).source == source


@pytest.mark.parametrize("text", ONE_LIPSCHITZ)
def test_text_reads_back(text: str) -> None:
    target = read_target(text)
    if target.expression is not None:
        again = parse(target.expression.text)
        for r in (0.0, 0.3, 0.9):
            assert math.isclose(float(read_target(again.text)(r)), float(target(r)), rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty profile"),
        ("   ", "empty profile"),
        ("x", "unknown name 'x'.*variable of a profile is r"),
        ("R", "unknown name 'R'"),
        ("__import__('os').system('true')", "not allowed|unknown function"),
        ("__import__('os')", "unknown function '__import__'"),
        ("().__class__", "not allowed"),
        ("r.real", "not allowed"),
        ("[r][0]", "not allowed"),
        ("(lambda: r)()", "not allowed|not a profile"),
        ("'r'", "not allowed"),
        ("True", "not allowed"),
        ("1j*r", "not allowed"),
        ("...", "not allowed"),
        ("r if r else 1", "not allowed"),
        ("r < 1", "not allowed"),
        ("r // 2", "not allowed"),
        ("r % 2", "not allowed"),
        ("~r", "not allowed"),
        ("r @ r", "not allowed"),
        ("f'{r}'", "not allowed"),
        ("sin(x=r)", "not allowed"),
        ("sin(*r)", "not allowed"),
        ("(r := 1)", "not allowed|not a profile"),
        ("I*r", "real numbers"),
        ("nan", "real numbers"),
        ("oo*r", "real numbers"),
        ("sin", "needs its argument"),
        ("sin()", "takes 1 argument"),
        ("sin(r, r)", "takes 1 argument"),
        ("Rational(1)", "takes 2 argument"),
        ("Max()", "takes 1 to"),
        ("gamma(r)", "unknown function 'gamma'"),
        ("1/0", "divides by 0"),
        ("r/(1-1)", "divides by 0"),
        ("9**9**9", "exponent beyond 1000"),
        ("r**1001", "exponent beyond 1000"),
        ("r**(1/17)", "must lie between"),
        ("9**900", "more than 60 digits"),
        ("1e999", "not a number of at most"),
        ("1e99999999999999", "not a number of at most"),
        ("0x10*r", "not a number of at most"),
        ("1" * 70, "not a number of at most"),
        ("r" * 10**6, "too long"),
        ("(" * 900 + "r" + ")" * 900, "not an expression"),
        ("-" * 1900 + "r", "nested deeper|not an expression"),
        ("sin(" * 100 + "r" + ")" * 100, "nested deeper"),
        ("+".join(["sin(r)"] * 280), "nodes|nested deeper"),
        ("(r", "not an expression"),
        ("r r", "not an expression"),
        ("r; r", "not an expression"),
        ("r\n+1", "one line"),
        ("r\x00", "one line|not an expression"),
        ("ｒ", "plain ASCII"),
        ("norm:3", "takes no parameter"),
        ("sine", "needs a parameter"),
        ("sine:0", "0 < K"),
        ("sine:-3", "0 < K"),
        ("sine:nan", "0 < K"),
        ("sine:1e9", "0 < K"),
        ("sine:1/0", "0 < K"),
        ("sine:" + "9" * 50, "0 < K"),
        ("zigzag:1.5", "integer K"),
        ("zigzag:1000000", "1 <= K"),
        ("zigzag:0", "0 < K"),
        ("cosine:3", "not a profile"),
    ],
)
def test_what_is_no_profile_gives_one_clear_line(text: str, why: str) -> None:
    with pytest.raises(TargetError, match=why) as failure:
        read_target(text)
    assert "\n" not in str(failure.value)
    assert len(str(failure.value)) < 400
    assert isinstance(failure.value, UsageProblem | ValueError)
    assert failure.value.exit_code == EXIT_USAGE


@settings(max_examples=300)
@given(st.text(alphabet="r0123456789+-*/^().,sincoexpMaxqrtlgE ", max_size=30))
def test_random_text_is_read_or_refused(text: str) -> None:
    try:
        target = read_target(text)
        prove_lipschitz(target)
    except (TargetError, Unproved) as failure:
        assert "\n" not in str(failure)


def test_named_profiles() -> None:
    assert [norm()(Fraction(1, 3)), bump()(Fraction(1, 3)), bump()(1)] == [Fraction(1, 3), Fraction(1, 6), 0]
    teeth = zigzag(3)
    assert [teeth(Fraction(j, 6)) for j in range(7)] == [0, Fraction(1, 6)] * 3 + [0]
    assert math.isclose(sine(Fraction(20))(0.3), math.sin(6) / 20)
    assert [read_target(name).name for name in ("norm", "bump", "sine:20", "sine:31.4", "sine:1/3", "zigzag:4")] == [
        "norm",
        "bump",
        "sine20",
        "sine31.4",
        "sine1over3",
        "zigzag4",
    ]


def test_names_are_safe_for_files_and_stable() -> None:
    name = read_target("Max(0, 1/2 - r)").name
    assert name == "Max-0-1-2-r-" + name[-6:]
    assert read_target("sin(7*r)/7").name != read_target("sin(7*r)/8").name
    assert set("".join(read_target(text).name for text in ONE_LIPSCHITZ)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."
    )


def test_piecewise_linear_expressions_become_exact_tables() -> None:
    for text in ("Max(0, 1/2 - r)", "Abs(r - 1/3)/2 + Min(r, 0.2)", "r*2/3 - 1", "-Abs(Abs(r-1/2)-1/4)", "r**1", "3"):
        target = read_target(text)
        assert target.table is not None
        assert target.expression is None
        expression = parse(text)
        for j in range(25):
            assert target(Fraction(j, 24)) == evaluate(expression, Fraction(j, 24))
    assert read_target("Max(0, 1/2 - r)").table == bump().table
    assert read_target("sin(r) - sin(r) + r").table is None


@pytest.mark.parametrize("text", ONE_LIPSCHITZ)
@given(r=st.fractions(0, 1, max_denominator=512))
def test_all_arithmetics_agree(text: str, r: Fraction) -> None:
    target = read_target(text)
    in_float = target(float(r))
    assert isinstance(in_float, float)
    array = target(np.array([float(r), 0.25]))
    assert array.shape == (2,)
    assert array[0] == pytest.approx(in_float, abs=1e-14)
    with mpmath.workprec(300):
        exact_r = mpmath.mpf(r.numerator) / r.denominator
        precise = target(exact_r)
        assert abs(precise - in_float) < 1e-14
    with flint.ctx.workprec(200):
        ball = target(flint.arb(flint.fmpq(r.numerator, r.denominator)))
        low, high = ends(ball)
    value = Fraction(*map(int, mpmath.libmp.to_rational(precise._mpf_)))
    slack = Fraction(1, 2**250)
    assert low - slack <= value <= high + slack
    assert high - low < Fraction(1, 2**60)
    interval = target(mpmath.iv.mpf(r.numerator) / r.denominator)
    low, high = ends(interval)
    assert low <= value + slack
    assert value - slack <= high
    assert high - low < Fraction(1, 2**40)
    try:
        exact = target(r)
    except TargetError as failure:
        assert "rational" in str(failure) or "exact" in str(failure)
    else:
        assert abs(exact - value) <= slack


def test_enclosures_over_wide_intervals() -> None:
    for text in ONE_LIPSCHITZ:
        target = read_target(text)
        wide = mpmath.iv.mpf([0.25, 0.75])
        low, high = ends(target(wide))
        ball_low, ball_high = ends(target(flint.arb(0.5, 0.25)))
        for j in range(21):
            r = 0.25 + j / 40
            assert float(low) - 1e-12 <= target(r) <= float(high) + 1e-12
            assert float(ball_low) - 1e-12 <= target(r) <= float(ball_high) + 1e-12


def test_undefined_points_are_nan_in_floats_and_errors_in_intervals() -> None:
    root, pole = read_target("sqrt(r - 1/2)"), read_target("1/(r - 1/2)")
    assert math.isnan(root(0.25))
    assert math.isinf(pole(0.5))
    assert np.isnan(root(np.array([0.0, 0.75]))).tolist() == [True, False]
    assert mpmath.isnan(root(mpmath.mpf(0.25)))
    assert not root(flint.arb(0.25)).is_finite()
    with pytest.raises(TargetError, match="not defined"):
        root(mpmath.iv.mpf(0.25))
    with pytest.raises(TargetError, match="not defined"):
        root(Fraction(1, 4))
    assert root(Fraction(3, 4)) == Fraction(1, 2)
    for r in (Fraction(1, 2), mpmath.mpf(0.5)):
        with pytest.raises(TargetError, match="division by 0"):
            pole(r)
    with pytest.raises(TargetError, match="not bounded"):
        ends(pole(mpmath.iv.mpf([0, 1])))
    with pytest.raises(TargetError, match="not bounded"):
        ends(pole(flint.arb(0.5)))


@pytest.mark.parametrize("text", ONE_LIPSCHITZ)
def test_profiles_with_constant_one_are_proved(text: str) -> None:
    proved = prove_profile(read_target(text), radius=Fraction(1, 1000))
    assert proved.profile.lipschitz == 1
    assert proved.profile.radius <= Fraction(1, 1000)
    claim = json.loads(json.dumps(proved.claim))
    tube = None if proved.tube is None else Fields(json.loads(json.dumps(proved.tube)), "proof.tube")
    assert read_profile(Fields(claim, "claim.profile"), tube) == proved.profile
    r = np.linspace(0, 1, 2001)
    knots, values = ([float(x) for x in xs] for xs in (proved.profile.knots, proved.profile.values))
    distance = np.abs(proved.target(r) - np.interp(r, knots, values)).max()
    assert distance <= float(proved.profile.radius) + 1e-12


def test_irrational_constants_state_the_constant_that_is_proved() -> None:
    proved = prove_profile(read_target("sin(pi*r)/pi"))
    assert 1 < proved.profile.lipschitz <= 1 + Fraction(1, 2**40)
    assert proved.profile.lipschitz_text.startswith("1 + 2^-")
    assert proved.claim["lipschitz"] != 1


def test_a_few_hundred_knots_are_enough_for_sine_20() -> None:
    proved = prove_profile(read_target("sine:20"))
    assert proved.profile.radius == Fraction(1, 10_000)
    assert 100 < len(proved.profile.knots) < 300


@pytest.mark.parametrize(
    ("text", "declared", "reached", "where", "suggestion"),
    [
        ("exp(2*r)", 1, 2 * math.e**2, (0.98, 1), 15),
        ("exp(2*r)", 14, 2 * math.e**2, (0.98, 1), 15),
        ("2*r", 1, 2, (0, 1), 2),
        ("Abs(r - 1/2)*7/3", 2, 7 / 3, (0, 0.5), Fraction(7, 3)),
        ("sin(30*(r^2-1/2))/30", 1, 1.917, (0.95, 0.97), 2),
        ("sine:20", Fraction(1, 2), 1, (0, 1), 1),
        ("-r**3", 2, 3, (0.98, 1), 3),
    ],
)
def test_steep_profiles_are_refused(
    text: str, declared: Fraction, reached: float, where: tuple[float, float], suggestion: Fraction
) -> None:
    target = read_target(text)
    with pytest.raises(NotLipschitz, match=r"not .*-Lipschitz on .* reaches at least .*; pass --lipschitz") as failure:
        prove_lipschitz(target, declared)
    error = failure.value
    assert float(error.reached) <= reached * 1.001
    assert float(error.reached) >= reached * 0.998
    assert where[0] <= error.interval[0] < error.interval[1] <= where[1]
    assert error.suggestion == suggestion
    assert prove_lipschitz(target, suggestion) == suggestion
    assert error.exit_code == EXIT_USAGE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sqrt(r)", r"no bound on \|phi'\| near r = 0"),
        ("r**(1/3)", r"no bound on \|phi'\| near r = 0"),
        ("sqrt(1 - r)", r"no bound on \|phi'\| near r = 0\.999"),
        ("log(r)", "not defined .* near r = 0 .*logarithm"),
        ("1/(r-1/2)", r"not defined .* near r = 0\.4999.*contains 0"),
        ("1/(r-1/3)", r"not defined .* near r = 0\.3333.*contains 0"),
        ("sqrt(r-1/2)", "not defined .* near r = 0 .*negative"),
        ("tan(2*r)", r"not defined .* near r = 0\.785.*pole"),
        ("r**r", "not defined .* near r = 0"),
        ("exp(exp(exp(exp(9*r))))", "not defined .* exceed"),
    ],
)
def test_undefined_and_unbounded_profiles_are_refused(text: str, why: str) -> None:
    with pytest.raises(TargetError, match=why) as failure:
        prove_lipschitz(read_target(text), 10**6)
    assert "\n" not in str(failure.value)


def test_what_intervals_cannot_show_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.targets.lipschitz.CELLS", 300)
    monkeypatch.setattr("verify.targets.lipschitz.WORK", 5000)
    # The slope is exactly 1, but only algebra shows it.
    hidden = read_target("r + sin(r*1000)**2/1000 - (1 - cos(r*1000)**2)/1000")
    with pytest.raises(Unproved, match="no proof of") as failure:
        prove_lipschitz(hidden)
    assert isinstance(failure.value, Inconclusive)
    assert failure.value.exit_code == EXIT_INCONCLUSIVE


@pytest.mark.parametrize(("radius", "why"), [(Fraction(0), "positive"), (Fraction(1, 10**12), "knots|scale")])
def test_impossible_radii_are_refused(radius: Fraction, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.targets.tube.MAX_KNOTS", 300)
    with pytest.raises(TargetError, match=why):
        prove_profile(read_target("sine:20"), radius=radius)


def test_constant_profiles_are_fine() -> None:
    proved = prove_profile(read_target("pi/4"))
    assert proved.profile.lipschitz == 1
    assert len(proved.profile.knots) == 2
    assert prove_profile(read_target("1/3")).profile.text == "phi(r) = 1/3"


@given(st.fractions(-50, 50, max_denominator=5000))
def test_decimal_text(value: Fraction) -> None:
    assert Fraction(decimal_text(value)) == value


def test_documents_are_exact_and_the_kernel_reads_them() -> None:
    source = read_target("sine:31.4").document(Fraction(1))
    assert source == {"lipschitz": 1, "expression": ["mul", "5/157", ["sin", ["mul", "157/5", "r"]]]}
    assert read_expression(source["expression"], "test").text == "5/157*sin(157/5*r)"
    assert bump().document(Fraction(2))["piecewise_linear"] == {"knots": [0, "1/2", 1], "values": ["1/2", 0, 0]}


@settings(max_examples=80, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(expressions, st.integers(0, 10**6))
def test_attack_no_accepted_profile_is_steeper_or_leaves_its_tube(source: Any, seed: int) -> None:
    target = Target("attack", "attack", expression=read_expression(source, "test"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("verify.targets.lipschitz.CELLS", 200)
        patch.setattr("verify.targets.lipschitz.WORK", 5000)
        patch.setattr("verify.targets.tube.MAX_KNOTS", 300)
        try:
            proved = prove_profile(target, 4, Fraction(1, 50))
        except (TargetError, Unproved):
            assume(False)
    random = np.random.default_rng(seed)
    r = np.unique(np.concatenate([np.linspace(0, 1, 513), random.random(500), np.linspace(0, 1, 65)[1:-1] + 1e-6]))
    phi = target(r)
    assume(np.abs(phi).max() < 1e5)  # float64 would not see the slopes
    steepest = np.abs(np.diff(phi) / np.diff(r))[np.diff(r) > 1e-7].max()
    assert steepest <= float(proved.profile.lipschitz) + 1e-3
    knots, values = ([float(x) for x in xs] for xs in (proved.profile.knots, proved.profile.values))
    assert np.abs(phi - np.interp(r, knots, values)).max() <= 1 / 50 + 1e-9
