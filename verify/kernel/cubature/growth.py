"""Rules RESTRICTION and GROWTH: width at most C d^p in every dimension of a range (docs/rules/cubature.md).

The certificate holds networks in a few dimensions, each with its proof by rule RADIAL CUBATURE; each serves the
dimensions below its own, on a coordinate subspace.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, prod

from verify.kernel.arithmetic.decimals import rounded_up
from verify.kernel.check import Resources
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.defect import ListedLines
from verify.kernel.cubature.every_dimension import check_every_dimension
from verify.kernel.cubature.group_orbits import GroupClass
from verify.kernel.cubature.moments import support
from verify.kernel.cubature.orbits import MAX_CLASSES, OrbitClass
from verify.kernel.cubature.power import label
from verify.kernel.cubature.power_law import PowerLaw, read_power_law, spelled
from verify.kernel.cubature.radial_cubature import Approximation, prove_radial_cubature, rests_on
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected, Theorem

RULE = "GROWTH"
MAX_STEPS = 60
MAX_LISTED = 2  # listed lines have a budget of work of their own
MAX_GENERATED = 3  # and so have generated ones
MAX_LAST = 100_000
MAX_SHARES = 1000  # ways in which a subspace shares an orbit's entries; beyond them every line is counted


def check_growth(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "growth"; a claim without an end is for rule EVERY DIMENSION."""
    claim = document.fields("claim")
    if not claim.has("to"):
        return check_every_dimension(document)
    claim.text("kind")
    first = claim.integer("from", 1, MAX_LAST)
    last = claim.integer("to", first, MAX_LAST)
    epsilon = claim.rational("epsilon", digits=60)
    law = read_power_law(claim)
    proof = document.fields("proof")
    proof.choice("rule", ("restriction",))
    proof.done()
    work = Work()
    steps: list[Approximation] = []
    widths: list[int] = []
    tube: object = None  # the first step's: its profile is proved once
    for item in document.objects("steps", most=MAX_STEPS):
        _require_same_target(claim, item.fields("claim"))
        inner = item.fields("proof")
        own = inner.raw("tube") if inner.has("tube") else None
        if not steps:
            tube = own
        elif own != tube:
            raise Rejected(RULE, inner.place("tube"), "differs from the first step's")
        step = prove_radial_cubature(item, work, steps[0].profile if steps else None)
        item.done()
        if step.epsilon != epsilon:
            raise Rejected(RULE, item.place("claim.epsilon"), "differs from the claim's")
        if step.built.d < first + len(widths):
            raise Rejected(RULE, item.place("claim.dimension"), "the dimensions must increase, from the first on")
        steps.append(step)
        _bound_size(steps, item.where)
        for d in range(first + len(widths), min(last, step.built.d) + 1):
            widths.append(restricted_width(step, d, work))
            _require_law(law, widths[-1], d, work)
    if len(widths) <= last - first:
        raise Rejected(RULE, "steps", f"do not reach dimension {last}")
    claim.text("activation")
    claim.done()
    theorem = growth_theorem(steps[0], law, f"{first} to {last}", epsilon)
    proved = ", ".join(f"{step.built.d} (width {step.width})" for step in steps)
    return Theorem(
        statement=f"{theorem} The width is at most {widths[0]} for d = {first} and {widths[-1]} for d = {last}. "
        f"The networks are given in dimension {proved}, and restricted to coordinate subspaces in between.",
        rests_on=(rests_on(steps, RULE, "RESTRICTION"),),
        figures={
            "width": widths[-1],
            "exponent": spelled(law.exponent),
            "constant": spelled(law.constant),
            "dimensions": f"{first} to {last}",
            "least width": widths[0],
            "certified bound": rounded_up(max(step.bound for step in steps)),
            "networks": len(steps),
        },
    )


def growth_theorem(step: Approximation, law: PowerLaw, dimensions: str, epsilon: Fraction) -> str:
    """Return the statement that networks of width at most `law` serve these dimensions."""
    network = f"a depth-2 {label(step.activation)} network"
    ending = f"<= {epsilon} for all x in the unit ball of R^d."
    if step.profile is None:
        return (
            f"For every dimension d from {dimensions} and every function phi on [0, 1] with Lipschitz constant at most "
            f"1 there is {network} N_phi of width at most {law} with |N_phi(x) - phi(|x|)| {ending}"
        )
    return (
        f"For every dimension d from {dimensions} there is {network} N of width at most {law} with "
        f"|N(x) - phi(|x|)| {ending} Here {step.profile.text}."
    )


def restricted_width(step: Approximation, d: int, work: Work) -> int:
    """Return the width of the step's network on a subspace of d of its coordinates, by rule RESTRICTION."""
    return sum(
        neurons * (restricted_lines(item, step.built.d, d, work) if isinstance(item, OrbitClass) else item.lines)
        for item, neurons in zip(step.built.classes, step.neurons, strict=True)
    )


def restricted_lines(item: OrbitClass, dimension: int, d: int, work: Work) -> int:
    """Return an upper bound of the number of lines that the class leaves in R^d: its vectors' parts, without zero.

    A part takes `used` of each of the entries; the other coordinates must have room for the rest.
    """
    size, left = support(item.entries), dimension - d
    ranges = [range(max(0, count - left), min(count, d) + 1) for _, count in item.entries]
    if left == 0 or sum(used.start for used in ranges) > item.lines.bit_length():
        return item.lines  # the signs alone would make more
    shares = prod(len(used) for used in ranges)
    if shares > MAX_SHARES:
        return item.lines
    work.spend(shares * (1 + sum(used.stop for used in ranges)), "steps")
    parts = 0
    for used in product(*ranges):
        taken = sum(used)
        if 0 < taken <= d and size - taken <= left:
            ways, places = 1, d
            for count in used:
                ways *= comb(places, count)
                places -= count
            parts += ways << taken
    return min(item.lines, parts // 2)


def _require_same_target(claim: Fields, step: Fields) -> None:
    for key in ("activation", "profile"):
        one, two = (part.raw(key) if part.has(key) else None for part in (claim, step))
        if one != two:
            raise Rejected(RULE, step.place(key), "differs from the claim's")


def _require_law(law: PowerLaw, width: int, d: int, work: Work) -> None:
    work.spend(law.cost(width, d), "claim.exponent")
    if not law.allows(width, d):
        raise Rejected(RULE, "claim.constant", f"the width for d = {d} is {width}, more than {law}")


def _bound_size(steps: list[Approximation], where: str) -> None:
    classes = [item for step in steps for item in step.built.classes]
    if len(classes) > MAX_CLASSES:
        raise Malformed(where, f"more than {MAX_CLASSES} classes of directions in all")
    if sum(isinstance(item, ListedLines) for item in classes) > MAX_LISTED:
        raise Malformed(where, f"more than {MAX_LISTED} steps with listed lines")
    if sum(isinstance(step.built.classes[0], GroupClass) for step in steps) > MAX_GENERATED:
        raise Malformed(where, f"more than {MAX_GENERATED} steps with generated lines")
