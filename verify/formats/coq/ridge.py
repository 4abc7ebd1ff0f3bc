"""Theorem 3 as a Coq file: the ridge rule (`Ridge.v`)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verify.formats.coq.source import BY_COMPUTATION, IntegerNetwork, frame, integer, listing, network, real, vector


@dataclass(frozen=True)
class RidgeGroup:
    """Directions that share a weight of the identity and a profile; see `Ridge.group`.

    Attributes:
        weight: the integer weight m of the identity (over `RidgeProof.common`).
        units: triples (a, s, c), the functions a·relu(s·t + c); the profile is (level + Σ units) / scale.
        knots: increasing integers over `knot_scale`, from -T to T with T ≥ |w|, affine between neighbours.
        error: an integer over `scale` that bounds the profile's error.
    """

    weight: int
    directions: tuple[tuple[int, ...], ...]
    units: tuple[tuple[int, int, int], ...]
    level: int
    knots: tuple[int, ...]
    error: int


@dataclass(frozen=True)
class RidgeProof:
    """The data that `Ridge.ridge_ok` checks for |x|^(2k) on B_d."""

    d: int
    k: int
    common: int
    knot_scale: int
    scale: int
    groups: tuple[RidgeGroup, ...]

    def network(self) -> IntegerNetwork:
        """Return the network that the proof speaks about, in the order of `Ridge.built_network`."""
        neurons = tuple(
            (a, tuple(s * t for t in w), c) for g in self.groups for w in g.directions for a, s, c in g.units
        )
        return IntegerNetwork(self.scale, sum(len(g.directions) * g.level for g in self.groups), neurons)

    def error(self) -> Fraction:
        """Return the total error that the groups add up to."""
        return Fraction(sum(len(g.directions) * g.error for g in self.groups), self.scale)


def theorem(claimed: IntegerNetwork, proof: RidgeProof, eps: Fraction, title: str) -> str:
    """Return a file whose theorem `main` says that `claimed` is within eps of |x|^(2k) on the unit ball."""
    groups = listing(
        (
            f"Group {integer(g.weight)}\n   {listing(vector(w) for w in g.directions)}\n"
            f"   {listing(f'({integer(a)}, {integer(s)}, {integer(c)})' for a, s, c in g.units)}\n"
            f"   {integer(g.level)}\n   {vector(g.knots)}\n   {integer(g.error)}"
            for g in proof.groups
        ),
        "  ",
    )
    body = f"""(* The network: (c + sum a relu(w.x + b)) / S. *)
Definition N : znetwork := {network(claimed)}.

(* The Hilbert identity and the profiles that prove the bound. *)
Definition proof : certificate := Certificate {proof.d} {proof.k - 1} {integer(proof.common)}
  {integer(proof.knot_scale)} {integer(proof.scale)}
  {groups}.

Lemma accepted : ridge_ok proof N {integer(eps.numerator)} {integer(eps.denominator)} = true.
Proof. {BY_COMPUTATION}. Qed.

Local Open Scope R_scope.

Theorem main : forall x : list R, length x = {proof.d}%nat -> norm x <= 1 ->
  Rabs (eval N x - norm x ^ {2 * proof.k}) <= {real(eps)}.
Proof. exact (ridge_sound_at proof N {integer(eps.numerator)} {integer(eps.denominator)} {2 * proof.k} ({real(eps)})
  accepted eq_refl ltac:(lra)). Qed.
"""
    return frame(title, ("Vectors", "Networks", "HilbertIdentity", "Ridge"), body)
