"""Path-norm lower bounds in dimension 3 as a Coq file (`PathNorm.v`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.formats.coq.covering import Profile, at_norm, profile_lemma
from verify.formats.coq.source import BY_COMPUTATION, frame, integer, listing, network, real, vector

MAX_CUTS = 20_000


@dataclass(frozen=True)
class IntegerMeasure:
    """A signed measure on radii as `PathNorm.measure` has it.

    Attributes:
        scale: V; an atom (k, r) has mass k·r/V.
        unit: M; an atom (k, r) sits at the radius r/M.
        center: the mass at the radius 0, over V.
        atoms: pairs (k, r), 0 < r ≤ M.
        cuts: increasing positions up to M at which the response is checked, see `PathNorm.cells_ok`.
    """

    scale: int
    unit: int
    center: int
    atoms: tuple[tuple[int, int], ...]
    cuts: tuple[int, ...]


def integer_measure(radii: Sequence[Fraction], masses: Sequence[Fraction]) -> IntegerMeasure | None:
    """Return the measure in integers with cuts that prove it admissible, None if it does not seem to be.

    Args:
        radii: in [0, 1].
        masses: with sum 0, such that the response |∫ Ψ_s dν| is at most 1 for every s.
    """
    depth = 6
    unit = math.lcm(*(r.denominator for r in radii)) << depth
    inner = [(r * unit, m) for r, m in zip(radii, masses, strict=True) if r]
    weights = [m / r for r, m in inner]
    center = sum((m for r, m in zip(radii, masses, strict=True) if not r), Fraction(0))
    scale = math.lcm(center.denominator, *(w.denominator for w in weights))
    atoms = tuple((int(w * scale), int(r)) for w, (r, _) in zip(weights, inner, strict=True))
    limit = 4 * scale * unit
    cuts: list[int] = []
    todo = list(zip(*(lambda ends: (ends, ends[1:]))([0, *sorted({r for _, r in atoms} | {unit})]), strict=False))[::-1]
    while todo:
        low, high = todo.pop()
        active = [(k, r) for k, r in atoms if r >= high]
        ends = ((low, low), (low, high), (high, high))
        if all(abs(sum(k * (r - s) * (r - t) for k, r in active)) <= limit for s, t in ends):
            cuts.append(high)
        elif high - low < 2 or len(cuts) + len(todo) > MAX_CUTS:
            return None
        else:
            middle = (low + high) // 2
            todo += [(middle, high), (low, middle)]
    return IntegerMeasure(scale, unit, int(center * scale), atoms, tuple(cuts))


def provable_norm(measure: IntegerMeasure, profile: Profile, eps: Fraction) -> Fraction:
    """Return the bound ∫φ dν - eps |ν| that the measure proves."""
    phi = profile.network
    gain = Fraction(0)
    total = Fraction(0)
    for mass, r in [(Fraction(measure.center), 0), *((Fraction(k * r), r) for k, r in measure.atoms)]:
        value = Fraction(phi.constant) + sum(
            a * max(Fraction(0), w[0] * Fraction(r, measure.unit) + b) for a, w, b in phi.neurons
        )
        gain += mass * value / phi.denominator
        total += abs(mass)
    return (gain - eps * total) / measure.scale


def theorem(profile: Profile, eps: Fraction, norm: Fraction, measure: IntegerMeasure, title: str) -> str:
    """Return a file whose theorem `main` bounds the path norm of every network on R^3 near the profile from below."""
    arguments = " ".join(integer(v) for v in (eps.numerator, eps.denominator, norm.numerator, norm.denominator))
    atoms = listing((f"({integer(k)}, {integer(r)})" for k, r in measure.atoms), "  ")
    lemma, convert = "", "exact Happ."
    if profile.text is not None:
        lemma = profile_lemma(profile)
        convert = "intros x Hd Hx. rewrite (profile_value (norm x) (norm_ge0 x)). exact (Happ x Hd Hx)."
    body = f"""(* The profile, as a network of the one variable r. *)
Definition phi : znetwork := {network(profile.network)}.

(* The dual measure. *)
Definition dual : measure := Measure {integer(measure.scale)} {integer(measure.unit)} {integer(measure.center)}
  {atoms}
  {vector(measure.cuts)}.

Lemma accepted : path_norm_ok dual phi {arguments} = true.
Proof. {BY_COMPUTATION}. Qed.

Local Open Scope R_scope.

{lemma}(* Every network of depth 2 with three inputs, of any width. *)
Theorem main : forall N : network, inputs 3 N ->
  (forall x : list R, length x = 3%nat -> norm x <= 1 ->
     Rabs (value N x - {at_norm(profile)}) <= {real(eps)}) ->
  {real(norm)} <= path_norm N.
Proof.
  intros N HN Happ. refine (path_norm_sound dual phi {arguments} accepted N HN _).
  {convert}
Qed.
"""
    return frame(title, ("Vectors", "Networks", "PathNorm"), body)
