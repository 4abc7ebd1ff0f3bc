"""Theorem 1, for all profiles at once, as a Coq file: rule RADIAL CUBATURE (`RadialCubature.v`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verify.formats.coq.lines import TooLarge, class_lines, generated_lines
from verify.formats.coq.source import BY_COMPUTATION, frame, integer, listing, real, universal_theorems, vector
from verify.kernel.cubature.defect import read_lines
from verify.kernel.cubature.group_orbits import GroupClass, read_group_orbits
from verify.kernel.cubature.moments import orbit_lines, sphere_moment, support
from verify.kernel.cubature.orbits import MAX_SUPPORT, OrbitClass, mean_coefficients, read_orbits
from verify.kernel.cubature.radial_ridges import Ridges, read_ridges
from verify.kernel.fields import Fields
from verify.kernel.packing import integer_array

MAX_COORDINATES = 100_000
MAX_ZEROS = 1_500_000  # of directions that are mostly 0, which are written as `sparse` vectors
SPARSE = 4  # a vector is written as a sparse one if fewer than one in so many coordinates differ from 0
DEPTH = 40  # how often an interval is halved at most

Line = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class RidgeClass:
    """A class of lines with its ridges; see `CubatureFamilies.ridges` and `RidgeSums.class_proof`.

    Attributes:
        lines: pairs (weight, direction), over `RadialProof.mass_scale` and `direction_scale`.
        knots: pairs (t, values of q_1, ..., q_m at t), over `knot_scale` and `value_scale`.
        square: what the squared norms of the directions are at most.
        majorant: the coefficients of 1, s, s^2, ..., over samples * value_scale * gauge, s = (w.x)^2 / square.
    """

    lines: tuple[Line, ...]
    knots: tuple[tuple[int, tuple[int, ...]], ...]
    square: int
    majorant: tuple[int, ...]


@dataclass(frozen=True)
class RadialProof:
    """The data that `RadialCubature.radial_cubature_ok` checks.

    Attributes:
        inverses: 1/c(d, k) over `gauge`, for k = 0, ..., K.
        polynomials: the coefficients of P_1, ..., P_m over `value_scale`.
        means: the mean of the majorants along the sphere is at most sum_j means[j] |x|^(2j).
    """

    d: int
    samples: int
    mass_scale: int
    direction_scale: int
    knot_scale: int
    value_scale: int
    classes: tuple[RidgeClass, ...]
    gauge: int
    inverses: tuple[int, ...]
    polynomials: tuple[tuple[int, ...], ...]
    means: tuple[int, ...]

    @property
    def width(self) -> int:
        """Return how many neurons each network has."""
        return sum(len(item.lines) * 2 * (len(item.knots) - 1) for item in self.classes)


def is_small(document: dict[str, Any]) -> bool:
    """Return, from a quick look, whether the certificate's directions can be written out."""
    directions = document.get("network", {}).get("directions", {})
    d = document["claim"]["dimension"]
    if directions.get("kind") == "group-orbits":
        return generated_lines(directions, d, MAX_COORDINATES // d) is not None
    if directions.get("kind") != "orbits":
        return bool(directions.get("kind") == "lines")
    for item in directions["classes"]:
        # Not yet checked: the entries may say anything.
        if "array" in item or not 0 < sum(count for _, count in item["entries"]) <= min(d, MAX_SUPPORT):
            return False
        lines = 1 << max(0, d - 1 - len(item["code"])) if "code" in item else orbit_lines(item["entries"], d)
        if not _fits(lines, sum(count for _, count in item["entries"]), d):
            return False
    return True


def _fits(lines: int, support: int, d: int) -> bool:
    """Return whether so many lines, with so many coordinates other than 0, can be written out."""
    if lines * d <= MAX_COORDINATES:
        return True
    return lines * support * SPARSE <= MAX_COORDINATES and lines * d <= MAX_ZEROS


def radial_proof(document: dict[str, Any]) -> RadialProof:
    """Return the data of a certificate with ReLU networks for all profiles; raise `TooLarge` if there are too many."""
    d = Fields(document["claim"], "claim").integer("dimension", 1, 10**6)
    network, proof = Fields(document["network"], "network"), Fields(document["proof"], "proof")
    samples = network.integer("samples", 1, 400)
    directions = network.fields("directions")
    degree = directions.integer("degree", 1, 12)
    scale = proof.integer("scale", 0, 62)
    polynomials = integer_array(proof, "polynomials", (samples, degree + 1), most=10**4).tolist()
    inverses = [1 / sphere_moment(d, k) for k in range(degree + 1)]
    gauge = math.lcm(*(value.denominator for value in inverses))
    kind = directions.text("kind")
    squares = [1]
    weighted: list[list[tuple[Fraction, tuple[int, ...]]]]
    orbits: Sequence[OrbitClass | GroupClass] = []
    direction_scale = 1
    if kind == "orbits":
        named = read_orbits(directions, d, degree)
        weighted = [
            _written(orbit, item, d)
            for orbit, item in zip(named, document["network"]["directions"]["classes"], strict=True)
        ]
        orbits, squares = named, [orbit.norm2 for orbit in named]
    elif kind == "group-orbits":
        written = generated_lines(document["network"]["directions"], d, MAX_COORDINATES // d)
        if written is None:
            raise TooLarge(f"directions with more than {MAX_COORDINATES:,} coordinates are not written out")
        orbits = read_group_orbits(directions, d, degree)
        weighted = [
            [(orbit.mass / orbit.lines, w) for w in lines] for orbit, lines in zip(orbits, written, strict=True)
        ]
        squares = [orbit.norm2 for orbit in orbits]
    elif kind == "lines":
        read_lines(Fields(document["network"]["directions"], directions.where), d, degree)
        direction_scale = 1 << directions.integer("bits", 1, 62)
        weight_bits = directions.integer("weight_bits", 0, 62)
        vectors = integer_array(directions, "vectors", (None, d), most=MAX_COORDINATES).tolist()
        weights = integer_array(directions, "weights", (len(vectors),), most=MAX_COORDINATES).tolist()
        weighted = [[(Fraction(n, 1 << weight_bits), tuple(w)) for n, w in zip(weights, vectors, strict=True)]]
    else:
        raise TooLarge(f"directions of kind {kind[:20]!r} are not written out")
    found = network.objects("ridges", most=60)
    ridges = [
        read_ridges(item, samples, scale, square, stairs=False) for item, square in zip(found, squares, strict=True)
    ]
    rows = [item.rationals("coefficients", most=degree + 1) for item in proof.objects("majorants", most=60)]
    unit = (samples << scale) * gauge
    majorants = [[math.ceil(a * unit) for a in row] + [0] * (degree + 1 - len(row)) for row in rows]
    if orbits:
        means = mean_coefficients(orbits, [[Fraction(a) for a in row] for row in majorants], d)
    else:
        means = [a * sphere_moment(d, j) for j, a in enumerate(majorants[0])]
    mass_scale = math.lcm(*(weight.denominator for lines in weighted for weight, _ in lines))
    bits = max(ridge.bits for ridge in ridges)
    classes = [
        RidgeClass(
            tuple((int(weight * mass_scale), w) for weight, w in lines),
            _knots(ridge, square, bits),
            square,
            tuple(majorant),
        )
        for lines, ridge, square, majorant in zip(weighted, ridges, squares, majorants, strict=True)
    ]
    return RadialProof(
        d,
        samples,
        mass_scale,
        direction_scale,
        1 << bits,
        1 << scale,
        tuple(classes),
        gauge,
        tuple(int(value * gauge) for value in inverses),
        tuple(tuple(row) for row in polynomials),
        tuple(math.ceil(mean) for mean in means),
    )


def _written(orbit: OrbitClass, item: dict[str, Any], d: int) -> list[tuple[Fraction, tuple[int, ...]]]:
    if "array" in item:
        raise TooLarge("directions in sign arrays are not written out")
    if not _fits(orbit.lines, support(orbit.entries), d):
        raise TooLarge(f"directions with more than {MAX_COORDINATES:,} coordinates are not written out")
    return [(orbit.mass / orbit.lines, w) for w in class_lines(orbit, d, item.get("code", []))]


def _knots(ridge: Ridges, square: int, bits: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return the knots up to the first at sqrt(square) or beyond; a neuron that bends further out is left out."""
    columns = ridge.values.T.tolist()
    count = ridge.interior(square) + 1
    shift = bits - ridge.bits
    return tuple((t << shift, tuple(v)) for t, v in zip(ridge.knots[:count], columns[:count], strict=True))


def theorem(proof: RadialProof, eps: Fraction, title: str) -> str:
    """Return a file whose theorem `main` gives every 1-Lipschitz phi a network of one fixed width within eps."""
    d, common = proof.d, math.lcm(*(item.square for item in proof.classes))
    classes = listing((_ridges(item) for item in proof.classes), "  ")
    proofs = listing(
        f"ClassProof {integer(item.square)} {integer(common // item.square)} {vector(item.majorant)}"
        for item in proof.classes
    )
    scales = " ".join(
        map(integer, (proof.mass_scale, proof.direction_scale, proof.knot_scale, proof.value_scale))
    )  # fmt: skip
    # Coq writes larger literals of type nat out, digit by digit.
    width = f"{proof.width}%nat" if proof.width <= 5000 else f"(Z.to_nat {proof.width})"
    arguments = f"F proof {d} {DEPTH} {integer(eps.numerator)} {integer(eps.denominator)}"
    theorems = universal_theorems(
        d,
        width,
        eps,
        f"exact (cubature_networks {arguments} {width} ({real(eps)}) accepted units (Rle_refl _)).",
        f"exact (radial_cubature_sound {arguments} accepted).",
    )
    body = f"""(* The lines with their weights, and the ridges' knots with the values of all ridges there. *)
Definition F : cubature := Cubature {proof.samples} {scales}
  {classes}.

(* The polynomials and majorants that prove the bound. *)
Definition proof : proof := Proof {len(proof.inverses) - 1} {integer(proof.gauge)} {vector(proof.inverses)}
  {_rows(proof.polynomials)}
  {integer(common)} {proofs}
  {vector(proof.means)}.

Lemma accepted : radial_cubature_ok {arguments} = true.
Proof. {BY_COMPUTATION}. Qed.
Lemma units : member_units F = {width}.
Proof. vm_cast_no_check (eq_refl (member_units F)). Qed.

{theorems}"""
    modules = ("Vectors", "Networks", "Families", "CubatureFamilies", "RidgeSums", "RadialCubature")
    return frame(title, modules, body)


def _ridges(item: RidgeClass) -> str:
    lines = listing((f"({integer(weight)}, {_direction(w)})" for weight, w in item.lines), "   ")
    knots = listing((f"({integer(t)}, {vector(values)})" for t, values in item.knots), "   ")
    return f"Ridges\n   {lines}\n   {knots}"


def _direction(w: tuple[int, ...]) -> str:
    places = [i for i, value in enumerate(w) if value]
    if len(places) * SPARSE >= len(w):
        return vector(w)
    gaps = [b - a - 1 for a, b in pairwise([-1, *places])]
    return f"sparse {len(w)} {listing(f'({gap}%nat, {integer(w[i])})' for gap, i in zip(gaps, places, strict=True))}"


def _rows(rows: Sequence[Sequence[int]]) -> str:
    return listing((vector(row) for row in rows), "   ")
