"""Tries statements about closed-form networks and widths with numbers, without the kernel's code.

Each function takes a mutated certificate and the kernel's statement and returns True (nothing speaks against it), False
(a number contradicts it) or None (this certificate is out of its reach).
"""

from __future__ import annotations

import base64
import itertools
import math
import re
from collections.abc import Callable
from decimal import Decimal, getcontext
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from fuzz.growth import growth
from fuzz.samples import TOLERANCE, lipschitz_holds, points, profile

MOST_VECTORS = 5_000
MOST_KNOTS = 200_000
MOST_PRODUCTS = 500_000  # points of the ball times generated lines
MOST_NEURONS = 60
getcontext().prec = 60

_erf = np.vectorize(math.erf)
STEPS: dict[str, Callable[[Any], Any]] = {
    "threshold": lambda t: (t >= 0) * 1.0,
    "sigmoid": lambda t: 0.5 * (1 + np.tanh(t / 2)),
    "tanh": lambda t: 0.5 * (1 + np.tanh(t)),
    "arctan": lambda t: 0.5 + np.arctan(t) / math.pi,
    "erf": lambda t: 0.5 * (1 + _erf(t)),
    "softsign": lambda t: 0.5 * (1 + t / (1 + np.abs(t))),
    "hard-tanh": lambda t: 0.5 * (1 + np.clip(t, -1, 1)),
}
RAMPS: dict[str, Callable[[Any], Any]] = {
    "relu": lambda t: np.maximum(t, 0),
    "softplus": lambda t: np.logaddexp(t, 0),
    "gelu": lambda t: t * 0.5 * (1 + _erf(t / math.sqrt(2))),
    "silu": lambda t: t * 0.5 * (1 + np.tanh(t / 2)),
}
# Smooth activations as mpmath knows them, and the point around which differences are taken.
SMOOTH: dict[str, tuple[Callable[[Any], Any], Callable[[], Any]]] = {
    "sigmoid": (lambda t: 1 / (1 + mpmath.exp(-t)), lambda: mpmath.log(2)),
    "tanh": (mpmath.tanh, lambda: mpmath.log(2) / 2),
    "softplus": (lambda t: mpmath.log(1 + mpmath.exp(t)), lambda: mpmath.mpf(0)),
    "silu": (lambda t: t / (1 + mpmath.exp(-t)), lambda: mpmath.mpf(0)),
    "arctan": (mpmath.atan, lambda: mpmath.mpf(1) / 2),
    "erf": (mpmath.erf, lambda: mpmath.mpf(1) / 2),
    "gelu": (lambda t: t * mpmath.ncdf(t), lambda: mpmath.mpf(0)),
    "softsign": (lambda t: t / (1 + abs(t)), lambda: mpmath.mpf(1)),
}


def number(value: Any) -> float:
    return float(Fraction(value))


def stated_width(statement: str) -> int:
    return int(re.search(r"width (\d+)", statement)[1])  # type: ignore[index]


# Assumption 1


