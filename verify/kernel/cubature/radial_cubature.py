"""Rule RADIAL CUBATURE: depth-2 networks for radial functions in any dimension (Theorem 1), for one or for all.

The document's network has `directions` (rule ORBITS, GROUP ORBITS, or DEFECT for listed ones), `samples`, and either
`ridges` (one for each class) or the `step` of rule DIFFERENCES; its proof the polynomials P_l and the majorants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise, zip_longest

import numpy as np

from verify.kernel.activation.activations import Activation, read_activation
from verify.kernel.activation.differences import polynomial_error
from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.check import Resources
from verify.kernel.cubature.absolute_sums import Ramp, Work, require_sum_below
from verify.kernel.cubature.defect import ListedLines, read_lines
from verify.kernel.cubature.group_orbits import GroupClass, read_group_orbits
from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.cubature.orbits import (
    MAX_CLASSES,
    MAX_DIMENSION,
    MAX_POWER,
    LineClass,
    OrbitClass,
    mean_coefficients,
    read_orbits,
)
from verify.kernel.cubature.power import STEP_DIGITS, label
from verify.kernel.cubature.radial_ridges import MAX_BITS, Ridges, read_ridges, require_majorant
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected, Theorem
from verify.kernel.packing import IntArray, integer_array
from verify.kernel.profiles.profile import Profile, read_profile

RULE = "RADIAL CUBATURE"
MAX_SAMPLES = 400
GRID_BITS = 20


@dataclass(frozen=True)
class Construction:
    """What the certificate builds: directions, ridge functions, and the polynomials they stand for.

    Attributes:
        polynomials: P_l(r) = sum_k polynomials[l, k] r^(2k) / 2^scale, shape (L, K + 1).
        share: the weight of each |q_l - Q_l|: the length of a bin, or 1 for a single profile.
    """

    d: int
    degree: int
    classes: Sequence[LineClass | ListedLines]
    polynomials: IntArray
    scale: int
    share: Fraction

    def drift(self) -> list[Fraction]:
        """Return numbers m_j: listed directions replace P_l by forms within sum_j m_j r^(2j) of it, share x sum_l."""
        sizes = [Fraction(sum(abs(p) for p in column), 1 << self.scale) for column in self.polynomials.T.tolist()]
        return [
            sum(
                (
                    self.share * size * item.defects[k] / sphere_moment(self.d, k)
                    for item in self.classes
                    if isinstance(item, ListedLines)
                ),
                Fraction(0),
            )
            for k, size in enumerate(sizes)
        ]


@dataclass(frozen=True)
class Approximation:
    """What a document of kind "radial-cubature" proves: networks of one width, within `bound` of their targets.

    Attributes:
        neurons: how many neurons each line has, class by class.
        witness: the radius of a point on the first axis and a lower bound of the error there; None for differences.
    """

    built: Construction
    epsilon: Fraction
    bound: Fraction
    activation: Activation
    profile: Profile | None
    neurons: list[int]
    witness: tuple[Fraction, Fraction] | None

    @property
    def width(self) -> int:
        """Return how many neurons the network has."""
        return sum(item.lines * count for item, count in zip(self.built.classes, self.neurons, strict=True))


def check_radial_cubature(document: Fields, resources: Resources) -> Theorem:
    """Check a certificate of kind "radial-cubature"."""
    proved = prove_radial_cubature(document, Work())
    theorem = _theorem(proved)
    lines = sum(item.lines for item in proved.built.classes)
    degree = 2 * proved.built.degree
    figures: dict[str, str | int] = {**theorem.figures, "lines": lines, "degree": degree}
    statement = f"{theorem.statement} Its directions are {lines} lines, a cubature of degree {degree}."
    for item in proved.built.classes:
        if isinstance(item, ListedLines):
            figures["defect"] = rounded_up(max(item.defects))
            statement = f"{statement[:-1]} up to a defect of {figures['defect']}."
    return replace(theorem, statement=statement, figures=figures)


def prove_radial_cubature(document: Fields, work: Work, known: Profile | None = None) -> Approximation:
    """Check the claim, network, proof and witness at `document`, within the budget of `work`.

    Args:
        known: the profile, if the same declaration with the same tube has been proved before.
    """
    claim = document.fields("claim")
    claim.choice("kind", ("radial-cubature",))
    d = claim.integer("dimension", 1, MAX_DIMENSION)
    epsilon = claim.rational("epsilon", digits=60)
    bound = claim.rational("bound", digits=60)
    activation = read_activation(claim.text("activation", most=40), claim.place("activation"))
    proof = document.fields("proof")
    profile = None
    if known is not None:
        claim.raw("profile")
        if proof.has("tube"):
            proof.raw("tube")
        profile = known
    elif claim.has("profile"):
        tube = proof.fields("tube") if proof.has("tube") else None
        profile = read_profile(claim.fields("profile"), tube)
    claim.done()
    if not 0 < bound <= epsilon:
        raise Rejected(RULE, claim.place("bound"), "must be positive and at most epsilon")

    network = document.fields("network")
    directions = network.fields("directions")
    kind = directions.choice("kind", ("orbits", "group-orbits", "lines"))
    degree = directions.integer("degree", 1, MAX_POWER)
    classes: Sequence[LineClass | ListedLines]
    if kind == "lines":
        classes = [read_lines(directions, d, degree)]
    elif kind == "group-orbits":
        classes = read_group_orbits(directions, d, degree)
    else:
        classes = read_orbits(directions, d, degree)
    directions.done()
    if not classes:
        raise Malformed(network.place("directions"), "must have at least one class")
    samples = network.integer("samples", 1, MAX_SAMPLES) if profile is None else 1
    proof.choice("rule", ("polynomial-majorant",))
    scale = proof.integer("scale", 0, MAX_BITS)
    polynomials = integer_array(proof, "polynomials", (samples, degree + 1), most=MAX_SAMPLES * (MAX_POWER + 1))
    built = Construction(d, degree, classes, polynomials, scale, Fraction(1, samples))
    ridges: list[Ridges] = []
    if network.has("step"):
        means = [_differences(network, built, activation)]
        neurons = [2 * degree] * len(classes)
    else:
        ridges = _ridges(network, built, activation)
        means = _means(proof, built, ridges, work)
        neurons = [2 * ridge.interior(item.norm2) for ridge, item in zip(ridges, classes, strict=True)]
    network.done()
    proof.done()
    means = [a + b for a, b in zip_longest(means, built.drift(), fillvalue=Fraction(0))]
    if profile is None:
        require_universal(built, means, bound, work, claim.place("bound"))
    else:
        require_profile(built, profile, means, bound, work, claim.place("bound"))
    # The witness costs a few rational operations for each listed line and polynomial.
    work.spend(sum(len(item.marginal(d)) for item in classes) * samples * 20, "witness")
    witness = _witness(document.fields("witness"), built, ridges, profile) if ridges else None
    return Approximation(built, epsilon, bound, activation, profile, neurons, witness)


def _ridges(network: Fields, built: Construction, activation: Activation) -> list[Ridges]:
    stairs = activation.name == "threshold"
    if not (activation.piecewise_linear or activation.name == "hard-tanh" or stairs):
        raise Rejected(RULE, network.place("ridges"), "the activation builds neither chords nor stairs")
    found = []
    for index, item in enumerate(network.objects("ridges", most=MAX_CLASSES)):
        if index >= len(built.classes):
            raise Malformed(network.place("ridges"), "more than there are classes")
        norm2 = built.classes[index].norm2
        found.append(read_ridges(item, len(built.polynomials), built.scale, norm2, stairs=stairs))
    if len(found) != len(built.classes):
        raise Malformed(network.place("ridges"), "must be one for each class")
    return found


def _differences(network: Fields, built: Construction, activation: Activation) -> Fraction:
    """Return the error of ridges made by rule DIFFERENCES, summed over all classes and polynomials."""
    step = network.rational("step", digits=STEP_DIGITS)
    series = activation.series(2 * built.degree)
    if series is None or step <= 0:
        raise Rejected(RULE, network.place("step"), "must be positive, with an activation that has a power series")
    # The bound is linear in the absolute values of the coefficients: the polynomials' bounds add up to that of one.
    sizes = [Fraction(sum(abs(p) for p in column), 1 << built.scale) for column in built.polynomials.T.tolist()]
    total = Fraction(0)
    for item in built.classes:
        target = [size / (sphere_moment(built.d, k) * item.norm2**k) for k, size in enumerate(sizes)]
        total += abs(item.mass) * polynomial_error(series, target[1:], Fraction(item.norm2), step)
    return total * built.share


def _means(proof: Fields, built: Construction, ridges: list[Ridges], work: Work) -> list[Fraction]:
    """Return numbers m_j such that the ridges' share of the error at |x| = r is at most sum_j m_j r^(2j)."""
    majorants = []
    for item in proof.objects("majorants", most=MAX_CLASSES):
        row = item.rationals("coefficients", most=built.degree + 1)
        if any(max(abs(a.numerator), a.denominator) >= 10**200 for a in row):
            raise Malformed(item.where, "a number of more than 200 digits")
        majorants.append(row)
        item.done()
    if len(majorants) != len(built.classes):
        raise Malformed(proof.place("majorants"), "must be one for each class")
    for index, (ridge, kind, majorant) in enumerate(zip(ridges, built.classes, majorants, strict=True)):
        where = f"{proof.place('majorants')}[{index}]"
        require_majorant(ridge, built.polynomials, majorant, built.share, built.d, kind.norm2, work, where)
    if any(isinstance(kind, ListedLines) for kind in built.classes):
        return _listed_means(built, majorants)
    if all(kind.mass > 0 and row == majorants[0] for kind, row in zip(built.classes, majorants, strict=True)):
        # A cubature with positive weights integrates the majorant exactly, whatever its signs.
        return [a * sphere_moment(built.d, j) for j, a in enumerate(majorants[0])]
    if any(a < 0 for row in majorants for a in row):
        raise Rejected(
            RULE, proof.place("majorants"), "negative coefficients need positive masses and one common majorant"
        )
    classes = [kind for kind in built.classes if not isinstance(kind, ListedLines)]
    return mean_coefficients(classes, majorants, built.d)


