"""Theorem 1: ridge functions on the directions of a Hilbert identity, by linear programming (floating point).

What is minimised is the bound that rule RADIAL CUBATURE proves: with s = |w.x|/|w|, ridge functions q_l, polynomials
P_l and their ridge forms Q_l, and majorants of sum_l share |q_l - Q_l|.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from verify.kernel.cubature.moments import norm_coefficient, partitions, sphere_moment
from verify.sphere.group_orbits import GroupCubature
from verify.sphere.hilbert import HilbertIdentity
from verify.sphere.listed import ListedCubature

FINE = 9  # sample points between knots from which on the radii are dense too: for the certificate, not for the search

Floats = npt.NDArray[np.float64]
Phi = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Solution:
    """An optimum of the linear program.

    Attributes:
        polynomials: coefficients of r^(2k) in P_l, shape (L, K + 1).
        ridges: for each sign of mass that occurs, q_l at the knots, shape (L, number of knots).
        majorants: for each sign, the coefficients of s^(2k), shape (K + 1,).
        value: the bound at the sample points.
    """

    polynomials: Floats
    ridges: dict[int, Floats]
    majorants: dict[int, Floats]
    value: float


Cubature = HilbertIdentity | GroupCubature | ListedCubature


def masses(cubature: Cubature) -> list[float]:
    """Return the weights of the classes of directions."""
    return [1.0] if isinstance(cubature, ListedCubature) else [float(mass) for _, mass in cubature.terms]


class Problem:
    """The linear program of one cubature.

    Args:
        samples: number of bins for the universal claim; 1 with a profile.
        phi: the profile, None for all 1-Lipschitz profiles at once.
        stairs: piecewise constant ridges, not piecewise linear ones.
    """

    def __init__(
        self, identity: Cubature, d: int, samples: int, phi: Phi | None = None, *, stairs: bool = False
    ) -> None:
        self.identity = identity
        self.d = d
        self.stairs = stairs
        self.degree = degree = identity.k
        self.samples = 1 if phi is not None else samples
        self.phi = phi
        self.moments = np.array([float(sphere_moment(d, k)) for k in range(degree + 1)])
        self.signs = [s for s in (1, -1) if any((mass > 0) == (s > 0) for mass in masses(identity))]
        self.defects = identity.defects if isinstance(identity, ListedCubature) else np.zeros(degree + 1)
        # P in the basis T_0(r), T_2(r), ...: rows of coefficients of r^(2k)
        self.basis = np.zeros((degree + 1, degree + 1))
        for k in range(degree + 1):
            row = chebyshev.cheb2poly([0] * (2 * k) + [1])[::2]
            self.basis[k, : len(row)] = row
        # ratios[j][sign][alpha]: the share of x^(2 alpha) in the mean of s^(2j) / c(d, j) over the classes of that sign
        self.ratios = self._ratios()

    def _ratios(self) -> list[dict[int, Floats]]:
        identity, d = self.identity, self.d
        if not isinstance(identity, HilbertIdentity) or self.signs == [1]:
            return [{1: np.ones(1)}] * (self.degree + 1)  # positive weights integrate the majorant exactly
        return [
            {
                sign: np.array(
                    [
                        float(
                            sum(
                                abs(mass) * item.coefficient(alpha) / norm_coefficient(alpha)
                                for item, mass in identity.terms
                                if (mass > 0) == (sign > 0)
                            )
                            / sphere_moment(d, j)
                        )
                        for alpha in partitions(j, d)
                    ]
                )
                for sign in self.signs
            }
            for j in range(self.degree + 1)
        ]

    def powers(self, s: Floats) -> Floats:
        """Return s^0, s^2, ..., s^(2K), shape (n, K + 1)."""
        result: Floats = np.power(s[:, None], 2 * np.arange(self.degree + 1))
        return result

    def places(self, knots: Floats, dense: int) -> tuple[Floats, Floats]:
        """Return sample points t on [0, last knot], `dense` or more between knots, and ridges there as a matrix.

        The matrix, shape (len(t), len(knots)), takes values at the knots to the even ridge function at t; for stairs,
        values on the intervals that end at the knots, and every knot occurs twice.
        """
        dense = max(dense, -(-6 * self.degree // len(knots)))  # between few knots a polynomial turns often
        if self.stairs:
            ends = np.concatenate([[0.0], knots])
            stairs = np.concatenate([np.linspace(a, b, dense + 2) for a, b in itertools.pairwise(ends)])
            return stairs, np.repeat(np.eye(len(knots)), dense + 2, axis=0)
        pieces = [np.linspace(0, knots[0], dense + 2)]
        for a, b in itertools.pairwise(knots):
            points = np.linspace(a, b, dense + 2)[1:]
            if b > 3 * a:
                points = np.union1d(points, np.geomspace(a, b, 2 * dense + 2)[1:])
            pieces.append(points)
        t = np.concatenate(pieces)
        return t, hat_matrix(knots, t)

    def radii(self, dense: int) -> Floats:
        """Return sample radii in [0, 1], `dense` in each bin."""
        count = self.samples if self.phi is None else 60
        dense = max(dense, -(-6 * self.degree // count))
        return np.linspace(0, 1, count * dense + 1)

    def polynomial_value(self) -> float:
        """Return the least bound that polynomials of this degree allow, whatever the ridges."""
        return self.solve(None).value

    def solve(self, knots: Floats | None, *, dense: int = 5, seconds: float | None = None) -> Solution:
        """Solve the linear program for ridges with these knots (None: only the polynomials), in so many seconds."""
        from scipy import sparse
        from scipy.optimize import linprog

        rows_l, degree = self.samples, self.degree
        share = 1.0 / rows_l
        r = self.radii(8 if dense >= FINE else 3)
        at_r = self.powers(r) @ self.basis.T
        eye = sparse.identity
        blocks: list[list[Any]] = []
        right: list[Floats] = []
        # Variables: p | q, m, e for each sign | mean | u (|1 - P|) | v (|P|) | bound
        sizes = {"p": rows_l * (degree + 1)}
        if knots is not None:
            t, plain = self.places(knots, dense)
            weight: Any = 1 / (self.powers(t) / self.moments).sum(axis=1)
            for sign in self.signs:
                sizes |= {f"q{sign}": rows_l * len(knots), f"m{sign}": degree + 1, f"e{sign}": rows_l * len(t)}
            sizes["mean"] = degree + 1
        sizes["u"] = rows_l * len(r)
        if self.phi is None:
            sizes["v"] = rows_l * len(r)
        sizes["bound"] = 1
        names = list(sizes)

        def add(parts: dict[str, Any], values: Floats) -> None:
            height = len(values)
            blocks.append([parts.get(name, sparse.csr_matrix((height, sizes[name]))) for name in names])
            right.append(values)

        if knots is not None:
            ridge = (self.powers(t) / self.moments) @ self.basis.T * weight[:, None]
            hats = plain * weight[:, None]
            majorant = self.powers(t) / self.moments * weight[:, None]
            for sign in self.signs:
                for side in (1, -1):
                    add(
                        {
                            "p": sparse.kron(eye(rows_l), -side * ridge),
                            f"q{sign}": sparse.kron(eye(rows_l), side * hats),
                            f"e{sign}": -eye(rows_l * len(t)),
                        },
                        np.zeros(rows_l * len(t)),
                    )
                sums = sparse.kron(np.full((1, rows_l), share), eye(len(t)))
                add({f"e{sign}": sums, f"m{sign}": sparse.csr_matrix(-majorant)}, np.zeros(len(t)))
            for j in range(degree + 1):
                for index in range(len(self.ratios[j][self.signs[0]])):
                    pick = np.zeros((1, degree + 1))
                    pick[0, j] = 1.0
                    parts = {
                        f"m{sign}": sparse.csr_matrix(pick * self.ratios[j][sign][index]) for sign in self.signs
                    }  # fmt: skip
                    add(parts | {"mean": sparse.csr_matrix(-pick)}, np.zeros(1))
        goal = np.ones(len(r)) if self.phi is None else self.phi(r)
        stacked: Any = np.tile(goal, rows_l)
        values = sparse.kron(eye(rows_l), at_r)
        add({"p": values, "u": -eye(rows_l * len(r))}, stacked)
        add({"p": -values, "u": -eye(rows_l * len(r))}, -stacked)
        means = {} if knots is None else {"mean": sparse.csr_matrix(self.powers(r))}
        last = {"bound": sparse.csr_matrix(-np.ones((len(r), 1)))}
        if self.phi is None:
            add({"p": values, "v": -eye(rows_l * len(r))}, np.zeros(rows_l * len(r)))
            add({"p": -values, "v": -eye(rows_l * len(r))}, np.zeros(rows_l * len(r)))
            below = np.clip(r[:, None] - share * np.arange(rows_l), 0, share)
            lower = sparse.hstack([sparse.diags(below[:, i]) for i in range(rows_l)])
            upper = sparse.hstack([sparse.diags(share - below[:, i]) for i in range(rows_l)])
            add({"u": lower, "v": upper} | means | last, np.zeros(len(r)))
        else:
            add({"u": eye(len(r))} | means | last, np.zeros(len(r)))
        matrix = sparse.vstack([sparse.hstack(row) for row in blocks]).tocsr()
        free = {"p", "bound", "mean", *(f"q{sign}" for sign in self.signs)}
        if len(self.signs) == 1:
            free.add(f"m{self.signs[0]}")  # positive masses: a cubature integrates the majorant exactly
        bounds = [(None, None) if name in free else (0, None) for name in names for _ in range(sizes[name])]
        cost = np.zeros(matrix.shape[1])
        cost[-1] = 1
        limits = {} if seconds is None else {"time_limit": max(seconds, 0.01)}
        above = np.concatenate(right)
        outcome = linprog(cost, A_ub=matrix, b_ub=above, bounds=bounds, method="highs-ipm", options=limits)
        if outcome.x is None or outcome.status == 1:
            return Solution(np.zeros((0, 0)), {}, {}, np.inf)
        starts = dict(zip(names, np.cumsum([0, *sizes.values()])[:-1], strict=True))

        def part(name: str) -> Floats:
            found: Floats = outcome.x[starts[name] : starts[name] + sizes[name]]
            return found

        polynomials = part("p").reshape(rows_l, degree + 1) @ self.basis
        if knots is None:
            return Solution(polynomials, {}, {}, float(outcome.fun))
        ridges = {sign: part(f"q{sign}").reshape(rows_l, len(knots)) for sign in self.signs}
        majorants = {sign: part(f"m{sign}") / self.moments for sign in self.signs}
        return Solution(polynomials, ridges, majorants, float(outcome.fun))


def hat_matrix(knots: Floats, t: Floats) -> Floats:
    """Return the matrix from values at the knots to the even piecewise linear function at t >= 0."""
    result: Floats = np.array([np.interp(t, knots, row) for row in np.eye(len(knots))]).T
    return result


def graded_knots(count: int, grading: float) -> Floats:
    """Return `count` interior knots and the end 1; the larger the grading, the more of them are near 0."""
    x = (np.arange(count + 1) + 0.5) / (count + 0.5)
    knots: Floats = np.asarray(np.sinh(grading * x) / np.sinh(grading), dtype=np.float64)
    return knots
