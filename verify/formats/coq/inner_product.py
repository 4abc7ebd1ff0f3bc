"""Inner product mod 2 as a Coq file: the depth-2 lower bound and the exact depth-3 network (`InnerProduct.v`)."""

from __future__ import annotations

import math
from fractions import Fraction

from verify.formats.coq.source import BY_COMPUTATION, frame, integer, real


def provable_width(n: int, bound: Fraction, eps: Fraction) -> int:
    """Return the largest width bound that `InnerProduct.width_ok` accepts (0 if none)."""
    size, root = 1 << n, math.isqrt(1 << n)
    b1, b2, e1, e2 = bound.numerator, bound.denominator, eps.numerator, eps.denominator
    room = 4 * root * b2 * (size * b2 * e2 - size * b2 * e1 - b1 * e2)
    step = b1 * b1 * (2 * (1 + 2 * n) * root + n * size) * e2
    return max(0, -(-room // step))


def theorem(n: int, bound: Fraction, eps: Fraction, width: int, title: str) -> str:
    """Return a file with the theorems `main` (every depth-2 network is at least `width` wide) and `depth3`."""
    arguments = " ".join(
        [str(n), *(integer(v) for v in (bound.numerator, bound.denominator, eps.numerator, eps.denominator, width))]
    )
    body = f"""Lemma accepted : width_ok {arguments} = true.
Proof. {BY_COMPUTATION}. Qed.

Local Open Scope R_scope.

(* x and y run over {{0,1}}^{n}; chi x y = (-1)^(x.y). *)
Theorem main : forall N : network, parameters_at_most ({real(bound)}) N ->
  mean {n} (fun x y => Rabs (value N (bits x ++ bits y) - chi x y)) <= {real(eps)} ->
  {integer(width)} <= INR (width N).
Proof.
  intros N HN He. apply (depth2_width {arguments} accepted N).
  - replace (IZR {integer(bound.numerator)} / IZR {integer(bound.denominator)}) with ({real(bound)}) by field. exact HN.
  - replace (IZR {integer(eps.numerator)} / IZR {integer(eps.denominator)}) with ({real(eps)}) by field. exact He.
Qed.

(* With two hidden layers {2 * n} neurons compute chi exactly. *)
Theorem depth3 : size3 (parity_network {n}) = {2 * n}%nat /\\
  forall x y : list bool, length x = {n}%nat -> length y = {n}%nat ->
  value3 (parity_network {n}) (bits x ++ bits y) = chi x y.
Proof.
  split; [reflexivity|]. intros x y. apply depth3_exact. apply Nat.ltb_lt. reflexivity.
Qed.
"""
    return frame(title, ("Vectors", "Networks", "InnerProduct"), body)
