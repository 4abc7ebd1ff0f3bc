"""Networks and families in every arithmetic: float64, mpmath, intervals, Arb and rationals agree."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from cover_examples import bump, expression, norm_fit, universal
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.exact.numbers import convert, relu
from verify.kernel.cover.family import exact_error, read_family
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.networks.depth2 import Depth2Network
from verify.networks.family import RidgeFamily, family_from_document

RATIONALS = st.fractions(-1, 1, max_denominator=1000)


def family() -> RidgeFamily:
    return family_from_document(universal()["family"])


def bins(point: list[Fraction]) -> list[Fraction]:
    """V_l by its definition, exactly."""
    made = family()
    values = [Fraction(int(c), 1 << made.coefficient_bits) for c in made.constants]
    for block in made.blocks:
        for row, weight in zip(block.directions.tolist(), block.weights.tolist(), strict=True):
            inner = abs(sum(w * x for w, x in zip(row, point, strict=True))) / (1 << made.direction_bits)
            for knot, column in zip(block.knots.tolist(), block.coefficients.tolist(), strict=True):
                height = max(inner - Fraction(knot, 1 << made.knot_bits), Fraction(0))
                height *= Fraction(weight, 1 << made.weight_bits)
                values = [
                    v + height * Fraction(c, 1 << made.coefficient_bits) for v, c in zip(values, column, strict=True)
                ]
    return values


@settings(max_examples=40)
@given(st.tuples(RATIONALS, RATIONALS))
def test_all_arithmetics_agree(point: tuple[Fraction, Fraction]) -> None:
    network = norm_fit(2)[0]
    exact: Fraction = network(list(point))
    assert float(network([float(x) for x in point])) == pytest.approx(float(exact), abs=1e-12)
    assert float(network.evaluate(np.array([[float(x) for x in point]]))[0]) == pytest.approx(float(exact), abs=1e-12)
    with mpmath.workdps(60):
        value = network([mpmath.mpf(x.numerator) / x.denominator for x in point])
        assert abs(value - mpmath.mpf(exact.numerator) / exact.denominator) < mpmath.mpf(10) ** -55
    mpmath.iv.dps = 30
    interval = network([mpmath.iv.mpf(x.numerator) / x.denominator for x in point])
    low, high = (Fraction(*end) for end in (rational(interval.a), rational(interval.b)))
    assert low <= exact <= high and high - low < Fraction(1, 10**20)
    ball = network([flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in point])
    with flint.ctx.workprec(300):
        sharp = flint.arb(flint.fmpq(exact.numerator, exact.denominator))
    assert ball.overlaps(sharp) and ball.rad() < 1e-9
    kernel = read_network(Fields(network.to_document(), "network"))
    assert kernel.value(list(point)) == exact


def rational(end: Any) -> tuple[int, int]:
    sign, mantissa, exponent, _ = end._mpi_[0]
    value = Fraction((-1) ** sign * mantissa) * Fraction(2) ** exponent
    return value.numerator, value.denominator


@given(
    st.tuples(RATIONALS, RATIONALS),
    st.sampled_from([lambda r: r, lambda r: max(Fraction(1, 2) - r, Fraction(0)), lambda r: abs(r - Fraction(1, 3))]),
)
def test_a_familys_network_is_the_sum_of_its_bins(point: tuple[Fraction, Fraction], phi: Any) -> None:
    made = family()
    unit = 1 << made.edge_bits
    samples = [phi(Fraction(int(e), unit)) for e in made.edges]
    if sum(x * x for x in point) > 1:
        point = (point[0] / 2, point[1] / 2)
    value = samples[0] + sum((b - a) * v for a, b, v in zip(samples[:-1], samples[1:], bins(list(point)), strict=True))
    network = made.network(phi)
    assert network(list(point)) == value
    assert network.width <= made.width
    assert np.allclose(made.bins(np.array([[float(x) for x in point]]))[0], [float(v) for v in bins(list(point))])


def test_every_profile_stays_within_the_certified_bound() -> None:
    """The statement itself: random 1-Lipschitz profiles, and the worst one at the witness."""
    made = family()
    bound = float(Fraction(universal()["claim"]["bound"]))
    generator = np.random.default_rng(5)
    points = generator.normal(size=(3000, 2))
    points *= (generator.random(3000) ** 0.5 / np.linalg.norm(points, axis=1))[:, None]
    radius = np.linalg.norm(points, axis=1)
    fine = np.linspace(0, 1, 1025)
    for _ in range(20):
        values = np.concatenate([[0], np.cumsum(generator.choice([-1.0, 1.0], 1024) / 1024)])
        network = made.network(lambda r, values=values: float(np.interp(float(r), fine, values)))
        assert np.abs(network.evaluate(points) - np.interp(radius, fine, values)).max() <= bound


def test_the_worst_profile_attains_the_universal_error() -> None:
    """phi' = the sign of 1[s <= |x|] - V_l(x): the error of its network at x is E(x)."""
    made = family()
    point = [Fraction(x) for x in universal()["witness"]["point"]]
    values = bins(point)
    r = float(sum(x * x for x in point)) ** 0.5
    edges = [int(e) / 2.0**made.edge_bits for e in made.edges]

    def phi(s: float) -> float:
        total = 0.0
        for a, b, v in zip(edges[:-1], edges[1:], values, strict=True):
            below = max(min(s, b, r) - a, 0.0)
            above = max(min(s, b) - max(a, r), 0.0)
            total += below * (1 if v < 1 else -1) + above * (-1 if v > 0 else 1)
        return total

    error = abs(phi(r) - float(made.network(lambda s: phi(float(s)))(point)))
    low, high = exact_error(read_family(Fields(universal()["family"], "family")), point)
    assert float(low) - 1e-9 <= error <= float(high) + 1e-9


@settings(max_examples=30)
@given(st.data())
def test_simplified_networks_are_equal_on_the_ball(data: st.DataObject) -> None:
    number = st.fractions(-2, 2, max_denominator=5)
    width = data.draw(st.integers(0, 5))
    rows = [[data.draw(number), data.draw(number)] for _ in range(width)]
    biases = [data.draw(st.fractions(-4, 4, max_denominator=5)) for _ in range(width)]
    outputs = [data.draw(number) for _ in range(width)]
    network = Depth2Network.from_rationals(rows, biases, outputs, data.draw(number), 2)
    simple = network.simplified()
    assert simple.width <= max(network.width, 1)
    for _ in range(5):
        x, y = data.draw(RATIONALS), data.draw(RATIONALS)
        if x * x + y * y <= 1:
            assert simple([x, y]) == network([x, y])


def test_certificates_know_their_networks() -> None:
    for document in (bump(), expression()):
        network = Certificate(document, "name").network
        assert network.width == document["network"]["width"]
        with pytest.raises(UsageProblem):
            network([0.0] * 7)


def test_unknown_numbers_are_refused() -> None:
    with pytest.raises(TypeError):
        convert(Fraction(1, 3), "x")
    assert relu(Fraction(-1)) == 0 and relu(-0.5) == 0.0
    assert relu(mpmath.iv.mpf([-1, 2])).a == 0
