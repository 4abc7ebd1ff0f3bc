"""Rule UNIVERSAL: one family of depth-2 ReLU networks approximates every 1-Lipschitz radial function (Theorem 2)."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.check import Resources
from verify.kernel.cover.family import Family, FamilyBound, exact_error, read_family
from verify.kernel.cover.leaves import require_leaves
from verify.kernel.cover.symmetry import Key, require_invariance, unsigned
from verify.kernel.cover.tree import DOMAINS, MAX_CELLS, MAX_DIMENSION, MAX_GRID_BITS, grid_for, walk
from verify.kernel.fields import Fields
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.packing import bit_array

RULE = "universal"


def check_universal(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "universal-approximation"."""
    claim = document.fields("claim")
    claim.text("kind")
    dimension = claim.integer("dimension", 1, MAX_DIMENSION)
    epsilon = claim.rational("epsilon", digits=60)
    bound = claim.rational("bound", digits=60)
    claim.done()
    if not 0 < bound <= epsilon:
        raise Rejected(RULE, "claim.bound", "must be positive and at most epsilon")
    # FamilyBound gives boxes that are too coarse an infinite bound, 2^63 - 1 units: 32 or more would pass it.
    if bound > 1:
        raise Rejected(RULE, "claim.bound", "must be at most 1; the constants phi(1/2) reach 1/2")
    family = read_family(document.fields("family"))
    if family.dimension != dimension:
        raise Rejected(RULE, "family.dimension", "is not the claim's")

    proof = document.fields("proof")
    proof.choice("rule", ("cover-family",))
    domain = proof.choice("domain", DOMAINS)
    depth = proof.integer("depth", 0, MAX_GRID_BITS * dimension)
    tree = bit_array(proof, "tree", most=MAX_CELLS)
    proof.done()
    witness = document.fields("witness")
    lower = check_witness(family, witness)

    for index, lines in enumerate(weighted_lines(family)):
        require_invariance(lines, domain, dimension, f"family.blocks[{index}]")
    grid = grid_for(dimension, domain, depth, FamilyBound.least_grid_bits(family))
    evaluator = FamilyBound(family, grid)
    limit = bound.numerator * (1 << FamilyBound.BOUND_BITS) // bound.denominator
    cells = require_leaves("cover-family", walk(tree, grid, depth), evaluator, limit, resources.workers)
    return Theorem(
        statement=_statement(family, epsilon, bound, lower),
        rests_on=("kernel rules UNIVERSAL, FAMILY, COVER, RADIUS, CHORD, SYMMETRY, WITNESS (integers only)",),
        figures={
            "width": family.width,
            "certified bound": rounded_up(bound),
            "error at the witness": rounded_down(lower),
            "bound / witness": rounded_up(bound / lower) if lower > 0 else "unbounded",
            "cells": cells,
        },
    )


def weighted_lines(family: Family) -> list[dict[Key, int]]:
    """Return, for each block, its lines up to sign with their total weights."""
    result = []
    for block in family.blocks:
        lines: dict[Key, int] = {}
        for direction, weight in zip(block.directions.tolist(), block.weights.tolist(), strict=True):
            key = unsigned(tuple(direction))
            lines[key] = lines.get(key, 0) + weight
        result.append(lines)
    return result


def check_witness(family: Family, witness: Fields) -> Fraction:
    """Return the claimed lower bound of sup E after checking it at the witness point (rule WITNESS)."""
    point = witness.rationals("point", most=MAX_DIMENSION, digits=200)
    error = witness.rational("error", digits=60)
    witness.done()
    if len(point) != family.dimension:
        raise Rejected("witness", "witness.point", "has not the claim's dimension")
    if sum(x * x for x in point) > 1:
        raise Rejected("witness", "witness.point", "lies outside the unit ball")
    low, _ = exact_error(family, point)
    if low < error:
        raise Rejected("witness", "witness.error", "is larger than the error at the point")
    return error


def _statement(family: Family, epsilon: Fraction, bound: Fraction, lower: Fraction) -> str:
    return (
        f"For every function phi on [0, 1] with Lipschitz constant at most 1 there is a depth-2 ReLU network N_phi of "
        f"width {family.width} on the unit ball of R^{family.dimension} with |N_phi(x) - phi(|x|)| <= {bound} for all "
        f"|x| <= 1 (epsilon = {epsilon}). The hidden layer is the same for every phi, and the output weights are "
        f"linear in {family.samples} values of phi. No smaller bound than {rounded_down(lower)} holds for this family."
    )
