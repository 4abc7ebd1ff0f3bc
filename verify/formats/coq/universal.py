"""Theorem 2 for every 1-Lipschitz profile as a Coq file: the covering rule for families (`Universal.v`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from verify.formats.coq.covering import DOMAINS
from verify.formats.coq.source import BY_COMPUTATION, frame, integer, listing, real, universal_theorems, vector

POINT_SCALE = 1 << 13
SLOPE_SCALE = 1 << 6
VALUE_BITS = 31


@dataclass(frozen=True)
class IntegerFamily:
    """A family as `Universal.family` has it.

    Attributes:
        scale: S, the denominator of the bins' constants and outputs.
        edge_scale: T; the edges end at T.
        edges: s_1 < ... < s_m = 1, over T.
        hidden: pairs (w, b).
        bins: for each bin a constant and the outputs of the hidden units.
    """

    scale: int
    edge_scale: int
    edges: tuple[int, ...]
    hidden: tuple[tuple[tuple[int, ...], int], ...]
    bins: tuple[tuple[int, tuple[int, ...]], ...]


def integer_family(
    *,
    bits: tuple[int, int, int, int, int],
    edges: list[int],
    constants: list[int],
    blocks: list[tuple[list[list[int]], list[int], list[int], list[list[int]]]],
) -> IntegerFamily:
    """Return the family of a certificate in the integers of `Universal.family`.

    Args:
        bits: direction, weight, knot, coefficient and edge bits.
        edges: 0 = s_0 < ... < s_m.
        constants: one for each bin.
        blocks: (directions, weights, knots, coefficients[knot][bin]) each.
    """
    direction_bits, weight_bits, knot_bits, coefficient_bits, edge_bits = bits
    inner = max(direction_bits, knot_bits)
    columns: list[list[int]] = [[] for _ in constants]
    totals = [c << (weight_bits + inner) for c in constants]
    hidden: list[tuple[tuple[int, ...], int]] = []
    for directions, weights, knots, coefficients in blocks:
        lines = [tuple(t << (inner - direction_bits) for t in w) for w in directions]
        for knot, row in zip(knots, coefficients, strict=True):
            shift = knot << (inner - knot_bits)
            for w, weight in zip(lines, weights, strict=True):
                # |t| = 2 relu(t) - t: a kink at 0 costs one unit, and the linear parts are added up below.
                sides = [w] if knot == 0 else [w, tuple(-t for t in w)]
                for side in sides:
                    hidden.append((side, -shift))
                    for column, a in zip(columns, row, strict=True):
                        column.append((1 if knot else 2) * a * weight)
        form = tuple(
            sum(weight * w[axis] for w, weight in zip(lines, weights, strict=True)) for axis in range(len(lines[0]))
        )
        if knots[0] == 0 and any(form):
            # form.x = relu(form.x + level) - level on the ball; short numbers make Coq faster
            size = math.gcd(*form)
            form = tuple(t // size for t in form)
            level = 1 << (math.isqrt(sum(t * t for t in form)) + 1).bit_length()
            hidden.append((form, level))
            for place, (column, a) in enumerate(zip(columns, coefficients[0], strict=True)):
                column.append(-a * size)
                totals[place] += a * size * level
    scale = 1 << (coefficient_bits + weight_bits + inner)
    common = math.gcd(scale, *totals, *(a for column in columns for a in column))
    rows = tuple(
        (total // common, tuple(a // common for a in column)) for total, column in zip(totals, columns, strict=True)
    )
    return IntegerFamily(scale // common, 1 << edge_bits, tuple(edges[1:]), tuple(hidden), rows)


def theorem(family: IntegerFamily, d: int, eps: Fraction, title: str, domain: str = "ball", *, depth: int = 60) -> str:
    """Return a file whose theorem `main` gives every 1-Lipschitz phi a network of one fixed width within eps."""
    # Points in 2^-13, slopes in 1/64, values of bins in 2^-30: the shorter the integers, the faster is Coq.
    refine = max(1, POINT_SCALE // family.edge_scale)
    one = SLOPE_SCALE * refine * family.edge_scale * family.scale
    shift = min((one & -one).bit_length() - 1, max(0, one.bit_length() - VALUE_BITS))
    width = len(family.hidden)
    scales = f"{refine} {SLOPE_SCALE} {SLOPE_SCALE} {shift}"
    target = f"{integer(eps.numerator)} {integer(eps.denominator)}"
    arguments = f"{DOMAINS[domain]} {d} {scales} {depth} F {target}"
    hidden = listing((f"({vector(w)}, {integer(b)})" for w, b in family.hidden), "  ")
    bins = listing((f"({integer(c)}, {vector(a)})" for c, a in family.bins), "  ")
    theorems = universal_theorems(
        d,
        f"{width}%nat",
        eps,
        f"exact (universal_networks {arguments} {width} ({real(eps)}) accepted eq_refl (Rle_refl _)).",
        f"intros phi Hphi. exact (proj2 (universal_sound {arguments} accepted phi Hphi)).",
    )
    body = f"""(* The hidden layer, and for each bin its output weights. *)
Definition F : family := Family {integer(family.scale)} {integer(family.edge_scale)}
  {vector(family.edges)}
  {hidden}
  {bins}.

Lemma accepted : universal_ok {arguments} = true.
Proof. {BY_COMPUTATION}. Qed.

{theorems}"""
    return frame(title, ("Vectors", "Networks", "Symmetry", "Families", "Universal"), body)
