"""Find the dual measure of rule "dual measure": a linear program with exchange, rounded to exact atoms.

maximise  int phi dnu - eps |nu|   over signed measures nu on [0, 1] with total mass 0 and |G(s)| <= 1 for all s >= 0,

G(s) = int E_u max(0, r u_1 - s) dnu(r). The program on a grid is solved by HiGHS; then radii where the primal error
|phi - F| and biases where |G| exceed their bounds are added, at their extrema, until nothing is left to add.
Its dual is the least path norm: F(r) = b0 + sum_j mu_j Psi_{s_j}(r), |phi - F| <= eps, sum |mu_j| least.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.errors import Inconclusive
from verify.kernel.sup_norm.mean_neuron import RadialMeasure
from verify.kernel.sup_norm.mixture import Mixture
from verify.progress import Budget

FloatArray = npt.NDArray[np.float64]
Function = Callable[[FloatArray], FloatArray]

RADIUS_BITS = 50
_ATTEMPTS = (
    (1e3, "highs-ds", 1e-10),
    (1e3, "highs-ds", 1e-8),
    (1e6, "highs-ds", 1e-8),
    (1e4, "highs-ipm", 1e-8),
    (1e8, "highs-ds", 1e-7),
    (1e2, "highs-ds", 1e-8),
)
"""Unit of the masses, method and tolerances: the program is ill-conditioned for large d, and one or the other succeeds.

