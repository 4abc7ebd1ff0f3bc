"""Search for narrow universal families (Theorem 2): each orbit of lines with knots of its own, pruned and polished.

Start from orbits under a group of signed permutations, all with the same uniform knots. Fit the coefficients; remove
the (orbit, knot) pairs that cost most neurons for what they do (the increase of a weighted squared error when a column
leaves, as in optimal brain surgery); then move directions and knots by gradients together with the coefficients. Sample
points are in the group's domain; points where E is large join them. Seeded, and limited by counts, never by a clock:
one request, one family.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from verify.errors import Inconclusive
from verify.networks.family import RidgeBlock, RidgeFamily
from verify.progress import Budget, Progress, Silent
from verify.provers.ascent import ascend, climb
from verify.provers.covering import cover
from verify.provers.family_bound import FamilyFloatBound
from verify.sphere.directions import DIRECTION_BITS
from verify.sphere.sampling import ball_points, directions

Floats = npt.NDArray[np.float64]

KNOT_BITS = 10
EDGE_BITS = 12
COEFFICIENT_BITS = 18
# Steps of knots and directions in the joint descent, in units in which coefficients move by about one.
MOVE = 0.02
# Price of rough coefficients, which make covers expensive.
ROUGHNESS = 3e-6
# Families of at most so many neurons move their lines and knots after every pruning, and lose them a few at a time.
SMALL = 600
SMALL_ROUNDS = 8

# Larger ones: rounds of fitting against the peaks that covers find; boxes that such a cover looks at; half sides of
# those that count; points from which peaks are climbed.
ROUNDS = 12
PEAK_CELLS = 300_000
SMALL_BOX = 0.01
MOST_PEAKS = 1500

# name of a group -> the domain of its covers; all of them contain every sign change
GROUPS = {"permutations": "chamber", "rotations": "orthant", "signs": "orthant"}
# Sets of at most this many lines are searched for signs with which they add up to zero.
MOST_SIGNED = 15

Element = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Orbit:
    """The lines that a group makes of one unit vector, and their common knots.

    Attributes:
        vector: the representative, shape (d,).
        knots: s_j >= 0, shape (J,).
        domain: where covers of families with these lines live: "chamber" or "orthant".
        elements: (permutation, signs), one for each line.
        tangents: unit vectors along which the representative may move without changing the type of its orbit.
    """

    vector: Floats
    knots: Floats
    domain: str
    elements: tuple[Element, ...] = field(repr=False)
    tangents: Floats = field(repr=False)

    @property
    def lines(self) -> Floats:
        """The lines' unit vectors, shape (M, d)."""
        return np.array([np.array(signs) * self.vector[list(order)] for order, signs in self.elements])

    @property
    def neurons(self) -> int:
        """Hidden neurons, at most: two a line and knot; for the knot 0 one a line and one for the linear parts."""
        return len(self.elements) * int((1 + (self.knots > 0)).sum()) + int((self.knots == 0).any())


def group_elements(group: str, dimension: int) -> list[Element]:
    """Return all signed permutations ("permutations"), or those that shift cyclically, or only change signs."""
    axes = tuple(range(dimension))
    orders = {
        "permutations": list(itertools.permutations(axes)),
        "rotations": [axes[k:] + axes[:k] for k in axes],
        "signs": [axes],
    }[group]
    return [(order, signs) for order in orders for signs in itertools.product((1, -1), repeat=dimension)]


def orbit(vector: Sequence[float] | Floats, knots: Floats, group: str = "permutations") -> Orbit:
    """Return the orbit of a vector."""
    v = np.abs(np.asarray(vector, dtype=np.float64))
    v = v / np.linalg.norm(v)
    v[v < 1e-9] = 0.0
    seen: set[tuple[float, ...]] = set()
    elements: list[Element] = []
    # The mean of the elements that keep the line, up to sign, is the projection to the vectors that they all keep.
    kept, stable = 0, np.zeros((v.size, v.size))
    for order, signs in group_elements(group, v.size):
        image = np.array(signs) * v[list(order)]
        first = image[np.flatnonzero(np.abs(image) > 1e-8)[0]]
        key = tuple(np.round(np.sign(first) * image, 9) + 0.0)
        if key not in seen:
            seen.add(key)
            elements.append((order, signs))
        for sign in (1, -1):
            if np.allclose(sign * image, v, atol=1e-8):
                kept += 1
                stable[np.arange(v.size), list(order)] += sign * np.array(signs)
    values, basis = np.linalg.eigh(stable / kept - np.outer(v, v))
    return Orbit(v, np.asarray(knots, dtype=np.float64), GROUPS[group], tuple(elements), basis.T[values > 0.5])


