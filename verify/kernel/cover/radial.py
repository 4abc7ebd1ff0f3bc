"""Rule RADIAL-APPROXIMATION: one explicit depth-2 ReLU network approximates one radial function on the ball."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.check import Resources
from verify.kernel.cover.explicit import NetworkBound
from verify.kernel.cover.leaves import require_leaves
from verify.kernel.cover.patterns import MAX_WORK, ClosedLeaves, read_closed, require_closed
from verify.kernel.cover.rounded import rounded
from verify.kernel.cover.symmetry import Key, require_invariance, unsigned
from verify.kernel.cover.tree import (
    DOMAINS,
    MAX_CELLS,
    MAX_DIMENSION,
    MAX_GRID_BITS,
    Level,
    grid_for,
    walk,
)
from verify.kernel.cover.tube import FixedTube
from verify.kernel.fields import Fields
from verify.kernel.network import LARGEST, Network, read_network
from verify.kernel.network import MAX_DIMENSION as MAX_NETWORK_DIMENSION
from verify.kernel.outcome import Rejected, Theorem
from verify.kernel.packing import IntArray, bit_array
from verify.kernel.profiles.profile import Profile, read_profile
from verify.kernel.regions.regions import require_regions

RULE = "radial-approximation"


def check_radial(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "radial-approximation"."""
    claim = document.fields("claim")
    claim.text("kind")
    dimension = claim.integer("dimension", 1, MAX_DIMENSION)
    epsilon = claim.rational("epsilon", digits=60)
    bound = claim.rational("bound", digits=60)
    if not 0 <= bound <= epsilon or epsilon == 0:
        raise Rejected(RULE, "claim.bound", "must lie between 0 and epsilon")
    proof = document.fields("proof")
    rule = proof.choice("rule", ("cover-network", "regions"))
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    claim.done()
    network = read_network(document.fields("network"))
    if network.dimension != dimension:
        raise Rejected(RULE, "network.dimension", "is not the claim's")
    if rule == "regions":
        proof.done()
        lower = check_witness(network, profile, document.fields("witness"))
        return _by_regions(network, profile, epsilon, bound, lower)

    domain = proof.choice("domain", DOMAINS)
    depth = proof.integer("depth", 0, MAX_GRID_BITS * dimension)
    tree = bit_array(proof, "tree", most=MAX_CELLS)
    closed = read_closed(proof.fields("closed")) if proof.has("closed") else None
    proof.done()
    lower = check_witness(network, profile, document.fields("witness"))

    require_symmetry(network, domain)
    grid = grid_for(dimension, domain, depth)
    evaluator = NetworkBound(network, FixedTube(profile.knots, profile.values, profile.radius), grid)
    limit = bound.numerator * (1 << NetworkBound.BOUND_BITS) // bound.denominator
    leaves = walk(tree, grid, depth)
    if closed is not None:
        leaves = _close(leaves, closed, evaluator, bound)
    first = rounded(evaluator)
    cells = require_leaves("cover-network", leaves, evaluator, limit, resources.workers, first)
    figures = _figures(network, bound, lower)
    figures["cells"] = cells + (closed.ordinals.size if closed is not None else 0)
    if closed is not None:
        figures["cells closed by patterns"] = int(closed.ordinals.size)
    rules = "NETWORK, COVER, RADIUS, CHORD, SYMMETRY, WITNESS, LIPSCHITZ"
    extra = (
        (", ROUNDED NETWORK" if first is not None else "") + _tube(profile) + (", FARKAS" if closed is not None else "")
    )
    return Theorem(
        statement=_statement(network, profile, epsilon, bound, lower),
        rests_on=(_rests_on(rules + extra),),
        figures=figures,
    )


def _by_regions(network: Network, profile: Profile, epsilon: Fraction, bound: Fraction, lower: Fraction) -> Theorem:
    """Check the claim on the regions where N is affine (rule REGIONS): no proof data, and no slack in the bound."""
    found = require_regions(network, profile, bound)
    figures = _figures(network, bound, lower, digits=14)
    figures |= {"hyperplanes": found.hyperplanes, "regions": found.regions, "faces": found.faces}
    return Theorem(
        statement=_statement(network, profile, epsilon, bound, lower, digits=14),
        rests_on=(_rests_on(f"REGIONS, FOLDS, FACES, CRITICAL, WITNESS, LIPSCHITZ{_tube(profile)}"),),
        figures=figures,
    )


def _tube(profile: Profile) -> str:
    return ", TUBE" if profile.expression is not None else ""


def _rests_on(rules: str) -> str:
    return f"kernel rules RADIAL-APPROXIMATION, {rules} (integers and rationals only)"


