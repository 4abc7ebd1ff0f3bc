"""Attacks on the lower bound: least squares over many ridge functions never does better than what is proved."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

from tests.fourier_tubes.conftest import oscillation
from verify.kernel.tubes.bound import LINES_BITS, TAIL_BITS, TubeProof
from verify.kernel.tubes.radial_profile import RadialProfile
from verify.kernel.tubes.share import tube_share
from verify.provers.fourier_tube import on_grid, prove, tail_mass

Floats = npt.NDArray[np.float64]


def missed(profile: RadialProfile, d: int, m: int, width: int, top: float) -> float:
    """Return the proved lower bound of ||N - f||^2 over sums of `width` ridge functions."""
    radii = on_grid(np.linspace(1.02, top, 150).tolist())
    mass = tail_mass(profile, d, m, radii[-1], 1e-12)
    tails = tuple(int(t * (1 << TAIL_BITS)) for t in mass.outside(radii))
    lines = tuple(int((1 << LINES_BITS) / tube_share(d, c, "here")) for c in radii)
    return float(TubeProof(tuple(radii), tails, lines, mass.bits).missed_energy(width))


def quadrature(d: int, m: int, radius: float, radial: int, angular: int) -> tuple[Floats, Floats]:
    """Return points and weights of mu on the plane, or on the upper half space by symmetry of the fit below (d = 2)."""
    from scipy.special import jv

    x, w = np.polynomial.legendre.leggauss(radial)
    u, w = radius * (x + 1) / 2, radius * w / 2
    z = 2 ** (1 + 2 * m) * math.gamma(1 + m) ** 2 * math.gamma(d / 2 + 2 * m + 1)
    z /= math.gamma(1 + 2 * m) * math.gamma(d / 2)
    density = z * jv(d / 2 + m, u) ** 2 * u ** (-1.0 - 2 * m) * w
    angles = 2 * math.pi * (np.arange(angular) + 0.5) / angular
    points = u[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)[None]
    return points.reshape(-1, 2), np.repeat(density / angular, angular)


@pytest.mark.parametrize(("m", "width", "pieces"), [(0, 1, 2), (0, 3, 2), (1, 2, 2), (1, 4, 5), (0, 6, 5)])
def test_least_squares_in_the_plane(m: int, width: int, pieces: int) -> None:
    """Best sums of free univariate functions (splines with 60 knots) in equispaced directions, in L2(mu) on a ball."""
    profile = oscillation(Fraction(1, 2), Fraction(3), pieces)
    points, weights = quadrature(2, m, 30.0, 200, 60)
    values = np.interp(
        (points**2).sum(axis=1), [float(k) ** 2 for k in profile.knots], [float(v) for v in profile.values]
    )
    columns = [np.ones(len(points))]
    knots = np.concatenate([np.linspace(-4, 4, 50), np.linspace(-30, -5, 8), np.linspace(5, 30, 8)])
    for k in range(width):
        angle = math.pi * k / width
        t = points @ np.array([math.cos(angle), math.sin(angle)])
        columns += [np.abs(t - knot) for knot in knots] + [t]
    root = np.sqrt(weights)
    matrix = np.stack(columns, axis=1) * root[:, None]
    solution = np.linalg.lstsq(matrix, values * root, rcond=1e-11)[0]
    error = float(np.sum((matrix @ solution - values * root) ** 2))
    # The ball |y| <= 30 holds all but a little of mu, where the fit might be charged more: the bound must lie below.
    outside = 1 - float(weights.sum())
    bound = missed(profile, 2, m, width, 4 + math.pi * pieces / 2.5)
    assert bound <= error + 4 * outside
    assert bound >= 0.0


def test_least_squares_in_space() -> None:
    """d = 3, random directions on a Monte Carlo sample (an upper bound of the best error): never below the bound."""
    from tests.fourier_tubes.test_depth3 import sample

    profile = oscillation(Fraction(1), Fraction(3), 4)
    rng = np.random.default_rng(1)
    points = sample(3, 1, 15_000, rng)
    values = np.interp(
        (points**2).sum(axis=1), [float(k) ** 2 for k in profile.knots], [float(v) for v in profile.values]
    )
    knots = np.linspace(-3.5, 3.5, 24)
    for width in (2, 8):
        directions = rng.standard_normal((width, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        columns = [np.ones(len(points))]
        for w in directions:
            t = points @ w
            columns += [np.maximum(t - knot, 0) for knot in knots] + [t]
        matrix = np.stack(columns, axis=1)
        solution = np.linalg.lstsq(matrix, values, rcond=1e-10)[0]
        error = float(np.mean((matrix @ solution - values) ** 2))
        assert missed(profile, 3, 1, width, 11.0) <= error * 1.05


def test_the_bound_falls_with_the_width() -> None:
    profile = oscillation(Fraction(3, 2), Fraction(7, 2), 8)
    bounds = [missed(profile, 3, 1, width, 14.0) for width in (0, 10, 100, 200, 400, 5000)]
    assert all(left >= right for left, right in itertools.pairwise(bounds))
    assert bounds[0] > 0.2
    assert bounds[-1] == 0.0


@pytest.mark.parametrize("count", [1, 4, 30])
def test_a_coarse_grid_only_lowers_the_width(count: int) -> None:
    profile = oscillation(Fraction(3, 2), Fraction(7, 2), 8)
    fine = prove(profile, 3, 1, Fraction(3, 20), on_grid(np.linspace(9, 14, 120).tolist()))
    coarse = prove(profile, 3, 1, Fraction(3, 20), on_grid(np.linspace(10, 14, count).tolist()))
    assert coarse.width <= fine.width
