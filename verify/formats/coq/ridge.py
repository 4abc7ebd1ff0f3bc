"""Theorem 3 as a Coq file: the ridge rule (`Ridge.v`)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from verify.formats.coq.source import BY_COMPUTATION, IntegerNetwork, frame, integer, listing, network, real, vector

Monomial = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class RidgeGroup:
    """Directions that share a weight of the identity and a profile; see `Ridge.group`.

    Attributes:
        weight: the integer weight m of the identity (over `RidgeProof.common`).
        units: triples (a, s, c), the functions a·relu(s·t + c); the profile is (level + Σ units) / scale.
        first_knot: an integer over `knot_scale`.
        knots: the next knots, each with the point whose tangent serves on the cell before it.
        below, above: the profile's errors on the side of 0 and on the other, over `scale`.
        majorant: coefficients of t^2, t^4, ... that are added to the error above.
    """

    weight: int
    directions: tuple[tuple[int, ...], ...]
    units: tuple[tuple[int, int, int], ...]
    level: int
    first_knot: int
    knots: tuple[tuple[int, int], ...]
    below: int
    above: int
    majorant: tuple[int, ...] = ()


@dataclass(frozen=True)
class RidgeProof:
    """The data that `Ridge.ridge_ok` checks for |x|^(2k) on B_d."""

    d: int
    k: int
    common: int
    knot_scale: int
    scale: int
    groups: tuple[RidgeGroup, ...]
    bound_positive: tuple[tuple[int, tuple[Monomial, ...]], ...] = ()
    bound_negative: tuple[tuple[int, tuple[Monomial, ...]], ...] = ()

    def network(self) -> IntegerNetwork:
        """Return the network that the proof speaks about, in the order of `Ridge.built_network`."""
        neurons = tuple(
            (a, tuple(s * t for t in w), c) for g in self.groups for w in g.directions for a, s, c in g.units
        )
        return IntegerNetwork(self.scale, sum(len(g.directions) * g.level for g in self.groups), neurons)

    def error(self) -> Fraction:
        """Return the total error that the proof adds up to."""
        totals = [sum(C for C, _ in self.bound_positive), sum(C for C, _ in self.bound_negative)]
        for g in self.groups:
            sides = (g.above, g.below) if g.weight >= 0 else (g.below, g.above)
            for side in (0, 1):
                totals[side] += self.common * len(g.directions) * sides[side]
        return Fraction(max(totals), self.common * self.scale)


def fitted_group(
    *,
    k: int,
    common: int,
    knot_scale: int,
    scale: int,
    weight: int,
    directions: tuple[tuple[int, ...], ...],
    units: tuple[tuple[int, int, int], ...],
    level: int,
    knots: list[int],
    majorant: tuple[int, ...] = (),
) -> RidgeGroup:
    """Return the group with the best tangents and the least errors that the rule accepts."""
    sign = 1 if weight >= 0 else -1
    G, M = common * int(knot_scale ** (2 * k - 1)), scale * abs(weight)
    unit = G * knot_scale
    coefficients: list[int] = [M if j == k else 0 for j in range(1, k + 1)]
    for j, a in enumerate(majorant, start=1):
        coefficients[j - 1] += a * knot_scale ** (2 * (k - j))

    def profile(t: int) -> int:
        return sign * G * (level * knot_scale + sum(a * max(0, s * t + c * knot_scale) for a, s, c in units))

    def value(t: int) -> int:
        return sum(c * int(t ** (2 * j)) for j, c in enumerate(coefficients, start=1))

    def slope(t: int) -> int:
        return 2 * sum(j * c * t * int(t ** (2 * j - 2)) for j, c in enumerate(coefficients, start=1))

    below = above = -(1 << 4000)
    fitted = []
    for left, right in pairwise(knots):
        low_value, high_value = profile(left), profile(right)
        low, high = left, right
        while high - low > 1:
            middle = (low + high) // 2
            if slope(middle) * (right - left) < high_value - low_value:
                low = middle
            else:
                high = middle
        best = None
        for m in (low, high):
            base, rise = value(m), slope(m)
            excess = max(low_value - base - rise * (left - m), high_value - base - rise * (right - m))
            if best is None or excess < best[0]:
                best = (excess, m)
        assert best is not None
        above = max(above, -(-best[0] // unit))
        below = max(below, *(-(-(M * t ** (2 * k) - f) // unit) for t, f in ((left, low_value), (right, high_value))))
        fitted.append((right, best[1]))
    return RidgeGroup(weight, directions, units, level, knots[0], tuple(fitted), below, above, majorant)


def theorem(claimed: IntegerNetwork, proof: RidgeProof, eps: Fraction, title: str) -> str:
    """Return a file whose theorem `main` says that `claimed` is within eps of |x|^(2k) on the unit ball."""
    groups = listing((_group(g) for g in proof.groups), "  ")
    arguments = f"proof N {integer(eps.numerator)} {integer(eps.denominator)}"
    body = f"""(* The network: (c + sum a relu(w.x + b)) / S. *)
Definition N : znetwork := {network(claimed)}.

(* The Hilbert identity and the profiles that prove the bound. *)
Definition proof : certificate := Certificate {proof.d} {proof.k - 1} {integer(proof.common)}
  {integer(proof.knot_scale)} {integer(proof.scale)}
  {groups}
  {_bounds(proof.bound_positive)}
  {_bounds(proof.bound_negative)}.

Lemma accepted : ridge_ok {arguments} = true.
Proof. {BY_COMPUTATION}. Qed.

Local Open Scope R_scope.

Theorem main : forall x : list R, length x = {proof.d}%nat -> norm x <= 1 ->
  Rabs (eval N x - norm x ^ {2 * proof.k}) <= {real(eps)}.
Proof. exact (ridge_sound_at {arguments} {2 * proof.k} ({real(eps)}) accepted eq_refl (Rle_refl _)). Qed.
"""
    return frame(title, ("Vectors", "Networks", "Profiles", "Ridge"), body)


def _group(g: RidgeGroup) -> str:
    units = listing(f"({integer(a)}, {integer(s)}, {integer(c)})" for a, s, c in g.units)
    knots = listing(f"({integer(r)}, {integer(m)})" for r, m in g.knots)
    return (
        f"Group {integer(g.weight)}\n   {listing(vector(w) for w in g.directions)}\n   {units}\n"
        f"   {integer(g.level)} {integer(g.first_knot)}\n   {knots}\n"
        f"   {integer(g.below)} {integer(g.above)} {vector(g.majorant)}"
    )


def _bounds(bounds: tuple[tuple[int, tuple[Monomial, ...]], ...]) -> str:
    return listing(f"({integer(C)}, {listing(_monomial(m) for m in rest)})" for C, rest in bounds)


def _monomial(monomial: Monomial) -> str:
    coefficient, exponents = monomial
    return f"({integer(coefficient)}, {listing(f'{n}%nat' for n in exponents)})"
