"""Theorem 3: identities, chords, the kernel rule, and attacks on its bound."""

from __future__ import annotations

import copy
import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from binary_fields import times, trace
from hypothesis import given
from hypothesis import strategies as st

import verify
from verify.certificates.document import rehash
from verify.claims.thm3 import chosen_network, orbit_directions, width_of
from verify.cli.main import run
from verify.constructions.thm3 import PowerNetwork, materialised
from verify.errors import UsageProblem
from verify.kernel.cubature.chords import Knots, chord_excess, interior_knots
from verify.kernel.cubature.moments import (
    Entries,
    norm_coefficient,
    norm_squared,
    orbit_lines,
    orbit_moment,
    partitions,
    sphere_moment,
)
from verify.kernel.cubature.orbits import OrbitClass, mean_coefficients, read_orbits
from verify.kernel.cubature.power import interpolant
from verify.kernel.fields import Fields
from verify.sphere.codes import best_code, extended_bch, quadratic_residue
from verify.sphere.hilbert import HilbertIdentity, identities, priced_identities
from verify.sphere.orbits import Orbit, orbit


@pytest.mark.parametrize(("d", "k"), [(1, 3), (2, 2), (2, 4), (3, 2), (3, 3), (3, 4), (4, 3), (5, 2)])
def test_sympy_expands_every_identity_to_the_power_of_the_norm(d: int, k: int) -> None:
    x = sympy.symbols(f"x:{d}")
    for identity in (*identities(d, k), *priced_identities(d, k)):
        if any(item.field for item, _ in identity.terms):
            continue
        total = sympy.Integer(0)
        for item, mass in identity.terms:
            factor = mass / (item.lines * item.norm2**k * sphere_moment(d, k))
            vectors = item.vectors()
            assert len(vectors) == item.lines
            for w in vectors:
                form = sum(a * b for a, b in zip(w, x, strict=True))
                total += sympy.Rational(factor.numerator, factor.denominator) * form ** (2 * k)
        assert sympy.expand(total - sum(v**2 for v in x) ** k) == 0


@given(st.integers(1, 4), st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2)), min_size=1, max_size=2), st.data())
def test_orbit_moments_agree_with_the_listed_orbit(d: int, pairs: list[tuple[int, int]], data: Any) -> None:
    values = [value for value, count in pairs for _ in range(count)][:d]
    item = orbit(tuple(values), d)
    vectors = item.vectors()
    assert orbit_lines(item.entries, d) == len(vectors)
    shape = data.draw(st.sampled_from(list(partitions(3, d))))
    mean = Fraction(sum(math.prod(w[i] ** (2 * a) for i, a in enumerate(shape)) for w in vectors), len(vectors))
    assert orbit_moment(item.entries, shape, d) == mean


@pytest.mark.parametrize(("m", "k", "d"), [(2, 1, 4), (2, 2, 3), (3, 2, 8), (3, 2, 6), (4, 1, 16)])
def test_dual_bch_rows_have_the_moments_of_the_cube(m: int, k: int, d: int) -> None:
    def power(a: int, n: int) -> int:
        result = 1
        for _ in range(n):
            result = times(result, a, m)
        return result

    rows = [
        [(-1) ** (b ^ trace(_xor(times(u[j], power(a, 2 * j + 1), m) for j in range(k)), m)) for a in range(d)]
        for b in (0, 1)
        for u in itertools.product(range(1 << m), repeat=k)
    ]
    assert len(rows) == 2 * Orbit(((1, d),), d, field=m, degree=k).lines
    table = np.array(rows)
    for size in range(1, min(2 * k + 1, d) + 1):
        for subset in itertools.combinations(range(d), size):
            assert table[:, subset].prod(axis=1).sum() == 0


def _xor(values: Any) -> int:
    total = 0
    for value in values:
        total ^= value
    return total


@given(
    st.integers(1, 5),
    st.integers(3, 12),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 400)), min_size=1, max_size=5),
    st.lists(st.fractions(0, 3, max_denominator=50), max_size=3),
)
def test_chords_never_exceed_the_computed_bound(
    k: int, bits: int, blocks: list[tuple[int, int]], row: list[Fraction]
) -> None:
    knots = Knots(bits, 5, tuple(blocks))
    majorant = row[:k]
    excess = chord_excess(knots, k, majorant, 3)
    last = Fraction(knots.last(), 1 << bits)
    for i in range(101):
        t = last * i / 100
        above = interpolant(knots, k, t) - t ** (2 * k)
        assert above >= 0
        assert above <= excess + sum(a * (t * t / 3) ** j for j, a in enumerate(majorant, 1))


