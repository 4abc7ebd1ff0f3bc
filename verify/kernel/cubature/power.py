"""Rule POWER: a depth-2 network approximates the even power of the norm in any dimension (Theorem 3).

The document's network has `directions` (rule ORBITS or GROUP ORBITS) and either `ridges` (knots for each class) and
`offset`, or the `step` of rule DIFFERENCES.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.activation.activations import Activation, read_activation
from verify.kernel.activation.differences import polynomial_error
from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.check import Resources
from verify.kernel.cubature.chords import Knots, chord_excess, interior_knots, read_knots, stair_excess
from verify.kernel.cubature.group_orbits import read_group_orbits
from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.cubature.orbits import MAX_CLASSES, MAX_DIMENSION, MAX_POWER, LineClass, mean_bound, read_orbits
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected, Theorem

RULE = "POWER"
STEP_DIGITS = 200
MAX_TOTAL_BLOCKS = 40_000


@dataclass(frozen=True)
class Proved:
    """What one way of building the ridges has proved.

    Attributes:
        error: a bound of the error over the unit ball.
        neurons: hidden neurons per line, for each class.
        witness: (radius, lower bound of the error there), None if the certificate gives none.
        rules: the kernel rules used.
    """

    error: Fraction
    neurons: list[int]
    witness: tuple[Fraction, Fraction] | None
    rules: str


def check_power(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "power"."""
    claim = document.fields("claim")
    claim.text("kind")
    d = claim.integer("dimension", 1, MAX_DIMENSION)
    k = claim.integer("power", 1, MAX_POWER)
    epsilon = claim.rational("epsilon", digits=60)
    bound = claim.rational("bound", digits=60)
    activation = read_activation(claim.text("activation", most=40), "claim.activation")
    claim.done()
    if not 0 < bound <= epsilon:
        raise Rejected(RULE, "claim.bound", "must be positive and at most epsilon")

    network = document.fields("network")
    directions = network.fields("directions")
    grouped = directions.choice("kind", ("orbits", "group-orbits")) == "group-orbits"
    # No class at all in orbits is the constant network.
    classes: list[LineClass]
    classes = [*read_group_orbits(directions, d, k)] if grouped else [*read_orbits(directions, d, k)]
    directions.done()
    proof = document.fields("proof")
    proof.choice("rule", ("hilbert-identity",))
    method = proof.choice("ridges", ("chords", "stairs", "differences"))
    if not classes and method != "chords":
        # The errors of the other two are sums over the classes: without any, the identity itself is missing.
        raise Rejected(RULE, "network.directions", "must have a class: only the constant network of chords has none")
    if method == "differences":
        proved = _differences(network, activation, classes, d, k)
    else:
        proved = _knotted(document, network, proof, activation, method, classes, d, k)
    network.done()
    proof.done()
    if proved.error > bound:
        raise Rejected(RULE, "claim.bound", f"is {rounded_down(bound)} where {rounded_up(proved.error)} was found")
    width = sum(item.lines * neurons for item, neurons in zip(classes, proved.neurons, strict=True))
    statement = (
        f"There is a depth-2 {label(activation)} network N of width {width} with |N(x) - |x|^{2 * k}| <= {bound} for "
        f"all x in the unit ball of R^{d} (epsilon = {epsilon})."
    )
    figures: dict[str, str | int] = {
        "width": width,
        "lines": sum(item.lines for item in classes),
        "certified bound": rounded_up(bound),
    }
    if proved.witness:
        radius, lower = proved.witness
        statement += f" At |x| = {radius} on the first axis the error is at least {rounded_down(lower)}."
        figures["error at the witness"] = rounded_down(lower)
        figures["bound / witness"] = rounded_up(bound / lower) if lower > 0 else "unbounded"
    identity = "GROUP ORBITS" if grouped else "ORBITS"
    if method == "differences":
        statement += " Only its inner weights' scale and its output weights depend on epsilon, not its width."
    return Theorem(
        statement=statement,
        rests_on=(f"kernel rules POWER, {identity}, ACTIVATION, {proved.rules} (integers and rationals only)",),
        figures=figures,
    )


