"""The problems that every tool is given: prove |N(x) - phi(|x|)| <= eps on the unit ball, eps = slack times the error.

phi is the norm, or the bump max(0, 1/2 - r). Homogeneous instances are N(x) = c sum_i lambda_i |w_i . x| with c
balancing the error (c = 2 for Lebedev's lines); weights are exact dyadics, the same for every tool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from verify.certificates.certificate import load
from verify.claims.explicit import ExplicitCase, symmetry
from verify.networks.depth2 import Depth2Network, network_from_document
from verify.sphere.directions import candidates, lebedev, orbits, polygon
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

CERTIFICATES = Path(__file__).resolve().parents[2] / "certificates"
BITS = 16


@dataclass(frozen=True)
class Instance:
    """One network and profile.

    Attributes:
        lines: (vector, weight) of a |w . x|, for homogeneous instances; () otherwise.
        network: the same function as a ReLU network.
        profile: "norm" or "bump".
        before: the instance that a tool must have solved to be given this one.
    """

    name: str
    network: Depth2Network
    profile: str
    lines: tuple[tuple[tuple[Fraction, ...], Fraction], ...]
    before: str | None

    def error(self) -> float:
        """Return the true error, from below, by sampling and local ascent."""
        target = read_target(self.profile)
        proved = prove_profile(target, 1, Fraction(1, 10**6))
        return ExplicitCase(self.network, proved, symmetry(self.network)).climb()[1]

    def epsilon(self, slack: float) -> Fraction:
        return Fraction(int(self.error() * slack * 2**24) + 1, 2**24)


def homogeneous(name: str, lines: Any, before: str | None, factor: float | None = None) -> Instance:
    vectors = lines.directions / np.sqrt((lines.directions.astype(float) ** 2).sum(axis=1))[:, None]
    weights = lines.weights / lines.weights.sum()
    directions = np.rint(vectors * 2**BITS).astype(int)
    if factor is None:
        # The factor that balances the error on a dense sample of the sphere.
        sample = np.random.default_rng(0).normal(size=(20_000, vectors.shape[1]))
        sample /= np.sqrt((sample**2).sum(axis=1))[:, None]
        values = np.abs(sample @ vectors.T) @ weights
        factor = 2 / (values.min() + values.max())
    terms = tuple(
        (tuple(Fraction(int(x), 2**BITS) for x in row), Fraction(round(factor * w * 2**20), 2**20))
        for row, w in zip(directions, weights, strict=True)
    )
    rows = [sign * np.array(w) for w, _ in terms for sign in (1, -1)]
    outputs = [a for _, a in terms for _ in range(2)]
    network = Depth2Network.from_rationals(rows, [Fraction(0)] * len(rows), outputs, Fraction(0))
    return Instance(name, network, "norm", terms, before)


def bump() -> Instance:
    document = load(CERTIFICATES / "thm2-d3-eps0.05-bump.json").document
    return Instance("bump, d = 3", network_from_document(document["network"]), "bump", (), "6 lines, d = 3")


INSTANCES: dict[str, Callable[[], Instance]] = {
    "M = 4": lambda: homogeneous("M = 4", polygon(4), None),
    "M = 6": lambda: homogeneous("M = 6", polygon(6), "M = 4"),
    "M = 8": lambda: homogeneous("M = 8", polygon(8), "M = 6"),
    "M = 16": lambda: homogeneous("M = 16", polygon(16), "M = 8"),
    "M = 32": lambda: homogeneous("M = 32", polygon(32), "M = 16"),
    "6 lines, d = 3": lambda: homogeneous("6 lines, d = 3", candidates(3)[0], "M = 4"),
    "55 lines, d = 3": lambda: homogeneous("55 lines, d = 3", lebedev(17), "6 lines, d = 3", 2.0),
    "151 lines, d = 3": lambda: homogeneous("151 lines, d = 3", lebedev(29), "6 lines, d = 3", 2.0),
    "bump, d = 3": bump,
    "12 lines, d = 4": lambda: homogeneous(
        "12 lines, d = 4", orbits([(1, 0, 0, 0), (1, 1, 1, 1)], 4), "6 lines, d = 3"
    ),
}
