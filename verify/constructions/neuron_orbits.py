"""Depth-2 networks with a finite group of symmetries: the group's images of a few neurons, with few free parameters.

A neuron a relu(w.x + b) and its images under a group G of orthogonal maps share b and a; w moves within the vectors
that the neuron's stabiliser fixes. All parameters of the network are then linear in the free ones.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Orbits of a pattern, at most; orbits of at most so many lines are searched for signs that add up to zero.
MOST_ORBITS = 8
MOST_SIGNED = 12


@dataclass(frozen=True)
class NeuronOrbit:
    """A kind of orbit.

    Attributes:
        maps: one orthogonal matrix for each neuron, shape (k, d, d); its weights are the map's image of the first's.
        freedom: an orthonormal basis of the vectors that the first neuron's weights may be, shape (f, d).
        centred: whether the bias is 0: one neuron a line, whose linear parts cancel.
    """

    maps: Floats
    freedom: Floats
    centred: bool

    @property
    def size(self) -> int:
        """The number of neurons."""
        return int(self.maps.shape[0])


@dataclass(frozen=True)
class Pattern:
    """A network's parameters (weights (n, d), biases (n,), outputs (n,), constant), all flat, as `basis @ free`.

    Attributes:
        basis: shape (n d + 2 n + 1, p).
        start: random free parameters, shape (p,).
        sums: which outputs are equal, shape (n, orbits): outputs = sums @ one number for each orbit.
    """

    basis: Floats
    start: Floats
    sums: Floats

    @property
    def width(self) -> int:
        """The number of neurons."""
        return int(self.sums.shape[0])


def random_pattern(generator: np.random.Generator, dimension: int, least: int, most: int) -> Pattern | None:
    """Return orbits of a random group with between `least` and `most` neurons in all, or None if none was found."""
    kinds = groups(dimension)
    if not kinds:
        return None
    for _ in range(200):
        orbits = kinds[int(generator.integers(len(kinds)))]
        chosen: list[NeuronOrbit] = []
        for _ in range(MOST_ORBITS):
            room = most - sum(each.size for each in chosen)
            fitting = [each for each in orbits if each.size <= room]
            if not fitting:
                break
            chosen.append(fitting[int(generator.integers(len(fitting)))])
        if chosen and sum(each.size for each in chosen) >= least:
            return _pattern(generator, chosen)
    return None


def _pattern(generator: np.random.Generator, orbits: Sequence[NeuronOrbit]) -> Pattern:
    dimension = int(orbits[0].maps.shape[1])
    width = sum(each.size for each in orbits)
    columns: list[Floats] = []
    start: list[float] = []
    sums = np.zeros((width, len(orbits)))
    first = 0
    for index, each in enumerate(orbits):
        neurons = np.arange(first, first + each.size)
        first += each.size
        sums[neurons, index] = 1.0
        direction = generator.normal(size=each.freedom.shape[0])
        start += np.divide(direction, np.linalg.norm(direction)).tolist()
        for vector in each.freedom:
            column = np.zeros((width, dimension))
            column[neurons] = each.maps @ vector
            columns.append(np.concatenate([column.ravel(), np.zeros(2 * width + 1)]))
        rest = np.zeros((2, width))
        rest[:, neurons] = 1.0
        head = np.zeros(width * dimension)
        if not each.centred:
            columns.append(np.concatenate([head, rest[0], np.zeros(width + 1)]))
            start.append(-max(float(generator.uniform(-0.3, 0.7)), 0.0))
        columns.append(np.concatenate([head, np.zeros(width), rest[1], [0.0]]))
        start.append(2.0 / width)
    columns.append(np.append(np.zeros(width * (dimension + 2)), 1.0))
    start.append(0.1)
    return Pattern(np.stack(columns, axis=1), np.array(start), sums)


@functools.cache
def groups(dimension: int) -> tuple[tuple[NeuronOrbit, ...], ...]:
    """Return the kinds of orbits of each group that the search tries (d = 2 and 3; none in other dimensions)."""
    if dimension == 2:
        turns = [2 * np.pi / k for k in range(2, 33)]
        rotations = [np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]) for t in turns]
        mirror = np.diag([1.0, -1.0])
        generators = [[each] for each in rotations] + [[each, mirror] for each in rotations]
    elif dimension == 3:
        golden = (1 + 5**0.5) / 2
        cycle = np.eye(3)[[1, 2, 0]]
        turn = np.diag([1.0, -1.0, -1.0])
        quarter = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
        fifth = 0.5 * np.array([[1, -golden, golden - 1], [golden, golden - 1, -1], [golden - 1, 1, golden]])
        central = -np.eye(3)
        tetrahedral, octahedral = [cycle, turn], [cycle, quarter]
        generators = [
            tetrahedral,
            [*tetrahedral, central],
            octahedral,
            [*octahedral, central],
            [*tetrahedral, fifth],
            [*tetrahedral, fifth, central],
        ]
    else:
        return ()
    return tuple(tuple(_orbit_kinds(_closure(each))) for each in generators)


def _closure(generators: Sequence[Floats]) -> Floats:
    """Return the finite group of orthogonal matrices that some of them generate, shape (order, d, d)."""
    found = [np.eye(generators[0].shape[0])]
    seen = {_key(found[0])}
    for element in found:  # the list grows while it is read
        for each in generators:
            product = each @ element
            if _key(product) not in seen:
                seen.add(_key(product))
                found.append(product)
    return np.array(found)


def _key(array: Floats) -> tuple[float, ...]:
    """Return the array rounded, to tell arrays apart."""
    return tuple((np.round(array, 6) + 0.0).ravel().tolist())


def _orbit_kinds(group: Floats) -> list[NeuronOrbit]:
    """Return the orbits of generic vectors and of those on axes and mirrors, and their centred halves."""
    dimension = int(group.shape[1])
    spaces = [np.eye(dimension)]
    for element in group:
        values, vectors = np.linalg.eigh(element + element.T)
        fixed = vectors[:, values > 2 - 1e-9].T
        if 0 < fixed.shape[0] < dimension:
            spaces.append(fixed)
    kinds: list[NeuronOrbit] = []
    seen: set[tuple[float, ...]] = set()
    for space in spaces:
        projector = space.T @ space
        if _key(projector) in seen:
            continue
        seen |= {_key(element @ projector @ element.T) for element in group}
        vector = np.array([1.0, 0.37, 0.61])[: space.shape[0]] @ space
        images = group @ vector
        first = {_key(image): index for index, image in reversed(list(enumerate(images)))}
        maps = sorted(first.values())
        kinds.append(NeuronOrbit(group[maps], space, False))
        half = _balanced_half(group[maps], images[maps], space)
        if half is not None:
            kinds.append(half)
    return kinds


def _balanced_half(maps: Floats, images: Floats, space: Floats) -> NeuronOrbit | None:
    """Return one neuron for each pair w, -w of an orbit, so that the sum of all w vanishes; None if there is none."""
    opposite = [int(np.flatnonzero(np.isclose(images, -image, atol=1e-9).all(axis=1))[:1].sum()) for image in images]
    if not np.allclose(images[opposite], -images, atol=1e-9):
        return None
    firsts = [index for index, other in enumerate(opposite) if index < other]
    if len(firsts) > MOST_SIGNED:
        return None
    # The sum must vanish for every vector of the space.
    bases = (maps[firsts] @ space.T).reshape(len(firsts), -1)
    signs = np.array([(1, *rest) for rest in itertools.product((1, -1), repeat=len(firsts) - 1)])
    vanishing = np.flatnonzero((np.abs(signs @ bases) < 1e-9).all(axis=1))
    if vanishing.size == 0:
        return None
    chosen = signs[vanishing[0]] > 0
    kept = [index if plus else opposite[index] for index, plus in zip(firsts, chosen.tolist(), strict=True)]
    return NeuronOrbit(maps[kept], space, True)
