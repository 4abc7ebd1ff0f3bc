"""Rules INNER PRODUCT and CODE DISTANCE: enumeration of small cases, the networks themselves, rejections, attacks."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verify
from verify.certificates.document import rehash
from verify.constructions.codes import bch, code_for, product, quadratic_residue
from verify.errors import Inconclusive, UsageProblem
from verify.kernel import Malformed, Rejected, check_document
from verify.kernel.fields import Fields
from verify.kernel.parity.codes import least_weight, read_code, remainder, systematic_rows
from verify.kernel.parity.inner_product import Neuron, correlation, least_width, parity_neurons, root_cell


def cube(n: int) -> np.ndarray:
    return np.array(list(itertools.product((0, 1), repeat=n)))


def character(n: int) -> np.ndarray:
    return 1 - 2 * (cube(n) @ cube(n).T % 2)


@settings(max_examples=80)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_attack_no_function_of_a_sum_correlates_more_than_the_rule_says(n: int, seed: int) -> None:
    """E[max(0, p(x) + q(y)) chi] over the whole cube, p and q arbitrary."""
    rng = np.random.default_rng(seed)
    for p, q in (
        (rng.normal(size=2**n), rng.normal(size=2**n)),
        (cube(n) @ rng.choice([-1, 1], n), cube(n) @ rng.choice([-1, 1], n) - 0.5),
        (rng.integers(-1, 2, 2**n), rng.integers(-1, 2, 2**n)),
    ):
        value = (np.maximum(0, p[:, None] + q[None, :]) * character(n)).mean()
        spread = max(np.ptp(p), np.ptp(q))
        bound = correlation(n, Neuron(Fraction(float(spread)), Fraction(float(abs(p[0] + q[0])))))
        assert abs(value) <= float(bound) + 1e-12


def test_lindsey_is_used_with_a_true_root() -> None:
    for n in range(1, 40):
        assert root_cell(n) ** 2 >= Fraction(1, 2**n)
        assert root_cell(n) ** 2 <= Fraction(1, 2**n) * (1 + Fraction(1, 2**60))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("bound", [Fraction(1), Fraction(2), Fraction(7, 2), Fraction(9)])
def test_the_depth_3_network_is_exact_on_the_cube(n: int, bound: Fraction) -> None:
    """Build the network that the rule counts, check its parameters, and evaluate it everywhere in rationals."""
    neurons: list[tuple[Fraction, Fraction, Fraction]] = []  # slope, bias, output weight
    for j in range(n):
        slope = bound if j == 0 else min(bound, bound / j)
        total = Fraction(-2 if j == 0 else 4 * (-1) ** (j + 1)) / slope
        copies = math.ceil(abs(total) / bound)
        neurons += [(slope, -slope * j, total / copies)] * copies
    assert n + len(neurons) == n + parity_neurons(n, bound, Fraction(1), bound)
    assert all(max(abs(a), abs(b), abs(c)) <= bound for a, b, c in neurons)
    for x, y in itertools.product(itertools.product((0, 1), repeat=n), repeat=2):
        first = [max(0, a + b - 1) for a, b in zip(x, y, strict=True)]
        value = 1 + sum(c * max(Fraction(0), a * sum(first) + b) for a, b, c in neurons)
        assert value == (-1) ** sum(a * b for a, b in zip(x, y, strict=True))


@pytest.mark.parametrize("n", [2, 3])
def test_least_squares_networks_obey_the_bound(n: int) -> None:
    """Random hidden layers with parameters at most 1, best bounded outputs by linear programming."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(n)
    points = np.array([(*x, *y) for x in cube(n) for y in cube(n)])
    chi = character(n).ravel()
    for width in (1, 2, 4, 8):
        hidden = np.maximum(0, points @ rng.uniform(-1, 1, (2 * n, width)) + rng.uniform(-1, 1, width))
        count = len(points)
        table = np.hstack([hidden, np.ones((count, 1))])
        slack = np.eye(count)
        found = linprog(
            np.concatenate([np.zeros(width + 1), np.full(count, 1 / count)]),
            A_ub=np.block([[table, -slack], [-table, -slack]]),
            b_ub=np.concatenate([chi, -chi]),
            bounds=[(-1, 1)] * (width + 1) + [(0, None)] * count,
        )
        error = Fraction(float(found.fun)) + Fraction(1, 10**9)
        if error < 1:
            assert least_width(n, 1 - error, Neuron(Fraction(n), Fraction(1)), Fraction(1)) <= width


def changed(certified: verify.Certified, part: str, **changes: Any) -> dict[str, Any]:
    body = dict(certified.certificate.document)
    body[part] = {**body[part], **changes}
    return rehash(body)


def test_ip2_certificate_and_its_rejections() -> None:
    certified = verify.certify("ip2", n=40)
    claim = certified.certificate.document["claim"]
    assert claim["depth2_width"] > 50_000
    for changes, why in (
        ({"depth2_width": claim["depth2_width"] + 1}, "only"),
        ({"depth3_neurons": claim["depth3_neurons"] + 1}, "the network of the rule"),
        ({"epsilon": "2/3"}, "only"),
        ({"n": 39}, "only"),
        ({"weight_bound": 2}, "only"),
        ({"weight_bound": "1/2"}, "parameters of absolute value 1"),
    ):
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, "claim", **changes))
    with pytest.raises(Inconclusive, match="lower one"):
        verify.certify("ip2", n=4, eps="99/100")
    with pytest.raises(UsageProblem, match="--n"):
        verify.certify("ip2", n=10**6)


# Codes.


