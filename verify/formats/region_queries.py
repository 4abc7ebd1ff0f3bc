"""The claim of a certificate with rule REGIONS as SMT-LIB 2 queries (QF_NRA), all of which have the answer `unsat`.

d <= 2: one query a region, piece of psi and side. No point of the region's closure in the unit ball has
|N(x) - psi(|x|)| > B - eta, where psi is piecewise linear and within eta of phi. Nothing is relaxed, and the answers
prove the certificate's bound B without any other rule.

d >= 3, where solvers do not end on such queries: one query a face of the arrangement (rule FACES) of dimension >= 1,
about the points foot + t gradient of its closure, and one about the origin. By rule CRITICAL the answers prove B.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.profiles.profile import Profile, read_profile
from verify.kernel.regions.faces import Face, faces
from verify.kernel.regions.flats import dot
from verify.kernel.regions.folds import Folds, fold, primitive

Document = dict[str, Any]

# what is asked, and the assertions to add to the prelude
Query = tuple[str, list[str]]

WHOLE_REGIONS = 2
"""The largest dimension for queries about whole regions."""


def by_regions(document: Document) -> bool:
    """Return whether a certificate's proof rests on rule REGIONS."""
    return bool(document["claim"].get("kind") == "radial-approximation" and document["proof"]["rule"] == "regions")


