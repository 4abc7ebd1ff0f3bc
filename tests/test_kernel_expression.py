"""The profile language: what reads, what is refused, and jets that contain values, slopes and curvatures."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from verify.kernel.arithmetic.elementary import Arithmetic, DomainFailure
from verify.kernel.outcome import Malformed
from verify.kernel.profiles import jets
from verify.kernel.profiles.expression import MAX_DEPTH, MAX_NODES, OPERATORS, read_expression

ARITHMETIC = Arithmetic(128)

constants = st.one_of(
    st.integers(-9, 9),
    st.fractions(-9, 9, max_denominator=12).map(lambda q: q.numerator if q.denominator == 1 else str(q)),
    st.sampled_from(["pi", "e"]),
)


def _operations(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    unary = [name for name, (_, most) in OPERATORS.items() if most == 1]
    return st.one_of(
        st.tuples(st.sampled_from(unary), inner).map(list),
        st.tuples(st.sampled_from(["sub", "div"]), inner, inner).map(list),
        st.tuples(st.sampled_from(["add", "mul", "min", "max"]), st.lists(inner, min_size=2, max_size=3)).map(
            lambda pair: [pair[0], *pair[1]]
        ),
        st.tuples(st.just("pow"), inner, st.sampled_from([0, 1, 2, 3, -1, -2, "1/2", "3/2", "-1/3"])).map(list),
    )


expressions = st.recursive(st.one_of(constants, st.just("r")), _operations, max_leaves=8)


def to_mpmath(source: Any, r: Any) -> Any:
    """Evaluate independently of the kernel, recursively; complex or infinite values raise ValueError."""
    if isinstance(source, int):
        return mpmath.mpf(source)
    if isinstance(source, str):
        if source in ("r", "pi", "e"):
            return {"r": r, "pi": +mpmath.pi, "e": +mpmath.e}[source]
        value = Fraction(source)
        return mpmath.mpf(value.numerator) / value.denominator
    operator, *rest = source
    if operator == "pow":
        base, exponent = to_mpmath(rest[0], r), Fraction(rest[1])
        if (base < 0 and exponent.denominator > 1) or (base == 0 and exponent < 0):
            raise ValueError("undefined")
        return mpmath.power(base, mpmath.mpf(exponent.numerator) / exponent.denominator)
    values = [to_mpmath(item, r) for item in rest]
    if operator in ("sqrt", "log") and (values[0] < 0 or (operator == "log" and values[0] == 0)):
        raise ValueError("undefined")
    if operator == "div" and values[1] == 0:
        raise ValueError("undefined")
    if operator in ("exp", "sinh", "cosh") and abs(values[0]) > 1500:
        raise ValueError("huge")
    combine = {
        "add": lambda *v: mpmath.fsum(v),
        "mul": lambda *v: mpmath.fprod(v),
        "sub": lambda a, b: a - b,
        "div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "min": min,
        "max": max,
        "abs": abs,
    }
    return combine[operator](*values) if operator in combine else getattr(mpmath, operator)(*values)


def contains(enclosure: tuple[int, int], value: Any, slack: Any = 0) -> bool:
    low, high = (mpmath.mpf(end) / ARITHMETIC.one for end in enclosure)
    return bool(low - slack <= value <= high + slack)


@settings(max_examples=400)
@given(expressions, st.fractions(0, 1, max_denominator=64), st.fractions(0, 1, max_denominator=64))
def test_jets_contain_the_truth(source: Any, a: Fraction, b: Fraction) -> None:
    low, high = min(a, b), max(a, b)
    expression = read_expression(source, "test")
    try:
        jet = jets.jet(expression, ARITHMETIC, low, high)
    except DomainFailure:
        assume(False)
    with mpmath.workprec(900):
        points = [mpmath.mpf(low.numerator) / low.denominator, mpmath.mpf(high.numerator) / high.denominator]
        points.insert(1, points[0] + (points[1] - points[0]) / 3)
        values = [to_mpmath(source, point) for point in points]
        slack = mpmath.ldexp(1, -200)
        assert all(contains(jet.value, value, slack) for value in values)
        if jet.first is not None and low < high:
            slopes = [
                (values[j] - values[i]) / (points[j] - points[i])
                for i, j in ((0, 1), (1, 2), (0, 2))
                if points[i] != points[j]
            ]
            assert all(contains(jet.first, slope, slack) for slope in slopes)
            sharper = jets.slopes(expression, ARITHMETIC, low, high)
            assert sharper is not None
            assert all(contains(sharper, slope, slack) for slope in slopes)
            if jet.second is not None:
                # Divided differences of second order are f''/2 at some point between.
                middle = (points[0] + points[2]) / 2
                at_middle = to_mpmath(source, middle)
                curvature = 4 * (values[0] + values[2] - 2 * at_middle) / (points[2] - points[0]) ** 2
                assert contains(jet.second, curvature, slack)


@given(expressions)
def test_text_means_the_same_to_sympy(source: Any) -> None:
    expression = read_expression(source, "test")
    text = expression.text
    point = Fraction(3, 8)
    try:
        with mpmath.workprec(200):
            truth = to_mpmath(source, mpmath.mpf(3) / 8)
    except (ValueError, OverflowError):
        assume(False)
    assume(abs(truth) < 10**30 and abs(truth) > mpmath.mpf(10) ** -30)
    names = {name: getattr(sympy, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "sinh", "cosh")}
    names |= {"tanh": sympy.tanh, "Abs": sympy.Abs, "Min": sympy.Min, "Max": sympy.Max, "pi": sympy.pi, "E": sympy.E}
    # Integers become exact, so that 1/3 is a rational.
    exact = sympy.sympify(text, locals={**names, "r": sympy.Rational(point.numerator, point.denominator)})
    value = sympy.N(exact, 40)
    assume(value.is_number and value.is_real)
    with mpmath.workprec(200):
        assert abs(mpmath.mpf(str(value)) - truth) <= abs(truth) * mpmath.mpf(10) ** -20


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("r", "r"),
        (["mul", "1/60", ["sin", ["mul", 30, ["sub", ["pow", "r", 2], "1/2"]]]], "1/60*sin(30*(r**2 - 1/2))"),
        (["add", 1, ["neg", "r"], ["mul", -2, "r"]], "1 - r - 2*r"),
        (["sub", "r", ["sub", "r", -1]], "r - (r - (-1))"),
        (["div", "r", ["mul", 2, "r"]], "r/(2*r)"),
        (["pow", ["pow", "r", -1], "1/2"], "(r**(-1))**(1/2)"),
        (["pow", "1/2", 2], "(1/2)**2"),
        (["neg", ["neg", "r"]], "-(-r)"),
        (["max", 0, ["sub", "1/2", "r"]], "Max(0, 1/2 - r)"),
        (["abs", ["add", "pi", "e"]], "Abs(pi + E)"),
    ],
)
def test_text(source: Any, text: str) -> None:
    assert read_expression(source, "test").text == text


def test_constants_fold_exactly_and_slopes_reach_one_exactly() -> None:
    source = ["mul", ["div", 1, 60], ["sin", ["mul", 30, ["sub", ["pow", "r", 2], "1/2"]]]]
    slopes = jets.slopes(read_expression(source, "test"), ARITHMETIC, Fraction(1, 2), Fraction(1))
    assert slopes == (-ARITHMETIC.one, ARITHMETIC.one)
    sine = read_expression(["div", ["sin", ["mul", 7, "r"]], 7], "test")
    first = jets.jet(sine, ARITHMETIC, Fraction(0), Fraction(1)).first
    assert first == (-ARITHMETIC.one, ARITHMETIC.one)


def test_kinks_have_slopes_but_no_curvature() -> None:
    for source in (["abs", ["sub", "r", "1/3"]], ["max", "r", "1/3"], ["min", "r", ["sub", 1, "r"]]):
        expression = read_expression(source, "test")
        jet = jets.jet(expression, ARITHMETIC, Fraction(0), Fraction(1))
        assert jet.first is not None
        assert jet.second is None
        assert ARITHMETIC.magnitude(jet.first) == 1
        assert jets.jet(expression, ARITHMETIC, Fraction(3, 4), Fraction(1)).second == (0, 0)


def test_unbounded_derivatives_are_unknown_and_bounded_ones_known() -> None:
    unit = Fraction(0), Fraction(1)
    assert jets.jet(read_expression(["sqrt", "r"], "t"), ARITHMETIC, *unit).first is None
    cubic = jets.jet(read_expression(["pow", "r", "3/2"], "t"), ARITHMETIC, *unit)
    assert cubic.first is not None
    assert cubic.second is None
    assert jets.jet(read_expression(["pow", "r", "5/2"], "t"), ARITHMETIC, *unit).second is not None


@pytest.mark.parametrize(
    "source",
    [["log", "r"], ["div", 1, ["sub", "r", "1/2"]], ["sqrt", ["sub", "r", "1/2"]], ["pow", "r", -1], ["div", "r", 0]],
)
def test_undefined_points_fail(source: Any) -> None:
    with pytest.raises(DomainFailure):
        jets.enclose(read_expression(source, "test"), ARITHMETIC, Fraction(0), Fraction(1))


def nested(depth: int) -> Any:
    source: Any = "r"
    for _ in range(depth - 1):
        source = ["sin", source]
    return source


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("x", "none of r, pi, e"),
        ("__import__('os')", "none of r, pi, e"),
        ("2/4", "lowest terms"),
        ("", 'integer or text "n/d"'),
        (True, 'integer or text "n/d"'),
        (None, 'integer or text "n/d"'),
        (0.5, 'integer or text "n/d"'),
        ({"sin": "r"}, 'integer or text "n/d"'),
        ([], "not an operator"),
        ([["sin"], "r"], "not an operator"),
        (["eval", "r"], "not an operator"),
        (["sin"], "sin with 0 arguments"),
        (["sin", "r", "r"], "sin with 2 arguments"),
        (["sub", "r", "r", "r"], "sub with 3 arguments"),
        (["add", "r"], "add with 1 arguments"),
        (["add", *["r"] * 65], "add with 65 arguments"),
        (["pow", "r", "r"], 'integer or text "n/d"'),
        (["pow", "r", ["sin", "r"]], 'integer or text "n/d"'),
        (["pow", "r", 1001], "must lie between"),
        (["pow", "r", "1/17"], "must lie between"),
        (10**60, "more than 60 digits"),
        ("1/" + "9" * 70, "more than 60 digits"),
        (nested(MAX_DEPTH + 1), "nested deeper"),
        (["add", *[["add", *["r"] * 60]] * 9], f"more than {MAX_NODES} nodes"),
    ],
)
def test_what_is_no_expression_is_refused(source: Any, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_expression(source, "test")


def test_the_deepest_expression_reads() -> None:
    assert read_expression(nested(MAX_DEPTH), "test").text.count("sin") == MAX_DEPTH - 1


def test_hostile_growth_stays_bounded() -> None:
    tower: Any = 9
    for _ in range(20):
        tower = ["pow", tower, 1000]
    with pytest.raises(DomainFailure, match="exceed"):
        jets.enclose(read_expression(tower, "test"), ARITHMETIC, Fraction(0), Fraction(1))
    exponentials: Any = "r"
    for _ in range(20):
        exponentials = ["exp", exponentials]
    with pytest.raises(DomainFailure, match="exceed"):
        jets.jet(read_expression(exponentials, "test"), ARITHMETIC, Fraction(0), Fraction(1))
    thirds: Any = "1/3"
    for _ in range(20):
        thirds = ["mul", thirds, thirds] if isinstance(thirds, str) else ["mul", "r", thirds]
    low, high = jets.enclose(read_expression(thirds, "test"), ARITHMETIC, Fraction(1), Fraction(1))
    assert math.isclose(low / ARITHMETIC.one, 1 / 9)
    assert high - low <= 40


def test_a_tie_at_one_point_does_not_choose_a_side() -> None:
    # u < 0 before 1/2 and u(1/2) = 0: there |u| = -u on the left, with slopes -u' down to -2.
    u = ["add", ["div", "r", 2], ["mul", "3/2", ["pow", "r", 2]], "-5/8"]
    for source in (["abs", u], ["max", u, ["neg", u]], ["max", ["neg", u], u], ["neg", ["min", u, ["neg", u]]]):
        slopes = jets.slopes(read_expression(source, "test"), ARITHMETIC, Fraction(0), Fraction(1, 2))
        assert slopes is not None
        assert ARITHMETIC.fractions(slopes) == (-2, Fraction(-1, 2))
        at_kink = jets.jet(read_expression(source, "test"), ARITHMETIC, Fraction(1, 2), Fraction(1, 2)).first
        assert at_kink is not None
        assert ARITHMETIC.fractions(at_kink) == (-2, 2)


coefficients = st.integers(-6, 6).map(lambda n: n if n % 2 == 0 else f"{n}/2")


@given(
    st.sampled_from(["abs", "max", "min"]),
    st.tuples(coefficients, coefficients, coefficients),
    st.tuples(coefficients, coefficients),
    st.integers(0, 3),
    st.booleans(),
    st.lists(st.fractions(0, 1, max_denominator=16), min_size=2, max_size=2, unique=True),
)
def test_slopes_beside_kinks(
    operator: str, p: tuple[Any, Any, Any], q: tuple[Any, Any], quarter: int, swap: bool, at: list[Fraction]
) -> None:
    # Two polynomials that agree at quarter/4: a kink at the end of every cell that starts or ends there.
    t: Any = ["sub", "r", f"{quarter}/4"] if quarter % 2 else ["sub", "r", "1/2" if quarter == 2 else 0]
    u = ["mul", t, ["add", p[0], ["mul", p[1], "r"], ["mul", p[2], ["pow", "r", 2]]]]
    v = ["mul", t, ["add", q[0], ["mul", q[1], "r"]]]
    pair = [v, u] if swap else [u, v]
    source = ["abs", u] if operator == "abs" else [operator, *pair]
    expression = read_expression(source, "test")
    for piece in range(4):
        low, high = Fraction(piece, 4), Fraction(piece + 1, 4)
        slopes = jets.slopes(expression, ARITHMETIC, low, high)
        assert slopes is not None
        points = sorted(low + fraction * (high - low) for fraction in at)
        with mpmath.workprec(400):
            exact = [mpmath.mpf(x.numerator) / x.denominator for x in points]
            values = [to_mpmath(source, x) for x in exact]
            slope = (values[1] - values[0]) / (exact[1] - exact[0])
            assert contains(slopes, slope, mpmath.ldexp(1, -100))
