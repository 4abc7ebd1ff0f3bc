"""Rule CRITICAL: the points at which |N(x) - psi(|x|)| can be largest on the unit ball, psi piecewise linear.

On each face of the arrangement unit * N is affine and psi(|x|) is radial about the foot of the face's flat, so such a
point lies in the direction of N's gradient along the flat, at a knot of psi or at one more radius for each piece. All
comparisons are exact: every value is a rational plus or minus the square root of a rational.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from verify.kernel.outcome import Rejected
from verify.kernel.profiles.profile import Profile
from verify.kernel.regions.faces import Face, breakpoints, faces
from verify.kernel.regions.flats import Flat, dot, price
from verify.kernel.regions.folds import Folds

RULE = "critical"

MAX_CANDIDATES = 10_000_000
"""Pairs of a face and a knot, each some microseconds; long numbers count more."""


@dataclass(frozen=True)
class Surd:
    """The real number rational + sign * sqrt(radicand), radicand >= 0."""

    rational: Fraction
    sign: int
    radicand: Fraction

    def exceeds(self, bound: Fraction) -> bool:
        """Return whether the number is greater than `bound`."""
        gap = bound - self.rational
        if self.sign >= 0:
            return gap < 0 or (self.sign > 0 and self.radicand > gap * gap)
        return gap < 0 and self.radicand < gap * gap

    def __neg__(self) -> Surd:
        return Surd(-self.rational, -self.sign, self.radicand)


@dataclass(frozen=True)
class Critical:
    """A point of the closed ball and the exact value of N - psi(|.|) there.

    Attributes:
        value: N(x) - psi(|x|).
        flat: the flat that holds the point.
        direction: integers e_l: the point is foot/scale + sign sqrt(square) sum_l e_l directions_l.
        sign, square: as above.
    """

    value: Surd
    flat: Flat
    direction: tuple[int, ...]
    sign: int
    square: Fraction


@dataclass
class Survey:
    """The walk over all critical points of the error |N - psi(|.|)|; `limit` may be raised on the way.

    Attributes:
        faces: faces of positive dimension looked at so far.
        regions: those of full dimension among them.
    """

    folds: Folds
    profile: Profile
    limit: Fraction
    faces: int = 0
    regions: int = 0
    _vertices_seen: set[int] = field(default_factory=set)

    def groups(self) -> Iterator[list[Face]]:
        """Yield the faces of positive dimension, those of one flat at a time, and count them."""
        left = MAX_CANDIDATES
        for group in faces(self.folds):
            flat = group[0].flat
            self.faces += len(group)
            if flat.dimension == self.folds.dimension:
                self.regions = len(group)
            left -= len(group) * len(self.profile.knots) * price(flat.lengths, flat.scale)
            if left < 0:
                raise Rejected(RULE, "network", "has more critical points than the kernel looks at")
            yield group

    def above(self, group: list[Face]) -> Iterator[Critical]:
        """Yield the critical points on the faces of one flat, and on its vertices, with an error above the limit."""
        flat = group[0].flat
        if flat.dimension == self.folds.dimension:
            yield from self._origin()
        if flat.dimension == 1:
            yield from self._vertices(group)
        frame = _Frame(flat, self)
        for face in group:
            yield from frame.above(face)

    def _origin(self) -> Iterator[Critical]:
        """Yield the origin, where |x| is not smooth."""
        dimension = self.folds.dimension
        forms = zip(self.folds.hyperplanes, self.folds.strengths, strict=True)
        total = self.folds.base[-1] + sum(strength * form[-1] for form, strength in forms if form[-1] > 0)
        value = Surd(Fraction(total, self.folds.unit) - self.profile.values[0], 0, Fraction(0))
        if value.exceeds(self.limit) or (-value).exceeds(self.limit):
            origin = Flat(0, -1, (0,) * dimension, 1, Fraction(0), (), (), 0, ())
            yield Critical(value, origin, (), 0, Fraction(0))

    def _vertices(self, line: list[Face]) -> Iterator[Critical]:
        """Yield the points where a line is cut, unless another line has had them."""
        flat = line[0].flat
        for (t, cut), face in zip(breakpoints(flat), line[1:], strict=True):
            members = flat.members | cut.both
            if members in self._vertices_seen:
                continue
            self._vertices_seen.add(members)
            along = dot(face.affine[:-1], flat.directions[0])
            at_foot = Fraction(dot(face.affine, (*flat.foot, flat.scale)), flat.scale)
            error = (at_foot + along * t) / self.folds.unit
            value = self._minus_psi(error, flat.square + t * t * flat.lengths[0])
            if value.exceeds(self.limit) or (-value).exceeds(self.limit):
                yield Critical(value, flat, (1,), 1 if t > 0 else -1, t * t)

    def _minus_psi(self, value: Fraction, square: Fraction) -> Surd:
        """Return value - psi(sqrt(square)) for 0 <= square <= 1."""
        knots, values = self.profile.knots, self.profile.values
        for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True):
            if square <= b * b:
                slope = (v - u) / (b - a)
                sign = (slope < 0) - (slope > 0)
                return Surd(value - u + slope * a, sign, slope * slope * square)
        raise Rejected(RULE, "network", "a vertex lies outside the ball")


class _Frame:
    """What all faces of one flat share."""

    def __init__(self, flat: Flat, survey: Survey) -> None:
        self.flat = flat
        self.limit = survey.limit
        self._unit = survey.folds.unit
        self._common = math.lcm(*flat.lengths)
        self._shares = [self._common // length for length in flat.lengths]
        # Values and the limit over one denominator, times scale * unit: only integers are compared.
        knots, values = survey.profile.knots, survey.profile.values
        self._fine = math.lcm(self.limit.denominator, *(value.denominator for value in values))
        self._size = flat.scale * self._unit
        self._most = int(self.limit * self._fine) * self._size
        self._knots = []
        for knot, value in zip(knots[1:], values[1:], strict=True):
            gap = knot * knot - flat.square
            if gap >= 0:
                left = gap.numerator * (flat.scale * self._fine) ** 2
                right = gap.denominator * self._common
                self._knots.append((int(value * self._fine) * self._size, left, right, gap, value))
        self._pieces = list(self._inner_pieces(knots, values))

    def _inner_pieces(
        self, knots: tuple[Fraction, ...], values: tuple[Fraction, ...]
    ) -> Iterator[tuple[Fraction, Fraction, tuple[int, int], tuple[int, int]]]:
        """Yield (slope, value at 0 of the line, least A, most A) of the pieces with critical radii inside.

        The bounds of A are (n, m), for a `steepness` beyond n/m.
        """
        square = self.flat.square
        if square == 0:
            return
        for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True):
            slope = (v - u) / (b - a)
            if slope == 0 or b * b <= square:
                continue
            size = self._common * self._unit**2
            most = size * slope * slope * (1 - square / (b * b))
            least = size * slope * slope * (1 - square / (a * a)) if a else Fraction(-1)
            yield slope, u - slope * a, (least.numerator, least.denominator), (most.numerator, most.denominator)

    def above(self, face: Face) -> Iterator[Critical]:
        """Yield the critical points of one face whose error is above the limit."""
        flat = self.flat
        height = dot(face.affine, (*flat.foot, flat.scale))  # scale * unit * N at the foot
        slopes = [dot(face.affine[:-1], direction) for direction in flat.directions]
        # |gradient of N along the flat|^2 = steepness / (common * unit^2)
        steepness = sum(g * g * share for g, share in zip(slopes, self._shares, strict=True))
        for at_knot, left, right, gap, value in self._knots:
            room = self._most - abs(height * self._fine - at_knot)
            if room < 0 or left * steepness > right * room * room:
                yield from self._at_knot(face, height, slopes, steepness, gap, value)
        for slope, start, least, most in self._pieces:
            if least[0] < steepness * least[1] and steepness * most[1] < most[0]:
                gradient = Fraction(steepness, self._common * self._unit**2)
                yield from self._inside(face, height, slopes, gradient, slope, start)

    def _at_knot(
        self, face: Face, height: int, slopes: list[int], steepness: int, gap: Fraction, value: Fraction
    ) -> Iterator[Critical]:
        """Yield the points of the face at the knot's radius, if their error is above the limit."""
        flat = self.flat
        if flat.dimension > 1 and steepness == 0:
            level = Surd(Fraction(height, self._size) - value, 0, Fraction(0))
            if self._exceeds(level) and self._holds_sphere(face, gap):
                yield Critical(level, flat, (1,) + (0,) * (flat.dimension - 1), 1, gap / flat.lengths[0])
            return
        direction = (1,) if flat.dimension == 1 else self._gradient(slopes)
        length = flat.lengths[0] if flat.dimension == 1 else self._common * steepness
        for sign in (1, -1):
            # The place costs less than the value here.
            if self._holds(face, direction, sign, gap.numerator, gap.denominator * length):
                rise = gap * Fraction(steepness, self._common * self._unit**2)
                uphill = sign if flat.dimension > 1 or slopes[0] > 0 else -sign
                surd = Surd(Fraction(height, self._size) - value, uphill, rise)
                if self._exceeds(surd):
                    yield Critical(surd, flat, direction, sign, gap / length)

    def _inside(
        self, face: Face, height: int, slopes: list[int], gradient: Fraction, slope: Fraction, start: Fraction
    ) -> Iterator[Critical]:
        """Yield the point of the face inside a piece of psi where both gradients agree."""
        rest = slope * slope - gradient
        sign = 1 if slope > 0 else -1
        surd = Surd(Fraction(height, self._size) - start, -sign, self.flat.square * rest)
        if not self._exceeds(surd):
            return
        direction, square = self._gradient(slopes), self.flat.square / (rest * (self._common * self._unit) ** 2)
        if self._holds(face, direction, sign, square.numerator, square.denominator):
            yield Critical(surd, self.flat, direction, sign, square)

    def _exceeds(self, value: Surd) -> bool:
        return value.exceeds(self.limit) or (-value).exceeds(self.limit)

    def _gradient(self, slopes: list[int]) -> tuple[int, ...]:
        """Return common * unit * the coordinates of N's gradient along the flat."""
        return tuple(g * share for g, share in zip(slopes, self._shares, strict=True))

    def _holds(self, face: Face, direction: tuple[int, ...], sign: int, numerator: int, denominator: int) -> bool:
        """Return whether foot + sign sqrt(numerator/denominator) direction lies in the closure of the face."""
        for cut in self.flat.cuts:
            side = face.side(cut)
            constant, tilt = side * cut.constant, side * sign * dot(cut.slopes, direction)
            # Is constant + tilt sqrt(numerator/denominator) negative, the point beyond this cut?
            if constant >= 0 <= tilt:
                continue
            flat, steep = constant * constant * denominator, tilt * tilt * numerator
            if (constant <= 0 and tilt <= 0 and flat + steep > 0) or (flat > steep if constant < 0 else flat < steep):
                return False
        return True

    def _holds_sphere(self, face: Face, gap: Fraction) -> bool:
        """Return whether the whole sphere of square radius `gap` about the foot lies in the closure of the face."""
        for cut in self.flat.cuts:
            reach = Fraction(sum(m * m * s for m, s in zip(cut.slopes, self._shares, strict=True)), self._common)
            if face.side(cut) * cut.constant < 0 or cut.constant * cut.constant < gap * reach:
                return False
        return True