def assumption1(document: Any, statement: str) -> bool | None:
    """Build the rule's network for steep and zigzag functions and look where it is farthest off."""
    claim, network = document["claim"], document["network"]
    name, width = claim["activation"], network["width"]
    if name not in STEPS and name not in RAMPS:
        return None
    if width > MOST_NEURONS:
        if name not in (*STEPS, "relu"):
            return None
        # With the sharpness as it is (in bins), more neurons only make the error smaller.
        width = MOST_NEURONS
    steep, radius, bound = (number(claim[key]) for key in ("lipschitz", "radius", "bound"))
    if Fraction(claim["bound"]) > Fraction(claim["delta"]):
        return False
    pieces = width if name in STEPS else width - 1
    if width == 0 or pieces < 1:
        return steep * radius <= bound + TOLERANCE
    nodes = np.linspace(-radius, radius, pieces + 1)
    x = np.concatenate([np.linspace(-2 * radius, 2 * radius, 4001), *(nodes[:, None] + radius / pieces * np.array(
        [-1.0, -1 + 1e-9, -1e-3, -1e-9, 1e-9, 1e-3, 1 - 1e-9, 1.0]))])  # fmt: skip
    worst = 0.0
    generator = np.random.default_rng(1)
    for trial in range(12):
        # Slopes +-L on many short pieces, constant outside: extreme 1-Lipschitz functions.
        count = (
            (1, 2, pieces, 2 * pieces, 3 * pieces)[trial] if trial < 5 else int(generator.integers(1, 4 * pieces + 1))
        )
        slopes = steep * np.where(generator.random(count) < 0.5, 1.0, -1.0) if trial else np.array([steep])
        places = np.linspace(-radius, radius, count + 1)
        heights = np.concatenate([[0.0], np.cumsum(slopes * np.diff(places))])
        sampled, target = np.interp(nodes, places, heights), np.interp(x, places, heights)
        if name in STEPS:
            beta = number(network["sharpness"]) * pieces / radius
            jumps = (nodes[1:] + nodes[:-1]) / 2
            built = sampled[0] + STEPS[name](beta * (x[:, None] - jumps)) @ np.diff(sampled)
        else:
            beta = number(network["sharpness"]) / radius
            change = np.diff(np.concatenate([[0.0], np.diff(sampled) / np.diff(nodes), [0.0]]))
            built = sampled[0] + RAMPS[name](beta * (x[:, None] - nodes)) @ change / beta
        worst = max(worst, float(np.abs(built - target).max()))
    return worst <= bound + TOLERANCE * max(1.0, steep * radius)


# Depth 3


def depth3(document: Any, statement: str) -> bool | None:
    """Evaluate q(sum p(x_i)) at points of the ball; count neurons and weights."""
    claim, network = document["claim"], document["network"]
    d = claim["dimension"]
    if d > 200:
        return None
    unit = 2.0 ** -network["bits"]

    def hinges(key: str, t: Any) -> Any:
        part = network[key]
        total = np.full(t.shape, part["offset"] * unit)
        for knot, coefficient in zip(part["knots"], part["coefficients"], strict=True):
            total += coefficient * unit * np.maximum(t - knot * unit, 0.0)
        return total

    sample = points(d)
    offset = network["inner"]["offset"] * unit
    inner = hinges("inner", sample) + hinges("inner", -sample) - offset
    value = hinges("outer", inner.sum(axis=1))
    error = np.abs(value - profile(claim["profile"], np.sqrt((sample * sample).sum(axis=1))))
    coefficients = network["inner"]["coefficients"] + network["outer"]["coefficients"]
    return bool(
        error.max() <= number(claim["epsilon"]) + TOLERANCE
        and lipschitz_holds(claim["profile"])
        and max(abs(c) for c in coefficients) * Fraction(1, 1 << network["bits"]) <= Fraction(claim["weight_bound"])
        and 2 * d * len(network["inner"]["knots"]) + len(network["outer"]["knots"]) <= claim["neurons"]
    )


# Theorems 1 and 3


def vectors(entries: Any, d: int) -> Any:
    """Return all vectors of an orbit with few of them, one of each pair; None if there are too many."""
    size = sum(count for _, count in entries)
    total = math.comb(d, size) * 2 ** max(size - 1, 0) * math.factorial(size)
    for _, count in entries:
        total //= math.factorial(count)
    if total > MOST_VECTORS:
        return None
    values = [value for value, count in entries for _ in range(count)]
    rows = []
    for chosen in itertools.combinations(range(d), size):
        for order in set(itertools.permutations(values)) if len(set(values)) > 1 else {tuple(values)}:
            for signs in itertools.product((1, -1), repeat=max(size - 1, 0)):
                row = np.zeros(d)
                row[list(chosen)] = [v * s for v, s in zip(order, (1, *signs), strict=False)]
                rows.append(row)
    return np.array(rows)


