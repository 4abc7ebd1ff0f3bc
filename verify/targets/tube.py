"""Enclose a profile in a tube around a piecewise linear interpolant, in the form that the kernel's rule TUBE checks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verify.exact.spelling import Document, pack_integers
from verify.kernel.arithmetic.elementary import Arithmetic, DomainFailure
from verify.kernel.fields import Fields
from verify.kernel.outcome import CheckFailure
from verify.kernel.profiles import jets
from verify.kernel.profiles.expression import Expression
from verify.kernel.profiles.profile import MAX_KNOTS, MAX_SCALE, Profile, distance, profile_arithmetic, read_profile
from verify.targets.errors import TargetError, Unproved
from verify.targets.lipschitz import prove_lipschitz
from verify.targets.profiles import Target
from verify.targets.syntax import spelled

DEFAULT_RADIUS = Fraction(1, 10_000)


@dataclass(frozen=True)
class ProvedProfile:
    """A profile whose Lipschitz constant and tube the kernel has accepted.

    Attributes:
        target: the profile.
        claim: its form in a claim.
        tube: the tube's form in a proof; None for a piecewise linear profile, which needs none.
        profile: the kernel's view: knots, values, radius and proved Lipschitz constant.
    """

    target: Target
    claim: Document
    tube: Document | None
    profile: Profile


def prove_profile(target: Target, declared: Fraction | int = 1, radius: Fraction = DEFAULT_RADIUS) -> ProvedProfile:
    """Prove the Lipschitz constant of `target`, build its tube of the given radius, and let the kernel check both.

    Raises:
        TargetError: as `prove_lipschitz`; or the radius needs too many knots.
    """
    lipschitz = prove_lipschitz(target, declared)
    claim = target.document(lipschitz)
    tube = None if target.expression is None else build_tube(target.expression, lipschitz, radius)
    try:
        profile = read_profile(Fields(claim, "claim.profile"), None if tube is None else Fields(tube, "proof.tube"))
    except CheckFailure as failure:
        raise Unproved(f"{target.text}: the kernel did not accept the profile ({failure})") from failure
    return ProvedProfile(target, claim, tube, profile)


def build_tube(expression: Expression, lipschitz: Fraction, radius: Fraction) -> Document:
    """Return a tube of the given radius, its pieces as long as rule TUBE allows without subdivision.

    Knots and values are multiples of 2^-scale. At the finest spacing the first-order estimate alone closes a piece,
    so the search ends for every profile that is `lipschitz`-Lipschitz.
    """
    if radius <= 0:
        raise TargetError(f"the radius of a tube must be positive, not {radius}")
    grid = _bits(8 * max(lipschitz, Fraction(1)) / radius)
    scale = max(grid, _bits(64 / radius))
    if scale > MAX_SCALE:
        raise TargetError(f"a tube of radius {radius} is finer than the kernel's scale of 2^-{MAX_SCALE}")
    arithmetic = profile_arithmetic()
    search = _Search(expression, arithmetic, grid, scale, radius)
    places = [0]
    stride = 1 << max(grid - 6, 0)
    while places[-1] < 1 << grid:
        stride = search.longest(places[-1], stride)
        places.append(places[-1] + stride)
        if len(places) > MAX_KNOTS:
            raise TargetError(f"a tube of radius {radius} needs more than {MAX_KNOTS} knots; ask for a larger radius")
    values = [search.value(place) for place in places]
    if max(map(abs, values)) >= 1 << 62:
        raise TargetError("the values of the profile are too large for a tube of this radius")
    return {
        "scale": scale,
        "knots": pack_integers([place << (scale - grid) for place in places]),
        "values": pack_integers(values),
        "radius": spelled(radius),
    }


class _Search:
    """The longest pieces that rule TUBE accepts, on the grid of multiples of 2^-grid."""

    def __init__(self, expression: Expression, arithmetic: Arithmetic, grid: int, scale: int, radius: Fraction) -> None:
        self._expression = expression
        self._arithmetic = arithmetic
        self._grid = grid
        self._unit = Fraction(1, 1 << scale)
        self._radius = radius
        self._values: dict[int, int] = {}

    def value(self, place: int) -> int:
        """Return phi at a grid point, rounded to a multiple of 2^-scale, as an integer."""
        if place not in self._values:
            point = Fraction(place, 1 << self._grid)
            low, high = jets.enclose(self._expression, self._arithmetic, point, point)
            self._values[place] = round(Fraction(low + high, 2 * self._arithmetic.one) / self._unit)
        return self._values[place]

    def longest(self, start: int, guess: int) -> int:
        """Return the length of the longest piece from `start` that is found by doubling and halving."""
        rest = (1 << self._grid) - start
        length = min(guess, rest)
        if self._fits(start, length):
            while length < rest and self._fits(start, min(2 * length, rest)):
                length = min(2 * length, rest)
            step = length // 2
        else:
            while length > 1 and not self._fits(start, length):
                length //= 2
            step = length // 2
        # Two or three further bits of the length: a few per cent of the number of pieces.
        for _ in range(3):
            if step and length + step <= rest and self._fits(start, length + step):
                length += step
            step //= 2
        return length

    def _fits(self, start: int, length: int) -> bool:
        cell = Fraction(start, 1 << self._grid), Fraction(start + length, 1 << self._grid)
        line = self.value(start) * self._unit, self.value(start + length) * self._unit
        try:
            return distance(self._expression, self._arithmetic, cell, line) <= self._radius
        except DomainFailure:
            return False


def _bits(ratio: Fraction) -> int:
    """Return the least b >= 0 with 2^b >= ratio."""
    return max((-(-ratio.numerator // ratio.denominator) - 1).bit_length(), 0)
