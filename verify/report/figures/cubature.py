"""Theorem 1: ridge functions beside the polynomials they stand for, and the error on the first axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.exact.spelling import unpack_integers
from verify.kernel.activation.activations import read_activation
from verify.kernel.cubature.moments import sphere_moment
from verify.report.figures import ball
from verify.report.figures.orbits import (
    MOST_ORDER,
    Direction,
    Listed,
    difference_errors,
    directions_of,
    even_polynomial,
)
from verify.report.figures.profile import profile_of, profile_text
from verify.report.figures.style import BLACK, BLUE, CYCLE, DASHES, ORANGE, PURPLE, SKY, bound_lines, decimal, panels
from verify.report.figures.universal import EXAMPLES

Floats = npt.NDArray[np.float64]

Profile = Callable[[Floats], Floats]

GRID = np.linspace(0.0, 1.0, 801)
SHOWN = 5  # ridge functions of a universal family


class Construction:
    """What the certificate builds, in float64: polynomials P_l, their ridges Q_l, and the network's ridges q_l.

    Attributes:
        polynomials: P_l(r) = sum_k polynomials[l, k] r^(2k), shape (L, K + 1).
        ridges: for each class, s = |t| / |w| -> all q_l, shape (L, points).
    """

    def __init__(self, document: Document) -> None:
        claim, network, proof = document["claim"], document["network"], document["proof"]
        self.dimension: int = claim["dimension"]
        self.directions = directions_of(network["directions"], self.dimension)
        self._stairs = claim["activation"] == "threshold"
        self._exact = unpack_integers(proof["polynomials"])
        self._scale: int = proof["scale"]
        self.polynomials = self._exact / 2.0**self._scale
        self.degree = self.polynomials.shape[1] - 1
        self.moments = np.array([float(sphere_moment(self.dimension, k)) for k in range(self.degree + 1)])
        if "step" in network:
            self.ridges = [partial(self._smooth, self._missed(document, item)) for item in self.directions]
        else:
            stored = zip(network["ridges"], self.directions, strict=True)
            self.ridges = [partial(self._knotted, ridge, item.norm2) for ridge, item in stored]

    def target(self, s: Floats) -> Floats:
        """Return the ridges Q_l that sum to P_l exactly, shape (L, points)."""
        return np.array([even_polynomial(row, s) for row in self.polynomials / self.moments])

    def on_axis(self) -> Floats:
        """Return V_l at the points r e_1, r in GRID, shape (L, points)."""
        total = np.zeros((len(self.polynomials), GRID.size))
        for item, ridge in zip(self.directions, self.ridges, strict=True):
            for value, share in item.law:
                total += item.mass * share * ridge(np.minimum(GRID * value / math.sqrt(item.norm2), 1.0))
        return total

    def values(self, points: Floats) -> Floats:
        """Return V_l at points of the ball, shape (L, points); listed directions only."""
        (item,), (ridge,) = self.directions, self.ridges
        if not isinstance(item, Listed):
            raise TypeError("orbits are not listed")
        size = max(1, ball.BATCH // (len(item.vectors) * len(self.polynomials)))
        parts = []
        for start in range(0, len(points), size):
            s = np.minimum(np.abs(points[start : start + size] @ item.vectors.T), 1.0)
            parts.append(item.mass * ridge(s.ravel()).reshape(-1, *s.shape) @ item.shares)
        return np.concatenate(parts, axis=1)

    def _knotted(self, ridge: Document, norm2: int, s: Floats) -> Floats:
        knots = unpack_integers(ridge["knots"]) / 2.0 ** ridge["bits"] / math.sqrt(norm2)
        table = unpack_integers(ridge["values"]) / 2.0**self._scale
        if self._stairs:
            stairs: Floats = table[:, np.minimum(np.searchsorted(knots, s, side="right"), knots.size - 1)]
            return stairs
        return np.array([np.interp(s, knots, row) for row in table])

    def _missed(self, document: Document, item: Direction) -> Floats:
        """Return the power series of q_l - Q_l, shape (L, terms), for differences of a smooth activation."""
        series = read_activation(document["claim"]["activation"], "claim.activation").series(MOST_ORDER)
        if series is None:
            raise AssertionError("the kernel accepts differences of activations with a power series only")
        step, rows = Fraction(document["network"]["step"]), []
        for row in self._exact.tolist():
            exact = [
                Fraction(p, 1 << self._scale) / (sphere_moment(self.dimension, k) * item.norm2**k)
                for k, p in enumerate(row)
            ]
            rows.append(difference_errors(series, exact[1:], item.norm2, step))
        return np.array(rows)

    def _smooth(self, missed: Floats, s: Floats) -> Floats:
        value: Floats = self.target(s) + np.array([even_polynomial(row, s) for row in missed])
        return value


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "radial-cubature"."""
    claim = document["claim"]
    built = Construction(document)
    phi = profile_of(claim["profile"]) if "profile" in claim else None
    bound = float(Fraction(claim["bound"]))
    mapped = built.dimension in (2, 3) and isinstance(built.directions[0], Listed)
    if mapped:
        figure.set_size_inches(8.2, 6.4)
        (ridges, heat), (middle, right) = figure.subplots(2, 2)
        draw_plane(figure, heat, built, phi, bound)
    else:
        ridges, middle, right = panels(figure, 3)
    what = f"$\\varphi$(r) = {profile_text(claim['profile'])}" if phi else "every 1-Lipschitz $\\varphi$"
    figure.suptitle(
        f"d = {claim['dimension']:,}, {what}, {claim['activation']}, a cubature of degree {2 * built.degree}",
        fontsize=9.5,
    )
    draw_ridges(ridges, built)
    for axes in (middle, right):
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel("r = |x|, on the first axis")
    if phi is None:
        draw_worst(middle, built, bound, document.get("witness"))
        draw_reactions(right, built, bound)
    else:
        draw_profile(middle, right, built, phi, bound)


