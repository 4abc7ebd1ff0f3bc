"""Find the dual measure of rule "dual measure": a linear program with exchange, rounded to exact atoms.

maximise  int phi dnu - eps |nu|   over signed measures nu on [0, 1] with total mass 0 and |G(s)| <= 1 for all s >= 0,

G(s) = int E_u max(0, r u_1 - s) dnu(r). The program on a grid is solved by HiGHS; then radii where the primal error
|phi - F| and biases where |G| exceed their bounds are added, at their extrema, until nothing is left to add.
Its dual is the least path norm: F(r) = b0 + sum_j mu_j Psi_{s_j}(r), |phi - F| <= eps, sum |mu_j| least.
"""

from __future__ import annotations

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
_SCALE = 1e3
"""Unit of the program's variables: keeps HiGHS's absolute tolerances meaningful for large measures."""


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
    """Return Psi_s(r) = E_u max(0, r u_1 - s) for s >= 0, shape (radii, biases)."""
    from scipy.special import betainc, gammaln

    r, s = radii[:, None], biases[None, :]
    z = np.clip(s / np.maximum(r, 1e-300), 0.0, 1.0)
    half = (dimension - 1) / 2
    kappa = math.exp(gammaln(dimension / 2) - gammaln(half)) / math.sqrt(math.pi)
    q = 1 - z * z
    value = r * kappa * q**half / (dimension - 1) - s * 0.5 * betainc(half, 0.5, q)
    result: FloatArray = np.where(s < r, value, 0.0)
    return result


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
        primal: prefer the smallest error of the mixture to the largest bound of the measure.
    """
    points = _first_grid(phi)
    radii = np.linspace(0.0, 1.0, points + 1)
    biases = radii[:-1]
    fine = np.linspace(0.0, 1.0, 20 * points + 1)
    best: DualSolution | None = None
    for _ in range(16):
        if budget is not None:
            budget.spend(0)
        program = _solve_program(dimension, phi, epsilon, radii, biases)
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
        radii = np.unique(np.concatenate([radii, found.new_radii]))
        biases = np.unique(np.concatenate([biases, found.new_biases]))
    if best is None or best.path_norm <= 0:
        raise Inconclusive("no dual measure found: the accuracy is too coarse for any bound; lower --eps")
    return best


def solve_on_shell(
    dimension: int, phi: Function, epsilon: float, inner: float, points: int, scale: float
) -> DualSolution:
    """Return a good measure with atoms at 0 and in [inner, 1] only: enough for targets with very many oscillations.

    Args:
        inner: the inner radius of the shell.
        points: grid points in the shell.
        scale: about the size of the masses.
    """
    shell = np.linspace(inner, 1.0, points)
    radii = np.concatenate([[0.0], shell]) if inner > 0 else shell
    below = np.linspace(0.0, inner, 60)[:-1] if inner > 0 else np.zeros(0)
    biases = np.concatenate([below, shell[:-1]])
    fine = np.linspace(inner, 1.0, 20 * points)[:-1]
    best: DualSolution | None = None
    for _ in range(12):
        program = _solve_program(dimension, phi, epsilon, radii, biases, scale)
        if program is None:
            break
        atoms, masses, used, weights, offset = program

        def response(s: FloatArray, atoms: FloatArray = atoms, masses: FloatArray = masses) -> FloatArray:
            return mean_neuron(dimension, atoms, s).T @ masses

        places, peak = _peaks(response, fine, 1.0)
        if inner > 0:
            others, height = _peaks(response, np.linspace(0.0, inner, 1200), 1.0)
            places, peak = np.concatenate([places, others]), max(peak, height)
        value = float(phi(atoms) @ masses - epsilon * np.abs(masses).sum()) / peak
        if best is None or value > best.path_norm:
            best = DualSolution(atoms, masses, peak, value, used, weights, offset, math.inf)
        if peak < 1.001:
            break
        biases = np.unique(np.concatenate([biases, places]))
    if best is None:
        raise Inconclusive("the linear program on the shell was not solved")
    return best


def _first_grid(phi: Function) -> int:
    """Return the number of grid intervals: about 6 for each oscillation of phi."""
    samples = np.diff(phi(np.linspace(0.0, 1.0, 20001)))
    turns = int(np.count_nonzero(samples[1:] * samples[:-1] < 0))
    return 40 + 3 * turns


@dataclass(frozen=True)
class _Measured:
    solution: DualSolution
    new_radii: FloatArray
    new_biases: FloatArray


def _solve_program(
    dimension: int, phi: Function, epsilon: float, radii: FloatArray, biases: FloatArray, scale: float = _SCALE
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, float] | None:
    """Solve the program on the grid; return atoms, masses, biases, primal weights and offset."""
    from scipy.optimize import linprog

    response = mean_neuron(dimension, radii, biases).T * scale
    values = phi(radii)
    count = len(radii)
    result: Any = linprog(
        -np.concatenate([values - epsilon, -values - epsilon]) * scale,
        A_ub=np.block([[response, -response], [-response, response]]),
        b_ub=np.ones(2 * len(biases)),
        A_eq=np.concatenate([np.ones(count), -np.ones(count)])[None, :],
        b_eq=[0.0],
        bounds=(0, None),
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if result.status != 0:
        return None
    masses = (result.x[:count] - result.x[count:]) * scale
    multipliers = -result.ineqlin.marginals
    weights = multipliers[: len(biases)] - multipliers[len(biases) :]
    atoms, used = masses != 0, weights != 0
    offset = -float(result.eqlin.marginals[0]) / scale
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

    new_biases, peak = _peaks(response, fine[:-1], 1.0)
    new_radii, worst = _peaks(error, fine, epsilon)
    value = float(phi(atoms) @ masses - epsilon * np.abs(masses).sum())
    solution = DualSolution(atoms, masses, peak, value / peak, biases, weights, offset, worst)
    return _Measured(solution, new_radii, new_biases)


def _peaks(function: Function, grid: FloatArray, level: float) -> tuple[FloatArray, float]:
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