def _listed_means(built: Construction, majorants: list[list[Fraction]]) -> list[Fraction]:
    """Return the same for listed lines: positive weights, and moments within the defects of the sphere's."""
    (item,), (majorant,) = built.classes, majorants
    if not isinstance(item, ListedLines):
        raise Rejected(RULE, "network.directions", "listed lines and orbits do not mix")
    return [a * sphere_moment(built.d, j) + abs(a) * item.defects[j] for j, a in enumerate(majorant)]


def require_universal(built: Construction, means: list[Fraction], bound: Fraction, work: Work, where: str) -> None:
    """Require `sum_l int_(bin l) |1[s <= r] - P_l(r)| ds + sum_j m_j r^(2j) <= bound` for all r in [0, 1]."""
    samples, degree = len(built.polynomials), built.degree
    unit = samples << GRID_BITS
    rows = _in_grid(built, unit)
    one = unit ** (2 * degree) << built.scale
    ones = rows.copy()
    ones[:, 0] = ones[:, 0] - one
    limit = _limit(means, bound, built, unit)
    for index in range(samples):
        low, high = index << GRID_BITS, (index + 1) << GRID_BITS
        plain = np.concatenate([ones[:index], rows[index + 1 :]])
        ramps = [Ramp(ones[index].tolist(), low, 1), Ramp(rows[index].tolist(), high, -1)]
        scaled = [coefficient * unit for coefficient in limit]
        require_sum_below(plain, ramps, scaled, low, high, 1 << GRID_BITS, work, where)