def test_chord_bound_is_sharp_for_single_chords() -> None:
    knots = Knots(20, 1 << 18, ((1, 1 << 18), (1, 1 << 18), (1, 1 << 18)))
    t = np.linspace(0, 1, 200_001)
    places = np.array([-0.25, 0.25, 0.5, 0.75, 1.0])
    worst = float((np.interp(t, places, places**4) - t**4).max())
    assert worst <= chord_excess(knots, 2, [], 1) <= worst * (1 + 1e-6) + 1e-9


def test_interior_knots_are_those_below_the_norm() -> None:
    knots = Knots(2, 1, ((2, 1), (3, 2)))  # 1, 2, 3, 5, 7, 9 quarters
    assert [interior_knots(knots, n) for n in (1, 2, 3, 4, 5)] == [3, 4, 4, 5, 5]


def _certificate(d: int, k: int, eps: str) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(verify.certify("thm3", d=d, k=k, eps=eps).certificate.document)
    return document


@pytest.mark.parametrize(
    ("d", "k", "eps"),
    [(1, 1, "1/10"), (2, 1, "1/100"), (2, 3, "1/50"), (3, 2, "1/20"), (4, 2, "1/10"), (3, 5, "1/10")],
)
def test_attack_no_point_beats_the_bound(d: int, k: int, eps: str) -> None:
    body = _certificate(d, k, eps)
    network = rebuilt(body)
    theorem = verify.check(body).theorem
    assert theorem is not None and theorem.figures["width"] == network.width
    rng = np.random.default_rng(1)
    points = rng.normal(size=(8000, d))
    points *= (rng.random((8000, 1)) ** (1 / d)) / np.linalg.norm(points, axis=1, keepdims=True)
    extreme = rng.integers(-1, 2, size=(200, d)).astype(float)
    extreme = extreme[np.abs(extreme).sum(1) > 0]
    extreme /= np.linalg.norm(extreme, axis=1, keepdims=True)
    points = np.concatenate([points, *(extreme * r for r in np.linspace(0, 1, 41))])
    error = np.abs(network.evaluate(points) - (points**2).sum(1) ** k)
    bound = float(Fraction(body["claim"]["bound"]))
    assert error.max() <= bound * (1 + 1e-9)
    # local maximisation from the worst points
    for point in points[np.argsort(-error)[:5]]:
        best = point
        for scale in (0.05, 0.01, 0.002):
            near = best + scale * rng.normal(size=(500, d))
            near /= np.maximum(1, np.linalg.norm(near, axis=1, keepdims=True))
            values = np.abs(network.evaluate(near) - (near**2).sum(1) ** k)
            assert values.max() <= bound * (1 + 1e-9)
            best = near[int(values.argmax())]


def rebuilt(body: dict[str, Any]) -> Any:
    """The explicit network of a certificate, from its document alone."""
    d, k = body["claim"]["dimension"], body["claim"]["power"]
    network = body["network"]
    terms = []
    for item in network["directions"]["classes"]:
        entries = tuple(tuple(pair) for pair in item["entries"])
        terms.append((Orbit(entries, d, item.get("array", 0), k), Fraction(item["mass"])))
    ridges = tuple(
        Knots(item["bits"], item["first"], tuple((count, step) for count, step in item["blocks"]))
        for item in network["ridges"]
    )
    found = PowerNetwork(HilbertIdentity(k, tuple(terms)), ridges, ())
    return materialised(found, Fraction(network["offset"]))


def test_the_network_is_exact_on_the_axis() -> None:
    body = _certificate(3, 2, "1/20")
    network = rebuilt(body)
    radius = Fraction(body["witness"]["radius"])
    error = abs(network([radius, Fraction(0), Fraction(0)]) - radius**4)
    assert error >= Fraction(body["witness"]["error"])


def test_the_statement_names_the_witness_and_its_error_in_their_places() -> None:
    body = _certificate(3, 2, "1/20")
    theorem = verify.check(body).theorem
    assert theorem is not None
    assert f"At |x| = {body['witness']['radius']} on the first axis" in theorem.statement
    lower = Fraction(str(theorem.figures["error at the witness"]))
    assert Fraction(99, 100) * Fraction(body["witness"]["error"]) <= lower <= Fraction(body["witness"]["error"])
    assert lower <= Fraction(body["claim"]["bound"])


