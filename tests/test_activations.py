"""Activations: their table against mpmath, Assumption 1 against random functions, smooth networks."""

from __future__ import annotations

import copy
import itertools
import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import verify
from verify.certificates.document import rehash
from verify.claims.activation import activation_named
from verify.claims.assumption1 import design
from verify.cli.main import run
from verify.errors import UsageProblem
from verify.kernel.activation.activations import read_activation
from verify.kernel.activation.assumption1 import error_bounds
from verify.kernel.activation.differences import difference_weights, polynomial_error
from verify.kernel.outcome import Rejected

FUNCTIONS = {
    "relu": (lambda t: max(t, mpmath.mpf(0)), None),
    "leaky-relu:1/10": (lambda t: max(t, t / 10), None),
    "leaky-relu:-1": (abs, None),
    "threshold": (lambda t: mpmath.mpf(t >= 0), (0, 1)),
    "hard-tanh": (lambda t: min(max(t, mpmath.mpf(-1)), mpmath.mpf(1)), (-1, 1)),
    "sigmoid": (lambda t: 1 / (1 + mpmath.exp(-t)), (0, 1)),
    "tanh": (mpmath.tanh, (-1, 1)),
    "arctan": (mpmath.atan, (-math.pi / 2, math.pi / 2)),
    "erf": (mpmath.erf, (-1, 1)),
    "softsign": (lambda t: t / (1 + abs(t)), (-1, 1)),
    "softplus": (lambda t: mpmath.log1p(mpmath.exp(t)) if t < 50 else t, None),
    "gelu": (lambda t: t * mpmath.ncdf(t), None),
    "silu": (lambda t: t / (1 + mpmath.exp(-t)), None),
    "elu:1/2": (lambda t: t if t > 0 else mpmath.expm1(t) / 2, None),
}
SMOOTH = {
    "sigmoid": ("log(2)", 1),
    "tanh": ("log(2)/2", 1),
    "softplus": ("0", 1),
    "silu": ("0", 1),
    "arctan": ("1/2", 1),
    "erf": ("1/2", "2*exp(-0.25)/sqrt(pi)"),
    "gelu": ("0", "1/sqrt(2*pi)"),
    "elu:1/2": ("-1", "exp(-1)/2"),
    "softsign": ("1", 1),
}


