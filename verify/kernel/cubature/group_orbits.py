"""Rule GROUP ORBITS: directions generated from a few vectors by a group of signed permutations.

Designs such as the minimal vectors of the Leech lattice are listed here, in the kernel, never in a certificate; that
they are a cubature is one equation between two rationals (docs/rules/cubature.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from verify.kernel.cubature.moments import sphere_moment
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.kernel.packing import IntArray, integer_array

RULE = "GROUP ORBITS"
MAX_DIMENSION = 64
MAX_GENERATORS = 16
MAX_STARTS = 40  # of all classes together
MAX_CLASSES = 20
MAX_ENTRY = 20
MAX_LINES = 200_000
BLOCK = 1 << 13  # rows handled at once

Rows = npt.NDArray[np.int8]


@dataclass(frozen=True)
class GroupClass:
    """Lines of one norm and weight, a union of orbits of a group of signed permutations.

    Attributes:
        lines: how many they are, one for each pair w, -w.
        norm2: the squared norm of their vectors.
        mass: their total weight; the masses of all classes are positive and sum to 1.
        first: the values of the first coordinate, up to sign, with their probabilities.
    """

    lines: int
    norm2: int
    mass: Fraction
    first: list[tuple[int, Fraction]]

    def marginal(self, d: int) -> list[tuple[int, Fraction]]:
        """Return the values of the first coordinate of the class's vectors, up to sign, with their probabilities."""
        return self.first


def read_group_orbits(fields: Fields, d: int, k: int) -> list[GroupClass]:
    """Return the classes at `fields` and require that they are a cubature of degree 2k in dimension d:

    sum_o mass_o mean_{w in o} (w.x/|w|)^(2j) = c(d,j) |x|^(2j) for all x and all j <= k.
    """
    if d > MAX_DIMENSION:
        raise Malformed(fields.where, f"rule {RULE} reads dimensions up to {MAX_DIMENSION}")
    generators = integer_array(fields, "generators", (None, d), most=MAX_GENERATORS * d)
    if (np.sort(np.abs(generators), axis=1) != np.arange(1, d + 1)).any():
        raise Malformed(fields.place("generators"), f"a row is no signed permutation of 1, ..., {d}")
    classes: list[GroupClass] = []
    starts: list[tuple[IntArray, list[int]]] = []  # of each class, with the sizes of their orbits
    lists: list[Rows] = []
    room = MAX_LINES
    for item in fields.objects("classes", most=MAX_CLASSES):
        vectors, mass = _read_starts(item, d, MAX_STARTS - sum(len(sizes) for _, sizes in starts))
        orbits = _orbits(vectors, generators, room, item.place("starts"))
        rows = np.concatenate(orbits)
        room -= len(rows)
        classes.append(GroupClass(len(rows), int((vectors[0] ** 2).sum()), mass, _first(rows)))
        starts.append((vectors, [len(orbit) for orbit in orbits]))
        lists.append(rows)
    if not classes:
        raise Malformed(fields.place("classes"), "must be at least one")
    if sum(item.mass for item in classes) != 1:
        raise Rejected(RULE, fields.where, "the masses do not sum to 1")
    if _energy(classes, starts, lists, k) != sphere_moment(d, k):
        raise Rejected(RULE, fields.where, f"the lines are no cubature of degree {2 * k}")
    return classes


def _read_starts(fields: Fields, d: int, most: int) -> tuple[IntArray, Fraction]:
    """Return the vectors whose orbits make up a class, shape (S, d), and the class's mass."""
    vectors = integer_array(fields, "starts", (None, d), most=most * d)
    mass = fields.rational("mass", digits=200)
    fields.done()
    where = fields.place("starts")
    if not len(vectors):
        raise Malformed(where, "must be at least one")
    if (vectors > MAX_ENTRY).any() or (vectors < -MAX_ENTRY).any():
        raise Malformed(where, f"must have coordinates between -{MAX_ENTRY} and {MAX_ENTRY}")
    norms = (vectors**2).sum(axis=1)
    if norms[0] == 0 or (norms != norms[0]).any():
        raise Rejected(RULE, where, "must all have one norm, not 0")
    if mass <= 0:
        raise Rejected(RULE, fields.place("mass"), "must be positive")
    return vectors, mass