@pytest.mark.parametrize(("prime", "distance"), [(7, 4), (23, 8), (47, 12)])
def test_extended_quadratic_residue_codes(prime: int, distance: int) -> None:
    code = quadratic_residue(prime, distance)
    read = read_code(Fields(code.document(), "code"))
    assert (read.length, read.messages, read.distance) == (prime + 1, (prime + 1) // 2, distance)


@pytest.mark.parametrize(("degree", "designed"), [(3, 3), (4, 3), (4, 5), (4, 7), (5, 7), (6, 15)])
def test_bch_bound_against_enumeration(degree: int, designed: int) -> None:
    code = bch(degree, designed)
    read = read_code(Fields(code.document(), "code"))
    if read.messages <= 24:
        assert least_weight(systematic_rows(code.cycle, code.generator, True)) >= read.distance
        with pytest.raises(Rejected, match="only"):
            read_code(Fields({**code.document(), "distance": read.distance + 8}, "code"))


def test_systematic_rows_are_codewords() -> None:
    code = bch(6, 11)
    rows = systematic_rows(code.cycle, code.generator, False)
    low = code.generator.bit_length() - 1
    for index, row in enumerate(rows):
        assert remainder(row, code.generator) == 0
        assert row >> low == 1 << index
    assert remainder(product(code.generator, 0b1011), code.generator) == 0


def test_each_reason_of_rejection_of_a_code() -> None:
    golay, long = quadratic_residue(23, 8).document(), bch(6, 11).document()
    for document, why in (
        ({**golay, "distance": 9}, "only 8"),
        ({**golay, "generator": golay["generator"] ^ 2}, "does not divide"),
        ({**golay, "generator": 1}, "does not divide"),
        ({**golay, "extended": False}, "only 7"),
        ({**long, "distance": 13}, "only 12"),
        ({**long, "field_polynomial": 64 + 16 + 4 + 1}, "primitive|only"),
        ({**long, "field_polynomial": 128 + 2 + 1}, "does not fit"),
        ({**{k: v for k, v in long.items() if k != "field_polynomial"}, "method": "enumeration"}, "more than"),
    ):
        with pytest.raises(Rejected, match=why):
            read_code(Fields(document, "code"))


@pytest.mark.parametrize("n", [12, 24, 36, 64])
def test_code_separation(n: int) -> None:
    certified = verify.certify("separation", kind="code", n=n)
    claim = certified.certificate.document["claim"]
    assert claim["depth2_width"] >= {12: 6, 24: 280, 36: 13_000, 64: 150_000_000}[n]
    assert verify.certify("separation", kind="code", n=n).certificate.to_bytes() == certified.certificate.to_bytes()
    if n != 24:
        return
    for changes, why in (
        ({"depth2_width": claim["depth2_width"] + 1}, "only"),
        ({"depth3_neurons": claim["depth3_neurons"] - 1}, "the network of the rule"),
        ({"height": "1/5"}, "steeper"),
        ({"scale": 9}, "unit ball"),
        ({"noise": "1/100"}, "unit ball|depth-3 error"),
        ({"noise": "-1/100"}, "negative"),
        ({"epsilon": "1/100"}, "depth-3 error"),
        ({"weight_bound": "1/2"}, "below 1"),
        ({"weight_bound": 2}, "only"),
    ):
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, "claim", **changes))
    with pytest.raises(Malformed, match="unknown key"):
        check_document(changed(certified, "code", extra=1))


def test_the_code_network_on_random_codewords_with_noise() -> None:
    """The depth-3 network of the n = 12 separation, built literally: exact on codewords, stable under noise."""
    certified = verify.certify("separation", kind="code", n=12)
    claim = certified.certificate.document["claim"]
    found = code_for(12)
    assert found is not None
    scale, height = float(Fraction(claim["scale"])), float(Fraction(claim["height"]))
    noise, n, length = float(Fraction(claim["noise"])), 12, found.length
    rows = systematic_rows(found.cycle, found.generator, True)
    table = np.array([[row >> place & 1 for place in range(length)] for row in rows])
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 2, (2, 2000, n))
    inputs = np.hstack([x @ table % 2, y @ table % 2]) / scale
    first = range(found.cycle - n, found.cycle)

    def network(points: np.ndarray) -> np.ndarray:
        hidden = np.maximum(0, points[:, first] + points[:, [length + i for i in first]] - 1 / scale)
        total = scale * hidden.sum(axis=1)
        value = height * np.ones(len(points))
        for j in range(n):
            value += height * (-2 if j == 0 else 4 * (-1) ** (j + 1)) * np.maximum(0, total - j)
        return value

    target = height * (1 - 2 * ((x * y).sum(axis=1) % 2))
    assert np.abs(network(inputs) - target).max() < 1e-9
    z = rng.normal(size=inputs.shape)
    z *= noise / np.linalg.norm(z, axis=1)[:, None]
    assert np.linalg.norm(inputs + z, axis=1).max() <= 1
    error = np.abs(network(inputs + z) - target).mean() + noise
    assert error <= float(certified.theorem.figures["depth-3 error at most"])
    distances = np.linalg.norm(inputs[:500, None] - inputs[None, :500], axis=2)
    steep = np.abs(target[:500, None] - target[None, :500]) <= distances + 1e-12
    assert steep.all(), "the target is 1-Lipschitz on the codewords"


def test_the_statement_says_where_the_deeper_network_is_the_larger_one() -> None:
    for n, larger in ((12, True), (24, False)):
        certified = verify.certify("separation", kind="code", n=n)
        assert ("not a separation" in certified.theorem.statement) is larger