def error_at(built: Construction, phi: Profile | None, points: Floats) -> Floats:
    """Return |N - phi| at points of the ball, for all profiles the largest; listed directions only."""
    radii = np.minimum(np.linalg.norm(points, axis=1), 1.0)
    values = built.values(points)
    return worst(values, radii) if phi is None else np.abs(values[0] - phi(radii))


def draw_plane(figure: Any, axes: Any, built: Construction, phi: Profile | None, bound: float) -> None:
    """Draw the error on the plane of the first two axes."""
    first, second = np.eye(built.dimension)[:2]
    image = ball.heat_map(axes, lambda points: error_at(built, phi, points), first, second, bound)
    axes.set_xlabel("$x_1$", labelpad=0)
    axes.set_ylabel("$x_2$", labelpad=0)
    axes.set_title("Error on the plane" + (" of two axes" if built.dimension > 2 else ""))
    figure.colorbar(image, ax=axes, shrink=0.9, label="up to the certified bound")


def draw_ridges(axes: Any, built: Construction) -> None:
    """Draw some q_l of the class of the largest mass (one profile: of every class) and the polynomials Q_l."""
    target = built.target(GRID)
    count = len(target)
    if count == 1:
        chosen = [(index, 0, item.name) for index, item in enumerate(built.directions)][: len(CYCLE)]
    else:
        largest = int(np.argmax([abs(item.mass) for item in built.directions]))
        rows = sorted({round(x) for x in np.linspace(0, count - 1, SHOWN)})
        chosen = [(largest, row, f"l = {row + 1}") for row in rows]
    for place, (index, row, label) in enumerate(chosen):
        values = built.ridges[index](GRID)[row]
        style = {"color": CYCLE[place % 6], "linestyle": DASHES[place % 6], "linewidth": 1.2}
        axes.plot(GRID, values, label=f"$q$, {label}", **style)
        polynomial = "the polynomials Q" if place == len(chosen) - 1 else None
        axes.plot(GRID, target[row], color=BLACK, linewidth=0.6, label=polynomial)
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("t / |w|")
    where = "" if count == 1 else f" for {built.directions[chosen[0][0]].name}"
    axes.set_title(f"Ridge functions{where}")
    axes.legend(loc="best")


