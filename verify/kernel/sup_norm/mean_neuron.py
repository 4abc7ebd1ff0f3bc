"""The response of a radial signed measure to one ReLU, bounded over every bias.

For a signed measure nu = sum_i c_i (unit mass at radius r_i) on [0, 1] with total mass 0, the response is

    G(s) = sum_i c_i E_u max(0, r_i u_1 - s),   u uniform on the unit sphere of R^d.

G vanishes for s >= max r_i, and G''(s) = kappa sum_{r_i > s} (c_i / r_i) (1 - s^2/r_i^2)^((d-3)/2) elsewhere. The
functions here work with Ghat = G / kappa and integrate Ghat'' from the right, cell by cell, in integers of scale
2^-precision with every rounding and truncation added up.

Statement and proof: docs/rules/sup_norm.md, rule "dual measure".
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from verify.kernel.arithmetic.bernstein import NotBounded, require_bounded
from verify.kernel.arithmetic.elementary import Arithmetic, Interval

MAX_TERMS = 200
MAX_WORK = 4_000_000
"""Work of one walk, in terms of power series; a term takes some microseconds."""
_GUARD = 34
"""A power series is cut where its remainder falls below 2^-_GUARD of the bound that is to be proved."""


class Work:
    """Counts the work of a walk over cells, and refuses more than MAX_WORK."""

    def __init__(self, dimension: int) -> None:
        self.visit = 1 + dimension // 8
        """An atom's share in a cell beside its terms: powers and a root of numbers that grow with the dimension."""
        self.done = 0

    def plan(self, visits: int) -> None:
        """Raise `NotBounded` at once if that many visits of atoms by cells are too many."""
        if visits * self.visit > MAX_WORK:
            raise NotBounded(f"{visits:,} atoms to visit in all cells are more work than the kernel allows")

    def spend(self, amount: int) -> None:
        """Raise `NotBounded` if that much more work is too much."""
        self.done += amount
        if self.done > MAX_WORK:
            raise NotBounded("more work than the kernel allows")

    def bound(self, coefficients: list[int], limit: int) -> None:
        """Prove that the polynomial is at most `limit` on [0, 1] (BERNSTEIN), within the work that is left."""
        square = len(coefficients) ** 2
        self.spend(1 + square // 50)
        parts = require_bounded(coefficients, limit, most_parts=25 * (MAX_WORK - self.done) // square)
        self.spend(parts * square // 25)


@dataclass(frozen=True)
class RadialMeasure:
    """A signed measure of finitely many atoms on [0, 1], of total mass 0.

    Attributes:
        radii: r_i 2^radius_bits, increasing, in [0, 2^radius_bits].
        radius_bits: binary places of the radii.
        masses: c_i 2^mass_bits, none zero, of sum zero.
        mass_bits: binary places of the masses.
    """

    radii: tuple[int, ...]
    radius_bits: int
    masses: tuple[int, ...]
    mass_bits: int

    def total_variation(self) -> Fraction:
        """Return sum_i |c_i|."""
        return Fraction(sum(abs(mass) for mass in self.masses), 1 << self.mass_bits)

    def atoms(self) -> list[tuple[Fraction, Fraction]]:
        """Return the pairs (r_i, c_i)."""
        return [
            (Fraction(radius, 1 << self.radius_bits), Fraction(mass, 1 << self.mass_bits))
            for radius, mass in zip(self.radii, self.masses, strict=True)
        ]


def inverse_kappa(dimension: int, arithmetic: Arithmetic) -> tuple[Fraction, Fraction]:
    """Return an enclosure of 1/kappa = int_{-1}^{1} (1 - t^2)^((d-3)/2) dt (a point for odd d)."""
    rational, with_pi = Fraction(2), False
    start = 3
    if dimension % 2 == 0:
        rational, with_pi, start = Fraction(1), True, 2
    for lower in range(start, dimension, 2):
        # I_{d+2} = I_d (d-1)/d, integration by parts.
        rational *= Fraction(lower - 1, lower)
    if not with_pi:
        return rational, rational
    low, high = arithmetic.fractions(arithmetic.pi())
    return rational * low, rational * high


def require_response_bounded(measure: RadialMeasure, dimension: int, bound: Fraction, grading: int) -> int:
    """Prove |G(s)| <= bound for every s >= 0, or raise `NotBounded`; return the number of cells.

    Args:
        measure: the measure; atoms at radius 0 have no response.
        dimension: d >= 2.
        bound: what is to be proved.
        grading: for even d, cells are refined towards each atom down to about 2^-grading.
    """
    size = max(abs(mass) for mass in measure.masses).bit_length()
    precision = 160 + size + 2 * dimension
    arithmetic = Arithmetic(precision)
    scaled = bound * (1 << measure.mass_bits) * inverse_kappa(dimension, arithmetic)[0]
    limit = (scaled.numerator << precision) // scaled.denominator
    walk = _Walk(measure, dimension, limit, grading, arithmetic)
    return walk.run()


class _Walk:
    """From the largest atom down to s = 0, holding Ghat and Ghat' at the present point with error bounds.

    Lengths are integers in units of 2^-unit_bits, values integers in units of 2^-(precision + mass_bits).
    """

    def __init__(
        self, measure: RadialMeasure, dimension: int, limit: int, grading: int, arithmetic: Arithmetic
    ) -> None:
        self.dimension = dimension
        self.limit = limit
        self.arithmetic = arithmetic
        self.precision = arithmetic.precision
        extra = grading + 2
        self.unit_bits = measure.radius_bits + extra
        self.floor = 4 << measure.radius_bits
        atoms = [(r << extra, c) for r, c in zip(measure.radii, measure.masses, strict=True) if r > 0]
        self.atoms = atoms[::-1]
        self.tolerance = max(1, (limit >> _GUARD) // max(1, len(atoms)))
        self.value = self.value_error = self.slope = self.slope_error = 0
        self.cells = 0
        self.work = Work(dimension)

    def run(self) -> int:
        """Walk over all cells; raise `NotBounded` at the first that cannot be bounded."""
        self.work.plan(len(self.atoms) ** 2 // 2)
        for index, (radius, _) in enumerate(self.atoms):
            beyond = self.atoms[index + 1][0] if index + 1 < len(self.atoms) else 0
            active = self.atoms[: index + 1]
            if self.dimension % 2:
                self._cell(active, beyond, radius)
                continue
            edge = self._last_cell(index, beyond)
            for left, right in _graded(radius, beyond, edge):
                self._cell(active, left, right)
        return self.cells

    def _cell(self, atoms: list[tuple[int, int]], left: int, right: int, extra: int = 0) -> None:
        """Bound Ghat on [left, right] and move to `left`; `extra` bounds what else may be added to Ghat inside."""
        if left == right:
            return
        self.cells += 1
        # Everything in half units, so that the midpoint is an integer.
        middle, half = left + right, right - left
        series, error = self._second_derivative([(2 * radius, mass) for radius, mass in atoms], middle, half)
        unit = self.unit_bits + 1
        # With s = middle + half tau, w = (1 - tau)/2 in [0, 1] from right to left: Ghat'' = sum_k series_k (1 - 2w)^k.
        in_w = _shifted(series)
        length = 2 * half
        coefficients = [self.value, -(self.slope * length >> unit)]
        rounding = 1
        for power, coefficient in enumerate(in_w):
            coefficients.append((coefficient * length * length) // ((power + 1) * (power + 2) << 2 * unit))
            rounding += 1
        spread = (
            self.value_error
            + (self.slope_error * length >> unit)
            + (error * length * length >> 2 * unit + 1)
            + rounding
            + 2
        )
        if spread + extra >= self.limit:
            raise NotBounded("the accumulated rounding exceeds the bound; use more binary places")
        try:
            self.work.bound(coefficients, self.limit - spread - extra)
        except NotBounded as problem:
            place = right * 10**6 >> self.unit_bits
            raise NotBounded(f"just below s = {place}e-6: {problem}") from None
        self.value, self.value_error = sum(coefficients), spread
        # The slope at the left end: Ghat'(right) - int Ghat''.
        integral = sum(coefficient * length // ((power + 1) << unit) for power, coefficient in enumerate(in_w))
        self.slope -= integral
        self.slope_error += (error * length >> unit) + len(in_w) + 1

    def _second_derivative(self, atoms: list[tuple[int, int]], middle: int, half: int) -> tuple[list[int], int]:
        """Return (a, e): |Ghat''(middle + half tau) - sum_k a_k tau^k| <= e for every tau in [-1, 1]."""
        total: list[int] = []
        error = 0
        d = self.dimension
        self.work.spend(len(atoms) * self.work.visit)
        for radius, mass in atoms:
            # The series of mass/radius (1 - z^2)^((d-3)/2) at z = (middle + half tau)/radius.
            gap = (radius - middle) * (radius + middle)
            numerator, denominator = (gap, radius * radius) if d >= 3 else (radius * radius, gap)
            power = abs(d - 3)
            root = isqrt((numerator**power << 2 * self.precision) // denominator**power)
            scale = mass << self.unit_bits + 1
            term = scale * root // radius
            radii = abs(scale) // radius + 2
            previous, previous_radius = 0, 0
            remainder, shrink = self._remainder(radius, middle, half, abs(scale))
            index = 0
            while True:
                if index == len(total):
                    total.append(0)
                total[index] += term
                error += radii
                # remainder bounds sum_{k > index} |term_k|, and shrinks by half/(radius - middle) with each term.
                remainder = remainder * half // shrink + 1
                if index == d - 3 and d % 2:
                    break
                if d % 2 == 0 and remainder * (index + 2 if d == 2 else 1) <= self.tolerance:
                    error += remainder * (index + 2 if d == 2 else 1)
                    break
                self.work.spend(1)
                if index == MAX_TERMS:
                    raise NotBounded("the power series take more terms than the kernel allows")
                first = (2 * index - d + 3) * middle * half
                second = (index + 2 - d) * half * half
                divisor = gap * (index + 1)
                following = (first * term + second * previous) // divisor
                following_radius = (abs(first) * radii + abs(second) * previous_radius) // divisor + 2
                previous, previous_radius = term, radii
                term, radii = following, following_radius
                index += 1
        return total, error

    def _remainder(self, radius: int, middle: int, half: int, scale: int) -> tuple[int, int]:
        """Return (m, shrink), the majorant's start: |term_k| summed over k > n is at most m (half/shrink)^(n+1).

        For d >= 4 Cauchy's estimate on the disc |z - z0| < 1 - z0 gives |y| <= (4 (1 - z0))^((d-3)/2); for d = 2 the
        coefficients are at most (k+1) (1 - z0^2)^(-1/2) (1 - z0)^(-k), and the caller multiplies by n + 2.
        """
        distance = radius - middle
        d = self.dimension
        if d % 2:
            return 0, distance
        if half >= distance:
            raise NotBounded("a cell reaches over an atom")
        if d == 2:
            square = (radius * radius << 2 * self.precision) // ((radius - middle) * (radius + middle)) + 1
        else:
            square = ((4 * distance) ** (d - 3) << 2 * self.precision) // radius ** (d - 3) + 1
        start = (isqrt(square) + 1) * scale // radius + 1
        # sum_{k>n} theta^k = theta^(n+1)/(1-theta);  sum_{k>n} (k+1) theta^k <= (n+2) theta^(n+1)/(1-theta)^2.
        for _ in range(2 if d == 2 else 1):
            start = start * distance // (distance - half) + 1
        return start, distance

    def _last_cell(self, index: int, beyond: int) -> int:
        """Cross the small cell that touches atom `index` from the left (even d); return its left end."""
        radius, mass = self.atoms[index]
        depth = self.floor
        if index:
            depth = min(depth, 2 * (self.atoms[index - 1][0] - radius))
        edge = max(beyond, radius - depth)
        height, fall, slack = self._cap(edge, radius)
        contribution = abs(mass) * height // (1 << self.unit_bits) + 1
        self._cell(self.atoms[:index], edge, radius, contribution)
        # Atom `index` joins: Ghat += c r H(edge/r), Ghat' -= c I(edge/r).
        self.value += mass * height // (1 << self.unit_bits)
        self.value_error += abs(mass) * slack + 2
        self.slope -= mass * fall
        self.slope_error += abs(mass) * slack
        return edge

    def _cap(self, edge: int, radius: int) -> tuple[int, int, int]:
        """Return upper bounds of r H(z) and I(z) at z = edge/radius, and their slack (see `cap`).

        r H is in units of 2^-(unit_bits + precision), I in units of 2^-precision; the bounds exceed H and I by at
        most `slack` units of 2^-precision.
        """
        height, tail, _ = cap(self.arithmetic, self.dimension, Fraction(edge, radius))
        slack = max(height[1] - height[0], tail[1] - tail[0]) + 1
        return max(0, height[1]) * radius, tail[1], slack


def cap(ar: Arithmetic, dimension: int, point: Fraction) -> tuple[Interval, Interval, Interval]:
    """Return enclosures of H(z), I(z) and H(z) + z I(z) at a rational z in [0, 1], d even:

    H(z) = int_z^1 (t - z) (1 - t^2)^((d-3)/2) dt,   I(z) = -H'(z) = int_z^1 (1 - t^2)^((d-3)/2) dt.
    """
    z = ar.rational(point)
    q = ar.rational(1 - point**2)
    tail = ar.acos(z)  # I for d = 2
    power = ar.sqrt(q)  # q^((d-1)/2) for d = 2
    for lower in range(2, dimension, 2):
        # I_{d+2} = ((d-1) I_d - z q^((d-1)/2)) / d.
        tail = ar.scale(ar.sub(ar.scale(tail, Fraction(lower - 1)), ar.mul(z, power)), Fraction(1, lower))
        power = ar.mul(power, q)
    whole = ar.scale(power, Fraction(1, dimension - 1))
    return ar.sub(whole, ar.mul(z, tail)), tail, whole


def _graded(radius: int, beyond: int, edge: int) -> list[tuple[int, int]]:
    """Return cells [left, right] from `edge` down to `beyond` whose distance to the atom doubles."""
    cells = []
    right = edge
    while right > beyond:
        left = max(beyond, radius - 2 * (radius - right))
        cells.append((left, right))
        right = left
    return cells


def _shifted(series: list[int]) -> list[int]:
    """Return the coefficients in w of sum_k series_k (1 - 2w)^k."""
    result = [0] * len(series)
    # Horner's rule in the polynomial 1 - 2w.
    for top, coefficient in enumerate(reversed(series)):
        for index in range(top, 0, -1):
            result[index] -= 2 * result[index - 1]
        result[0] += coefficient
    return result
