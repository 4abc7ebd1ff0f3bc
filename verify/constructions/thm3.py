"""Theorem 3: the even powers of the norm, in any dimension, from Hilbert identities."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.constructions.power_knots import Shape, rounded_knots, unit_knots
from verify.errors import UsageProblem
from verify.kernel.cubature.chords import Knots
from verify.kernel.cubature.moments import norm_coefficient, partitions, sphere_moment
from verify.networks.depth2 import Depth2Network
from verify.sphere.group_orbits import NOT_NAMES, GroupCubature, group_cubature
from verify.sphere.hilbert import HilbertIdentity, identities, priced_identities
from verify.sphere.orbits import Orbit

Floats = npt.NDArray[np.float64]

TRIED = 5  # identities of each ranking whose designs are optimised
FITTED_KNOTS = 60  # below so many knots a ridge, their whole numbers are optimised


Identity = HilbertIdentity | GroupCubature


@dataclass(frozen=True)
class PowerNetwork:
    """A depth-2 network for |x|^(2k): chords of t^(2k) along the directions of a Hilbert identity.

    Attributes:
        identity: the directions.
        ridges: the knots of each class of directions.
        majorants: for each class, the coefficients a_1, ..., a_k that rule CHORD-POWER is given.
    """

    identity: Identity
    ridges: tuple[Knots, ...]
    majorants: tuple[tuple[Fraction, ...], ...]


class Design:
    """How the error is shared among the classes of one identity, and where along each ridge."""

    def __init__(self, identity: Identity, d: int, *, stairs: bool = False) -> None:
        self.identity = identity
        self.stairs = stairs
        self.d = d
        self.k = identity.k
        # Of generated directions only the sum over all classes is known: they are treated as one class.
        whole = isinstance(identity, GroupCubature)
        self.lines = np.array([float(identity.lines)] if whole else [float(item.lines) for item, _ in identity.terms])
        self.sign = np.array([1] if whole else [1 if mass > 0 else -1 for _, mass in identity.terms])
        # ratios[j][alpha, o]: what one unit of s^(2j) in the majorant of class o costs at x^(2 alpha)
        self.ratios = self._ratios()
        self.shapes: list[Shape] = []
        self.figure = math.inf
        self._fits: dict[tuple[int, int], tuple[float, list[float]]] = {}

    def _ratios(self) -> list[Floats]:
        identity, d, k = self.identity, self.d, self.k
        unit = sphere_moment(d, k)
        if isinstance(identity, GroupCubature):
            return [np.array([[float(sphere_moment(d, j) / unit)]]) for j in range(k + 1)]
        return [
            np.array(
                [
                    [
                        float(abs(mass) * item.coefficient(alpha) / norm_coefficient(alpha) / unit)
                        for item, mass in identity.terms
                    ]
                    for alpha in partitions(j, d)
                ]
            )
            for j in range(k + 1)
        ]

    def bound(self, scales: Floats) -> float:
        """Return the error bound when the shape of class o is multiplied by scales[o]."""
        coefficients = np.array([shape.majorant for shape in self.shapes]) * scales[:, None]
        return self._bound(coefficients)

    def fit(self, o: int, count: int) -> tuple[float, list[float]]:
        """Return the least scale, and the knots, with `count` knots inside the ball on the ridges of class o."""
        if (o, count) not in self._fits:
            self._fits[o, count] = self.shapes[o].fitted(count)
        return self._fits[o, count]

    def _bound(self, coefficients: Floats) -> float:
        total = 0.0
        for j, table in enumerate(self.ratios):
            for sign in (1, -1):
                total += float((table @ np.where(self.sign == sign, coefficients[:, j], 0.0)).max())
        return total if self.stairs else total / 2  # the error of chords is one-sided, an offset halves it

    def optimise(self) -> Design:
        """Choose majorants with the least figure (about width x sqrt(error)); sets `shapes` and `figure`."""
        from scipy.optimize import minimize

        k, classes = self.k, len(self.lines)
        signs = [sign for sign in (1, -1) if (self.sign == sign).any()]
        start = np.zeros(len(signs) * (k + 1) + classes)
        for index, sign in enumerate(signs):
            for j in range(k + 1):
                cost = (self.ratios[j] @ (self.sign == sign)).max()
                start[index * (k + 1) + j] = -math.log(max(cost, 1e-300))

        def coefficients(parameters: Floats) -> Floats:
            rows = np.array(
                [
                    parameters[signs.index(sign) * (k + 1) :][: k + 1] + parameters[len(signs) * (k + 1) + o]
                    for o, sign in enumerate(self.sign)
                ]
            )
            shares: Floats = np.exp(np.clip(rows - rows.max(), -120, 0))
            return shares

        s = np.concatenate([[0.0], np.geomspace(1e-5, 1, 400)])
        powers = s[None, :] ** (2 * np.arange(k + 1)[:, None])
        numerator = k * s ** (2 * k - 1) if self.stairs else np.sqrt(k * (2 * k - 1) / 4) * s ** (k - 1)
        exponent = 1.0 if self.stairs else 0.5

        def objective(parameters: Floats) -> float:
            a = coefficients(parameters)
            demands = np.trapezoid(numerator / (a @ powers) ** exponent, s, axis=1)
            return math.log(float(self.lines @ demands)) + exponent * math.log(self._bound(a))

        best = minimize(objective, start, method="L-BFGS-B", options={"maxiter": 200})
        self.shapes = [Shape(k, tuple(map(float, row)), self.stairs) for row in coefficients(best.x)]
        self.figure = float(np.exp(best.fun))
        return self


def generated_identity(d: int, k: int, directions: str) -> GroupCubature | None:
    """Return the identity of degree 2k on generated directions, the named ones or any; None if there is none."""
    found = group_cubature(d, k, directions)
    if found is None and directions not in NOT_NAMES:
        raise UsageProblem(f"the directions {directions} have no identity of degree {2 * k}; take a smaller --k")
    return None if found is None else replace(found, k=k)


def best_designs(d: int, k: int, directions: str = "auto", *, stairs: bool = False, most: int = 3) -> list[Design]:
    """Return the most promising ways to share the error, over the known identities for (d, k) with such directions."""
    generated = generated_identity(d, k, directions)
    tried: list[Identity] = [] if generated is None else [generated]
    if directions in NOT_NAMES:
        known: dict[frozenset[tuple[Orbit, Fraction]], HilbertIdentity] = {}
        for identity in (*identities(d, k)[:TRIED], *priced_identities(d, k)[:TRIED]):
            known.setdefault(frozenset(identity.terms), identity)
        tried += known.values()
    designs = [Design(identity, d, stairs=stairs).optimise() for identity in tried]
    return sorted(designs, key=lambda design: design.figure)[:most]


def materialised(found: PowerNetwork, offset: Fraction, *, most: int = 10**6) -> Depth2Network:
    """Return the network with all its neurons listed; at most `most` of them, and no sign arrays."""
    if isinstance(found.identity, GroupCubature):
        raise UsageProblem("generated directions are not written out as a network")
    d, k = found.identity.terms[0][0].d, found.identity.k
    weights: list[tuple[Fraction, ...]] = []
    biases: list[Fraction] = []
    outputs: list[Fraction] = []
    constant = offset
    for (item, mass), knots in zip(found.identity.terms, found.ridges, strict=True):
        kinks = interior_kinks(knots, k, item.norm2)
        if len(outputs) + 2 * item.lines * len(kinks) > most:
            raise UsageProblem(f"the network has more than {most:,} neurons; it stays implicit")
        weight = mass / (item.lines * sphere_moment(d, k) * item.norm2**k)
        constant += weight * item.lines * Fraction(knots.first, 1 << knots.bits) ** (2 * k)
        for line in item.vectors():
            for sign in (1, -1):
                for kink, jump in kinks:
                    weights.append(tuple(Fraction(sign * value) for value in line))
                    biases.append(-kink)
                    outputs.append(weight * jump)
    return Depth2Network.from_rationals(weights, biases, outputs, constant, d)


def interior_kinks(knots: Knots, k: int, norm2: int) -> list[tuple[Fraction, Fraction]]:
    """Return (knot, slope change) of the even interpolant of t^(2k) at its positive knots less than sqrt(norm2)."""
    places, position = [knots.first], knots.first
    for count, step in knots.blocks:
        for _ in range(count):
            position += step
            places.append(position)
    t = [Fraction(place, 1 << knots.bits) for place in places]
    slopes = [Fraction(0)] + [(b ** (2 * k) - a ** (2 * k)) / (b - a) for a, b in itertools.pairwise(t)]
    jumps = [after - before for before, after in itertools.pairwise(slopes)]
    return [(place, jump) for place, jump in zip(t, jumps, strict=False) if place * place < norm2]


def network(design: Design, target: float) -> PowerNetwork:
    """Return the network of least width that the design allows with error at most about `target`."""
    shapes = design.shapes
    scale = target / design.bound(np.ones(len(shapes)))
    if not design.stairs and max(shape.needed(scale) for shape in shapes) < FITTED_KNOTS:
        scales, knots = _fitted(design, target, scale)
        pieces: list[tuple[list[float], list[tuple[int, float]]]] = [(singles, []) for singles in knots]
    else:
        scales = [scale] * len(shapes)
        pieces = [unit_knots(shape, scale) for shape in shapes]
    ridges, majorants = [], []
    for index, norm2 in enumerate([item.norm2 for item, _ in design.identity.terms]):
        place = index if len(shapes) > 1 else 0  # one design for all classes, or one for each
        singles, blocks = pieces[place]
        ridges.append(rounded_knots(singles, blocks, norm2))
        majorants.append(tuple(_short(a * scales[place] * norm2**design.k) for a in shapes[place].majorant[1:]))
    return PowerNetwork(design.identity, tuple(ridges), tuple(majorants))


def _fitted(design: Design, target: float, scale: float) -> tuple[list[float], list[list[float]]]:
    """Return the scales and knots of all classes for the best whole numbers of knots that a descent finds."""
    fit = design.fit

    def error(counts: list[int]) -> float:
        return design.bound(np.array([fit(o, count)[0] for o, count in enumerate(counts)]))

    classes = range(len(design.shapes))
    counts = [max(0, round(shape.demand / math.sqrt(scale) - 0.5)) for shape in design.shapes]
    while error(counts) > target:
        trials = [[count + (o == place) for o, count in enumerate(counts)] for place in classes]
        gains = [(error(counts) - error(trial)) / design.lines[place] for place, trial in enumerate(trials)]
        counts = trials[int(np.argmax(gains))]
    improved = True
    while improved:
        improved = False
        for down in sorted(classes, key=lambda o: -design.lines[o]):
            for up in (None, *classes):
                trial = [count - (o == down) + (o == up) for o, count in enumerate(counts)]
                saved = design.lines[down] - (0 if up is None else design.lines[up])
                if min(trial) >= 0 and saved > 0 and error(trial) <= target:
                    counts, improved = trial, True
    return [fit(o, count)[0] for o, count in enumerate(counts)], [fit(o, count)[1] for o, count in enumerate(counts)]


def _short(value: float) -> Fraction:
    """Return a dyadic number of 20 bits just below `value`."""
    if value <= 0:
        return Fraction(0)
    exponent = math.floor(math.log2(value)) - 20
    return Fraction(math.floor(value / 2.0**exponent)) * Fraction(2) ** exponent
