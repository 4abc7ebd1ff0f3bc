"""Rule "radial depth 3": the error on the unit ball of N(x) = q(p(x_1) + ... + p(x_d)) against a radial target.

p approximates t^2 and q the target as a function of |x|^2; both are piecewise linear and one ReLU a kink. Statement
and proof: docs/rules/sup_norm.md, rule "radial depth 3".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from verify.kernel.arithmetic.decimals import rounded_up
from verify.kernel.check import Resources
from verify.kernel.fields import Fields, positive
from verify.kernel.outcome import Malformed, Rejected, Theorem
from verify.kernel.profiles.profile import Profile, read_profile

RULE = "RADIAL DEPTH 3"
MAX_DIMENSION = 10_000
MAX_KNOTS = 20_000
MAX_BITS = 120
MAX_CUTS = 20_000
MAX_CROSSINGS = 200_000
"""Pieces of the profile times the outer kinks that they meet: seconds of rational arithmetic."""
MAX_SIZE = 1 << 200


@dataclass(frozen=True)
class Hinges:
    """The function offset + sum_l coefficients[l] max(0, t - knots[l]); the knots in order, possibly repeated."""

    offset: Fraction
    knots: tuple[Fraction, ...]
    coefficients: tuple[Fraction, ...]

    def lines(self) -> list[tuple[Fraction, Fraction]]:
        """Return (slope, intercept) of each linear piece, from left to right; one more than there are knots."""
        slopes = accumulate(self.coefficients, initial=Fraction(0))
        shifts = accumulate((u * k for u, k in zip(self.coefficients, self.knots, strict=True)), initial=Fraction(0))
        return [(slope, self.offset - shift) for slope, shift in zip(slopes, shifts, strict=True)]


@dataclass(frozen=True)
class RadialDepth3:
    """The network N(x) = outer(sum_i (inner(x_i) + inner(-x_i) - inner.offset)), x in R^d.

    First layer: max(0, c x_i - c t_j) and max(0, -c x_i - c t_j) for every coordinate and every inner knot t_j >= 0,
    input weights c and -c. Second layer: one neuron for each outer knot, fed by all first-layer neurons with the inner
    coefficients times e/c; output weights are the outer coefficients over e. As max(0, ct) = c max(0, t) for c > 0,
    the function does not depend on `scales` = (c, e).
    """

    dimension: int
    inner: Hinges
    outer: Hinges
    scales: tuple[Fraction, Fraction] = (Fraction(1), Fraction(1))

    def neurons(self) -> int:
        """Return the number of neurons of both hidden layers."""
        return 2 * self.dimension * len(self.inner.knots) + len(self.outer.knots)

    def largest_weight(self) -> Fraction:
        """Return the largest absolute value of a weight, biases not counted."""
        first, second = self.scales
        return max(
            first,
            max(map(abs, self.inner.coefficients)) * second / first,
            max(map(abs, self.outer.coefficients)) / second,
        )

    def largest_bias(self) -> Fraction:
        """Return the largest absolute value of a bias of the three layers."""
        start = self.dimension * self.inner.offset
        first, second = self.scales
        return max(
            first * max(map(abs, self.inner.knots)),
            second * max(abs(start - knot) for knot in self.outer.knots),
            abs(self.outer.offset),
        )


def read_network(fields: Fields, dimension: int) -> RadialDepth3:
    """Read the network; every key of `fields` is used."""
    unit = Fraction(1, 1 << fields.integer("bits", 0, MAX_BITS))
    inner = _hinges(fields, "inner", unit)
    outer = _hinges(fields, "outer", unit)
    scales = fields.rationals("scales", most=2, digits=60) if fields.has("scales") else [Fraction(1), Fraction(1)]
    fields.done()
    if len(scales) != 2 or min(scales) <= 0:
        raise Malformed(fields.place("scales"), "must be two positive numbers")
    if inner.knots[0] < 0:
        raise Malformed(fields.place("inner"), "a negative knot")
    return RadialDepth3(dimension, inner, outer, (scales[0], scales[1]))


def _hinges(fields: Fields, key: str, unit: Fraction) -> Hinges:
    part = fields.fields(key)
    offset = part.integer("offset", -MAX_SIZE, MAX_SIZE)
    knots = part.integers("knots", most=MAX_KNOTS, low=-MAX_SIZE, high=MAX_SIZE)
    coefficients = part.integers("coefficients", most=MAX_KNOTS, low=-MAX_SIZE, high=MAX_SIZE)
    part.done()
    if not knots or len(knots) != len(coefficients):
        raise Malformed(part.where, f"{len(knots)} knots and {len(coefficients)} coefficients")
    if any(left > right for left, right in pairwise(knots)):
        raise Malformed(part.where, "the knots must not decrease")
    return Hinges(offset * unit, tuple(k * unit for k in knots), tuple(c * unit for c in coefficients))


@dataclass(frozen=True)
class SquareBand:
    """-below[0] - below[1] t^2 <= p(t) - t^2 <= above[0] + above[1] t^2 for every t in [-1, 1]."""

    below: tuple[Fraction, Fraction]
    above: tuple[Fraction, Fraction]


def proved_error(network: RadialDepth3, band: SquareBand, profile: Profile, cuts: int = 1) -> Fraction:
    """Return a bound of |N(x) - phi(|x|)| over the unit ball, given a band that holds; radii are cut at i / cuts."""
    return _outer_error(network, band, _cut(profile, cuts)) + profile.radius


def _cut(profile: Profile, cuts: int) -> list[tuple[Fraction, Fraction]]:
    """Return the points (r, psi(r)) at the profile's knots and at the multiples of 1 / cuts, in order."""
    points = [(profile.knots[0], profile.values[0])]
    for (a, b), (u, v) in zip(pairwise(profile.knots), pairwise(profile.values), strict=True):
        first, after = a * cuts // 1 + 1, -(-b * cuts // 1)  # whole numbers i with a < i / cuts < b
        between = (Fraction(i, cuts) for i in range(first, after))
        points += [(r, u + (v - u) * (r - a) / (b - a)) for r in between]
        points.append((b, v))
    return points


