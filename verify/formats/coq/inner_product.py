"""Inner product mod 2 as a Coq file: depth 2 is wide (`InnerProduct.v`), depth 3 exact (`Parity.v`)."""

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


def depth3_size(n: int, bound: Fraction) -> int:
    """Return the number of neurons of `Parity.bounded_parity_network`, whose parameters are at most `bound`."""
    return n + sum(math.ceil(Fraction(4 * j or 2) / bound**2) for j in range(n))


def theorem(n: int, bound: Fraction, eps: Fraction, width: int, neurons: int, title: str) -> str:
    """Return a file with one theorem `main`: depth 2 needs `width` neurons, and `neurons` of depth 3 are exact."""
    arguments = " ".join(
        [str(n), *(integer(v) for v in (bound.numerator, bound.denominator, eps.numerator, eps.denominator, width))]
    )
    p, q, parameter, size = integer(bound.numerator), integer(bound.denominator), real(bound), integer(neurons)
    body = f"""Lemma accepted : width_ok {arguments} = true.
Proof. {BY_COMPUTATION}. Qed.

(* A network with two hidden layers, whose parameters are at most {bound}. *)
Definition N3 : network3 := bounded_parity_network {n} {p} {q}.

Lemma size_accepted : bounded_parity_size {n} {p} {q} = {size}.
Proof. vm_cast_no_check (eq_refl {size}). Qed.

Local Open Scope R_scope.

(* x and y run over {{0,1}}^{n}; chi x y = (-1)^(x.y). *)
Theorem main :
  (forall N : network, parameters_at_most ({parameter}) N ->
     mean {n} (fun x y => Rabs (value N (bits x ++ bits y) - chi x y)) <= {real(eps)} ->
     {integer(width)} <= INR (width N)) /\\
  (Z.of_nat (size3 N3) = {size}%Z /\\ parameters_at_most3 ({parameter}) N3 /\\
   forall x y : list bool, length x = {n}%nat -> length y = {n}%nat -> value3 N3 (bits x ++ bits y) = chi x y).
Proof.
  split.
  - intros N HN He. apply (depth2_width {arguments} accepted N).
    + replace (IZR {p} / IZR {q}) with ({parameter}) by field. exact HN.
    + replace (IZR {integer(eps.numerator)} / IZR {integer(eps.denominator)}) with ({real(eps)}) by field. exact He.
  - assert (Hb : (0 < {q} <= {p})%Z) by (split; [reflexivity|discriminate]).
    split; [exact (eq_trans (depth3_bounded_size {n} _ _ Hb) size_accepted)|]. split.
    + replace ({parameter}) with (IZR {p} / IZR {q}) by field.
      exact (depth3_bounded_parameters {n} _ _ Hb).
    + intros x y. apply (depth3_bounded_exact {n} _ _ Hb). apply Nat.ltb_lt. reflexivity.
Qed.

(* Without the bound 2n neurons are enough. *)
Theorem depth3_free : size3 (parity_network {n}) = {2 * n}%nat /\\
  parameters_at_most3 {max(4, n - 1)} (parity_network {n}) /\\
  forall x y : list bool, length x = {n}%nat -> length y = {n}%nat ->
  value3 (parity_network {n}) (bits x ++ bits y) = chi x y.
Proof.
  split; [apply depth3_size|]. split; [apply depth3_parameters; rewrite ?INR_IZR_INZ; simpl; lra|].
  intros x y. apply depth3_exact. apply Nat.ltb_lt. reflexivity.
Qed.
"""
    return frame(title, ("Vectors", "Networks", "Cube", "InnerProduct", "Parity"), body)