def require_profile(
    built: Construction, profile: Profile, means: list[Fraction], bound: Fraction, work: Work, where: str
) -> None:
    """Require `|phi(r) - P(r)| + sum_j m_j r^(2j) <= bound` for all r in [0, 1]."""
    degree = built.degree
    for (a, b), (u, v) in zip(pairwise(profile.knots), pairwise(profile.values), strict=True):
        # The piece of phi in units that make both its ends integers.
        unit = a.denominator * b.denominator << GRID_BITS
        rows = _in_grid(built, unit)
        low, high = int(a * unit), int(b * unit)
        multiple = u.denominator * v.denominator * (high - low)
        rows = rows * multiple
        one = multiple * unit ** (2 * degree) << built.scale
        rows[0, 0] -= int((u * high - v * low) / (high - low) * one)
        rows[0, 1] -= int((v - u) / (high - low) * one)
        limit = [c * multiple for c in _limit(means, bound - profile.radius, built, unit)]
        require_sum_below(rows, [], limit, low, high, 1, work, where)


def _in_grid(built: Construction, unit: int) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    """Return the P_l as polynomials in T = r * unit, times 2^scale * unit^(2K); shape (L, 2K + 1)."""
    degree = built.degree
    rows = np.zeros((len(built.polynomials), 2 * degree + 1), dtype=object)
    for index, row in enumerate(built.polynomials.tolist()):
        for k, p in enumerate(row):
            rows[index, 2 * k] = p * unit ** (2 * degree - 2 * k)
    return rows