def read_band(network: RadialDepth3, proof: Fields) -> SquareBand:
    """Read the band of `proof` and check it."""
    band = SquareBand(_pair(proof, "square_below"), _pair(proof, "square_above"))
    _check_band(network.inner, band, proof)
    return band


def _pair(proof: Fields, key: str) -> tuple[Fraction, Fraction]:
    values = proof.rationals(key, most=2)
    if len(values) != 2 or not all(0 <= value < 1 for value in values):
        raise Malformed(proof.place(key), "must be two numbers in [0, 1)")
    return values[0], values[1]


def _check_band(inner: Hinges, band: SquareBand, proof: Fields) -> None:
    """Check the band on each linear piece of the even function p on [0, 1]; both conditions concern concave quadratics.

    p(t) <= A + (1 + C) t^2 says that (1 + C) t^2 - m t + A - b >= 0: at the vertex, or at the ends if that is outside.
    p(t) >= -A + (1 - C) t^2 says that a concave function is >= 0: at the ends.
    """
    # p(t) = inner(t) for t > 0: a knot at 0 counts on both sides, and a kink at 0 gives max(0, t) + max(0, -t).
    ends = [Fraction(0), *(knot for knot in inner.knots if 0 < knot < 1), Fraction(1)]
    lines = inner.lines()
    (a_low, c_low), (a_high, c_high) = band.below, band.above
    for left, right in pairwise(ends):
        slope, intercept = lines[bisect_right(inner.knots, left)]
        points = [left, right]
        vertex = slope / (2 * (1 + c_high))
        if left < vertex < right:
            points.append(vertex)
        for t in points:
            if slope * t + intercept > a_high + (1 + c_high) * t * t:
                raise Rejected(RULE, proof.place("square_above"), f"fails on the piece that starts at knot {left}")
        for t in (left, right):
            if slope * t + intercept < (1 - c_low) * t * t - a_low:
                raise Rejected(RULE, proof.place("square_below"), f"fails on the piece that starts at knot {left}")