class Classes:
    """The classes of a certificate: means of even functions over them, at points of the ball."""

    def __init__(self, document: Any, d: int) -> None:
        self.d = d
        directions = document["network"]["directions"]
        if directions["kind"] == "lines":
            self._listed(directions)
            return
        if directions["kind"] == "group-orbits":
            self._generated(directions)
            return
        self.items = directions["classes"]
        self.masses = [number(item["mass"]) for item in self.items]
        self.norms = [sum(value**2 * count for value, count in item["entries"]) for item in self.items]
        plain = all("array" not in item and "code" not in item for item in self.items)
        self.vectors = [vectors(item["entries"], d) for item in self.items] if plain and d <= 30 else [None]
        self.shares: list[Any] = [None] * len(self.vectors)
        self.everywhere = all(rows is not None for rows in self.vectors)

    def _listed(self, directions: Any) -> None:
        """Take lines listed one by one, with weights, as one class of vectors of norm 1."""
        weights = integers(directions["weights"]) * 2.0 ** -directions["weight_bits"]
        self.items, self.norms, self.everywhere = [directions], [1], True
        self.masses = [float(weights.sum())]
        self.vectors = [integers(directions["vectors"]) * 2.0 ** -directions["bits"]]
        self.shares = [weights / weights.sum()]

    def _generated(self, directions: Any) -> None:
        """List the lines of each class: all images of its vectors, by the definition."""
        generators = integers(directions["generators"]).astype(int)
        self.items, self.everywhere = directions["classes"], True
        self.masses = [number(item["mass"]) for item in self.items]
        self.vectors, self.norms = [], []
        for item in self.items:
            starts = integers(item["starts"]).astype(int)
            new = {row.tobytes() for sign in (1, -1) for row in sign * starts}
            found = set(new)
            while new:
                rows = np.array([np.frombuffer(key, dtype=int) for key in new])
                new = {row.tobytes() for g in generators for row in rows[:, np.abs(g) - 1] * np.sign(g)} - found
                found |= new
            lines = np.array([np.frombuffer(key, dtype=int) for key in found])
            lead = lines[np.arange(len(lines)), (lines != 0).argmax(axis=1)]
            self.vectors.append(lines[lead > 0].astype(float))  # both vectors of each line were found
            self.norms.append(int((starts[0] ** 2).sum()))
        self.shares = [None] * len(self.items)

    def sample(self) -> Any:
        """Return points: of the whole ball if the vectors are listed, of the first axis otherwise."""
        if self.everywhere:
            count = max((len(rows) for rows in self.vectors), default=1)
            chosen = points(self.d)[::4]
            return chosen[:: max(1, len(chosen) * count // MOST_PRODUCTS)]
        axis = np.zeros((400, min(self.d, 2)))
        axis[:, 0] = np.linspace(0, 1, 400)
        return axis

    def mean(self, index: int, function: Callable[[Any], Any], sample: Any) -> Any:
        """Return the mean of function(|w . x|) over a class."""
        if self.everywhere:
            return np.average(function(np.abs(sample @ self.vectors[index].T)), axis=-1, weights=self.shares[index])
        entries = self.items[index]["entries"]
        rest = self.d - sum(count for _, count in entries)
        parts = [(value, count / self.d) for value, count in entries] + [(0, rest / self.d)]
        return sum(share * function(np.abs(value * sample[:, 0])) for value, share in parts if share)

    def lines(self, index: int) -> int | None:
        return len(self.vectors[index]) if self.everywhere else None


def moment(d: int, k: int) -> float:
    return math.prod((2 * j + 1) / (d + 2 * j) for j in range(k))


def knots_of(ridge: Any) -> Any:
    if sum(count for count, _ in ridge["blocks"]) > MOST_KNOTS:
        return None
    steps = np.repeat([float(step) for _, step in ridge["blocks"]], [count for count, _ in ridge["blocks"]])
    return (ridge["first"] + np.concatenate([[0.0], np.cumsum(steps)])) / 2.0 ** ridge["bits"]


def power(document: Any, statement: str) -> bool | None:
    """Evaluate the network of theorem 3, in the whole ball or on the first axis."""
    claim, network = document["claim"], document["network"]
    d, k, bound = claim["dimension"], claim["power"], number(claim["bound"])
    if f"|x|^{2 * k}| <= {claim['bound']} " not in statement or f"R^{d} " not in statement:
        return False
    classes = Classes(document, d)
    sample = classes.sample()
    target = np.sqrt((sample * sample).sum(axis=1)) ** (2 * k)
    scales = [mass / (moment(d, k) * n**k) for mass, n in zip(classes.masses, classes.norms, strict=True)]
    # Hilbert's identity first: the rest is an error of single ridges.
    identity = sum(
        (s * classes.mean(i, lambda t: t ** (2 * k), sample) for i, s in enumerate(scales)), np.zeros(len(sample))
    )
    if classes.items and np.abs(identity - target).max() > TOLERANCE * (1 + sum(map(abs, classes.masses))) * 100:
        return False
    method = document["proof"]["ridges"]
    if method == "differences":
        if not classes.items:
            return False
        error = sum(
            abs(s) * difference_error(claim["activation"], [0.0] * (k - 1) + [1.0], Fraction(network["step"]), n)
            for s, n in zip(scales, classes.norms, strict=True)
        )
        # Errors of the ridges may cancel in the sum: a bound far below this sum would need a look.
        return True if error <= bound + TOLERANCE else None
    ridges = [knots_of(ridge) for ridge in network["ridges"]]
    if any(ridge is None for ridge in ridges) or len(ridges) != len(classes.items):
        return None
    value = np.full(len(sample), number(network["offset"]))
    width = 0
    for i, (knots, scale) in enumerate(zip(ridges, scales, strict=True)):
        heights = knots ** (2 * k)
        if method == "chords":
            value += scale * classes.mean(i, lambda t, x=knots, y=heights: np.interp(t, x, y), sample)
        else:
            steps = np.concatenate([[heights[0] / 2], (heights[1:] + heights[:-1]) / 2])
            value += scale * classes.mean(
                i, lambda t, x=knots, y=steps: y[np.minimum(np.searchsorted(x, t), len(y) - 1)], sample
            )
        lines = classes.lines(i)
        if lines is not None:
            width += lines * 2 * int((knots < math.sqrt(classes.norms[i])).sum())
    if classes.everywhere and width != stated_width(statement):
        return False
    room = TOLERANCE * (1 + sum(map(abs, scales)) * 10)
    if method == "stairs":
        # Stairs jump: a point on a knot may be on either side.
        room += max((float(np.diff(knots ** (2 * k), prepend=0).max()) for knots in ridges), default=0.0)
    return bool(np.abs(value - target).max() <= bound + room) and Fraction(claim["bound"]) <= Fraction(claim["epsilon"])


def difference_error(name: str, target: list[float], step: Fraction, norm2: int) -> float:
    """Return the largest error, at a few t in [0, sqrt(norm2)], of the ridge that rule DIFFERENCES describes."""
    count = len(target)
    with mpmath.workdps(60 + 2 * count * len(str(step.denominator)) * 2):
        function, place = SMOOTH[name]
        bias, h = place(), mpmath.mpf(step.numerator) / step.denominator
        taylor = mpmath.taylor(function, bias, 2 * count)
        system = mpmath.matrix(count, count)
        for i in range(count):
            for j in range(count):
                system[i, j] = mpmath.mpf(j + 1) ** (2 * (i + 1))
        alpha = [mpmath.mpf(0)] * count
        for m, p in enumerate(target, start=1):
            if p:
                unit = mpmath.matrix(count, 1)
                unit[m - 1] = 1
                solved = mpmath.lu_solve(system, unit)
                for j in range(count):
                    alpha[j] += mpmath.mpf(p) * solved[j] / (2 * taylor[2 * m] * h ** (2 * m))
        worst = mpmath.mpf(0)
        for share in (0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0):
            t = mpmath.sqrt(norm2) * share
            q = sum(
                a * (function(bias + j * h * t) + function(bias - j * h * t) - 2 * function(bias))
                for j, a in enumerate(alpha, start=1)
            )
            worst = max(worst, abs(q - sum(p * t ** (2 * m) for m, p in enumerate(target, start=1))))
        return float(worst)


def integers(packed: Any) -> Any:
    if isinstance(packed, list):
        return np.array(packed, dtype=float)
    raw = np.frombuffer(base64.b64decode(packed["base64"]), dtype=np.dtype(packed["type"]).newbyteorder("<"))
    return raw.reshape(packed["shape"])


def cubature(document: Any, statement: str) -> bool | None:
    """Evaluate the networks of theorem 1, in the whole ball or on the first axis."""
    claim, network, proof = document["claim"], document["network"], document["proof"]
    d, bound = claim["dimension"], number(claim["bound"])
    classes = Classes(document, d)
    sample = classes.sample()
    radius = np.sqrt((sample * sample).sum(axis=1))
    unit = 2.0 ** -proof["scale"]
    rows = 1 if "profile" in claim else network["samples"]
    if "ridges" not in network:
        return smooth_cubature(document, classes, sample, radius) if "profile" in claim else None
    value = np.zeros((rows, len(sample)))
    width = 0
    for i, ridge in enumerate(network["ridges"]):
        knots = integers(ridge["knots"]) / 2.0 ** ridge["bits"]
        heights = integers(ridge["values"]) * unit
        for row in range(rows):
            ridge_at = stairs if claim["activation"] == "threshold" else np.interp
            mean = classes.mean(i, lambda t, x=knots, y=heights[row], q=ridge_at: q(t, x, y), sample)
            value[row] += classes.masses[i] * mean
        lines = classes.lines(i)
        if lines is not None:
            width += lines * 2 * int((knots < math.sqrt(classes.norms[i])).sum())
    if classes.everywhere and width != stated_width(statement):
        return False
    if "profile" in claim:
        error = np.abs(value[0] - profile(claim["profile"], radius))
        if not lipschitz_holds(claim["profile"]):
            return False
    else:
        edges = np.linspace(0, 1, rows + 1)[:, None]
        below = np.clip(radius - edges[:-1], 0, 1 / rows)
        error = (below * np.abs(1 - value) + (1 / rows - below) * np.abs(value)).sum(axis=0)
    holds = bool(error.max() <= bound + 1e-8) and Fraction(claim["bound"]) <= Fraction(claim["epsilon"])
    at = number(document["witness"]["radius"])
    axis = np.abs(sample[:, 1:]).max(axis=1) < 1e-12 if sample.shape[1] > 1 else np.ones(len(sample), dtype=bool)
    if holds and axis.sum() > 100:
        lower = number(document["witness"]["error"])
        holds = lower <= float(np.interp(at, radius[axis], error[axis])) + 2e-2 and 0 <= at <= 1
    return holds


def stairs(t: Any, knots: Any, heights: Any) -> Any:
    """Return heights[j] where knots[j - 1] < t <= knots[j]."""
    return heights[np.minimum(np.searchsorted(knots, t), len(heights) - 1)]


def smooth_cubature(document: Any, classes: Classes, sample: Any, radius: Any) -> bool | None:
    """Add the polynomial's error to those of the ridges that rule DIFFERENCES makes; the identity is tried as well."""
    claim, network, proof = document["claim"], document["network"], document["proof"]
    coefficients = integers(proof["polynomials"])[0] * 2.0 ** -proof["scale"]
    value = np.polynomial.polynomial.polyval(radius * radius, coefficients)
    if np.abs(classes_mean(classes, coefficients, sample) - value).max() > 1e-7 or not lipschitz_holds(
        claim["profile"]
    ):
        return False
    error = float(np.abs(value - profile(claim["profile"], radius)).max())
    for mass, n in zip(classes.masses, classes.norms, strict=True):
        target = [float(p) / (moment(classes.d, k) * n**k) for k, p in enumerate(coefficients) if k]
        error += abs(mass) * difference_error(claim["activation"], target, Fraction(network["step"]), n)
    return True if error <= number(claim["bound"]) + TOLERANCE else None


def classes_mean(classes: Classes, coefficients: Any, sample: Any) -> Any:
    """Return sum_o mass_o E Q_o(|w . x|), which Hilbert's identity makes the polynomial of the radius."""
    total = np.zeros(len(sample))
    for index, (mass, n) in enumerate(zip(classes.masses, classes.norms, strict=True)):
        scaled = [p / (moment(classes.d, k) * n**k) for k, p in enumerate(coefficients)]
        total += mass * classes.mean(index, lambda t, q=scaled: np.polynomial.polynomial.polyval(t * t, q), sample)
    return total


# Inner products and codes


def least_width(n: int, gap: Fraction, spread: Fraction, bias: Fraction, bound: Fraction) -> Decimal:
    """Return, as a real number, how many neurons rule INNER PRODUCT forces."""
    cell = Decimal(2) ** -n
    s, b, weight, room = (Decimal(v.numerator) / Decimal(v.denominator) for v in (spread, bias, bound, gap))
    each = (b * cell + (2 * s + b) * cell + s * cell.sqrt() / 2) / 2
    return (room - weight * cell) / (weight * each)


def second_layer(n: int, slope: Fraction, height: Fraction, bound: Fraction) -> int:
    total = 0
    for j in range(n):
        s = slope if j == 0 else min(slope, bound / j)
        total += math.ceil((2 if j == 0 else 4) * height / (s * bound))
    return total


def inner_product(document: Any, statement: str) -> bool | None:
    claim = document["claim"]
    n, bound, epsilon = claim["n"], Fraction(claim["weight_bound"]), Fraction(claim["epsilon"])
    forced = least_width(n, 1 - epsilon, bound * n, bound, bound)
    return (
        bound >= 1
        and claim["depth2_width"] - 1 < forced * (1 + Decimal(10) ** -40)
        and claim["depth3_neurons"] >= n + second_layer(n, bound, Fraction(1), bound)
    )


def separation_code(document: Any, statement: str) -> bool | None:
    claim, code = document["claim"], document["code"]
    found = re.search(r"the \[(\d+),(\d+)\] binary code .* minimum distance at least (\d+)", statement)
    if found is None or "distance" not in code:
        return None
    length, n, distance = map(int, found.groups())
    height, epsilon, scale, noise, bound = (
        Fraction(claim[key]) for key in ("height", "epsilon", "scale", "noise", "weight_bound")
    )
    root = Fraction(math.isqrt(2 * length << 200) + 1, 1 << 100)
    forced = least_width(n, height - epsilon - noise, bound * length / scale, bound * (1 + noise * root), bound)
    steep = 2 * height * scale * Fraction(math.isqrt(2 * n << 200), 1 << 100) + 1
    return (
        min(height, epsilon, scale) > 0 <= noise
        and bound >= 1
        and (2 * length) ** 0.5 / float(scale) + float(noise) <= 1 + TOLERANCE
        and 4 * height**2 * scale**2 <= distance
        and steep * noise <= epsilon
        and claim["depth2_width"] - 1 < forced * (1 + Decimal(10) ** -15)
        and claim["depth3_neurons"] >= n + second_layer(n, bound * bound / scale, height, bound)
    )


NUMERIC: dict[str, Callable[[Any, str], bool | None]] = {
    "assumption-1": assumption1,
    "depth3-approximation": depth3,
    "power": power,
    "radial-cubature": cubature,
    "growth": growth,
    "inner-product": inner_product,
    "separation-code": separation_code,
}