@dataclass(frozen=True)
class RegionProblem:
    """|N(x) - psi(|x|)| <= limit on the unit ball, N folded."""

    folds: Folds
    profile: Profile
    limit: Fraction

    @property
    def whole(self) -> bool:
        """Whether the queries are about whole regions."""
        return self.folds.dimension <= WHOLE_REGIONS

    def prelude(self) -> str:
        """Return the declarations and what holds in every query."""
        if self.whole:
            declared = "".join(f"(declare-const {name} Real)\n" for name in self._names)
            return f"{declared}(assert (<= {self._square} 1.0))\n"
        declared = "".join(f"(declare-const {name} Real)\n" for name in ("t", "r", "n", "p"))
        return f"{declared}(assert (and (<= 0.0 r) (<= r 1.0)))\n(assert (= p {self._psi()}))\n"

    def queries(self) -> Iterator[Query]:
        """Yield every query."""
        if not self.whole:
            yield self._origin()
        number_of = 0
        for group in faces(self.folds):
            if not self.whole:
                for face in group:
                    yield f"face {number_of}, dimension {face.flat.dimension}", list(self._line(face))
                    number_of += 1
            elif group[0].flat.dimension == self.folds.dimension:
                present = {region.positive for region in group}
                for ordinal, region in enumerate(group):
                    yield from self._region(ordinal, region, present)

    def _region(self, ordinal: int, region: Face, present: set[int]) -> Iterator[Query]:
        """Yield the queries about one region, |x| eliminated from each."""
        # A region is bounded by the cuts across which another region lies.
        bounds = [
            self._on_side(region, Fraction(cut.constant), cut.slopes, region.side(cut), self._names)
            for cut in region.flat.cuts
            if region.positive ^ cut.both in present
        ]
        unit = self.folds.unit
        for piece, ((a, b), (u, v)) in enumerate(
            zip(pairwise(self.profile.knots), pairwise(self.profile.values), strict=True)
        ):
            shell = [f"(assert (>= {self._square} {number(a * a)}))"] if a else []
            shell += [f"(assert (<= {self._square} {number(b * b)}))"] if b < 1 else []
            slope = (v - u) / (b - a)
            start = u - slope * a
            for sign, side in ((1, "N - psi"), (-1, "psi - N")):
                # sign (N - start) - limit > sign slope |x|
                constant = sign * (Fraction(region.affine[-1], unit) - start) - self.limit
                rest = affine(constant, [Fraction(sign * m, unit) for m in region.affine[:-1]], self._names)
                above = f"(assert {self._greater(rest, sign * slope)})"
                yield f"region {ordinal}, piece {piece}, {side}", [*bounds, *shell, above]

    def _greater(self, rest: str, slope: Fraction) -> str:
        """Return `rest > slope |x|` without a square root."""
        if slope == 0:
            return f"(> {rest} 0.0)"
        radial = f"(* {number(slope * slope)} {self._square})"
        if slope > 0:
            return f"(and (> {rest} 0.0) (> (* {rest} {rest}) {radial}))"
        return f"(or (> {rest} 0.0) (< (* {rest} {rest}) {radial}))"

    def _on_side(self, face: Face, constant: Fraction, slopes: Any, side: int, names: list[str]) -> str:
        form = affine(constant, [Fraction(m) for m in slopes], names)
        return f"(assert ({'>=' if side > 0 else '<='} {form} 0.0))"

    def _origin(self) -> Query:
        """Return the query about the origin."""
        inner = zip(self.folds.hyperplanes, self.folds.strengths, strict=True)
        value = Fraction(self.folds.base[-1] + sum(k * h[-1] for h, k in inner if h[-1] > 0), self.folds.unit)
        return "the origin", [
            "(assert (= r 0.0))",
            "(assert (= t 0.0))",
            f"(assert (= n {number(value)}))",
            self._above(),
        ]

    def _line(self, face: Face) -> Iterator[str]:
        """Yield the assertions about one face: t runs along N's gradient from the foot of the face's flat."""
        flat, unit = face.flat, self.folds.unit
        height = Fraction(dot(face.affine, (*flat.foot, flat.scale)), flat.scale * unit)
        slopes = [dot(face.affine[:-1], direction) for direction in flat.directions]
        if flat.dimension > 1 and not any(slopes):
            # N is constant on the face: ask about the radii r whose whole sphere in the flat lies in the closure.
            yield f"(assert (= t 0.0))\n(assert (>= (* r r) {number(flat.square)}))\n(assert (= n {number(height)}))"
            for cut in flat.cuts:
                if face.side(cut) * cut.constant < 0:
                    yield "(assert false)"
                reach = sum((Fraction(m * m, v) for m, v in zip(cut.slopes, flat.lengths, strict=True)), Fraction(0))
                most = flat.square + cut.constant**2 / reach
                yield f"(assert (<= (* r r) {number(most)}))"
            yield self._above()
            return
        common = 1
        for length in flat.lengths:
            common *= length
        direction: tuple[int, ...] = (1,)
        if flat.dimension > 1:
            direction = primitive([g * (common // v) for g, v in zip(slopes, flat.lengths, strict=True)])[0]
        square = sum(e * e * v for e, v in zip(direction, flat.lengths, strict=True))
        yield f"(assert (= (* r r) (+ {number(flat.square)} (* {number(Fraction(square))} (* t t)))))"
        for cut in flat.cuts:
            tilt = [Fraction(dot(cut.slopes, direction))]
            yield self._on_side(face, Fraction(cut.constant), tilt, face.side(cut), ["t"])
        yield f"(assert (= n {affine(height, [Fraction(dot(slopes, direction), unit)], ['t'])}))"
        yield self._above()

    def _above(self) -> str:
        limit = number(self.limit)
        return f"(assert (or (> (- n p) {limit}) (> (- p n) {limit})))"

    def _psi(self) -> str:
        """Return psi(r) as a term: if-then-else over its pieces."""
        term = ""
        pieces = list(zip(pairwise(self.profile.knots), pairwise(self.profile.values), strict=True))
        for (a, b), (u, v) in reversed(pieces):
            slope = (v - u) / (b - a)
            line = affine(u - slope * a, [slope], ["r"])
            term = f"(ite (<= r {number(b)}) {line} {term})" if term else line
        return term

    @property
    def _names(self) -> list[str]:
        return [f"x{axis + 1}" for axis in range(self.folds.dimension)]

    @property
    def _square(self) -> str:
        squares = [f"(* {name} {name})" for name in self._names]
        return squares[0] if len(squares) == 1 else f"(+ {' '.join(squares)})"


def region_problem(document: Document) -> RegionProblem:
    """Return the problem of a certificate whose proof is by regions."""
    claim, proof = Fields(document["claim"], "claim"), Fields(document["proof"], "proof")
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    network = read_network(Fields(document["network"], "network"))
    return RegionProblem(fold(network), profile, claim.rational("bound") - profile.radius)


def affine(constant: Fraction, slopes: list[Fraction], names: list[str]) -> str:
    """Return an affine function as a term."""
    terms = [f"(* {number(slope)} {name})" for slope, name in zip(slopes, names, strict=True) if slope]
    return f"(+ {number(constant)} {' '.join(terms)})" if terms else number(constant)


def number(value: Fraction) -> str:
    """Return a rational as a term of sort Real."""
    size = f"{abs(value.numerator)}.0"
    if value.denominator != 1:
        size = f"(/ {size} {value.denominator}.0)"
    return f"(- {size})" if value < 0 else size
