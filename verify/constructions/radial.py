"""Theorem 2 for one profile: the smallest network of a menu of lines and knots that fits phi(|x|) within epsilon.

N(x) = c + sum over orbits o and knots j of C_oj sum_{w in o} relu(|w . x| - s_j), fitted in the sup norm by linear
programming on sample points of the ball; points where the fit is worst join the sample (cutting planes).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.constructions.minimax import minimax
from verify.errors import Inconclusive
from verify.networks.depth2 import Depth2Network
from verify.networks.family import RidgeBlock, RidgeFamily
from verify.progress import Budget, Progress
from verify.provers.ascent import climb
from verify.sphere.directions import DIRECTION_BITS, Lines, candidates
from verify.sphere.sampling import ball_points

Floats = npt.NDArray[np.float64]

KNOT_BITS = 10
COEFFICIENT_BITS = 26
MOST_NEURONS = 6000
# A fit is accepted if its sampled sup is below this share of epsilon: the cover needs some slack.
ROOM = 0.97
# With more orbits than this, all lines share their coefficients.
MOST_ORBITS = 8
KNOT_COUNTS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64)


@dataclass(frozen=True)
class Fit:
    """A network, the symmetry that its lines have, and the largest error found on samples."""

    network: Depth2Network
    symmetry: str
    error: float


@dataclass(frozen=True)
class _Menu:
    """One choice of lines and knots (in units of 2^-KNOT_BITS)."""

    lines: Lines
    knots: tuple[int, ...]

    @property
    def width(self) -> int:
        """Hidden neurons if no coefficient vanishes."""
        at_zero = self.knots[0] == 0
        return self.lines.count * (2 * len(self.knots) - at_zero) + at_zero


def fit_profile(
    dimension: int, knots: Floats, values: Floats, epsilon: Fraction, budget: Budget, progress: Progress
) -> Fit:
    """Return the smallest network of the menu whose sampled error is below ROOM * epsilon.

    Args:
        knots, values: the profile as a piecewise linear function on [0, 1].

    Raises:
        Inconclusive: nothing on the menu is good enough.
    """
    accuracy = float(epsilon)
    middle = 0.5 * (values.max() + values.min())
    if 0.5 * (values.max() - values.min()) <= 0.98 * accuracy:
        constant = Fraction(round(middle * 2**20), 2**20)
        return Fit(Depth2Network.from_rationals([], [], [], constant, dimension), "chamber", values.max() - middle)
    progress.stage("choosing lines and knots")
    for menu in sorted(_menus(dimension, knots), key=lambda menu: menu.width):
        budget.spend(0)
        fit = _fit(menu, knots, values, accuracy)
        if fit is not None:
            return fit
    raise Inconclusive(f"no network of at most {MOST_NEURONS} neurons on the menu reaches {accuracy:g}; raise --eps")


def _menus(dimension: int, profile_knots: Floats) -> Iterator[_Menu]:
    unit = 1 << KNOT_BITS
    inner = [round(float(k) * unit) for k in profile_knots[1:-1]] if profile_knots.size <= 12 else []
    for lines in candidates(dimension):
        patterns = {(0,), tuple(sorted({0, *inner}))}
        for count in KNOT_COUNTS:
            uniform = [round(unit * j / count) for j in range(count)]
            patterns.add(tuple(uniform))
            patterns.add(tuple(uniform[1:]))
            patterns.add(tuple(sorted({*uniform, *inner})))
        for pattern in patterns:
            menu = _Menu(lines, pattern)
            if pattern and menu.width <= MOST_NEURONS:
                yield menu


def _fit(menu: _Menu, knots: Floats, values: Floats, accuracy: float) -> Fit | None:
    generator = np.random.default_rng(0)
    lines = menu.lines
    dimension = lines.directions.shape[1]
    labels = orbit_labels(lines)
    if labels.max() + 1 > MOST_ORBITS:
        labels = np.zeros_like(labels)
    positions = np.array(menu.knots) / float(1 << KNOT_BITS)

    def features(points: Floats) -> Floats:
        distance = np.abs(points @ (lines.directions.T / float(1 << DIRECTION_BITS)))
        columns = [np.ones(points.shape[0])]
        for label in range(int(labels.max()) + 1):
            own = distance[:, labels == label]
            columns += [np.maximum(own - position, 0.0).sum(axis=1) for position in positions]
        return np.stack(columns, axis=1)

    def target(points: Floats) -> Floats:
        result: Floats = np.interp(np.sqrt((points * points).sum(axis=1)), knots, values)
        return result

    sample = ball_points(generator, 300, dimension, lines.symmetry)
    pool = ball_points(generator, 20_000, dimension, lines.symmetry)
    pool_features, pool_target = features(pool), target(pool)
    for _ in range(12):
        coefficients, level = minimax(features(sample), target(sample))
        if level > ROOM * accuracy:
            return None
        error = np.abs(pool_features @ coefficients - pool_target)
        if error.max() > max(ROOM * accuracy, 1.01 * level):
            worst = np.argsort(-error, kind="stable")[:300]
            sample = np.concatenate([sample, pool[worst[error[worst] > level]]])
            continue

        def misfit(points: Floats, coefficients: Floats = coefficients) -> Floats:
            result: Floats = np.abs(features(points) @ coefficients - target(points))
            return result

        point, top = climb(misfit, dimension, lines.symmetry)
        if top <= (1 + ROOM) / 2 * accuracy:
            return Fit(_network(menu, labels, coefficients), lines.symmetry, top)
        sample = np.concatenate([sample, point[None] * np.array([[1.0], [0.999], [0.997]])])
    return None


def _network(menu: _Menu, labels: npt.NDArray[np.int64], coefficients: Floats) -> Depth2Network:
    """Return the fitted network with dyadic weights."""
    lines = menu.lines
    unit = 1 << COEFFICIENT_BITS
    table = np.rint(coefficients[1:].reshape(-1, len(menu.knots)) * unit).astype(np.int64)
    blocks = []
    for label in range(table.shape[0]):
        used = np.flatnonzero(table[label])
        if used.size:
            own = lines.directions[labels == label]
            knots = np.array(menu.knots)[used]
            blocks.append(RidgeBlock(own, np.ones(own.shape[0], dtype=np.int64), knots, table[label][used][:, None]))
    family = RidgeFamily(
        lines.directions.shape[1],
        DIRECTION_BITS,
        0,
        KNOT_BITS,
        COEFFICIENT_BITS,
        0,
        np.array([0, 1]),
        np.array([round(float(coefficients[0]) * unit)]),
        tuple(blocks),
    )
    # One bin and phi = identity: N_phi is the single function V_1.
    return family.network(lambda edge: edge).simplified()


def orbit_labels(lines: Lines) -> npt.NDArray[np.int64]:
    """Return for each line the number of its orbit under signed permutations."""
    keys = [tuple(sorted(abs(int(x)) for x in row)) for row in lines.directions]
    numbers = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys])
