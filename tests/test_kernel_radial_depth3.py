"""Rule RADIAL DEPTH 3 and separations in the sup norm: exact oracles, each reason of rejection, and attacks."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verify
from verify.certificates.document import rehash
from verify.claims.path_norm import vectorised
from verify.claims.separation_sup import certify as certify_separation
from verify.cli.main import run
from verify.constructions.depth3 import Corridor, best_square, minimum_link_path, square_zigzag
from verify.errors import Inconclusive, UsageProblem
from verify.kernel import Malformed, Rejected, check_document
from verify.kernel.fields import Fields
from verify.kernel.profiles.profile import read_profile
from verify.kernel.sup_norm.radial_depth3 import Hinges, RadialDepth3, SquareBand, proved_error, read_network
from verify.networks.depth3 import Depth3Network
from verify.networks.radial_depth3 import network_from_document
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

PROFILE = "sin(20*(r**2-1/2))/40"


def evaluate(network: RadialDepth3, points: np.ndarray) -> np.ndarray:
    """Evaluate the network literally: two hidden layers of ReLUs, shape (n, d) -> (n,)."""
    knots = np.array([float(k) for k in network.inner.knots])
    weights = np.array([float(c) for c in network.inner.coefficients])
    first = np.concatenate(
        [np.maximum(0, points[:, :, None] - knots), np.maximum(0, -points[:, :, None] - knots)], axis=2
    )
    start = network.dimension * float(network.inner.offset)
    total = (first @ np.concatenate([weights, weights])).sum(axis=1)
    taus = np.array([float(k) for k in network.outer.knots])
    second = np.maximum(0, total[:, None] + (start - taus))
    result: np.ndarray = second @ np.array([float(c) for c in network.outer.coefficients]) + float(network.outer.offset)
    return result


def ball(rng: np.random.Generator, count: int, d: int) -> np.ndarray:
    x = rng.normal(size=(count, d))
    return x / np.linalg.norm(x, axis=1)[:, None] * rng.random(count)[:, None] ** (1 / d)


def network_of(certified: verify.Certified) -> RadialDepth3:
    document = certified.certificate.document
    return read_network(Fields(document["network"], "network"), document["claim"]["dimension"])


@pytest.fixture(scope="module", params=[1, 2, 6])
def certified(request: pytest.FixtureRequest) -> verify.Certified:
    return verify.certify("depth3", d=request.param, profile=PROFILE, eps="1/100")


def test_attack_the_error_at_many_points_and_at_the_corners_of_the_pieces(certified: verify.Certified) -> None:
    network = network_of(certified)
    d = network.dimension
    rng = np.random.default_rng(d)
    points = ball(rng, 40_000, d)
    knots = np.array([0.0, *map(float, network.inner.knots)])
    middles = np.concatenate([knots, (knots[1:] + knots[:-1]) / 2])
    corners = rng.choice(middles, size=(40_000, d)) * (rng.random((40_000, d)) < 2 / d)
    corners = corners[np.linalg.norm(corners, axis=1) <= 1]
    phi = vectorised(read_target(PROFILE))
    for x in (points, corners):
        error = np.abs(evaluate(network, x) - phi(np.linalg.norm(x, axis=1))).max()
        assert error <= 0.01
        assert error >= 0.005 or x is corners, "the bound is not far from the truth"


def test_the_explicit_network_is_the_one_that_the_rule_speaks_of(certified: verify.Certified) -> None:
    network, rule = certified.certificate.network, network_of(certified)
    assert isinstance(network, Depth3Network)
    assert network.neurons == rule.neurons() == certified.theorem.figures["depth-3 neurons"]
    assert network.largest_weight() == max(rule.largest_weight(), rule.largest_bias())
    points = ball(np.random.default_rng(1), 200, rule.dimension)
    assert np.abs(network.evaluate(points) - evaluate(rule, points)).max() < 1e-12
    point = [Fraction(1, 3), *[Fraction(-1, 7)] * (rule.dimension - 1)]
    exact = network(point)
    assert abs(float(exact) - evaluate(rule, np.array([[float(t) for t in point]]))[0]) < 1e-12


def test_deterministic_and_small_weights(certified: verify.Certified) -> None:
    d = certified.theorem.figures["dimension"]
    again = verify.certify("depth3", d=d, profile=PROFILE, eps="1/100")
    assert again.certificate.to_bytes() == certified.certificate.to_bytes()
    assert network_of(certified).largest_weight() <= 1


def changed(certified: verify.Certified, part: str, **changes: Any) -> dict[str, Any]:
    body = dict(certified.certificate.document)
    body[part] = {**body[part], **changes}
    return rehash(body)


def test_each_reason_of_rejection(certified: verify.Certified) -> None:
    document = certified.certificate.document
    network, claim, proof = document["network"], document["claim"], document["proof"]
    outer, inner = network["outer"], network["inner"]
    one = 1 << network["bits"]
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("claim", {"neurons": claim["neurons"] + 1}, "the network has"),
        ("claim", {"weight_bound": "1/2"}, "a weight is"),
        ("claim", {"epsilon": "1/200"}, "the error is proved"),
        ("claim", {"dimension": claim["dimension"] + 1}, "the network has"),
        ("network", {"outer": {**outer, "offset": outer["offset"] + one // 100}}, "the error is proved"),
        (
            "network",
            {"outer": {**outer, "coefficients": [one // 2, *outer["coefficients"][1:]]}},
            "the error is proved",
        ),
        ("network", {"inner": {**inner, "offset": inner["offset"] + one // 50}}, "fails on the piece"),
        ("network", {"inner": {**inner, "offset": inner["offset"] - one // 50}}, "fails on the piece"),
        ("network", {"inner": {**inner, "coefficients": [one // 9, *inner["coefficients"][1:]]}}, "fails on the piece"),
        ("proof", {"square_above": [0, 0]}, "fails on the piece"),
        ("proof", {"square_below": [0, 0]}, "fails on the piece"),
        ("proof", {"square_above": ["1/2", 0]}, "the error is proved"),
    ]
    for part, changes, why in cases:
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, part, **changes))
    assert proof["rule"] == "radial-depth3"


def test_malformed_documents(certified: verify.Certified) -> None:
    network = certified.certificate.document["network"]
    outer, inner = network["outer"], network["inner"]
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("network", {"outer": {**outer, "knots": outer["knots"][1:]}}, "coefficients"),
        ("network", {"outer": {**outer, "knots": [outer["knots"][-1], *outer["knots"][1:]]}}, "must not decrease"),
        ("network", {"inner": {**inner, "knots": [-1, *inner["knots"][1:]]}}, "negative knot"),
        ("network", {"extra": 1}, "unknown key"),
        ("proof", {"square_above": [1, 0]}, "two numbers"),
        ("proof", {"square_above": [0]}, "two numbers"),
        ("proof", {"cuts": 0}, "between 1 and"),
        ("proof", {"cuts": 20_001}, "between 1 and"),
    ]
    for part, changes, why in cases:
        with pytest.raises(Malformed, match=why):
            check_document(changed(certified, part, **changes))


def test_a_network_of_hostile_size_is_refused_before_the_arithmetic() -> None:
    """20,000 kinks in every one of 20,000 pieces: the crossings are counted before they are computed."""
    many = 20_000
    wide = Hinges(Fraction(0), tuple(Fraction(k, 1 << 16) for k in range(many)), (Fraction(1),) * many)
    network = RadialDepth3(3, Hinges(Fraction(0), (Fraction(0),), (Fraction(1),)), wide)
    band = SquareBand((Fraction(9, 10), Fraction(0)), (Fraction(9, 10), Fraction(0)))
    table = {"knots": [0, *(str(Fraction(k, many - 1)) for k in range(1, many - 1)), 1], "values": [0] * many}
    profile = read_profile(Fields({"lipschitz": 1, "piecewise_linear": table}, "profile"), None)
    with pytest.raises(Rejected, match="more than 200,000 crossings"):
        proved_error(network, band, profile)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(-8, 40), st.integers(-12, 12)), min_size=1, max_size=5),
    st.lists(st.integers(0, 16), min_size=1, max_size=3, unique=True),
    st.integers(1, 3),
    st.integers(1, 50),
)
def test_the_bound_holds_for_random_networks(outer: list[tuple[int, int]], inner: list[int], d: int, cuts: int) -> None:
    """Random p and q, far from the square and the target: the bound is at least the error at any point."""
    outer = sorted(outer)
    knots = tuple(Fraction(k, 16) for k in sorted(inner))
    network = RadialDepth3(
        d,
        Hinges(Fraction(1, 8), knots, tuple(Fraction(1, 2) for _ in knots)),
        Hinges(Fraction(1, 3), tuple(Fraction(k, 32) for k, _ in outer), tuple(Fraction(c, 8) for _, c in outer)),
    )
    t = np.linspace(0, 1, 2001)
    p = evaluate(RadialDepth3(1, network.inner, Hinges(Fraction(0), (Fraction(-9),), (Fraction(1),))), t[:, None]) - 9
    above, below = float((p - t * t).max()), float((t * t - p).max())
    ratio = 0.25
    band = SquareBand(
        (Fraction(max(0.0, below)) + Fraction(1, 1000), Fraction(0)),
        (Fraction(max(0.0, (p - (1 + ratio) * t * t).max())) + Fraction(1, 1000), Fraction(ratio)),
    )
    assert above >= -1
    proved = prove_profile(read_target("max(1/3 - r, r - 1/3)"))
    bound = proved_error(network, band, proved.profile, cuts)
    x = ball(np.random.default_rng(0), 3000, d)
    error = np.abs(evaluate(network, x) - np.abs(np.linalg.norm(x, axis=1) - 1 / 3)).max()
    assert error <= float(bound) + 1e-12


def test_the_bound_is_exact_for_one_input_and_an_exact_square_band() -> None:
    """d = 1, p = q = a sum of hinges equal to |t| and the target |r - 1/2|: only the chords of r^2 are lost."""
    proved = prove_profile(read_target("1/2 - r/4"))
    linear = Hinges(Fraction(1, 2), (Fraction(-1),), (Fraction(0),))
    network = RadialDepth3(1, Hinges(Fraction(0), (Fraction(0),), (Fraction(1),)), linear)
    band = SquareBand((Fraction(0), Fraction(0)), (Fraction(1, 4), Fraction(0)))
    assert proved_error(network, band, proved.profile) == Fraction(1, 4)


def test_zigzag_stays_in_its_corridor() -> None:
    constant, growth = 0.01, 0.004
    knots = square_zigzag(constant, growth)
    heights = [constant] + [(1 - growth) * t * t - constant for t in knots[1:]]
    t = np.linspace(0, knots[-1], 5001)
    p = np.interp(t, [0, *knots], [constant, *heights])
    assert np.all(p <= (1 + growth) * t * t + constant + 1e-12)
    assert np.all(p >= (1 - growth) * t * t - constant - 1e-12)


def test_best_square_beats_equal_knots() -> None:
    for d, count in ((3, 5), (20, 8)):
        square = best_square(d, count)
        equal = d * (2 / (2 * count + 1)) ** 2 / 8
        assert len(square.knots) == count
        assert d * square.constant + square.growth <= equal * 1.0001


@given(st.lists(st.floats(0, 1), min_size=3, max_size=9))
def test_minimum_links_of_an_exact_path(heights: list[float]) -> None:
    """A corridor around a path of n links is crossed by at most n links, inside the corridor."""
    x = np.linspace(0, 1, 901)
    middle = np.interp(x, np.linspace(0, 1, len(heights)), heights)
    tube = Corridor(x, middle - 0.02, middle + 0.02)
    path = minimum_link_path(tube, 100, flat_start=False)
    assert path is not None
    assert len(path) - 1 <= len(heights) - 1
    values = np.interp(x, [s for s, _ in path], [y for _, y in path])
    assert np.all(np.abs(values - middle) <= 0.02 + 1e-9)


@pytest.mark.parametrize("name", ["depth3-d8", "separation-sup-d3", "separation-sup-d10"])
def test_onnx_runs_to_the_last_bits_of_float64(name: str, tmp_path: Path) -> None:
    """The exported network in onnxruntime against exact evaluation, and against float64 at many points."""
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    out = tmp_path / "net.onnx"
    source = Path(__file__).resolve().parent.parent / "certificates" / f"{name}.json"
    assert run(["export", str(source), "--format", "onnx", "--out", str(out)]) == 0
    document = json.loads(source.read_text(encoding="utf-8"))
    exact = network_from_document(document["network"], document["claim"]["dimension"])
    points = ball(np.random.default_rng(3), 300, exact.dimension)
    outputs = runtime.InferenceSession(str(out)).run(None, {"x": points})[0].ravel()
    assert outputs.dtype == np.float64
    assert np.abs(outputs - exact.evaluate(points)).max() < 1e-13
    for point, output in zip(points[:5].tolist(), outputs.tolist(), strict=False):
        assert abs(exact([Fraction(t) for t in point]) - Fraction(output)) < Fraction(1, 10**13)


# Separations.


@pytest.fixture(scope="module")
def separation() -> verify.Certified:
    return certify_separation(d=4, profile="sin(40*(r**2-1/2))/80", eps="1/160", budget=80)


def test_separation_and_its_rejections(separation: verify.Certified) -> None:
    claim = separation.certificate.document["claim"]
    assert claim["depth2_width"] > 10 * claim["depth3_neurons"]
    for changes, why in (
        ({"depth2_width": claim["depth2_width"] + 1}, "the measure proves only width"),
        ({"depth3_neurons": claim["depth3_neurons"] - 1}, "the network has"),
        ({"epsilon": "1/320"}, "the error is proved"),
        ({"weight_bound": "1/2"}, "a weight is"),
        ({"weight_bound": 2}, "the measure proves only width"),
    ):
        with pytest.raises(Rejected, match=why):
            check_document(changed(separation, "claim", **changes))


@pytest.mark.slow
def test_the_search_finds_more_than_the_given_target() -> None:
    found = certify_separation(d=3, budget=50)
    claim = found.certificate.document["claim"]
    assert claim["depth3_neurons"] <= 50
    assert claim["depth2_width"] > 283, "the trial table had 283 against 73 neurons"


def test_impossible_requests_end_in_one_clear_line() -> None:
    with pytest.raises(Inconclusive, match="--eps"):
        verify.certify("depth3", d=5, profile=PROFILE, eps="1/10000000000")
    with pytest.raises(UsageProblem, match="together"):
        certify_separation(d=3, profile=PROFILE)
    with pytest.raises(Inconclusive, match="budget"):
        certify_separation(d=3, budget=3)
    with pytest.raises(UsageProblem, match="positive"):
        verify.certify("depth3", d=2, profile=PROFILE, eps="1/100", weight_bound="-1/2")
    with pytest.raises(UsageProblem, match="--profile"):
        certify_separation(d=3, weight_bound="1/2")


@pytest.mark.parametrize(("d", "bound"), [(2, "1/2"), (3, "1/3"), (5, "1/10")])
def test_weights_below_one_are_shared_by_more_neurons(d: int, bound: str) -> None:
    plain = verify.certify("depth3", d=d, profile=PROFILE, eps="1/100")
    small = verify.certify("depth3", d=d, profile=PROFILE, eps="1/100", weight_bound=bound)
    network, rule = small.certificate.network, network_of(small)
    assert isinstance(network, Depth3Network)
    assert rule.neurons() > network_of(plain).neurons()
    assert network.neurons == rule.neurons()
    weights = [*(abs(w) for row, _ in network.first for _, w in row), *map(abs, network.outputs)]
    assert max(*weights, *(abs(w) for form in network.forms for w in form)) == rule.largest_weight() <= Fraction(bound)
    biases = [abs(b) for _, b in network.first] + [abs(b) for _, b in network.second] + [abs(network.constant)]
    assert max(biases) == rule.largest_bias()
    points = ball(np.random.default_rng(5), 4000, d)
    target = vectorised(read_target(PROFILE))(np.linalg.norm(points, axis=1))
    assert np.abs(network.evaluate(points) - target).max() <= 0.01
    assert np.abs(network.evaluate(points) - evaluate(rule, points)).max() < 1e-12
    form = small.certificate.document["network"]
    with pytest.raises(Rejected, match="a weight is"):
        check_document(changed(small, "network", scales=[1, 1]))
    for second in ("1/100000", 100000):
        with pytest.raises(Rejected, match="a weight is"):
            check_document(changed(small, "network", scales=[form["scales"][0], second]))
    for scales in ([1, 0], [1], ["-1/2", 1], [1, 1, 1]):
        with pytest.raises(Malformed, match=r"two positive numbers|more than 2"):
            check_document(changed(small, "network", scales=scales))


def test_a_separation_with_weights_below_one() -> None:
    options: dict[str, Any] = {"d": 4, "profile": "sin(20*(r**2-1/2))/40", "eps": "1/80", "budget": 2000}
    one = certify_separation(**options).certificate.document["claim"]
    half = certify_separation(**options, weight_bound="1/2").certificate.document["claim"]
    assert half["depth2_width"] > 3 * one["depth2_width"], "the width grows like 1/B^2"
    assert half["depth3_neurons"] < 8 * one["depth3_neurons"]


def test_a_time_limit_returns_the_best_so_far() -> None:
    """However short the rest: a modest design or one line that says why not."""
    try:
        certified = certify_separation(d=5, time_limit=8.0)
    except Inconclusive as problem:
        assert "time" in str(problem)
    else:
        assert certified.certificate.document["claim"]["depth3_neurons"] <= 200
    with pytest.raises(Inconclusive, match="time"):
        certify_separation(d=5, time_limit=1e-6)


@pytest.mark.parametrize(("d", "profile", "eps", "most"), [(3, "norm", "1/10", 29), (8, "bump", "1/10", 84)])
def test_long_pieces_of_a_profile_are_cut(d: int, profile: str, eps: str, most: int) -> None:
    """The chord of r^2 over a whole piece of the profile is far from r^2: without the cuts there is no proof."""
    result = verify.certify("depth3", d=d, profile=profile, eps=eps)
    network, proof = network_of(result), result.certificate.document["proof"]
    assert network.neurons() <= most and proof["cuts"] == 160
    with pytest.raises(Rejected, match="the error is proved to be at most"):
        check_document(changed(result, "proof", cuts=1))
    x = np.concatenate([ball(np.random.default_rng(1), 20_000, d), 0.2 * ball(np.random.default_rng(2), 20_000, d)])
    r = np.linalg.norm(x, axis=1)
    error = np.abs(evaluate(network, x) - (r if profile == "norm" else np.maximum(0, 0.5 - r))).max()
    assert 0.5 * float(Fraction(eps)) < error <= float(Fraction(eps))
