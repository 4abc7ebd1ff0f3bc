"""Classes of directions (rules ORBITS and GROUP ORBITS) written out line by line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from verify.errors import UsageProblem
from verify.kernel.cubature.group_orbits import MAX_CLASSES, MAX_GENERATORS, MAX_STARTS, orbit_lines
from verify.kernel.cubature.orbits import OrbitClass
from verify.kernel.fields import Fields
from verify.kernel.packing import integer_array


class TooLarge(UsageProblem):
    """The network is too large to be written out."""


def class_lines(orbit: OrbitClass, d: int, code: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield one vector of each pair ±w of the signed permutations of the class's entries.

    With a code only the sign patterns orthogonal to it; bit i of a word is the coordinate number i.
    """
    values = tuple(value for value, count in orbit.entries for _ in range(count))
    if code:
        for word in _orthogonal_words(d, code):
            yield tuple(-value if word >> i & 1 else value for i, value in enumerate(values))
        return
    for support in combinations(range(d), len(values)):
        for order in _orders(values):
            for signs in product((1, -1), repeat=len(support) - 1):
                w = [0] * d
                for place, value, sign in zip(support, order, (1, *signs), strict=True):
                    w[place] = sign * value
                yield tuple(w)


def generated_lines(directions: dict[str, Any], d: int, most: int) -> list[list[tuple[int, ...]]] | None:
    """Return one vector of each line in each class of directions of kind "group-orbits"; None if more than `most`."""
    fields = Fields(directions, "network.directions")
    generators = integer_array(fields, "generators", (None, d), most=MAX_GENERATORS * d)
    classes: list[list[tuple[int, ...]]] = []
    for item in fields.objects("classes", most=MAX_CLASSES):
        seen: set[bytes] = set()
        rows: list[tuple[int, ...]] = []
        for start in integer_array(item, "starts", (None, d), most=MAX_STARTS * d):
            orbit = orbit_lines(start, generators, seen, most - sum(map(len, classes)))
            if orbit is None:
                return None
            rows += map(tuple, orbit.tolist())
        classes.append(rows)
    return classes


def _orthogonal_words(d: int, code: list[int]) -> Iterator[int]:
    """Yield the words of {0,1}^d that are orthogonal to `code` and 0 in the first coordinate."""
    pivots: dict[int, int] = {}
    for row in (1, *code):
        for place, other in pivots.items():
            row ^= other if row >> place & 1 else 0
        if row:
            top = row.bit_length() - 1
            pivots = {place: other ^ (row if other >> top & 1 else 0) for place, other in pivots.items()}
            pivots[top] = row
    free = [i for i in range(d) if i not in pivots]
    basis = [1 << i | sum(1 << place for place, row in pivots.items() if row >> i & 1) for i in free]
    for choice in product((0, 1), repeat=len(basis)):
        word = 0
        for chosen, vector in zip(choice, basis, strict=True):
            word ^= vector if chosen else 0
        yield word


def _orders(values: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the distinct permutations of `values`."""
    if not values:
        yield ()
    for first in sorted(set(values), reverse=True):
        place = values.index(first)
        for rest in _orders(values[:place] + values[place + 1 :]):
            yield (first, *rest)
