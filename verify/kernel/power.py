"""Rule POWER: a depth-2 network approximates the even power of the norm in any dimension (Theorem 3)."""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.check import Resources
from verify.kernel.chords import Knots, chord_excess, interior_knots, read_knots
from verify.kernel.decimals import rounded_down, rounded_up
from verify.kernel.fields import Fields
from verify.kernel.moments import sphere_moment
from verify.kernel.orbits import MAX_DIMENSION, MAX_POWER, OrbitClass, mean_bound, read_orbits
from verify.kernel.outcome import Malformed, Rejected, Theorem

RULE = "POWER"
MAX_TOTAL_BLOCKS = 40_000


def check_power(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "power"."""
    claim = document.fields("claim")
    claim.text("kind")
    d = claim.integer("dimension", 1, MAX_DIMENSION)
    k = claim.integer("power", 1, MAX_POWER)
    epsilon = claim.rational("epsilon", digits=60)
    bound = claim.rational("bound", digits=60)
    claim.choice("activation", ("relu",))
    claim.done()
    if not 0 < bound <= epsilon:
        raise Rejected(RULE, "claim.bound", "must be positive and at most epsilon")

    network = document.fields("network")
    directions = network.fields("directions")
    directions.choice("kind", ("orbits",))
    classes = read_orbits(directions, d, k)  # none at all is the constant network
    directions.done()
    ridges = [
        read_knots(item, classes[index].norm2)
        for index, item in enumerate(network.objects("ridges", most=len(classes)))
    ]
    offset = network.rational("offset", digits=200)
    network.done()
    proof = document.fields("proof")
    proof.choice("rule", ("hilbert-identity",))
    majorants = read_majorants(proof, k)
    proof.done()
    if not len(ridges) == len(majorants) == len(classes):
        raise Malformed("network", "must have one ridge and one majorant for each class of directions")
    if sum(len(ridge.blocks) for ridge in ridges) > MAX_TOTAL_BLOCKS:
        raise Malformed("network.ridges", f"more than {MAX_TOTAL_BLOCKS} blocks of knots")

    above, below = one_sided_errors(classes, ridges, majorants, d, k) if classes else (Fraction(0), Fraction(1))
    proved = max(above + offset, below - offset)
    if proved > bound:
        raise Rejected(RULE, "claim.bound", f"is {rounded_down(bound)} where {rounded_up(proved)} was found")
    width = sum(
        2 * item.lines * interior_knots(ridge, item.norm2) for item, ridge in zip(classes, ridges, strict=True)
    )
    lower, where = _witness(document.fields("witness"), classes, ridges, offset, d, k)
    return Theorem(
        statement=(
            f"There is a depth-2 ReLU network N of width {width} with |N(x) - |x|^{2 * k}| <= {bound} for all x in the "
            f"unit ball of R^{d} (epsilon = {epsilon}). At |x| = {where} on the first axis the error is at least "
            f"{rounded_down(lower)}."
        ),
        rests_on=("kernel rules POWER, ORBITS, CHORD-POWER (integers and rationals only)",),
        figures={
            "width": width,
            "lines": sum(item.lines for item in classes),
            "certified bound": rounded_up(bound),
            "error at the witness": rounded_down(lower),
            "bound / witness": rounded_up(bound / lower) if lower > 0 else "unbounded",
        },
    )


def read_majorants(proof: Fields, k: int) -> list[list[Fraction]]:
    """Return the coefficients a_1, ..., a_k >= 0 of each class's majorant."""
    rows = []
    for item in proof.objects("majorants", most=100):
        row = item.rationals("coefficients", most=k)
        item.done()
        if any(value < 0 for value in row):
            raise Rejected(RULE, item.where, "a coefficient is negative")
        rows.append(row)
    return rows


def one_sided_errors(
    classes: list[OrbitClass], ridges: list[Knots], majorants: list[list[Fraction]], d: int, k: int
) -> tuple[Fraction, Fraction]:
    """Return (P, Q) with -Q <= N(x) - offset - |x|^(2k) <= P on the unit ball."""
    rows = []
    for item, knots, majorant in zip(classes, ridges, majorants, strict=True):
        unit = 1 / (sphere_moment(d, k) * item.norm2**k)
        rows.append([a * unit for a in (chord_excess(knots, k, majorant, item.norm2), *majorant)])
    above, below = (
        mean_bound(
            [classes[i] for i in chosen],
            [rows[i] for i in chosen],
            d,
        )
        for chosen in (
            [i for i, item in enumerate(classes) if item.mass > 0],
            [i for i, item in enumerate(classes) if item.mass < 0],
        )
    )
    return above, below


def axis_value(
    classes: list[OrbitClass], ridges: list[Knots], offset: Fraction, d: int, k: int, t: Fraction
) -> Fraction:
    """Return the network's exact value at the point t on the first axis, 0 <= t <= 1."""
    total = offset
    for item, knots in zip(classes, ridges, strict=True):
        mean = sum(
            (probability * interpolant(knots, k, value * t) for value, probability in item.marginal(d)), Fraction(0)
        )
        total += item.mass * mean / (sphere_moment(d, k) * item.norm2**k)
    return total


def interpolant(knots: Knots, k: int, t: Fraction) -> Fraction:
    """Return the ridge function's exact value at t >= 0 up to the last knot."""
    first = Fraction(knots.first, 1 << knots.bits)
    if t <= first:
        return first ** (2 * k)
    around = knots.interval(t)
    if around is None:
        raise Malformed("network.ridges", "evaluated beyond the last knot")
    a, b = around
    slope = sum(a**i * b ** (2 * k - 1 - i) for i in range(2 * k))
    return a ** (2 * k) + slope * (t - a)


def _witness(
    fields: Fields, classes: list[OrbitClass], ridges: list[Knots], offset: Fraction, d: int, k: int
) -> tuple[Fraction, Fraction]:
    radius = fields.rational("radius", digits=60)
    error = fields.rational("error", digits=60)
    fields.done()
    if not 0 <= radius <= 1:
        raise Rejected(RULE, "witness.radius", "must lie between 0 and 1")
    if abs(axis_value(classes, ridges, offset, d, k, radius) - radius ** (2 * k)) < error:
        raise Rejected(RULE, "witness.error", "is larger than the error at the point")
    return error, radius


