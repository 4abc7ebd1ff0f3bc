"""The kernel's elementary enclosures contain the truth (mpmath and Arb at higher precision) and are tight."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.kernel.arithmetic import series
from verify.kernel.arithmetic.elementary import (
    MAX_MAGNITUDE,
    Arithmetic,
    DomainFailure,
    Interval,
    integer_root,
)

PRECISIONS = st.sampled_from([8, 24, 53, 96, 200, 700])
HIGH = 3000  # bits of the reference computations


def mpf(x: int, precision: int) -> Any:
    return mpmath.ldexp(mpmath.mpf(x), -precision)


def arb(x: int, precision: int) -> Any:
    return flint.arb(x) * flint.arb(2) ** (-precision)


def _softplus(x: Any) -> Any:
    return mpmath.log1p(mpmath.exp(x))


# name: (mpmath, Arb, smallest argument, largest argument, allowed width of a point enclosure in units)
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Fraction, Fraction, int]] = {
    "exp": (mpmath.exp, lambda x: x.exp(), Fraction(-60), Fraction(60), 2),
    "log": (mpmath.log, lambda x: x.log(), Fraction(1, 10**6), Fraction(10**6), 2),
    "sqrt": (mpmath.sqrt, lambda x: x.sqrt(), Fraction(0), Fraction(10**6), 1),
    "sin": (mpmath.sin, lambda x: x.sin(), Fraction(-(10**5)), Fraction(10**5), 2),
    "cos": (mpmath.cos, lambda x: x.cos(), Fraction(-(10**5)), Fraction(10**5), 2),
    "atan": (mpmath.atan, lambda x: x.atan(), Fraction(-50), Fraction(50), 2),
    "asin": (mpmath.asin, lambda x: x.asin(), Fraction(-1), Fraction(1), 2),
    "acos": (mpmath.acos, lambda x: x.acos(), Fraction(-1), Fraction(1), 4),
    "sinh": (mpmath.sinh, lambda x: x.sinh(), Fraction(-40), Fraction(40), 4),
    "cosh": (mpmath.cosh, lambda x: x.cosh(), Fraction(-40), Fraction(40), 4),
    "tanh": (mpmath.tanh, lambda x: x.tanh(), Fraction(-40), Fraction(40), 4),
    "sigmoid": (
        lambda x: 1 / (1 + mpmath.exp(-x)),
        lambda x: 1 / (1 + (-x).exp()),
        Fraction(-40),
        Fraction(40),
        4,
    ),
    "softplus": (_softplus, lambda x: (1 + x.exp()).log(), Fraction(-40), Fraction(40), 4),
    "erf": (mpmath.erf, lambda x: x.erf(), Fraction(-8), Fraction(8), 2),
}


@st.composite
def points(draw: st.DrawFn, name: str) -> tuple[int, int]:
    """Return (x, precision) with x / 2^precision in the domain of the function, easy and hard points both."""
    precision = draw(PRECISIONS)
    low, high = FUNCTIONS[name][2:4]
    ends = -(-low.numerator << precision) // low.denominator, (high.numerator << precision) // high.denominator
    first = max(ends[0], 1) if name == "log" else ends[0]
    near = [first, ends[1], 0, 1, -1, 1 << precision, -(1 << precision), 3 << (precision - 1)]
    x = draw(st.one_of(st.integers(first, ends[1]), st.sampled_from(near), st.integers(-20, 20)))
    return min(max(x, first), ends[1]), precision


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
def test_points_are_enclosed_tightly(name: str, data: st.DataObject) -> None:
    x, precision = data.draw(points(name))
    reference, ball, _, _, width = FUNCTIONS[name]
    low, high = getattr(Arithmetic(precision), name)((x, x))
    assert high - low <= width
    with mpmath.workprec(HIGH):
        assert mpf(low, precision) <= reference(mpf(x, precision)) <= mpf(high, precision)
    with flint.ctx.workprec(HIGH):
        enclosure = ball(arb(x, precision))
        assert not enclosure < arb(low, precision)
        assert not enclosure > arb(high, precision)


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
def test_intervals_contain_their_points(name: str, data: st.DataObject) -> None:
    (a, precision), fraction = data.draw(points(name)), data.draw(st.fractions(0, 1, max_denominator=1000))
    _, high, *_ = FUNCTIONS[name][2:]
    b = data.draw(st.integers(a, max(a, min(a + (20 << precision), int(high * 2**precision)))))
    low, high = getattr(Arithmetic(precision), name)((a, b))
    inner = a + int((b - a) * fraction)
    with mpmath.workprec(HIGH):
        assert mpf(low, precision) <= FUNCTIONS[name][0](mpf(inner, precision)) <= mpf(high, precision)


@given(PRECISIONS, st.integers(-8, 8), st.integers(-3, 3), st.integers(0, 2000))
def test_sine_reaches_its_extrema(precision: int, quarter: int, slack: int, width: int) -> None:
    arithmetic = Arithmetic(precision)
    centre = quarter * arithmetic.pi()[0] // 2
    interval = (centre - width - abs(slack), centre + width)
    sine, cosine = arithmetic.sine_and_cosine(interval)
    with mpmath.workprec(HIGH):
        at = quarter * mpmath.pi / 2
        if mpf(interval[0], precision) <= at <= mpf(interval[1], precision):
            assert sine[0] <= mpmath.nint(mpmath.sin(at)) * arithmetic.one <= sine[1]
            assert cosine[0] <= mpmath.nint(mpmath.cos(at)) * arithmetic.one <= cosine[1]
    assert -arithmetic.one <= sine[0] <= sine[1] <= arithmetic.one


@given(PRECISIONS)
def test_pi(precision: int) -> None:
    low, high = Arithmetic(precision).pi()
    with mpmath.workprec(HIGH):
        assert mpf(low, precision) < mpmath.pi < mpf(high, precision)
    assert high - low <= 2


def test_constants_agree_with_arb_at_every_precision() -> None:
    with flint.ctx.workprec(5000):
        for bits in (*range(8, 300), 1000, 4100):
            for enclosure, constant in ((series.pi, flint.arb.pi()), (series.log_two, flint.arb.const_log2())):
                low, high = enclosure(bits)
                assert arb(low, bits) < constant < arb(high, bits)
                assert high - low <= 2


def test_easy_points_are_exact() -> None:
    arithmetic = Arithmetic(64)
    zero, one = (0, 0), (arithmetic.one, arithmetic.one)
    for name in ("sin", "tan", "atan", "asin", "sinh", "tanh", "erf", "sqrt"):
        assert getattr(arithmetic, name)(zero) == zero
    for name in ("exp", "cos", "cosh"):
        assert getattr(arithmetic, name)(zero) == one
    assert arithmetic.log(one) == arithmetic.acos(one) == zero
    assert arithmetic.sigmoid(zero) == (arithmetic.one // 2, arithmetic.one // 2)
    assert arithmetic.sqrt(arithmetic.rational(Fraction(9, 4))) == arithmetic.rational(Fraction(3, 2))
    assert arithmetic.rational_power(arithmetic.rational(8), Fraction(2, 3)) == arithmetic.rational(4)
    assert arithmetic.cos((-1, 1))[1] == arithmetic.one
    assert arithmetic.scale(arithmetic.rational(60), Fraction(1, 60)) == one


small = st.fractions(-1000, 1000, max_denominator=10**6)


@given(PRECISIONS, st.tuples(small, small), st.tuples(small, small), st.fractions(0, 1, max_denominator=97))
def test_arithmetic_contains_the_exact_result(
    precision: int, x: tuple[Fraction, Fraction], y: tuple[Fraction, Fraction], at: Fraction
) -> None:
    arithmetic = Arithmetic(precision)
    x, y = (min(x), max(x)), (min(y), max(y))
    left, right = arithmetic.between(*x), arithmetic.between(*y)
    p, q = x[0] + at * (x[1] - x[0]), y[1] - at * (y[1] - y[0])

    def contains(interval: Interval, value: Fraction) -> bool:
        low, high = arithmetic.fractions(interval)
        return low <= value <= high

    assert contains(left, p)
    assert contains(arithmetic.add(left, right), p + q)
    assert contains(arithmetic.sub(left, right), p - q)
    assert contains(arithmetic.neg(left), -p)
    assert contains(arithmetic.mul(left, right), p * q)
    assert contains(arithmetic.scale(left, q), p * q)
    assert contains(arithmetic.absolute(left), abs(p))
    assert contains(arithmetic.minimum(left, right), min(p, q))
    assert contains(arithmetic.maximum(left, right), max(p, q))
    assert contains(arithmetic.hull(left, right), p)
    assert abs(p) <= arithmetic.magnitude(left)
    for exponent in range(7):
        assert contains(arithmetic.power(left, exponent), p**exponent)
    if not right[0] <= 0 <= right[1]:
        assert contains(arithmetic.div(left, right), p / q)
        assert contains(arithmetic.power(right, -3), 1 / q**3)


@given(PRECISIONS, small, small)
def test_point_arithmetic_is_rounded_once(precision: int, p: Fraction, q: Fraction) -> None:
    arithmetic = Arithmetic(precision)
    x, y = arithmetic.rational(p), arithmetic.rational(q)
    assert x[1] - x[0] <= 1
    x, y = (x[0], x[0]), (y[0], y[0])
    for result in (arithmetic.mul(x, y), arithmetic.scale(x, q), arithmetic.sqrt(arithmetic.absolute(x))):
        assert result[1] - result[0] <= 1
    if y[0]:
        quotient = arithmetic.div(x, y)
        assert quotient[1] - quotient[0] <= 1


@given(st.integers(0, 10**60), st.integers(1, 16))
def test_integer_root(value: int, degree: int) -> None:
    root = integer_root(value, degree)
    assert root**degree <= value < (root + 1) ** degree


@given(PRECISIONS, st.fractions(0, 100, max_denominator=1000), st.integers(1, 16), st.integers(1, 9))
def test_rational_powers(precision: int, x: Fraction, degree: int, exponent: int) -> None:
    arithmetic = Arithmetic(precision)
    low, high = arithmetic.rational_power(arithmetic.rational(x), Fraction(exponent, degree))
    with mpmath.workprec(HIGH):
        value = mpmath.mpf(x.numerator) / x.denominator
        truth = mpmath.power(value, mpmath.mpf(exponent) / degree) if x else mpmath.mpf(0)
        slack = mpmath.ldexp(1, -HIGH // 2)
        assert mpf(low, precision) - slack <= truth <= mpf(high, precision) + slack


@given(PRECISIONS, st.integers(-10, 10), st.fractions(-1, 1, max_denominator=100))
def test_tangent_between_its_poles(precision: int, pole: int, offset: Fraction) -> None:
    arithmetic = Arithmetic(precision)
    x = pole * arithmetic.pi()[0] + int(offset * arithmetic.one)
    low, high = arithmetic.tan((x, x))
    with mpmath.workprec(HIGH):
        assert mpf(low, precision) <= mpmath.tan(mpf(x, precision)) <= mpf(high, precision)
    assert high - low <= 40


OUTSIDE: list[tuple[str, tuple[int, ...], str]] = [
    ("log", (0, 1), "not positive"),
    ("sqrt", (-1, 4), "negative"),
    ("asin", (0, 65537), "leaves"),
    ("acos", (-65537, 0), "leaves"),
    ("tan", (0, 2 << 16), "pole"),
    ("exp", (0, 3000 << 16), "exceed"),
    ("cosh", (-3000 << 16, 0), "exceed"),
    ("sinh", (-3000 << 16, 0), "exceed"),
]


@pytest.mark.parametrize(("name", "interval", "why"), OUTSIDE)
def test_points_outside_the_domain_fail(name: str, interval: Interval, why: str) -> None:
    with pytest.raises(DomainFailure, match=why):
        getattr(Arithmetic(16), name)(interval)


def test_division_by_zero_and_growth_fail() -> None:
    arithmetic = Arithmetic(32)
    with pytest.raises(DomainFailure, match="contains 0"):
        arithmetic.div((1, 1), (-1, 1))
    with pytest.raises(DomainFailure, match="contains 0"):
        arithmetic.power((0, 5), -1)
    with pytest.raises(DomainFailure, match="contains 0"):
        arithmetic.rational_power((0, 5), Fraction(-1, 2))
    with pytest.raises(DomainFailure, match="wrong order"):
        arithmetic.between(1, 0)
    with pytest.raises(DomainFailure, match="exponent"):
        arithmetic.power((1, 2), 10**7)
    with pytest.raises(DomainFailure, match="degree"):
        arithmetic.root((1, 2), 17)
    for wild in (
        lambda: arithmetic.power(arithmetic.rational(9), 9**6),
        lambda: arithmetic.power(arithmetic.rational(-9), 9**6),
        lambda: arithmetic.rational(1 << (MAX_MAGNITUDE + 1)),
        lambda: arithmetic.div(arithmetic.rational(1 << MAX_MAGNITUDE), (1, 1)),
        lambda: arithmetic.mul(arithmetic.rational(1 << MAX_MAGNITUDE), arithmetic.rational(2)),
        lambda: arithmetic.scale(arithmetic.rational(1 << MAX_MAGNITUDE), Fraction(2)),
    ):
        with pytest.raises(DomainFailure, match="exceed"):
            wild()


def test_huge_arguments_stay_bounded() -> None:
    arithmetic = Arithmetic(96)
    huge = arithmetic.rational(1 << MAX_MAGNITUDE)
    low, high = arithmetic.sin(huge)
    with mpmath.workprec(5000):
        assert mpf(low, 96) <= mpmath.sin(mpmath.mpf(2) ** MAX_MAGNITUDE) <= mpf(high, 96)
    assert arithmetic.exp(arithmetic.neg(huge)) == (0, 1)
    assert arithmetic.tanh(huge) == (arithmetic.one - 2, arithmetic.one)
    assert arithmetic.erf(arithmetic.neg(huge)) == (-arithmetic.one, 1 - arithmetic.one)
    assert arithmetic.sigmoid(arithmetic.neg(huge))[0] == 0
    assert arithmetic.softplus(huge)[0] == huge[0]
    low, high = arithmetic.atan(huge)
    assert low <= arithmetic.pi()[1] // 2 <= high + 1


@pytest.mark.parametrize("precision", [7, 0, -1, 4097])
def test_precision_is_bounded(precision: int) -> None:
    with pytest.raises(ValueError, match="precision"):
        Arithmetic(precision)
