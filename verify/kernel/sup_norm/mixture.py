"""Rule MIXTURE: an upper bound on the least path norm, by a radial mixture of neurons.

F(r) = b0 + sum_j mu_j Psi_{s_j}(r), Psi_s(r) = E_u max(0, r u_1 - s) = kappa r H(s/r) for r > s, is the mean over
rotations of networks with path norm sum_j |mu_j|. F'' = kappa sum_{s_j < r} mu_j s_j^2 r^-d (r^2 - s_j^2)^((d-3)/2);
the functions here work with F/kappa and integrate from r = 0 to the right, as `mean_neuron` does from the right in s.
Statement and proof: docs/rules/sup_norm.md, rule MIXTURE.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt

from verify.kernel.arithmetic.bernstein import NotBounded
from verify.kernel.arithmetic.elementary import Arithmetic
from verify.kernel.profiles.profile import Profile
from verify.kernel.sup_norm.mean_neuron import MAX_TERMS, Work, cap, inverse_kappa

MAX_CELLS = 60_000
KNOT_BITS = 64
"""Binary places, beside the grading, to which knots that are not dyadic are rounded."""
_GUARD = 30


@dataclass(frozen=True)
class Mixture:
    """Neurons averaged over all directions.

    Attributes:
        biases: s_j 2^bias_bits, increasing, in [0, 2^bias_bits).
        bias_bits: binary places of the biases.
        weights: mu_j 2^weight_bits.
        offset: b0 2^weight_bits.
        weight_bits: binary places of the weights.
    """

    biases: tuple[int, ...]
    bias_bits: int
    weights: tuple[int, ...]
    offset: int
    weight_bits: int

    def path_norm(self) -> Fraction:
        """Return sum_j |mu_j|."""
        return Fraction(sum(abs(weight) for weight in self.weights), 1 << self.weight_bits)


def require_close(mixture: Mixture, dimension: int, profile: Profile, epsilon: Fraction, grading: int) -> int:
    """Prove |F(r) - psi(r)| <= epsilon on [0, 1] for the profile's interpolant psi; return the number of cells.

    Raises:
        NotBounded: it is not, or could not be decided.
    """
    walk = _Walk(mixture, dimension, profile, epsilon, grading)
    walk.run()
    return walk.cells


class _Walk:
    """From r = 0 to r = 1, holding F/kappa and its derivative at the present point with error bounds.

    Lengths are integers in units of 2^-unit_bits, values integers in units of 2^-(precision + weight_bits).
    """

    def __init__(self, mixture: Mixture, dimension: int, profile: Profile, epsilon: Fraction, grading: int) -> None:
        size = max(abs(weight) for weight in (*mixture.weights, mixture.offset, 1)).bit_length()
        self.dimension = dimension
        self.precision = 160 + size + 2 * dimension
        self.arithmetic = Arithmetic(self.precision)
        dyadic = all(knot.denominator.bit_count() == 1 for knot in profile.knots)
        places = max(knot.denominator.bit_length() for knot in profile.knots) - 1 if dyadic else KNOT_BITS
        self.unit_bits = max(places, mixture.bias_bits) + grading + 2
        self.least = 1 << self.unit_bits - grading
        shift = self.unit_bits - mixture.bias_bits
        self.atoms = [(s << shift, w) for s, w in zip(mixture.biases, mixture.weights, strict=True)]
        self.knots = [round(knot * (1 << self.unit_bits)) for knot in profile.knots]
        if not dyadic:
            # The knots move by at most half a unit, and psi with them by at most its slope times that.
            if any(left >= right for left, right in pairwise(self.knots)):
                raise NotBounded(f"two knots of the profile are closer than 2^-{self.unit_bits}")
            lengths = (right - left for left, right in pairwise(profile.knots))
            rises = (abs(after - before) for before, after in pairwise(profile.values))
            steepest = max(rise / length for rise, length in zip(rises, lengths, strict=True))
            epsilon -= steepest / (1 << self.unit_bits)
        self.unit = 1 << self.precision + mixture.weight_bits
        self.inverse = inverse_kappa(dimension, self.arithmetic)
        self.targets = [self._over_kappa(value) for value in profile.values]
        self.limit = int(epsilon * self.inverse[0] * self.unit)
        self.tolerance = max(1, (self.limit >> _GUARD) // max(1, len(self.atoms)))
        self.value, self.value_error = self._over_kappa(Fraction(mixture.offset, 1 << mixture.weight_bits))
        # Neurons with s = 0 are linear in r: Psi_0(r) = kappa r H(0), H(0) = 1/(d - 1).
        still = sum(w for s, w in self.atoms if s == 0)
        self.slope, self.slope_error = (still << self.precision) // (dimension - 1), 1
        self.atoms = [(s, w) for s, w in self.atoms if s]
        self.cells = 0
        self.work = Work(dimension)

    def _over_kappa(self, number: Fraction) -> tuple[int, int]:
        """Return (v, e): |number/kappa - v| <= e in the units of values."""
        ends = sorted(int(number * side * self.unit) for side in self.inverse)
        return ends[0], ends[1] - ends[0] + 2

    def run(self) -> None:
        """Walk over all cells; raise `NotBounded` at the first that cannot be bounded."""
        places = sorted({*self.knots, *(s for s, _ in self.atoms)})
        biases = [s for s, _ in self.atoms]
        self.work.plan(sum(bisect_right(biases, left) for left in places[:-1]))
        starts = {s: index for index, (s, _) in enumerate(self.atoms)}
        for left, right in pairwise(places):
            active = bisect_right(biases, left)
            if self.dimension % 2 == 0 and left in starts:
                left = self._first_cell(starts[left], right)
            while left < right:
                middle = min(right, left + self._step(left, active))
                self._cell(self.atoms[:active], left, middle)
                left = middle

    def _step(self, left: int, active: int) -> int:
        """Return a length of a cell on which the power series of all active atoms converge well."""
        if not active:
            return 1 << self.unit_bits
        distance = left if self.dimension % 2 else left - self.atoms[active - 1][0]
        return max(1, distance // 2)

    def _first_cell(self, index: int, right: int) -> int:
        """Cross the small cell to the right of atom `index` (even d); return its right end."""
        start, weight = self.atoms[index]
        length = min(self.least, right - start)
        if index:
            length = min(length, max(1, (start - self.atoms[index - 1][0]) // 2))
        end = start + length
        height, _, whole = cap(self.arithmetic, self.dimension, Fraction(start, end))
        scale = 1 << self.unit_bits
        contribution = abs(weight) * max(0, height[1]) * end // scale + 1
        self._cell(self.atoms[:index], start, end, contribution)
        # The atom joins: F += mu r H(s/r), F' += mu (H + z I).
        self.value += weight * height[1] * end // scale
        self.value_error += abs(weight) * (height[1] - height[0] + 1) + 2
        self.slope += weight * whole[1]
        self.slope_error += abs(weight) * (whole[1] - whole[0])
        return end

    def _cell(self, atoms: list[tuple[int, int]], left: int, right: int, extra: int = 0) -> None:
        """Bound F - psi on [left, right] and move to `right`; `extra` bounds what else may be added to F inside."""
        self.cells += 1
        if self.cells > MAX_CELLS:
            raise NotBounded(f"more than {MAX_CELLS} cells")
        middle, half = left + right, right - left
        series, error = self._second_derivative([(2 * s, w) for s, w in atoms], middle, half)
        unit = self.unit_bits + 1
        # r = left + length w, w in [0, 1]; tau = 2w - 1.
        in_w = _shifted(series)
        length = 2 * half
        coefficients = [self.value, self.slope * length >> unit]
        for power, coefficient in enumerate(in_w):
            coefficients.append((coefficient * length * length) // ((power + 1) * (power + 2) << 2 * unit))
        spread = (
            self.value_error
            + (self.slope_error * length >> unit)
            + (error * length * length >> 2 * unit + 1)
            + len(coefficients)
            + 3
        )
        (at_left, first), (at_right, second) = self._target(left), self._target(right)
        slack = spread + extra + max(first, second) + 2
        if slack >= self.limit:
            raise NotBounded("the accumulated rounding exceeds the bound; use more binary places")
        difference = coefficients.copy()
        difference[0] -= at_left
        difference[1] -= at_right - at_left
        try:
            self.work.bound(difference, self.limit - slack)
        except NotBounded as problem:
            raise NotBounded(f"just above r = {left * 10**6 >> self.unit_bits}e-6: {problem}") from None
        self.value, self.value_error = sum(coefficients), spread
        self.slope += sum(coefficient * length // ((power + 1) << unit) for power, coefficient in enumerate(in_w))
        self.slope_error += (error * length >> unit) + len(in_w) + 1

    def _target(self, place: int) -> tuple[int, int]:
        """Return psi/kappa at a place between two knots, with its error."""
        index = min(bisect_right(self.knots, place), len(self.knots) - 1)
        a, b = self.knots[index - 1], self.knots[index]
        (u, e), (v, f) = self.targets[index - 1], self.targets[index]
        return u + (v - u) * (place - a) // (b - a), max(e, f) + 1

    def _second_derivative(self, atoms: list[tuple[int, int]], middle: int, half: int) -> tuple[list[int], int]:
        """Return (a, e): |F''/kappa (middle + half tau) - sum_k a_k tau^k| <= e for every tau in [-1, 1]."""
        total: list[int] = []
        error = 0
        d, m = self.dimension, middle
        self.work.spend(len(atoms) * self.work.visit)
        for s, weight in atoms:
            gap = m * m - s * s
            numerator, denominator = s**4 << 2 * self.unit_bits + 2, m ** (2 * d)
            if d >= 3:
                numerator *= gap ** (d - 3)
            else:
                denominator *= gap
            term = weight * isqrt((numerator << 2 * self.precision) // denominator)
            radii = abs(weight) + 1
            older = before = (0, 0)
            remainder, distance = self._remainder(s, m, half, abs(weight))
            p0, p1, p2 = m * gap, 3 * m * m - s * s, 3 * m
            q0, q1, q2 = d * s * s - 3 * m * m, -6 * m, -3
            index = 0
            while True:
                if index == len(total):
                    total.append(0)
                total[index] += term
                error += radii
                remainder = remainder * half // distance + 1
                if remainder <= self.tolerance:
                    error += remainder
                    break
                self.work.spend(1)
                if index == MAX_TERMS:
                    raise NotBounded("the power series take more terms than the kernel allows")
                c0 = half * (q0 - index * p1)
                c1 = half**2 * (q1 - (index - 1) * p2)
                c2 = half**3 * (q2 - (index - 2))
                divisor = p0 * (index + 1)
                following = (c0 * term + c1 * before[0] + c2 * older[0]) // divisor
                spoiled = (abs(c0) * radii + abs(c1) * before[1] + abs(c2) * older[1]) // divisor + 2
                older, before = before, (term, radii)
                term, radii = following, spoiled
                index += 1
        return total, error

    def _remainder(self, s: int, m: int, half: int, weight: int) -> tuple[int, int]:
        """Return (b, rho): the terms beyond k = n sum to at most b (half/rho)^(n+1) in absolute value (Cauchy).

        On |r - m| < rho: rho = m/2 for odd d, (m - s)/2 for even d (rule MIXTURE); doubled lengths.
        """
        d = self.dimension
        unit = 2 * self.unit_bits + 2
        # Squares of bounds of s^2 |r|^-d |r^2 - s^2|^((d-3)/2).
        if d % 2:
            rho = m // 2
            numerator, denominator = s**4 * (13 * m * m) ** (d - 3) * 4**d, m ** (2 * d) * 4 ** (d - 3)
        elif d == 2:
            rho = (m - s) // 2
            numerator, denominator = s**4 * 4**2 * 4, (m + s) ** 4 * (m - s) * (m + s)
        else:
            rho = (m - s) // 2
            numerator, denominator = s**4 * 4**d * (3 * m * (m - s)) ** (d - 3), (m + s) ** (2 * d)
        if half >= rho:
            raise NotBounded("a cell is too wide for its power series")
        start = weight * (isqrt((numerator << unit + 2 * self.precision) // denominator) + 1)
        return start * rho // (rho - half) + 1, rho


def _shifted(series: list[int]) -> list[int]:
    """Return the coefficients in w of sum_k series_k (2w - 1)^k."""
    result = [0] * len(series)
    for top, coefficient in enumerate(reversed(series)):
        for index in range(top, -1, -1):
            result[index] = -result[index] + (2 * result[index - 1] if index else 0)
        result[0] += coefficient
    return result
