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
from verify.report.figures.orbits import MOST_ORDER, Direction, difference_errors, even_polynomial
from verify.report.figures.profile import profile_of, profile_text
from verify.report.figures.style import BLACK, BLUE, CYCLE, DASHES, ORANGE, PURPLE, RED, bound_lines, decimal, panels
from verify.report.figures.universal import EXAMPLES

Floats = npt.NDArray[np.float64]

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
        self.directions = [Direction(item, self.dimension) for item in network["directions"]["classes"]]
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

    def values(self) -> Floats:
        """Return V_l at the points r e_1, r in GRID, shape (L, points)."""
        total = np.zeros((len(self.polynomials), GRID.size))
        for item, ridge in zip(self.directions, self.ridges, strict=True):
            for value, share in item.law:
                total += item.mass * share * ridge(np.minimum(GRID * value / math.sqrt(item.norm2), 1.0))
        return total

    def _knotted(self, ridge: Document, norm2: int, s: Floats) -> Floats:
        knots = unpack_integers(ridge["knots"]) / 2.0 ** ridge["bits"] / math.sqrt(norm2)
        table = unpack_integers(ridge["values"]) / 2.0**self._scale
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
    ridges, middle, right = panels(figure, 3)
    what = f"$\\varphi$(r) = {profile_text(claim['profile'])}" if "profile" in claim else "every 1-Lipschitz $\\varphi$"
    figure.suptitle(
        f"d = {claim['dimension']:,}, {what}, {claim['activation']}, a cubature of degree {2 * built.degree}",
        fontsize=9.5,
    )
    draw_ridges(ridges, built)
    bound = float(Fraction(claim["bound"]))
    if "profile" in claim:
        draw_profile(middle, right, built, profile_of(claim["profile"]), bound)
    else:
        draw_worst(middle, built, bound, document.get("witness"))
        draw_reactions(right, built, bound)
    for axes in (middle, right):
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel("r = |x|, on the first axis")


def draw_ridges(axes: Any, built: Construction) -> None:
    """Draw some q_l of the class of the largest mass (one profile: of every class) and the polynomials Q_l."""
    target = built.target(GRID)
    count = len(target)
    if count == 1:
        chosen = [(index, 0, f"w = {item.pattern}") for index, item in enumerate(built.directions)][: len(CYCLE)]
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
    where = "" if count == 1 else f" for w = {built.directions[chosen[0][0]].pattern}"
    axes.set_title(f"Ridge functions{where}")
    axes.legend(loc="best")


def draw_worst(axes: Any, built: Construction, bound: float, witness: Document | None) -> None:
    """Draw the error of the worst 1-Lipschitz profile for each r, of the network and of its polynomials alone."""
    powers = np.array([even_polynomial(row, GRID) for row in built.polynomials])
    axes.plot(GRID, worst(built.values()), color=BLUE, linewidth=1.1, label="E(r), the network")
    axes.plot(GRID, worst(powers), color=ORANGE, linestyle="-.", linewidth=1.1, label="polynomials P alone")
    bound_lines(axes, bound, both=False, label=f"certified for all |x| ≤ 1: {decimal(bound)}")
    if witness is not None:
        at, lower = float(Fraction(witness["radius"])), float(Fraction(witness["error"]))
        axes.plot(
            [at], [lower], marker="X", markersize=7, color=RED, markeredgecolor="white", linestyle="none",
            clip_on=False, zorder=5, label=f"witness: error ≥ {decimal(lower)}",
        )  # fmt: skip
    axes.set_ylim(0.0, 1.6 * bound)
    axes.set_title("Error of the worst $\\varphi$ for each r")
    axes.legend(loc="upper center")


def worst(values: Floats) -> Floats:
    """Return sum_l int_(bin l) |1[s <= r] - V_l| ds at r in GRID: the largest |phi - N_phi| over all phi."""
    count = len(values)
    below = np.clip(GRID * count - np.arange(count)[:, None], 0.0, 1.0) / count
    result: Floats = (below * np.abs(1 - values) + (1 / count - below) * np.abs(values)).sum(axis=0)
    return result


def draw_reactions(axes: Any, built: Construction, bound: float) -> None:
    """Draw the errors of the family's networks for example profiles."""
    values = built.values()
    edges = np.linspace(0.0, 1.0, len(values) + 1)
    for (name, phi), colour, dash in zip(EXAMPLES.items(), CYCLE, DASHES, strict=False):
        network = phi(np.zeros(1))[0] + np.diff(phi(edges)) @ values
        label = f"$\\varphi$(r) = {name}"
        axes.plot(GRID, network - phi(GRID), color=colour, linestyle=dash, linewidth=1.1, label=label)
    bound_lines(axes, bound, both=True, label="certified for every $\\varphi$")
    axes.set_ylim(-1.2 * bound, 2.6 * bound)
    axes.set_title("$N_\\varphi - \\varphi$ for some profiles")
    axes.legend(loc="upper center")


def draw_profile(axes: Any, error: Any, built: Construction, phi: Callable[[Floats], Floats], bound: float) -> None:
    """Draw one profile with its network, and the difference."""
    (network,) = built.values()
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
