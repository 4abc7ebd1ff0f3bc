"""The depth-3 network: its formula, its neurons, its error by Monte Carlo."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import numpy.typing as npt
import pytest
from flint import arb, fmpq

from tests.fourier_tubes.conftest import oscillation
from verify.claims.certified import Certified
from verify.errors import UsageProblem
from verify.kernel.outcome import Rejected
from verify.kernel.tubes.depth_separation import depth_three_error
from verify.kernel.tubes.radial_profile import RadialProfile
from verify.networks.depth3 import Depth3Network
from verify.networks.gridded_squares import gridded_squares, target_from_document

Floats = npt.NDArray[np.float64]


def exact_profile(profile: RadialProfile, square: Fraction) -> Fraction:
    """Return g(square), exactly."""
    squares = [knot**2 for knot in profile.knots]
    if square <= squares[0]:
        return profile.values[0]
    for left, right, a, b in zip(squares, squares[1:], profile.values, profile.values[1:], strict=False):
        if square <= right:
            return a + (b - a) * (square - left) / (right - left)
    return profile.values[-1]


def floats(profile: RadialProfile, u: Floats) -> Floats:
    knots = np.array([float(knot) for knot in profile.knots])
    result: Floats = np.interp(u**2, knots**2, [float(v) for v in profile.values])
    return result


@pytest.mark.parametrize("d", [2, 3, 5])
def test_network_is_its_formula(d: int) -> None:
    profile = oscillation(Fraction(3, 2), Fraction(7, 2), 8)
    h, kinks = Fraction(2, 5), 9
    network = gridded_squares(profile, d, h, kinks)
    assert network.widths == (2 * d * kinks, 9)
    rng = random.Random(7)
    for _ in range(40):
        y = [Fraction(rng.randint(-5000, 5000), 1000) for _ in range(d)]
        total = -d * h**2 / 6
        for t in map(abs, y):
            # the chord of t^2 between neighbouring odd multiples of h/2, extended beyond the last one
            j = min((t / h + Fraction(1, 2)).__floor__(), kinks)
            left = (j - Fraction(1, 2)) * h
            total += left**2 + (t - left) * 2 * j * h
        assert network(y) == exact_profile(profile, total)


def test_every_arithmetic_agrees(flagship: Certified) -> None:
    network = flagship.certificate.network
    assert isinstance(network, Depth3Network)
    y = [Fraction(5, 4), Fraction(-7, 8), Fraction(2, 3)]
    exact = network(y)
    assert isinstance(exact, Fraction)
    assert network([float(t) for t in y]) == pytest.approx(float(exact), abs=1e-12)
    assert network.evaluate([[float(t) for t in y]])[0] == pytest.approx(float(exact), abs=1e-12)
    assert float(network([mpmath.mpf(t.numerator) / t.denominator for t in y])) == pytest.approx(
        float(exact), abs=1e-12
    )
    ball = network([arb(fmpq(t.numerator, t.denominator)) for t in y])
    assert ball.contains(arb(fmpq(exact.numerator, exact.denominator)))


def test_layers_are_the_network(flagship: Certified) -> None:
    network = flagship.certificate.network
    assert isinstance(network, Depth3Network)
    value = np.array([0.7, -1.1, 1.9])
    for index, (matrix, bias) in enumerate(network.layers()):
        value = np.array([[float(w) for w in row] for row in matrix]) @ value + np.array([float(b) for b in bias])
        if index < 2:
            value = np.maximum(value, 0.0)
    assert value[0] == pytest.approx(network.evaluate([[0.7, -1.1, 1.9]])[0], abs=1e-12)
    assert network.largest_weight() > 0


def sample(d: int, m: int, count: int, rng: np.random.Generator) -> Floats:
    """Draw from mu: the radius by inverting its distribution function on a fine grid, the direction uniformly."""
    from scipy.special import jv

    u = np.concatenate([np.linspace(1e-6, 60, 60_000), np.geomspace(60, 3000, 300_000)[1:]])
    density = jv(d / 2 + m, u) ** 2 * u ** (-1.0 - 2 * m)
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(u))])
    radius = np.interp(rng.random(count) * cumulative[-1], cumulative, u)
    direction = rng.standard_normal((count, d))
    result: Floats = direction / np.linalg.norm(direction, axis=1, keepdims=True) * radius[:, None]
    return result


@pytest.mark.parametrize(
    ("d", "m", "start", "radius", "pieces", "kinks"),
    [(2, 1, "1", "5/2", 12, 14), (3, 0, "3/2", "7/2", 8, 9), (3, 1, "3/2", "7/2", 8, 9), (8, 1, "3", "8", 10, 10)],
)
def test_error_by_monte_carlo(d: int, m: int, start: str, radius: str, pieces: int, kinks: int) -> None:
    profile = oscillation(Fraction(start), Fraction(radius), pieces)
    mesh = profile.radius / (kinks + Fraction(1, 2))
    if d == 2:
        mesh = mesh * Fraction(1001, 1000)
    bound = float(depth_three_error(profile, d, mesh, kinks, "here"))
    network = gridded_squares(profile, d, mesh, kinks)
    points = sample(d, m, 100_000, np.random.default_rng(3))
    squares = (network.evaluate(points) - floats(profile, np.linalg.norm(points, axis=1))) ** 2
    error = math.sqrt(squares.mean())
    assert error <= bound * 1.01
    assert error >= bound / 10  # the bound is not idle


@pytest.mark.parametrize("m", [0, 1])
@pytest.mark.parametrize("h", [0.5, 1.5, 3.1])
def test_gridding_errors_have_their_exact_moments(m: int, h: float) -> None:
    """E (sum e(y_i))^2 = d h^4 / 180 for every h <= pi, by Monte Carlo."""
    d = 3
    points = sample(d, m, 400_000, np.random.default_rng(5))
    distance = points - h * np.round(points / h)
    e = (h**2 / 12 - distance**2).sum(axis=1)
    scale = h**2 * math.sqrt(d / 180)
    assert abs(e.mean()) < 0.01 * scale
    assert math.sqrt((e**2).mean()) == pytest.approx(scale, rel=0.01)


def test_gridding_errors_beyond_pi_are_biased() -> None:
    """The condition h <= pi is needed: at h = 2 pi the mean error is far from 0 under m = 0."""
    h = 2 * math.pi
    points = sample(2, 0, 100_000, np.random.default_rng(5))
    distance = points - h * np.round(points / h)
    assert abs((h**2 / 12 - distance**2).sum(axis=1).mean()) > 0.05 * h**2


def test_grid_must_reach_the_radius_in_the_plane() -> None:
    """At d = 2 covering A is not enough: R^2 >= A^2 + h^2/12."""
    profile = oscillation(Fraction(1), Fraction(5, 2), 12)
    with pytest.raises(Rejected, match="grid ends"):
        depth_three_error(profile, 2, profile.radius / (14 + Fraction(1, 2)), 14, "here")
    depth_three_error(profile, 3, profile.radius / (14 + Fraction(1, 2)), 14, "here")


def test_network_equals_the_target_outside_the_grid(flagship: Certified) -> None:
    network, profile = flagship.certificate.network, target_from_document(flagship.certificate.document["network"])
    rng = np.random.default_rng(11)
    points = rng.uniform(-9, 9, (20_000, 3))
    outside = np.abs(points).max(axis=1) > 3.5
    assert np.all(network.evaluate(points[outside]) == pytest.approx(float(profile.values[-1]), abs=1e-9))


def test_exports_are_the_network(flagship: Certified) -> None:
    onnx = pytest.importorskip("onnx")
    from onnx.reference import ReferenceEvaluator

    from verify.formats import onnx_writer, plain_json, smtlib

    network = flagship.certificate.network
    assert isinstance(network, Depth3Network)
    points = np.random.default_rng(2).uniform(-3, 3, (50, 3))
    model = onnx.load_from_string(onnx_writer.export(flagship.certificate, None))
    values = ReferenceEvaluator(model).run(None, {"x": points})[0][:, 0]
    assert values == pytest.approx(network.evaluate(points), abs=1e-12)
    value = points.T
    layers = json.loads(plain_json.export(flagship.certificate, None))["layers"]
    for index, layer in enumerate(layers):
        matrix = np.array([[float(Fraction(w)) for w in row] for row in layer["weights"]])
        value = matrix @ value + np.array([[float(Fraction(b))] for b in layer["biases"]])
        value = np.maximum(value, 0.0) if index < 2 else value
    assert value[0] == pytest.approx(network.evaluate(points), abs=1e-12)
    with pytest.raises(UsageProblem):
        smtlib.export(flagship.certificate, None)