def _orbits(vectors: IntArray, generators: IntArray, room: int, where: str) -> list[Rows]:
    """Return the orbits of the vectors; they must be disjoint and have at most `room` lines together."""
    found: list[Rows] = []
    seen: set[bytes] = set()
    for vector in vectors:
        before = len(seen)
        orbit = orbit_lines(vector, generators, seen, room)
        if orbit is None:
            raise Rejected(RULE, where, f"the directions are more than {MAX_LINES} lines")
        if not len(orbit):
            raise Rejected(RULE, where, "has a vector in the orbit of an earlier one")
        if len(seen) != before + len(orbit):
            raise Rejected(RULE, where, "two orbits overlap")  # cannot happen: orbits of a group are disjoint
        found.append(orbit)
    return found


def orbit_lines(vector: IntArray, generators: IntArray, seen: set[bytes], most: int) -> Rows | None:
    """Return one vector of each line +-w in the orbit of `vector`, shape (n, d), and add them to `seen`.

    The first nonzero coordinate is positive. A generator g takes w to the vector with coordinates sign(g_i) w_|g_i|.
    Entries must fit in a byte. None if `seen` grows beyond `most`; no row if the first line was in it.
    """
    d = generators.shape[1]
    moves = [(np.abs(row) - 1, np.sign(row).astype(np.int8)) for row in generators]
    found: list[bytes] = []
    frontier = _unseen(_canonical(vector[None].astype(np.int8)), seen)
    while frontier:
        found += frontier
        if len(seen) > most:
            return None
        images: list[bytes] = []
        for begin in range(0, len(frontier), BLOCK):
            block = np.frombuffer(b"".join(frontier[begin : begin + BLOCK]), dtype=np.int8).reshape(-1, d)
            for places, signs in moves:
                images += _unseen(_canonical(block[:, places] * signs), seen)
                if len(seen) > most:
                    return None
        frontier = images
    return np.frombuffer(b"".join(found), dtype=np.int8).reshape(-1, d)


def _canonical(rows: Rows) -> Rows:
    """Return the rows, none of them zero, with signs that make their first nonzero coordinate positive."""
    first = np.take_along_axis(rows, (rows != 0).argmax(axis=1)[:, None], axis=1)
    result: Rows = rows * np.sign(first)
    return result


def _unseen(rows: Rows, seen: set[bytes]) -> list[bytes]:
    """Return the rows that are not in `seen`, each once, as bytes, and add them to it."""
    data, d = rows.tobytes(), rows.shape[1]
    new = []
    for place in range(0, len(data), d):
        key = data[place : place + d]
        if key not in seen:
            seen.add(key)
            new.append(key)
    return new


def _first(rows: Rows) -> list[tuple[int, Fraction]]:
    """Return the values of the first coordinate, which are not negative, with their probabilities."""
    counts = np.bincount(rows[:, 0])
    return [(int(value), Fraction(int(counts[value]), len(rows))) for value in np.flatnonzero(counts)]


def _energy(
    classes: Sequence[GroupClass], starts: Sequence[tuple[IntArray, list[int]]], lists: Sequence[Rows], k: int
) -> Fraction:
    """Return the mean of (v.w / |v||w|)^(2k) over two independent lines, drawn by the masses.

    By symmetry v need only run through the starts, each as often as its orbit has lines.
    """
    # |v.w| <= MAX_DIMENSION * MAX_ENTRY^2: nothing overflows, and the table of powers stays short.
    table = [value ** (2 * k) for value in range(MAX_DIMENSION * MAX_ENTRY**2 + 1)]
    total = Fraction(0)
    for one, (vectors, sizes) in zip(classes, starts, strict=True):
        for other, rows in zip(classes, lists, strict=True):
            power_sum = 0
            for vector, size in zip(vectors, sizes, strict=True):
                counts = _inner_products(vector, rows)
                power_sum += size * sum(int(counts[value]) * table[value] for value in np.flatnonzero(counts).tolist())
            pairs = one.lines * other.lines * (one.norm2 * other.norm2) ** k
            total += one.mass * other.mass * Fraction(power_sum, pairs)
    return total


def _inner_products(vector: IntArray, rows: Rows) -> IntArray:
    """Return how often |vector.w| takes each value for w in `rows`."""
    counts = np.zeros(MAX_DIMENSION * MAX_ENTRY**2 + 1, dtype=np.int64)
    for begin in range(0, len(rows), BLOCK):
        products = rows[begin : begin + BLOCK].astype(np.int64) @ vector
        part = np.bincount(np.abs(products))
        counts[: len(part)] += part
    return counts