def _limit(means: list[Fraction], bound: Fraction, built: Construction, unit: int) -> list[int]:
    """Return `bound - sum_j m_j r^(2j)` in the same units, rounded down."""
    limit = [0] * (2 * built.degree + 1)
    for j, mean in enumerate(means):
        value = (bound if j == 0 else Fraction(0)) - mean
        limit[2 * j] = (value * (unit ** (2 * built.degree - 2 * j) << built.scale)).__floor__()
    return limit


def axis_error(built: Construction, ridges: list[Ridges], profile: Profile | None, r: Fraction) -> Fraction:
    """Return a lower bound of the largest error, over the functions claimed, at the point r on the first axis."""
    totals = [Fraction(0)] * len(built.polynomials)
    for item, ridge in zip(built.classes, ridges, strict=True):
        for value, probability in item.marginal(built.d):
            for index, q in enumerate(ridge.at(value * r)):
                totals[index] += item.mass * probability * q
    if profile is not None:
        return abs(totals[0] - profile.interpolant(r)) - profile.radius
    share = built.share
    error = Fraction(0)
    for index, v in enumerate(totals):
        below = min(max(r - index * share, Fraction(0)), share)
        error += below * abs(1 - v) + (share - below) * abs(v)
    return error


def _witness(
    fields: Fields, built: Construction, ridges: list[Ridges], profile: Profile | None
) -> tuple[Fraction, Fraction]:
    radius = fields.rational("radius", digits=60)
    error = fields.rational("error", digits=60)
    fields.done()
    if not 0 <= radius <= 1:
        raise Rejected(RULE, fields.place("radius"), "must lie between 0 and 1")
    if axis_error(built, ridges, profile, radius) < error:
        raise Rejected(RULE, fields.place("error"), "is larger than the error at the point")
    return radius, error


def _theorem(proved: Approximation) -> Theorem:
    bound, epsilon, activation, profile = proved.bound, proved.epsilon, proved.activation, proved.profile
    name = label(activation)
    samples = len(proved.built.polynomials)
    space = f"the unit ball of R^{proved.built.d}"
    if profile is None:
        statement = (
            f"For every function phi on [0, 1] with Lipschitz constant at most 1 there is a depth-2 {name} network "
            f"N_phi of width {proved.width} with |N_phi(x) - phi(|x|)| <= {bound} for all x in {space} "
            f"(epsilon = {epsilon}). "
            f"The hidden layer is the same for every phi, and the output weights are linear in the {samples + 1} "
            f"values phi(l/{samples})."
        )
    else:
        statement = (
            f"There is a depth-2 {name} network N of width {proved.width} with |N(x) - phi(|x|)| <= {bound} for all x "
            f"in {space} (epsilon = {epsilon}), where {profile.text}."
        )
    figures: dict[str, str | int] = {"width": proved.width, "certified bound": rounded_up(bound)}
    if proved.witness:
        radius, error = proved.witness
        statement += f" At |x| = {radius} on the first axis the error reaches {rounded_down(error)}."
        figures["error at the witness"] = rounded_down(error)
        figures["bound / witness"] = rounded_up(bound / error) if error > 0 else "unbounded"
    return Theorem(statement=statement, rests_on=(rests_on([proved]),), figures=figures)


_DIRECTIONS = {OrbitClass: "ORBITS", GroupClass: "GROUP ORBITS", ListedLines: "DEFECT"}


def rests_on(proved: Sequence[Approximation], *further: str) -> str:
    """Return the line that names the kernel rules of these proofs, `further` ones first."""
    rules = [*further, RULE]
    for item in proved:
        rules.append(_DIRECTIONS[type(item.built.classes[0])])
    rules.append("ACTIVATION")
    for item in proved:
        rules += ["DIFFERENCES" if item.witness is None else "RIDGE MAJORANT", "ABSOLUTE SUMS"]
        if item.profile is not None:
            rules += ["LIPSCHITZ", "TUBE"] if item.profile.expression is not None else ["LIPSCHITZ"]
    return f"kernel rules {', '.join(dict.fromkeys(rules))} (integers and rationals only)"