def draw_worst(axes: Any, built: Construction, bound: float, witness: Document | None) -> None:
    """Draw the error of the worst 1-Lipschitz profile for each r, of the network and of its polynomials alone."""
    powers = np.array([even_polynomial(row, GRID) for row in built.polynomials])
    item = built.directions[0]
    if isinstance(item, Listed):
        count = int(np.clip(4000 // len(item.vectors), 4, 60))
        r, values = ball.along_radii(lambda points: error_at(built, None, points), built.dimension, count=count)
        label = f"range over {len(values)} directions"
        axes.fill_between(r, values.min(axis=0), values.max(axis=0), color=SKY, alpha=0.55, linewidth=0, label=label)
    axes.plot(GRID, worst(built.on_axis(), GRID), color=BLUE, linewidth=1.1, label="E(r), the network, on the axis")
    axes.plot(GRID, worst(powers, GRID), color=ORANGE, linestyle="-.", linewidth=1.1, label="polynomials P alone")
    bound_lines(axes, bound, both=False, label=f"certified for all |x| ≤ 1: {decimal(bound)}")
    if witness is not None:
        at, lower = float(Fraction(witness["radius"])), float(Fraction(witness["error"]))
        ball.mark_witness(axes, at, lower, decimal(lower))
    axes.set_ylim(0.0, 1.7 * bound)
    axes.set_title("Error of the worst $\\varphi$ for each r")
    axes.legend(loc="upper center")


def worst(values: Floats, radii: Floats) -> Floats:
    """Return sum_l int_(bin l) |1[s <= r] - V_l| ds, the largest |phi - N_phi| over all phi, at each of the radii."""
    count = len(values)
    below = np.clip(radii * count - np.arange(count)[:, None], 0.0, 1.0) / count
    result: Floats = (below * np.abs(1 - values) + (1 / count - below) * np.abs(values)).sum(axis=0)
    return result


def draw_reactions(axes: Any, built: Construction, bound: float) -> None:
    """Draw the errors of the family's networks for example profiles."""
    values = built.on_axis()
    edges = np.linspace(0.0, 1.0, len(values) + 1)
    for (name, phi), colour, dash in zip(EXAMPLES.items(), CYCLE, DASHES, strict=False):
        network = phi(np.zeros(1))[0] + np.diff(phi(edges)) @ values
        label = f"$\\varphi$(r) = {name}"
        axes.plot(GRID, network - phi(GRID), color=colour, linestyle=dash, linewidth=1.1, label=label)
    bound_lines(axes, bound, both=True, label="certified for every $\\varphi$")
    axes.set_ylim(-1.2 * bound, 2.6 * bound)
    axes.set_title("$N_\\varphi - \\varphi$ for some profiles")
    axes.legend(loc="upper center")


def draw_profile(axes: Any, error: Any, built: Construction, phi: Profile, bound: float) -> None:
    """Draw one profile with its network, and the difference."""
    (network,) = built.on_axis()
    (polynomial,) = (even_polynomial(row, GRID) for row in built.polynomials)
    axes.plot(GRID, phi(GRID), color=BLACK, linewidth=1.0, label="$\\varphi$(r)")
    axes.plot(GRID, network, color=BLUE, linestyle="--", linewidth=1.2, label="N(x)")
    axes.set_title("The profile and the network")
    axes.legend(loc="best")
    error.plot(GRID, network - phi(GRID), color=PURPLE, linewidth=1.1, label="N - $\\varphi$")
    error.plot(GRID, polynomial - phi(GRID), color=ORANGE, linestyle="-.", linewidth=1.1, label="polynomial P alone")
    bound_lines(error, bound, both=True, label=f"certified for all |x| ≤ 1: {decimal(bound)}")
    error.set_ylim(-1.3 * bound, 2.2 * bound)
    error.set_title("Error")
    error.legend(loc="upper center")