def _figures(network: Network, bound: Fraction, lower: Fraction, digits: int = 6) -> dict[str, str | int]:
    return {
        "width": network.width,
        "certified bound": rounded_up(bound, digits),
        "error at the witness": rounded_down(lower, digits),
        "bound / witness": rounded_up(bound / lower) if lower > 0 else "unbounded",
    }


def check_witness(network: Network, profile: Profile, witness: Fields) -> Fraction:
    """Return the claimed lower bound of the error after checking it at the witness point (rule WITNESS)."""
    point = witness.rationals("point", most=MAX_NETWORK_DIMENSION)
    error = witness.rational("error", digits=60)
    witness.done()
    if len(point) != network.dimension:
        raise Rejected("witness", "witness.point", "has not the claim's dimension")
    _bound_denominators(point)
    low, high = norm_enclosure(point)
    if sum(x * x for x in point) > 1:
        raise Rejected("witness", "witness.point", "lies outside the unit ball")
    least, most = profile.enclose(low, high)
    value = network.value(point)
    if max(least - value, value - most) < error:
        raise Rejected("witness", "witness.error", "is larger than the error at the point")
    return error


def _bound_denominators(point: list[Fraction]) -> None:
    """Reject points whose coordinates have no short common denominator: sums of them would take unbounded time."""
    common = 1
    for x in point:
        if abs(x) > 1:
            raise Rejected("witness", "witness.point", "lies outside the unit ball")
        common = math.lcm(common, x.denominator)
        if common > LARGEST:
            raise Rejected("witness", "witness.point", "has no common denominator below 2^1100")


def norm_enclosure(point: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Return rationals low <= |point| <= high, 2^-80 apart (high at most 1 for points of the ball)."""
    square = sum((x * x for x in point), Fraction(0))
    scale = 1 << 80
    low = math.isqrt(square.numerator * scale * scale // square.denominator)
    high = low if Fraction(low * low, scale * scale) == square else low + 1
    return Fraction(low, scale), min(Fraction(high, scale), Fraction(1)) if square <= 1 else Fraction(high, scale)


def require_symmetry(network: Network, domain: str) -> None:
    """Reject unless N is invariant, on the ball, under the group of `domain` (rule SYMMETRY).

    A neuron with |b| >= |w| is affine or zero on the ball. Of any other, a relu(w.x + b) = (a/2) |w.x + b| +
    (a/2)(w.x + b): the absolute values are compared as a weighted set of lines (w, b) up to sign, and twice the
    linear parts through their sum.
    """
    if domain == "ball":
        return
    dimension = network.dimension
    lines: dict[Key, int] = {}
    linear = [0] * dimension
    for row, bias, output in zip(
        network.weights.tolist(), network.biases.tolist(), network.outputs.tolist(), strict=True
    ):
        if bias * bias >= sum(w * w for w in row):
            share = 2 * output if bias > 0 else 0
        else:
            share = output
            key = unsigned((*row, bias))
            lines[key] = lines.get(key, 0) + output
        linear = [total + share * w for total, w in zip(linear, row, strict=True)]
    if any(linear):
        raise Rejected("symmetry", "network", "the linear part does not vanish, so no sign change leaves N invariant")
    require_invariance(lines, domain, dimension, "network")


def _close(
    leaves: Iterator[tuple[Level, IntArray]], closed: ClosedLeaves, evaluator: NetworkBound, bound: Fraction
) -> Iterator[tuple[Level, IntArray]]:
    """Check the leaves that carry their own proof, and pass on the others."""
    if closed.ordinals.size * (evaluator.network.width + 1) > MAX_WORK:
        raise Rejected("farkas", "proof.closed", "takes more work than the kernel allows")
    first = taken = 0
    for level, centres in leaves:
        last = first + centres.shape[0]
        keep = np.ones(centres.shape[0], dtype=np.bool_)
        while taken < closed.ordinals.size and int(closed.ordinals[taken]) < last:
            index = int(closed.ordinals[taken]) - first
            require_closed(evaluator, centres[index], level, closed.multipliers[taken], closed.bits, bound)
            keep[index] = False
            taken += 1
        yield level, centres[keep]
        first = last
    if taken < closed.ordinals.size:
        raise Rejected("farkas", "proof.closed.leaves", "names a leaf that the tree does not have")


def _statement(
    network: Network, profile: Profile, epsilon: Fraction, bound: Fraction, lower: Fraction, digits: int = 6
) -> str:
    kind = "constant function" if network.width == 0 else f"depth-2 ReLU network N of width {network.width}"
    return (
        f"Let {profile.text}, a function on [0, 1] with Lipschitz constant at most {profile.lipschitz}. The {kind} of "
        f"this certificate satisfies |N(x) - phi(|x|)| <= {bound} (about {rounded_up(bound, digits)}) for all |x| <= 1 "
        f"in R^{network.dimension} (epsilon = {epsilon}); its largest error is at least {rounded_down(lower, digits)}."
    )
