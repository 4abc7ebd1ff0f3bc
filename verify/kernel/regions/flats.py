"""Rule FACES, first half: the flats of a hyperplane arrangement that meet the open unit ball, and the cuts on each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.outcome import Rejected
from verify.kernel.regions.folds import Folds, Form, primitive

RULE = "faces"

MAX_RESTRICTIONS = 500_000
"""Pairs of a flat and a hyperplane: restricting one to the other takes some microseconds; long numbers count more."""


@dataclass(frozen=True)
class Cut:
    """The zero set, on one flat, of one or more hyperplanes' forms; it meets the flat inside the open ball.

    Attributes:
        constant, slopes: a positive multiple of the common form in the flat's coordinates, constant + slopes . t.
        plus, minus: bit masks of the hyperplanes whose form is a positive (negative) multiple of it on the flat.
    """

    constant: int
    slopes: tuple[int, ...]
    plus: int
    minus: int

    @property
    def both(self) -> int:
        """All hyperplanes of the cut, as a bit mask."""
        return self.plus | self.minus


@dataclass(frozen=True)
class Flat:
    """An intersection of hyperplanes that meets the open ball: the points foot/scale + sum_l t_l directions_l.

    Attributes:
        members: bit mask of all hyperplanes that contain the flat.
        last: the last hyperplane of the flat's first basis in lexicographic order; -1 for the whole space.
        foot, scale: scale * the point of the flat that is nearest to the origin.
        square: the square of its norm.
        directions: an orthogonal basis of the flat's direction space; `lengths` holds the squared norms.
        settled: bit mask of the hyperplanes, not members, that are positive on all of the flat inside the open ball.
        cuts: the zero sets of the hyperplanes that are neither members nor of one sign there.
    """

    members: int
    last: int
    foot: tuple[int, ...]
    scale: int
    square: Fraction
    directions: tuple[tuple[int, ...], ...]
    lengths: tuple[int, ...]
    settled: int
    cuts: tuple[Cut, ...]

    @property
    def dimension(self) -> int:
        """Dimension of the flat."""
        return len(self.directions)


def flats(folds: Folds) -> list[list[Flat]]:
    """Return the flats of dimension 1, ..., d that meet the open unit ball, by dimension: entry k - 1 for k."""
    hyperplanes, dimension = folds.hyperplanes, folds.dimension
    origin = (0,) * dimension
    axes = tuple(tuple(int(i == k) for i in range(dimension)) for k in range(dimension))
    counter = _Counter(len(hyperplanes) * dimension * folds.weight)
    levels = [[_flat(hyperplanes, 0, -1, origin, 1, axes, counter)]]
    for _ in range(dimension - 1):
        levels.append([flat for parent in levels[-1] for flat in _within(hyperplanes, parent, counter)])
    levels.reverse()
    return levels


class _Counter:
    """The work that is left; each flat takes `each`."""

    def __init__(self, each: int) -> None:
        self._left = MAX_RESTRICTIONS
        self._each = each

    def flat(self, price: int) -> None:
        """Count one more flat."""
        self._left -= self._each * price
        if self._left < 0:
            raise Rejected(RULE, "network", "has more intersections of hyperplanes than the kernel enumerates")


def _within(hyperplanes: Sequence[Form], parent: Flat, counter: _Counter) -> Iterator[Flat]:
    """Yield the flats of one dimension less whose first basis begins with that of `parent`."""
    for cut in parent.cuts:
        first = (cut.both & -cut.both).bit_length() - 1
        if first < parent.last:
            continue
        # The normal of the cut within the parent, times a common denominator.
        common = math.lcm(*parent.lengths)
        normal = _combination(parent, [m * (common // v) for m, v in zip(cut.slopes, parent.lengths, strict=True)])
        # The foot moves along it: the form is constant + reach * (multiple of the normal).
        reach = sum(m * m * (common // v) for m, v in zip(cut.slopes, parent.lengths, strict=True))
        foot, scale = _point(
            [reach * f - cut.constant * parent.scale * n for f, n in zip(parent.foot, normal, strict=True)],
            reach * parent.scale,
        )
        directions = _complement(parent.directions, normal)
        yield _flat(hyperplanes, parent.members | cut.both, first, foot, scale, directions, counter)


def _flat(
    hyperplanes: Sequence[Form],
    members: int,
    last: int,
    foot: tuple[int, ...],
    scale: int,
    directions: tuple[tuple[int, ...], ...],
    counter: _Counter,
) -> Flat:
    """Return the flat with its cuts: every hyperplane that does not contain it is settled or cuts it."""
    lengths = tuple(dot(u, u) for u in directions)
    counter.flat(price(lengths, scale))
    square = Fraction(dot(foot, foot), scale * scale)
    common = math.lcm(*lengths)
    # A form constant/scale + slopes . t has a zero at distance^2 constant^2 / (scale^2 sum_l slopes_l^2 / lengths_l)
    # of the foot: it cuts the flat inside the open ball if and only if that is below 1 - square.
    room = (1 - square) * scale * scale
    settled = 0
    groups: dict[Form, tuple[int, int]] = {}
    for index, form in enumerate(hyperplanes):
        bit = 1 << index
        if members & bit:
            continue
        constant = dot(form[:-1], foot) + form[-1] * scale
        slopes = [dot(form[:-1], u) for u in directions]
        reach = sum(m * m * (common // v) for m, v in zip(slopes, lengths, strict=True))
        if constant * constant * room.denominator * common < room.numerator * reach:
            key, factor = primitive((*(scale * m for m in slopes), constant))
            plus, minus = groups.get(key, (0, 0))
            groups[key] = (plus | bit, minus) if factor > 0 else (plus, minus | bit)
        elif constant > 0:
            settled |= bit
    cuts = tuple(Cut(key[-1], key[:-1], plus, minus) for key, (plus, minus) in groups.items())
    return Flat(members, last, foot, scale, square, directions, lengths, settled, cuts)


def price(lengths: Sequence[int], scale: int) -> int:
    """Return how much dearer a flat is than one whose numbers have a few hundred bits: products cost their square."""
    size = scale.bit_length() + sum(map(int.bit_length, lengths))
    return (1 + size // 2048) ** 2


def dot(first: Sequence[int], second: Sequence[int]) -> int:
    """Return the inner product."""
    return sum(a * b for a, b in zip(first, second, strict=True))


def _combination(flat: Flat, factors: Sequence[int]) -> tuple[int, ...]:
    """Return sum_l factors_l directions_l."""
    return tuple(dot(factors, column) for column in zip(*flat.directions, strict=True))


def _point(numerators: Sequence[int], scale: int) -> tuple[tuple[int, ...], int]:
    """Return a rational point in lowest terms."""
    factor = math.gcd(*numerators, scale)
    return tuple(n // factor for n in numerators), scale // factor


def _complement(directions: Sequence[tuple[int, ...]], normal: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return an orthogonal basis of the vectors spanned by `directions` that are orthogonal to `normal`."""
    basis = [primitive(normal)[0]]
    for vector in directions:
        rest = vector
        for other in basis:
            length, share = dot(other, other), dot(rest, other)
            rest = tuple(length * r - share * o for r, o in zip(rest, other, strict=True))
        if any(rest):
            basis.append(primitive(rest)[0])
    return tuple(basis[1:])