REJECTIONS = {
    "bound above epsilon": (lambda b: b["claim"].update(bound="9/10"), "at most epsilon"),
    "bound too small": (lambda b: b["claim"].update(bound="1/1000"), "was found"),
    "mass": (lambda b: b["network"]["directions"]["classes"][0].update(mass="1/3"), "coefficients of x^(2 alpha)"),
    "dimension": (lambda b: b["claim"].update(dimension=5), "coefficients of x^(2 alpha)"),
    "power": (lambda b: b["claim"].update(power=3), "coefficients of x^(2 alpha)"),
    "entries": (lambda b: b["network"]["directions"]["classes"][0].update(entries=[[1, 9]]), "nonzero coordinates"),
    "array": (lambda b: b["network"]["directions"]["classes"][0].update(array=1), "entries"),
    "knots too short": (lambda b: b["network"]["ridges"][0]["blocks"].pop(), "do not reach"),
    "knots too wide": (lambda b: b["network"]["ridges"][0]["blocks"][0].__setitem__(1, 1 << 40), "was found"),
    "offset": (lambda b: b["network"].update(offset="1/7"), "was found"),
    "negative majorant": (lambda b: b["proof"]["majorants"][0]["coefficients"].__setitem__(0, -1), "negative"),
    "cheap majorant": (lambda b: b["proof"]["majorants"][0]["coefficients"].__setitem__(0, 5), "was found"),
    "witness radius": (lambda b: b["witness"].update(radius=2), "between 0 and 1"),
    "witness error": (lambda b: b["witness"].update(error="1/2"), "larger than the error"),
}


@pytest.mark.parametrize("reason", REJECTIONS)
def test_rejections(reason: str) -> None:
    body = _certificate(3, 2, "1/20")
    assert verify.check(body).status == "verified"
    change, message = REJECTIONS[reason]
    change(body)
    result = verify.check(rehash(body))
    assert result.status == "rejected", result
    assert message in str(result.failure)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("claim", "dimension"), 10**7),
        (("claim", "power"), 13),
        (("claim", "activation"), "square"),
        (("network", "ridges"), []),
        (("network", "ridges", 0, "first"), 0),
        (("network", "ridges", 0, "blocks"), [[1]]),
        (("network", "ridges", 0, "bits"), 65),
        (("network", "directions", "classes", 0, "entries"), []),
        (("network", "directions", "classes", 0, "entries"), [[1, 1], [2, 1]]),
        (("proof", "majorants"), []),
        (("proof", "extra"), 1),
    ],
)
def test_malformed(path: tuple[Any, ...], value: Any) -> None:
    body = _certificate(3, 2, "1/20")
    place: Any = body
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert verify.check(rehash(body)).status == "malformed"


@given(st.lists(st.fractions(0, 3, max_denominator=30), min_size=3, max_size=3), st.integers(2, 7))
def test_means_of_majorants_are_the_largest_ratios_of_coefficients(weights: list[Fraction], d: int) -> None:
    shapes: list[Entries] = [((1, 1),), ((1, 2),), ((2, 1), (1, 1))]
    masses = (Fraction(3, 7), Fraction(-2, 5), Fraction(34, 35))
    classes = [
        OrbitClass(entries, orbit_lines(entries, d), norm_squared(entries), mass)
        for entries, mass in zip(shapes, masses, strict=True)
    ]
    rows = [[weight / (j + 1) for j in range(4)] for weight in weights]
    for j, mean in enumerate(mean_coefficients(classes, rows, d)):
        ratios = [
            sum(abs(item.mass) * row[j] * item.coefficient(alpha, d) for item, row in zip(classes, rows, strict=True))
            / norm_coefficient(alpha)
            for alpha in partitions(j, d)
        ]
        assert mean == max(ratios)


def test_a_large_dimension_takes_a_small_certificate() -> None:
    result = verify.certify("thm3", d=1000, k=3, eps="0.01")
    assert len(result.certificate.to_bytes()) < 100_000
    width = result.theorem.figures["width"]
    assert isinstance(width, int) and 10**10 < width < 2 * 10**11
    assert result.certificate.to_bytes() == verify.certify("thm3", d=1000, k=3, eps="0.01").certificate.to_bytes()


@pytest.mark.parametrize("k", range(1, 7))
@pytest.mark.parametrize("d", [1, 2, 5, 30])
def test_every_power_up_to_six_has_an_identity(d: int, k: int) -> None:
    best = identities(d, k)[0]
    assert sum(mass for _, mass in best.terms) == 1