def _outer_error(network: RadialDepth3, band: SquareBand, psi: list[tuple[Fraction, Fraction]]) -> Fraction:
    """Return the largest |q(S) - psi(r)| over a polygon cover of {(r, S): S may be sum_i p(x_i) where |x| = r}.

    psi is linear between its points (r, psi(r)). Between two of them the polygon is a trapezoid, and q(S) - psi(r) is
    linear on each strip of it between two kinks of q: the vertices suffice.
    """
    d = network.dimension
    lower = 1 - band.below[1]
    upper = 1 + band.above[1]
    kinks = network.outer.knots
    lines = network.outer.lines()
    # inner(x) + inner(-x) - offset, summed: d offsets are part of S already.
    worst = Fraction(0)
    trapezoids = []
    crossings = 0
    for (r0, _), (r1, _) in pairwise(psi):
        # U(r) = upper r^2 + dA lies below its chord, L(r) = lower r^2 - dA above its tangent at the midpoint.
        sag = lower * (r1 - r0) ** 2 / 4
        u0, u1 = (upper * r * r + d * band.above[0] for r in (r0, r1))
        l0, l1 = (lower * r * r - d * band.below[0] - sag for r in (r0, r1))
        inside = bisect_left(kinks, l0), bisect_right(kinks, u1)
        crossings += inside[1] - inside[0] + 1
        if crossings > MAX_CROSSINGS:
            raise Rejected(RULE, "proof", f"more than {MAX_CROSSINGS:,} crossings of pieces and kinks")
        trapezoids.append((u0, u1, l0, l1, inside))

    def at(s: Fraction) -> Fraction:
        slope, intercept = lines[bisect_right(kinks, s)]
        return slope * s + intercept

    for ((_, f0), (_, f1)), (u0, u1, l0, l1, (first_kink, last_kink)) in zip(pairwise(psi), trapezoids, strict=True):
        corners = [(f0, at(u0)), (f1, at(u1)), (f0, at(l0)), (f1, at(l1))]
        for kink in kinks[first_kink:last_kink]:
            value = at(kink)
            first = f0 if kink <= u0 else f0 + (f1 - f0) * (kink - u0) / (u1 - u0)
            last = f1 if kink >= l1 else f0 + (f1 - f0) * (kink - l0) / (l1 - l0)
            corners += [(first, value), (last, value)]
        worst = max(worst, *(abs(value - target) for target, value in corners))
    return worst


def check_depth3(document: Fields, resources: Resources) -> Theorem:
    """Check one certificate of claim kind "depth3-approximation"."""
    claim = document.fields("claim")
    claim.text("kind")
    proof = document.fields("proof")
    proof.choice("rule", ("radial-depth3",))
    dimension = claim.integer("dimension", 1, MAX_DIMENSION)
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    epsilon = positive(claim, "epsilon")
    weight_bound = positive(claim, "weight_bound")
    neurons = claim.integer("neurons", 1, 10**12)
    claim.done()
    network = read_network(document.fields("network"), dimension)
    error = prove_network(network, profile, proof, epsilon, weight_bound, neurons)
    proof.done()
    return Theorem(
        f"Let f(x) = phi(|x|) on the unit ball of R^{dimension}, where {profile.text} ({profile.lipschitz}-Lipschitz). "
        f"The depth-3 ReLU network of this certificate, with {neurons} neurons in all, "
        f"{weights_text(network, weight_bound)}, is within {epsilon} of f in the sup norm.",
        ("kernel rules RADIAL DEPTH 3, TUBE, LIPSCHITZ (rationals only)",),
        {**figures(network, epsilon, error, weight_bound), "dimension": dimension},
    )


def prove_network(
    network: RadialDepth3, profile: Profile, proof: Fields, epsilon: Fraction, weight_bound: Fraction, neurons: int
) -> Fraction:
    """Check everything that a claim says of a network; return the proved bound of its error, at most epsilon."""
    if network.neurons() != neurons:
        raise Rejected(RULE, "claim.neurons", f"the network has {network.neurons()} neurons")
    if network.largest_weight() > weight_bound:
        raise Rejected(RULE, "claim.weight_bound", f"a weight is {rounded_up(network.largest_weight())}")
    cuts = proof.integer("cuts", 1, MAX_CUTS) if proof.has("cuts") else 1
    error = proved_error(network, read_band(network, proof), profile, cuts)
    if error > epsilon:
        raise Rejected(RULE, "claim.epsilon", f"the error is proved to be at most {rounded_up(error)} only")
    return error


def weights_text(network: RadialDepth3, weight_bound: Fraction) -> str:
    """Return what holds of the network's weights and biases, in words."""
    if network.largest_bias() <= weight_bound:
        return f"all weights and biases at most {weight_bound} in absolute value"
    return f"all weights (biases not counted) at most {weight_bound} in absolute value"


def figures(network: RadialDepth3, epsilon: Fraction, error: Fraction, weight_bound: Fraction) -> dict[str, str | int]:
    """Return the numbers of a network for tables."""
    return {
        "epsilon": str(epsilon),
        "depth-3 neurons": network.neurons(),
        "first hidden layer": network.neurons() - len(network.outer.knots),
        "second hidden layer": len(network.outer.knots),
        "depth-3 error at most": rounded_up(error),
        "largest depth-3 weight": rounded_up(network.largest_weight()),
        "largest depth-3 bias": rounded_up(network.largest_bias()),
        "weight bound": str(weight_bound),
    }
