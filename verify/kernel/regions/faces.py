"""Rule FACES, second half: the faces of an arrangement in the open ball, with the network's affine function on each.

Faces of a line lie between its sorted cuts. Every face of a larger flat that some cut divides is adjacent to a face of
one of its cuts, so they are found from those of one dimension less, across each cut in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from verify.kernel.outcome import Rejected
from verify.kernel.regions.flats import RULE, Cut, Flat, flats
from verify.kernel.regions.folds import Folds, Form, add

MAX_FACES = 150_000
"""Faces of one dimension that are held at a time; fewer where the numbers are long."""


@dataclass(frozen=True, slots=True)
class Face:
    """A connected part of a flat inside the open ball on which no hyperplane but the flat's members vanishes.

    Attributes:
        positive: bit mask of the hyperplanes that are positive there.
        affine: an affine function that agrees with unit * N on the face.
    """

    flat: Flat
    positive: int
    affine: Form

    def side(self, cut: Cut) -> int:
        """Return 1 if the cut's form is positive on the face, -1 if it is negative."""
        return 1 if self.positive & cut.both == cut.plus else -1


def faces(folds: Folds) -> Iterator[list[Face]]:
    """Yield, flat by flat and from lines upward, all faces of positive dimension."""
    below: dict[int, list[Face]] = {}
    most = MAX_FACES // folds.weight
    for level in flats(folds):
        here: dict[int, list[Face]] = {}
        count = 0
        for flat in level:
            found = _on_line(flat, folds) if flat.dimension == 1 else _across_cuts(flat, below, folds, most)
            count += len(found)
            if count > most:
                raise Rejected(RULE, "network", f"has more than {most} faces of dimension {flat.dimension}")
            here[flat.members] = found
            yield found
        below = here


def breakpoints(flat: Flat) -> list[tuple[Fraction, Cut]]:
    """Return the cuts of a line, in order of the parameter t at which its form vanishes."""
    return sorted(((Fraction(-cut.constant, cut.slopes[0]), cut) for cut in flat.cuts), key=lambda pair: pair[0])


def _on_line(flat: Flat, folds: Folds) -> list[Face]:
    """Return the faces of a line, from its negative end to its positive end."""
    cuts = [cut for _, cut in breakpoints(flat)]
    # Slopes of cuts on a line are positive: far to the left every cut's form is negative.
    positive = flat.settled
    for cut in cuts:
        positive |= cut.minus
    found = [Face(flat, positive, _affine(folds, positive))]
    for cut in cuts:
        positive = positive & ~cut.minus | cut.plus
        affine = tuple(add(found[-1].affine, _change(folds, cut), 1))
        found.append(Face(flat, positive, affine))
    return found


def _across_cuts(flat: Flat, below: dict[int, list[Face]], folds: Folds, most: int) -> list[Face]:
    """Return the faces of a flat that has dimension 2 or more."""
    if not flat.cuts:
        return [Face(flat, flat.settled, _affine(folds, flat.settled))]
    found: dict[int, Face] = {}
    for cut in flat.cuts:
        up, down = _sum(folds, cut.plus), _sum(folds, cut.minus)
        for face in below[flat.members | cut.both]:
            for bits, change in ((cut.plus, up), (cut.minus, down)):
                positive = face.positive | bits
                if positive not in found:
                    found[positive] = Face(flat, positive, tuple(add(face.affine, change, 1)))
                    if len(found) > most:
                        raise Rejected(RULE, "network", f"has more than {most} faces of dimension {flat.dimension}")
    return list(found.values())


def _affine(folds: Folds, positive: int) -> Form:
    """Return unit * N where exactly these hyperplanes count as positive."""
    return tuple(add(folds.base, _sum(folds, positive), 1))


def _change(folds: Folds, cut: Cut) -> list[int]:
    """Return how unit * N changes as the cut is crossed from its negative to its positive side."""
    return add(_sum(folds, cut.plus), _sum(folds, cut.minus), -1)


def _sum(folds: Folds, bits: int) -> list[int]:
    """Return the sum of strength * form over a set of hyperplanes."""
    total = [0] * (folds.dimension + 1)
    while bits:
        index = (bits & -bits).bit_length() - 1
        total = add(total, folds.hyperplanes[index], folds.strengths[index])
        bits &= bits - 1
    return total