def orbits_of(lines: Floats, knots: Floats, group: str) -> list[Orbit]:
    """Return the orbits that make up a set of lines (M, d), which the group keeps."""
    found: list[Orbit] = []
    for line in lines / np.linalg.norm(lines, axis=1)[:, None]:
        # Lines are rounded, so orbits are told apart with the same tolerance.
        if not any((np.abs(each.lines @ line) > 1 - 1e-6).any() for each in found):
            found.append(orbit(line, knots, group))
    return found


@dataclass
class _Fit:
    """A family under construction: orbits, bin edges (m + 1,), coefficients (1 + columns, m)."""

    orbits: list[Orbit]
    edges: Floats
    coefficients: Floats

    @property
    def neurons(self) -> int:
        return sum(orbit.neurons for orbit in self.orbits)

    def error(self, points: Floats) -> Floats:
        below, above = _parts(points, self.edges)
        value = _features(points, self.orbits) @ self.coefficients
        result: Floats = (below * np.abs(1 - value) + above * np.abs(value)).sum(axis=1)
        return result


def search_family(
    orbits: Sequence[Orbit], neurons: int, bins: int, *, seed: int = 0, progress: Progress | None = None
) -> tuple[RidgeFamily, float]:
    """Return a family of at most `neurons` neurons and its sampled sup E.

    Args:
        orbits: where to start; more neurons than asked for are removed step by step.
    """
    progress = progress or Silent()
    search = _Search(len(orbits[0].vector), orbits[0].domain, np.random.default_rng(seed), progress)
    fit = search.start(list(orbits), np.linspace(0.0, 1.0, bins + 1))
    while fit.neurons > neurons:
        fit = search.prune(fit, neurons)
        fit = search.refine(fit, 40, 60, joint=False)
        for power in (40, 100, 200) if fit.neurons <= SMALL else ():
            fit = search.refine(fit, power, 80, joint=True)
    for power in (60, 120, 200, 200):
        fit = search.refine(fit, power, 100, joint=True)
    fit = _rounded(fit)
    best: tuple[float, RidgeFamily] | None = None
    large = fit.neurons > SMALL
    for _ in range(ROUNDS if large else SMALL_ROUNDS):
        fit = search.refine(fit, 200, 300, joint=False)
        family = _family(fit)
        point, top = climb(family.error, family.dimension, search.domain)
        search.add(point)
        if large:
            # Many lines make narrow peaks, which random points miss; boxes that a cover cannot close lie near them.
            peaks = search.folded(_peaks(family, search.domain, float(fit.error(search.points).max())))
            top = max(top, float(family.error(peaks).max(initial=0.0)))
            search.points = np.concatenate([search.points, peaks])
            progress.stage(f"covering: sup E at least {top:.5f}, {peaks.shape[0]} peaks")
        if best is None or top < best[0]:
            best = top, family
    assert best is not None
    return best[1], best[0]


def _peaks(family: RidgeFamily, domain: str, level: float) -> Floats:
    """Return points with an error near `level` or above, found from the boxes that a cover of so much leaves open."""
    target = 1.002 * level
    bound = _Recorder(FamilyFloatBound(family), target)
    with contextlib.suppress(Inconclusive):
        cover(bound, family.dimension, domain, target, budget=Budget(max_cells=PEAK_CELLS))
    points = np.concatenate([np.empty((0, family.dimension)), *bound.open])
    points = points[(points * points).sum(axis=1) <= 1.0]
    starts = points[np.argsort(-family.error(points), kind="stable")[:MOST_PEAKS]]
    peaks, error = ascend(family.error, starts, (0.01 * 0.7 ** np.arange(20)).tolist(), np.random.default_rng(1))
    found: Floats = peaks[error > 0.99 * level]
    return found


class _Recorder:
    """A bound that remembers the centres of small boxes that it cannot close."""

    def __init__(self, inner: FamilyFloatBound, target: float) -> None:
        self._inner = inner
        self._target = target
        self.open: list[Floats] = []

    def bound(self, centres: Floats, half_sides: Floats) -> Floats:
        """Return the inner bound."""
        result: Floats = self._inner.bound(centres, half_sides)
        if half_sides.max() < SMALL_BOX:
            self.open.append(centres[result > self._target])
        return result