def value(text: Any) -> Any:
    names = {"log": mpmath.log, "exp": mpmath.exp, "sqrt": mpmath.sqrt, "pi": mpmath.pi}
    return mpmath.mpf(
        eval(str(text).replace("0.25", "mpf(1)/4").replace("1/2", "mpf(1)/2"), names | {"mpf": mpmath.mpf})
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_distances_and_tails_hold(name: str) -> None:
    activation = read_activation(name, "")
    s, limits = FUNCTIONS[name]
    for i in range(-400, 401):
        t = mpmath.mpf(i) / 20
        if limits is None:
            slope = activation.parameter if name.startswith("leaky") else Fraction(0)
            linear = mpmath.mpf(slope.numerator) / slope.denominator
            rescaled = (s(t) - linear * t) / (1 - linear)
            assert abs(rescaled - max(t, 0)) <= activation.distance + mpmath.mpf(10) ** -12
        elif t != 0:
            scaled = (s(t) - limits[0]) / (limits[1] - limits[0])
            assert (scaled >= 0.5) == (t > 0)
            z = Fraction(abs(i), 20)
            assert min(scaled, 1 - scaled) <= float(activation.tail(z)) + 1e-14


@pytest.mark.parametrize("name", SMOOTH)
def test_series_agree_with_taylor_expansions(name: str) -> None:
    with mpmath.workdps(60):
        series = read_activation(name, "").series(24)
        assert series is not None
        bias, unit = (value(text) for text in SMOOTH[name])
        s = FUNCTIONS[name][0]
        if name == "softplus":
            s = lambda t: mpmath.log(1 + mpmath.exp(t))  # noqa: E731
        taylor = mpmath.taylor(s, bias, 14)
        for m in range(2, 15):
            c = series.coefficients[m]
            assert abs(taylor[m] / unit - mpmath.mpf(c.numerator) / c.denominator) < mpmath.mpf(10) ** -30
        for m in range(2, 25):
            assert abs(series.coefficients[m]) <= series.size / series.radius**m
        assert all(series.coefficients[m] for m in range(2, 25, 2))


@pytest.mark.parametrize("name", SMOOTH)
def test_differences_err_less_than_their_bound(name: str) -> None:
    series = read_activation(name, "").series(6)
    assert series is not None
    target = [Fraction(1, 3), Fraction(-2), Fraction(5)]
    step = Fraction(1, 64)
    bound = polynomial_error(series, target, Fraction(2), step)
    with mpmath.workdps(80):
        bias, unit = (value(text) for text in SMOOTH[name])
        s = FUNCTIONS[name][0]
        if name == "softplus":
            s = lambda t: mpmath.log(1 + mpmath.exp(t))  # noqa: E731
        h = mpmath.mpf(step.numerator) / step.denominator
        rows = difference_weights(3)
        alpha = [
            sum(
                mpmath.mpf(p.numerator)
                / p.denominator
                * mpmath.mpf(rows[m][j].numerator)
                / rows[m][j].denominator
                / (2 * unit * h ** (2 * m + 2))
                / (mpmath.mpf(series.coefficients[2 * m + 2].numerator) / series.coefficients[2 * m + 2].denominator)
                for m, p in enumerate(target)
            )
            for j in range(3)
        ]

        def error(t: Any) -> Any:
            q = sum(
                a * (s(bias + (j + 1) * h * t) + s(bias - (j + 1) * h * t) - 2 * s(bias)) for j, a in enumerate(alpha)
            )
            return q - sum(mpmath.mpf(p.numerator) / p.denominator * t ** (2 * m + 2) for m, p in enumerate(target))

        worst = max(abs(error(mpmath.sqrt(2) * i / 20)) for i in range(21))
        assert 0 < worst <= mpmath.mpf(bound.numerator) / bound.denominator


@pytest.mark.parametrize("name", FUNCTIONS)
def test_attack_assumption_1_holds_for_random_functions(name: str) -> None:
    activation = read_activation(name, "")
    s, limits = FUNCTIONS[name]
    lipschitz, radius, delta = 2, 1, Fraction(1, 7)
    width, sharpness = design(activation, Fraction(lipschitz * radius), delta)
    upper, lower = error_bounds(activation, Fraction(lipschitz * radius), width, sharpness)
    assert lower <= upper <= delta
    rng = np.random.default_rng(3)
    worst = 0.0
    for trial in range(6):
        signs = rng.choice([-1.0, 1.0], size=8 * width)
        if trial == 0:  # the worst case: turning points at the centres of the bins
            signs = np.repeat((-1.0) ** np.arange(2 * (width - (limits is None))), 4)
        grid = np.linspace(-radius, radius, signs.size + 1)
        heights = np.concatenate([[0.0], np.cumsum(signs * lipschitz * (grid[1] - grid[0]))])

        def f(x: Any, grid: Any = grid, heights: Any = heights) -> float:
            return float(np.interp(float(x), grid, heights))

        points = np.concatenate([np.linspace(-3, 3, 41), grid[:: max(1, grid.size // 60)]])
        for x in points:
            worst = max(worst, abs(f(x) - float(_network(activation, s, limits, f, radius, width, sharpness, x))))
    assert worst <= float(upper) + 1e-9


def _network(
    activation: Any, s: Any, limits: Any, f: Any, radius: int, width: int, sharpness: Fraction, x: float
) -> Any:
    sharp = mpmath.mpf(sharpness.numerator) / sharpness.denominator
    total = mpmath.mpf(f(-radius))
    if limits is not None:
        eta = mpmath.mpf(2 * radius) / width
        for i in range(width):
            centre = -radius + (i + mpmath.mpf(1) / 2) * eta
            step = (s(2 * sharp / eta * (x - centre)) - limits[0]) / (limits[1] - limits[0])
            total += (f(-radius + (i + 1) * eta) - f(-radius + i * eta)) * step
        return total
    eta = mpmath.mpf(2 * radius) / (width - 1)
    knots = [-radius + i * eta for i in range(width)]
    slopes = [0, *((f(b) - f(a)) / eta for a, b in itertools.pairwise(knots)), 0]
    a = mpmath.mpf(activation.parameter.numerator) / activation.parameter.denominator
    leak = a if activation.name.startswith("leaky") else mpmath.mpf(0)
    beta = sharp / radius
    for knot, (before, after) in zip(knots, itertools.pairwise(slopes), strict=True):
        change = (after - before) / (1 - leak)
        total += change * (s(beta * (x - knot)) / beta + leak * knot)
    return total


def test_width_grows_as_the_constant_says() -> None:
    for name in ("sigmoid", "relu"):
        activation = read_activation(name, "")
        for share in (Fraction(1, 2), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(17, 3), Fraction(1000)):
            width, _ = design(activation, share, Fraction(1))
            assert width <= (2 if activation.family == "steps" else 3) * share


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("square", "polynomials"),
        ("identity", "polynomials"),
        ("leaky-relu:1", "polynomials"),
        ("poly:3", "polynomials"),
        ("sin", "periodic"),
        ("nonsense", "unknown activation"),
        ("elu:-1", "must be positive"),
        ("elu:x", "not a number"),
    ],
)
def test_activations_without_the_theorem_are_explained(text: str, reason: str, capsys: Any) -> None:
    with pytest.raises(UsageProblem, match=reason):
        activation_named(text)
    assert run(["certify", "assumption1", "--activation", text, "--delta", "0.1"]) == 2
    assert reason in capsys.readouterr().err


ASSUMPTION_REJECTIONS = {
    "width": (lambda b: b["network"].update(width=19), "was found"),
    "sharpness": (lambda b: b["network"].update(sharpness="1/4"), "was found"),
    "no sharpness": (lambda b: b["network"].update(sharpness=0), "must be positive"),
    "bound": (lambda b: b["claim"].update(bound="1/30"), "was found"),
    "bound above delta": (lambda b: b["claim"].update(bound="1/2"), "at most delta"),
    "radius": (lambda b: b["claim"].update(radius=2), "was found"),
    "lipschitz": (lambda b: b["claim"].update(lipschitz=-1), "must be positive"),
}


@pytest.mark.parametrize("reason", ASSUMPTION_REJECTIONS)
def test_assumption_rejections(reason: str) -> None:
    body = copy.deepcopy(verify.certify("assumption1", activation="sigmoid", delta="1/20").certificate.document)
    change, message = ASSUMPTION_REJECTIONS[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == "rejected" and message in str(result.failure)


def test_a_ramp_needs_two_neurons_and_a_known_family() -> None:
    with pytest.raises(Rejected, match="at least 2"):
        error_bounds(read_activation("relu", ""), Fraction(1), 1, Fraction(1))
    body = copy.deepcopy(verify.certify("assumption1", activation="relu", delta="1/20").certificate.document)
    body["claim"]["activation"] = "square"
    assert verify.check(rehash(body)).status == "malformed"
    body["claim"]["activation"] = "sigmoid"
    assert verify.check(rehash(body)).status == "malformed"


@pytest.mark.parametrize("name", ["sigmoid", "threshold", "hard-tanh", "leaky-relu:-1", "gelu"])
def test_theorem_3_for_other_activations(name: str) -> None:
    result = verify.certify("thm3", d=3, k=2, eps="1/20", activation=name)
    assert name in result.theorem.statement
    if name in ("sigmoid", "gelu"):
        assert result.theorem.figures["width"] == 28
        body = copy.deepcopy(result.certificate.document)
        body["network"]["step"] = 1
        assert "too large" in str(verify.check(rehash(body)).failure)
        body["network"]["step"] = "1/4"
        assert "was found" in str(verify.check(rehash(body)).failure)
        body["claim"]["activation"] = "relu"
        assert "power series" in str(verify.check(rehash(body)).failure)
    else:
        body = copy.deepcopy(result.certificate.document)
        body["claim"]["activation"] = "sigmoid"
        assert verify.check(rehash(body)).status == "rejected"


def test_stairs_err_less_than_their_bound() -> None:
    body = verify.certify("thm3", d=1, k=2, eps="1/20", activation="threshold").certificate.document
    ridge = body["network"]["ridges"][0]
    places = [ridge["first"]]
    for count, step in ridge["blocks"]:
        places += [places[-1] + step * (i + 1) for i in range(count)]
    t = np.array([0, *places]) / 2 ** ridge["bits"]
    values = (t[:-1] ** 4 + t[1:] ** 4) / 2
    x = np.linspace(0, 1, 100_001)
    q = values[np.clip(np.searchsorted(t, x, side="right") - 1, 0, len(values) - 1)]
    error = float(np.abs(q - x**4).max())
    assert error <= float(Fraction(body["claim"]["bound"])) + 1e-9
    bound = copy.deepcopy(body)
    bound["claim"]["bound"] = "1/100"
    assert "was found" in str(verify.check(rehash(bound)).failure)
