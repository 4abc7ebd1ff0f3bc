"""Coq source text: integer literals, vectors, networks, and the frame of a certificate's `.v` file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.reader import decimal_text


@dataclass(frozen=True)
class IntegerNetwork:
    """N(x) = (constant + Σ a relu(w·x + b)) / denominator with integer data.

    Attributes:
        neurons: triples (a, w, b), w a tuple of d integers.
    """

    denominator: int
    constant: int
    neurons: tuple[tuple[int, tuple[int, ...], int], ...]


def integer(value: int) -> str:
    """Return an integer literal, in parentheses if negative."""
    text = decimal_text(int(value))
    return f"({text})" if value < 0 else text


def listing(items: Iterable[str], indent: str = "") -> str:
    """Return a Coq list; with an indent, one item a line."""
    separator = f";\n{indent}" if indent else "; "
    return "[" + separator.join(items) + "]"


def vector(values: Sequence[int]) -> str:
    """Return a list of integers."""
    return listing(integer(v) for v in values)


def network(value: IntegerNetwork) -> str:
    """Return a term of type `znetwork`."""
    neurons = listing((f"ZNeuron {integer(a)} {vector(w)} {integer(b)}" for a, w, b in value.neurons), "  ")
    return f"ZNetwork {integer(value.denominator)} {integer(value.constant)}\n  {neurons}"


def real(value: Fraction) -> str:
    """Return a rational as a term of type R, such as `1 / 20`."""
    text = integer(value.numerator)
    return text if value.denominator == 1 else f"{text} / {integer(value.denominator)}"


def frame(title: str, modules: Sequence[str], body: str) -> str:
    """Return a whole file: a comment, the imports, then `body`."""
    comment = title.replace("(*", "( *").replace("*)", "* )")
    return (
        f'(* {comment}\n   Compile with: coqc -Q "$(python -m verify coq-path)" Verify FILE.v *)\n'
        "From Coq Require Import ZArith Reals List Lra.\n"
        f"From Verify Require Import {' '.join(modules)}.\n"
        f"Import ListNotations.\nLocal Open Scope Z_scope.\n\n{body}"
    )


def universal_theorems(d: int, width: str, eps: Fraction, proof: str, member_proof: str) -> str:
    """Return the theorems of a universal family F: the same words, whichever rule proves them."""
    return f"""Local Open Scope R_scope.

Theorem main : forall phi : R -> R, lipschitz1 phi ->
  exists N : network, width N = {width} /\\
    forall x : list R, length x = {d}%nat -> norm x <= 1 ->
    Rabs (value N x - phi (norm x)) <= {real(eps)}.
Proof. {proof} Qed.

(* The network is the family's member: its hidden layer is the same for every phi. *)
Theorem main_member : forall phi : R -> R, lipschitz1 phi -> forall x : list R, length x = {d}%nat -> norm x <= 1 ->
  Rabs (value (member F phi) x - phi (norm x)) <= {real(eps)}.
Proof. {member_proof} Qed.
"""


# The computation runs once, in Coq's virtual machine, when the kernel checks the proof.
BY_COMPUTATION = "vm_cast_no_check (eq_refl true)"