def label(activation: Activation) -> str:
    """Return the activation's name as statements spell it."""
    return "ReLU" if activation.name == "relu" else activation.name


def _differences(network: Fields, activation: Activation, classes: Sequence[LineClass], d: int, k: int) -> Proved:
    step = network.rational("step", digits=STEP_DIGITS)
    series = activation.series(2 * k)
    if series is None or step <= 0:
        raise Rejected(RULE, "network.step", "must be positive, with an activation that has a power series")
    target = [Fraction(0)] * (k - 1) + [Fraction(1)]
    error = sum(
        (
            abs(item.mass) / (sphere_moment(d, k) * item.norm2**k)
            * polynomial_error(series, target, Fraction(item.norm2), step)
            for item in classes
        ),
        Fraction(0),
    )  # fmt: skip
    return Proved(error, [2 * k] * len(classes), None, "DIFFERENCES")


def _knotted(
    document: Fields,
    network: Fields,
    proof: Fields,
    activation: Activation,
    method: str,
    classes: Sequence[LineClass],
    d: int,
    k: int,
) -> Proved:
    """Check a network whose ridge functions have knots: chords of the power, or stairs."""
    if method == "chords" and classes and not (activation.piecewise_linear or activation.name == "hard-tanh"):
        raise Rejected(RULE, "claim.activation", "does not build chords")
    if method == "stairs" and activation.name != "threshold":
        raise Rejected(RULE, "claim.activation", "does not build stairs")
    ridges = [
        read_knots(item, classes[index].norm2) if index < len(classes) else None
        for index, item in enumerate(network.objects("ridges", most=MAX_CLASSES))
    ]
    knots = [ridge for ridge in ridges if ridge is not None]
    offset = network.rational("offset", digits=200)
    majorants = read_majorants(proof, k)
    if not len(ridges) == len(knots) == len(majorants) == len(classes):
        raise Malformed("network", "must have one ridge and one majorant for each class of directions")
    if sum(len(ridge.blocks) for ridge in knots) > MAX_TOTAL_BLOCKS:
        raise Malformed("network.ridges", f"more than {MAX_TOTAL_BLOCKS} blocks of knots")
    witness = None
    if method == "chords":
        above, below = one_sided_errors(classes, knots, majorants, d, k) if classes else (Fraction(0), Fraction(1))
        error = max(above + offset, below - offset)
        witness = _witness(document.fields("witness"), classes, knots, offset, d, k)
    else:
        error = stair_error(classes, knots, majorants, d, k) + abs(offset)
    neurons = [2 * interior_knots(ridge, item.norm2) for item, ridge in zip(classes, knots, strict=True)]
    return Proved(error, neurons, witness, "CHORD-POWER" if method == "chords" else "STAIRS")


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
    classes: Sequence[LineClass], ridges: list[Knots], majorants: list[list[Fraction]], d: int, k: int
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


def stair_error(
    classes: Sequence[LineClass], ridges: list[Knots], majorants: list[list[Fraction]], d: int, k: int
) -> Fraction:
    """Return a bound of |N(x) - offset - |x|^(2k)| on the unit ball for ridges that are stairs."""
    rows = []
    for item, knots, majorant in zip(classes, ridges, majorants, strict=True):
        unit = 1 / (sphere_moment(d, k) * item.norm2**k)
        rows.append([a * unit for a in (stair_excess(knots, k, majorant, item.norm2), *majorant)])
    return mean_bound(classes, rows, d)


def axis_value(
    classes: Sequence[LineClass], ridges: list[Knots], offset: Fraction, d: int, k: int, t: Fraction
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
    fields: Fields, classes: Sequence[LineClass], ridges: list[Knots], offset: Fraction, d: int, k: int
) -> tuple[Fraction, Fraction]:
    radius = fields.rational("radius", digits=60)
    error = fields.rational("error", digits=60)
    fields.done()
    if not 0 <= radius <= 1:
        raise Rejected(RULE, "witness.radius", "must lie between 0 and 1")
    if abs(axis_value(classes, ridges, offset, d, k, radius) - radius ** (2 * k)) < error:
        raise Rejected(RULE, "witness.error", "is larger than the error at the point")
    return radius, error