class _Search:
    def __init__(self, dimension: int, domain: str, generator: np.random.Generator, progress: Progress) -> None:
        self.domain = domain
        self._generator = generator
        self._progress = progress
        self._dimension = dimension
        radii = np.linspace(0.0, 1.0, 5000)[:, None]
        self.points: Floats = np.concatenate(
            [
                radii * directions(generator, 5000, dimension, domain),
                ball_points(generator, 3000, dimension, domain),
            ]
        )

    def start(self, orbits: list[Orbit], edges: Floats) -> _Fit:
        below, above = _parts(self.points, edges)
        matrix = _features(self.points, orbits)
        first, *_ = np.linalg.lstsq(matrix, (below > above).astype(np.float64), rcond=1e-10)
        fit = _Fit(orbits, edges, np.asarray(first, dtype=np.float64))
        for power, iterations in ((8, 100), (24, 150), (40, 80), (40, 80)):
            fit = self.refine(fit, power, iterations, joint=False)
        return fit

    def refine(self, fit: _Fit, power: int, iterations: int, *, joint: bool) -> _Fit:
        """Descend, then let the worst points found join the sample."""
        fit = _descend(fit, self.points, power, iterations, joint=joint)
        level = fit.error(self.points).max()
        candidates = ball_points(self._generator, 40_000, self._dimension, self.domain)
        error = fit.error(candidates)
        worst = np.argsort(-error, kind="stable")[:400]
        best, top = candidates[worst], error[worst]
        for step in 0.02 * 0.6 ** np.arange(8):
            moved = best[:, None] + step * self._generator.normal(size=(best.shape[0], 4, self._dimension))
            moved = moved.reshape(-1, self._dimension)
            moved /= np.maximum(np.linalg.norm(moved, axis=1), 1.0)[:, None]
            moved = self.folded(moved)
            new = fit.error(moved).reshape(best.shape[0], 4)
            choice, rows = new.argmax(axis=1), np.arange(best.shape[0])
            better = new[rows, choice] > top
            best = np.where(better[:, None], moved.reshape(best.shape[0], 4, -1)[rows, choice], best)
            top = np.where(better, new[rows, choice], top)
        self.points = np.concatenate([self.points, best[top > 0.98 * level]])
        kind = "moving lines and knots" if joint else "fitting"
        self._progress.stage(f"{kind}: {fit.neurons} neurons, sup E about {top.max():.5f} (sample {level:.5f})")
        return fit

    def add(self, point: Floats) -> None:
        """Let a bad point and its neighbourhood join the sample."""
        near = point + 0.004 * self._generator.normal(size=(12, self._dimension))
        near = np.concatenate([point[None], near])
        near /= np.maximum(np.linalg.norm(near, axis=1), 1.0)[:, None]
        self.points = np.concatenate([self.points, self.folded(near)])

    def folded(self, points: Floats) -> Floats:
        """Return the points' images in the domain."""
        folded: Floats = np.abs(points)
        return -np.sort(-folded, axis=1) if self.domain == "chamber" else folded

    def prune(self, fit: _Fit, neurons: int) -> _Fit:
        """Remove the (orbit, knot) pairs that do least for their neurons, step by step."""
        matrix = _features(self.points, fit.orbits)
        error = fit.error(self.points)
        weighted = matrix * ((error / error.max()) ** 3)[:, None]
        gram = weighted.T @ matrix
        inverse = np.linalg.inv(gram + 1e-12 * np.trace(gram) * np.eye(gram.shape[0]))
        loss = (fit.coefficients**2 * np.diff(fit.edges)).sum(axis=1) / np.diag(inverse)
        price = np.concatenate([len(o.elements) * (1 + (o.knots > 0)) for o in fit.orbits])
        excess = fit.neurons - neurons
        quota, gone = min(excess, max(neurons // 40, excess // 4)), 0
        keep = np.ones(price.size, dtype=np.bool_)
        order = np.argsort(loss[1:] / price, kind="stable")
        for column in order:
            if gone >= quota:
                break
            if price[column] <= excess - gone + neurons // 200:
                keep[column] = False
                gone += int(price[column])
        if not gone:
            keep[order[0]] = False
        ends = np.cumsum([o.knots.size for o in fit.orbits])
        parts = np.split(keep, ends[:-1])
        orbits = [replace(o, knots=o.knots[part]) for o, part in zip(fit.orbits, parts, strict=True)]
        return _Fit([o for o in orbits if o.knots.size], fit.edges, fit.coefficients[np.append(True, keep)])


def _parts(points: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Return the lengths of each bin below and above the radius of each point, shape (n, m) each."""
    radius = np.sqrt((points * points).sum(axis=1))[:, None]
    below: Floats = np.clip(radius - edges[:-1], 0.0, np.diff(edges))
    return below, np.diff(edges) - below


def _features(points: Floats, orbits: Sequence[Orbit]) -> Floats:
    """Return the columns 1 and, for each orbit and knot, the mean of relu(|w . x| - s) over its lines."""
    columns = [np.ones(points.shape[0])]
    for each in orbits:
        distance = np.abs(points @ each.lines.T)
        columns += [np.maximum(distance - knot, 0.0).mean(axis=1) for knot in each.knots]
    return np.stack(columns, axis=1)


def _descend(fit: _Fit, points: Floats, power: int, iterations: int, *, joint: bool) -> _Fit:
    """Lower a smoothed p-norm of E over the points; `joint` moves directions and positive knots too."""
    below, above = _parts(points, fit.edges)
    matrix = _features(points, fit.orbits)
    n, count = matrix.shape
    bins = below.shape[1]
    widths = np.diff(fit.edges)
    # Orthonormal columns at the start make the problem well conditioned.
    triangle = np.linalg.qr(matrix, mode="r") / np.sqrt(n)
    back = np.linalg.pinv(triangle)
    smoothing = 0.3 / power
    images = [_images(points, o) for o in fit.orbits] if joint else []
    moves = sum(o.knots.size + o.tangents.shape[0] for o in fit.orbits) if joint else 0
    fixed = matrix @ back

    def objective(flat: Floats) -> tuple[float, Floats]:
        position = flat[: count * bins].reshape(count, bins)
        coefficients = back @ position
        if joint:
            orbits = _moved(fit.orbits, flat[count * bins :])
            inner = [np.stack([y @ o.vector for y in own], axis=1) for own, o in zip(images, orbits, strict=True)]
            columns = [np.ones(n)]
            for o, values in zip(orbits, inner, strict=True):
                distance = np.abs(values)
                columns += [np.maximum(distance - knot, 0.0).mean(axis=1) for knot in o.knots]
            now = np.stack(columns, axis=1)
            value = now @ coefficients
        else:
            value = fixed @ position
        to_one = np.sqrt((1 - value) ** 2 + smoothing**2)
        to_zero = np.sqrt(value**2 + smoothing**2)
        error = (below * to_one + above * to_zero).sum(axis=1)
        top = error.max()
        share = (error / top) ** (power - 1)
        mean = (share * error / top).mean()
        pull = mean ** (1 / power - 1) / n * share
        slope = pull[:, None] * (below * (value - 1) / to_one + above * value / to_zero)
        size = np.sqrt(coefficients[1:] ** 2 + 1.0)
        rough = ROUGHNESS * widths * coefficients[1:] / size
        gradient = back.T @ (now.T @ slope) if joint else fixed.T @ slope
        gradient += back[1:].T @ rough
        total = float(top * mean ** (1 / power) + ROUGHNESS * (widths * size).sum())
        if not joint:
            return total, gradient.ravel()
        felt = np.flatnonzero(pull > 1e-4 * pull.max())
        by_column = slope[felt] @ coefficients.T
        return total, np.concatenate([gradient.ravel(), _pulls(orbits, images, inner, by_column, felt)])

    begin = np.concatenate([(triangle @ fit.coefficients).ravel(), np.zeros(moves)])
    options = {"maxiter": iterations, "maxcor": 30, "maxfun": 2 * iterations}
    found = minimize(objective, begin, jac=True, method="L-BFGS-B", options=options).x
    orbits = _moved(fit.orbits, found[count * bins :]) if joint else fit.orbits
    return _Fit(orbits, fit.edges, back @ found[: count * bins].reshape(count, bins))


def _images(points: Floats, each: Orbit) -> list[Floats]:
    """Return for each line w = g v the points g^-1 x, so that w . x = v . g^-1 x."""
    images = []
    for order, signs in each.elements:
        image = np.empty_like(points)
        for axis, (place, sign) in enumerate(zip(order, signs, strict=True)):
            image[:, place] = sign * points[:, axis]
        images.append(image)
    return images


def _moved(orbits: list[Orbit], steps: Floats) -> list[Orbit]:
    """Return the orbits moved: for each orbit the steps of its knots (0 stays), then of its direction."""
    result = []
    start = 0
    for each in orbits:
        middle = start + each.knots.size
        end = middle + each.tangents.shape[0]
        vector = each.vector + MOVE * steps[middle:end] @ each.tangents
        knots = np.abs(each.knots + MOVE * steps[start:middle] * (each.knots > 0))
        result.append(replace(each, vector=vector / np.linalg.norm(vector), knots=knots))
        start = end
    return result


def _pulls(
    orbits: list[Orbit],
    images: list[list[Floats]],
    inner: list[Floats],
    by_column: Floats,
    felt: npt.NDArray[np.int64],
) -> Floats:
    """Return the objective's derivatives by the steps of `_moved`, from those by the feature columns."""
    result: list[float] = []
    column = 1
    for each, own, values in zip(orbits, images, inner, strict=True):
        at = values[felt]
        distance = np.abs(at)
        weight = np.zeros_like(at)
        lines = len(each.elements)
        for knot in each.knots:
            active = distance > knot
            pull = by_column[:, column]
            result.append(-MOVE * float(active.sum(axis=1) @ pull) / lines if knot > 0 else 0.0)
            weight += active * pull[:, None]
            column += 1
        weight *= np.sign(at)
        slope = sum((weight[:, line] @ own[line][felt] for line in range(lines)), np.zeros(each.vector.size)) / lines
        slope = slope - each.vector * (each.vector @ slope)
        result += (MOVE * each.tangents @ slope).tolist()
    return np.array(result)


def _rounded(fit: _Fit) -> _Fit:
    """Return the fit with directions, knots and edges on their dyadic grids; the coefficients need a new fit."""
    unit = float(1 << DIRECTION_BITS)
    orbits = []
    for each in fit.orbits:
        vector = np.rint(each.vector * unit) / unit
        knots = np.rint(each.knots * (1 << KNOT_BITS)) / (1 << KNOT_BITS)
        orbits.append(replace(each, vector=vector, knots=knots))
    return _Fit(orbits, np.rint(fit.edges * (1 << EDGE_BITS)) / (1 << EDGE_BITS), fit.coefficients)


def _family(fit: _Fit) -> RidgeFamily:
    blocks = []
    column = 1
    unit = 1 << COEFFICIENT_BITS
    for each in fit.orbits:
        order = np.argsort(each.knots, kind="stable")
        own = fit.coefficients[column : column + each.knots.size][order] / len(each.elements)
        column += each.knots.size
        lines = np.rint(each.lines * (1 << DIRECTION_BITS)).astype(np.int64)
        blocks.append(
            RidgeBlock(
                _balanced(lines, each.elements) if each.knots.min() == 0 else lines,
                np.ones(len(each.elements), dtype=np.int64),
                np.rint(each.knots[order] * (1 << KNOT_BITS)).astype(np.int64),
                np.rint(own * unit).astype(np.int64),
            )
        )
    return RidgeFamily(
        dimension=fit.orbits[0].vector.size,
        direction_bits=DIRECTION_BITS,
        weight_bits=0,
        knot_bits=KNOT_BITS,
        coefficient_bits=COEFFICIENT_BITS,
        edge_bits=EDGE_BITS,
        edges=np.rint(fit.edges * (1 << EDGE_BITS)).astype(np.int64),
        constants=np.rint(fit.coefficients[0] * unit).astype(np.int64),
        blocks=tuple(blocks),
    )


def _balanced(lines: npt.NDArray[np.int64], elements: Sequence[Element]) -> npt.NDArray[np.int64]:
    """Return one vector of each line, with sum 0 if signs for that are found: no neuron for linear parts then."""
    count = lines.shape[0]
    if count <= MOST_SIGNED:
        choices = np.array([(1, *signs) for signs in itertools.product((1, -1), repeat=count - 1)])
    else:
        # An orbit of a group of rotations that fixes no vector adds up to zero.
        turns = [round(np.linalg.det(np.eye(len(order))[list(order)])) * math.prod(s) for order, s in elements]
        choices = np.array([turns])
    vanishing = np.flatnonzero((choices @ lines == 0).all(axis=1))
    return lines if vanishing.size == 0 else lines * choices[vanishing[0]][:, None]