HiGHS takes coefficients below 1e-9 for zeros: hence the units.
"""


LARGE, VERY_LARGE = 8, 12
"""From this dimension on the program is so ill-conditioned that its grid is kept and the places are finer."""


@dataclass(frozen=True)
class DualSolution:
    """A nearly optimal pair, in floats.

    Attributes:
        radii: atoms of the measure, increasing.
        masses: their masses, of sum about 0.
        peak: max |G|, about 1.
        path_norm: the bound that the measure gives, (int phi dnu - eps |nu|) / peak.
        biases: s_j of the primal mixture.
        weights: mu_j of the primal mixture.
        offset: b0 of the primal mixture.
        error: sup |phi - F|.
    """

    radii: FloatArray
    masses: FloatArray
    peak: float
    path_norm: float
    biases: FloatArray
    weights: FloatArray
    offset: float
    error: float


def mean_neuron(dimension: int, radii: FloatArray, biases: FloatArray) -> FloatArray:
    """Return Psi_s(r) = E_u max(0, r u_1 - s) for s >= 0, shape (radii, biases), to about 14 digits each."""
    r, s = radii[:, None], biases[None, :]
    gap = np.clip(1 - s / np.maximum(r, 1e-300), 0.0, 1.0)
    series = _smooth_part(dimension)
    value = np.full_like(gap, series[0])
    for coefficient in series[1:]:
        value *= gap
        value += coefficient
    value *= r
    value *= gap
    value *= gap
    q = gap * (2 - gap)
    if dimension % 2 == 0:
        value /= np.sqrt(np.maximum(q, 1e-300))
    for _ in range((dimension - 2) // 2):
        value *= q
    return value


@functools.cache
def _smooth_part(dimension: int) -> list[float]:
    """Return the coefficients, highest first, of a polynomial in 1 - s near Psi_s(1) / ((1 - s)^2 (1 - s^2)^alpha).

    With t = 1 - (1 - s) v in Psi_s(1) = kappa int_s^1 (t - s) (1 - t^2)^alpha dt, alpha = (d-3)/2, it is
    kappa int_0^1 (1 - v) v^alpha (1 + (1 - s) (1 - v) / (1 + s))^alpha dv, analytic except at s = -1.
    """
    from numpy.polynomial import Chebyshev, Polynomial
    from scipy.special import gammaln, roots_jacobi

    alpha = (dimension - 3) / 2
    nodes, weights = roots_jacobi(60, 1, alpha)
    v, weights = (1 + nodes) / 2, weights / 2 ** (alpha + 2)
    kappa = math.exp(gammaln(dimension / 2) - gammaln((dimension - 1) / 2)) / math.sqrt(math.pi)

    def smooth(gap: FloatArray) -> FloatArray:
        value: FloatArray = kappa * ((1 + (1 - v) * (gap / (2 - gap))[:, None]) ** alpha @ weights)
        return value

    fitted = Chebyshev.interpolate(smooth, 20, domain=[0, 1]).convert(kind=Polynomial)
    return [float(coefficient) for coefficient in fitted.coef[::-1]]


def solve(
    dimension: int,
    phi: Function,
    epsilon: float,
    *,
    budget: Budget | None = None,
    tolerance: float = 5e-5,
    primal: bool = False,
) -> DualSolution:
    """Return the best nearly optimal pair found; phi is vectorised over radii in [0, 1].

    Args:
        budget: where the time ends, the best pair so far is returned; if there is none, `Inconclusive` is raised.
        tolerance: how close both sides come to their bounds between the grid points.
        primal: prefer the smallest error of the mixture to the largest bound of the measure.
    """
    if dimension < VERY_LARGE or primal:
        best = _solve_on(first_grid(phi), dimension, phi, epsilon, budget, tolerance, primal)
    else:
        # Which program survives floating point is a matter of luck here.
        several = [_solve_on(first_grid(phi, n), dimension, phi, epsilon, budget, tolerance, primal) for n in (3, 2, 4)]
        best = max(filter(None, several), key=lambda solution: solution.path_norm, default=None)
    if best is None and budget is not None:
        budget.spend(0)
    if best is None or best.path_norm <= 0:
        raise Inconclusive(
            "no dual measure found: a constant is within --eps of the profile, or nearly so; lower --eps"
        )
    return best


def _solve_on(
    grid: FloatArray,
    dimension: int,
    phi: Function,
    epsilon: float,
    budget: Budget | None,
    tolerance: float,
    primal: bool,
) -> DualSolution | None:
    """Return the best pair found from this grid on, by exchange; None if no program was solved."""
    radii, biases = grid, grid[:-1]
    fine = np.linspace(0.0, 1.0, (12 if dimension < LARGE else 20) * len(grid) + 1)
    best: DualSolution | None = None
    recent: list[_Measured] = []
    for rounds in range(16):
        if budget is not None and budget.remaining() == 0:
            break
        program = _solve_program(
            dimension, phi, epsilon, radii, biases, most=None if budget is None else budget.remaining()
        )
        if program is None:
            break
        found = _measured(dimension, phi, epsilon, program, fine)
        better = best is None or (
            found.solution.error < best.error if primal else found.solution.path_norm > best.path_norm
        )
        if better:
            best = found.solution
        if found.solution.peak < 1 + tolerance and found.solution.error < epsilon * (1 + tolerance):
            break
        # What the last two programs used, and their extrema. The first grid is dropped once its work is done, but for
        # large d, where an ill-conditioned program may lead astray.
        recent = [*recent[-1:], found]
        radii = np.concatenate([part for one in recent for part in (one.solution.radii, one.new_radii)])
        biases = np.concatenate([part for one in recent for part in (one.solution.biases, one.new_biases)])
        if rounds < 1 or dimension >= LARGE:
            radii, biases = np.concatenate([grid, radii]), np.concatenate([grid[:-1], biases])
        radii, biases = np.unique(radii), np.unique(biases)
    return best


def first_grid(phi: Function, points: int = 3) -> FloatArray:
    """Return 0 = r_0 < ... < r_n = 1: 40 places evenly spread and about `points` for each half oscillation of phi."""
    places = np.linspace(0.0, 1.0, 20001)
    steps = np.diff(phi(places))
    turns = places[1:-1][steps[1:] * steps[:-1] < 0]
    phase = np.interp(places, [0.0, *turns, 1.0], np.arange(len(turns) + 2))
    density = 40 * places + points * phase
    count = math.ceil(density[-1])
    grid: FloatArray = np.interp(np.linspace(0.0, density[-1], count + 1), density, places)
    grid[-1] = 1.0
    return grid


@dataclass(frozen=True)
class _Measured:
    solution: DualSolution
    new_radii: FloatArray
    new_biases: FloatArray


def _solve_program(
    dimension: int,
    phi: Function,
    epsilon: float,
    radii: FloatArray,
    biases: FloatArray,
    *,
    most: float | None = None,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, float] | None:
    """Solve the program on the grid; return atoms, masses, biases, primal weights and offset (None: not solved).

    Args:
        most: seconds, about.
    """
    from scipy.optimize import linprog

    response = mean_neuron(dimension, radii, biases).T
    values = phi(radii)
    count = len(radii)
    zero = np.concatenate([np.ones(count), -np.ones(count)])[None, :]
    result: Any = None
    unit = 1.0
    for unit, method, tolerance in _ATTEMPTS:
        scaled = response * unit
        result = linprog(
            -np.concatenate([values - epsilon, -values - epsilon]) * unit,
            A_ub=np.block([[scaled, -scaled], [-scaled, scaled]]),
            b_ub=np.ones(2 * len(biases)),
            A_eq=zero,
            b_eq=[0.0],
            bounds=(0, None),
            method=method,
            options={
                "primal_feasibility_tolerance": tolerance,
                "dual_feasibility_tolerance": tolerance,
                **({} if most is None else {"time_limit": max(0.1, most)}),
            },
        )
        if result.status in (0, 1):
            break
    if result.status != 0:
        return None
    masses = (result.x[:count] - result.x[count:]) * unit
    multipliers = -result.ineqlin.marginals
    weights = multipliers[: len(biases)] - multipliers[len(biases) :]
    atoms, used = masses != 0, weights != 0
    offset = -float(result.eqlin.marginals[0]) / unit
    return radii[atoms], masses[atoms], biases[used], weights[used], offset


def _measured(
    dimension: int,
    phi: Function,
    epsilon: float,
    program: tuple[FloatArray, FloatArray, FloatArray, FloatArray, float],
    fine: FloatArray,
) -> _Measured:
    """Evaluate both sides between the grid points and find where they exceed their bounds."""
    atoms, masses, biases, weights, offset = program

    def response(s: FloatArray) -> FloatArray:
        return mean_neuron(dimension, atoms, s).T @ masses

    def error(r: FloatArray) -> FloatArray:
        return phi(r) - mean_neuron(dimension, r, biases) @ weights - offset

    new_biases, peak = peaks(response, fine[:-1], 1.0)
    new_radii, worst = peaks(error, fine, epsilon)
    value = float(phi(atoms) @ masses - epsilon * np.abs(masses).sum())
    # A measure of mass 0, where nothing better was found, bounds nothing.
    bound = value / peak if peak > 0 else 0.0
    solution = DualSolution(atoms, masses, peak, bound, biases, weights, offset, worst)
    return _Measured(solution, new_radii, new_biases)


def peaks(function: Function, grid: FloatArray, level: float) -> tuple[FloatArray, float]:
    """Return the places of the local maxima of |function| above `level`, sharpened, and the largest value."""
    size = np.abs(function(grid))
    inner = (size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:])
    # The bound may be exceeded only between grid points: look from a little below.
    candidate = np.concatenate([[True], inner, [True]]) & (size > 0.999 * level)
    places = grid[candidate]
    step = grid[1] - grid[0]
    heights = size[candidate]
    for _ in range(4):
        step /= 8
        around = np.clip(places[:, None] + step * np.arange(-9, 10), 0.0, 1.0)
        values = np.abs(function(around.ravel())).reshape(around.shape)
        choice = values.argmax(axis=1)
        rows = np.arange(len(places))
        places, heights = around[rows, choice], values[rows, choice]
    peak = float(heights.max(initial=float(size.max(initial=0.0))))
    return places[heights > level], peak


def rounded_measure(solution: DualSolution) -> RadialMeasure:
    """Return exact atoms near the solution's: dyadic, of total mass exactly 0."""
    total = float(np.abs(solution.masses).sum())
    mass_bits = max(0, 46 - math.ceil(math.log2(total)))
    radii = [round(r * 2**RADIUS_BITS) for r in solution.radii.tolist()]
    masses = [round(m * 2**mass_bits) for m in solution.masses.tolist()]
    atoms = [(radius, mass) for radius, mass in zip(radii, masses, strict=True) if mass]
    # The correction is a few units in the last place; the heaviest atom bears it.
    heaviest = max(range(len(atoms)), key=lambda index: abs(atoms[index][1]))
    radius, mass = atoms[heaviest]
    atoms[heaviest] = (radius, mass - sum(mass for _, mass in atoms))
    return RadialMeasure(tuple(radius for radius, _ in atoms), RADIUS_BITS, tuple(mass for _, mass in atoms), mass_bits)


def rounded_mixture(solution: DualSolution) -> Mixture:
    """Return an exact mixture near the solution's."""
    total = float(np.abs(solution.weights).sum()) + abs(solution.offset) + 1
    weight_bits = max(0, 50 - math.ceil(math.log2(total)))
    pairs = [
        (round(s * 2**RADIUS_BITS), round(w * 2**weight_bits))
        for s, w in zip(solution.biases.tolist(), solution.weights.tolist(), strict=True)
    ]
    kept = [(s, w) for s, w in pairs if w]
    return Mixture(
        tuple(s for s, _ in kept),
        RADIUS_BITS,
        tuple(w for _, w in kept),
        round(solution.offset * 2**weight_bits),
        weight_bits,
    )