@pytest.mark.parametrize(("d", "k", "most"), [(40, 5, 2e9), (100, 4, 3e10), (1000, 5, 3e17)])
def test_lines_spread_over_the_sphere_are_worth_their_number(d: int, k: int, most: float) -> None:
    # By the number of lines alone, the identities chosen here have 10, 3 and 300 times as many neurons.
    found, _, bound = chosen_network(d, k, Fraction(1, 100))
    assert bound <= Fraction(1, 100)
    assert width_of(found) < most
    assert any(item.field or item.code for item, _ in found.identity.terms)


@pytest.mark.parametrize(("d", "k"), [(3, 6), (30, 4), (40, 5), (100, 6)])
def test_the_kernel_accepts_every_priced_identity(d: int, k: int) -> None:
    for identity in priced_identities(d, k)[:5]:
        fields = Fields(orbit_directions(identity), "directions")
        assert len(read_orbits(fields, d, k)) == len(identity.terms)


def test_the_longer_codes_have_no_short_words() -> None:
    rows = extended_bch()
    words = {0}
    for row in rows:
        words |= {word ^ row for word in words}
    assert len(words) == 1 << 11 and max(words) < 1 << 32
    assert min(word.bit_count() for word in words if word) == 12
    assert len(quadratic_residue(47)) == 24
    for d, k, dimension in ((32, 5, 11), (36, 5, 12), (40, 5, 16), (47, 5, 16)):
        rows = list(best_code(d, k))
        assert len(rows) == dimension
        word = 0
        for index in range(1, 1 << len(rows)):
            word ^= rows[(index & -index).bit_length() - 1]
            assert word.bit_count() > 2 * k and word.bit_count() % 2 == 0 and word < 1 << d


def test_a_large_error_needs_no_neuron() -> None:
    assert verify.certify("thm3", d=3, k=2, eps="0.6").theorem.figures["width"] == 0


def test_a_large_error_needs_no_neuron_of_any_activation() -> None:
    for activation in ("sigmoid", "threshold"):
        assert verify.certify("thm3", d=3, k=2, eps="0.6", activation=activation).theorem.figures["width"] == 0


@pytest.mark.parametrize(
    ("method", "activation", "network", "proof"),
    [
        ("stairs", "threshold", {"ridges": [], "offset": 0}, {"majorants": []}),
        ("differences", "sigmoid", {"step": "1/1000"}, {}),
    ],
)
def test_no_direction_at_all_proves_nothing_but_the_constant(
    method: str, activation: str, network: dict[str, Any], proof: dict[str, Any]
) -> None:
    # Sums over no class are 0: the kernel once took that for an error bound.
    body = _certificate(3, 2, "1/20")
    body["claim"]["activation"] = activation
    body["network"] = {"directions": {"kind": "orbits", "classes": []}, **network}
    body["proof"] = {"rule": "hilbert-identity", "ridges": method, **proof}
    del body["witness"]
    result = verify.check(rehash(body))
    assert result.status == "rejected"
    assert "must have a class" in str(result.failure)


@pytest.mark.parametrize(
    "options", [{"d": 0, "k": 1, "eps": "1/2"}, {"d": 1, "k": 0, "eps": "1/2"}, {"d": 1, "k": 1, "eps": 0.1}]
)
def test_requests_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem):
        verify.certify("thm3", **options)


def test_command_line(tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "c.json"
    assert run(["certify", "thm3", "--d", "4", "--k", "2", "--eps", "0.1", "--out", str(path)]) == 0
    assert run(["check", str(path)]) == 0
    assert run(["certify", "thm3", "--d", "4", "--k", "0", "--eps", "0.1"]) == 2
    assert "--k must be" in capsys.readouterr().err


@pytest.mark.parametrize(("d", "k"), [(1, 2), (2, 2), (3, 1)])
def test_covering_the_ball_agrees_with_the_identity(d: int, k: int) -> None:
    identity = verify.certify("thm3", d=d, k=k, eps="1/10").certificate.document
    result = verify.certify("thm3", d=d, k=k, eps="1/10", proof="cover", workers=1)
    cover = result.certificate.document
    theorem = verify.check(identity).theorem
    assert theorem is not None and result.theorem.figures["width"] == theorem.figures["width"]
    # Either bound holds, so neither is below the other's witness.
    assert Fraction(cover["witness"]["error"]) <= Fraction(identity["claim"]["bound"])
    assert Fraction(identity["witness"]["error"]) <= Fraction(cover["claim"]["bound"])


def test_covering_is_for_small_dimensions() -> None:
    with pytest.raises(UsageProblem, match="d <= 3"):
        verify.certify("thm3", d=4, k=2, eps="1/10", proof="cover")
    with pytest.raises(UsageProblem, match="relu"):
        verify.certify("thm3", d=2, k=2, eps="1/10", proof="cover", activation="sigmoid")
