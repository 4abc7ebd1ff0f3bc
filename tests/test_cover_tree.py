"""Rules COVER and SYMMETRY: leaves cover the ball, trees that do not fit are refused, invariance is verified."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.kernel.cover import tree as tree_module
from verify.kernel.cover.leaves import require_leaves
from verify.kernel.cover.radial import require_symmetry
from verify.kernel.cover.symmetry import generators, require_invariance, unsigned
from verify.kernel.cover.tree import DOMAINS, Grid, Level, grid_for, walk
from verify.kernel.network import Network
from verify.kernel.outcome import Rejected


def random_tree(draw: st.DrawFn, grid: Grid, deepest: int) -> np.ndarray:
    """Bits of a tree whose boxes the kernel would visit, in level order."""
    bits: list[bool] = []
    centres = grid.root()
    for depth in range(deepest + 1):
        split = np.array([depth < deepest and draw(st.booleans()) for _ in range(centres.shape[0])], dtype=np.bool_)
        bits += split.tolist()
        children = grid.children(centres[split], grid.level(depth))
        centres = children[grid.relevant(children, grid.level(depth + 1))] if children.size else children
        if not centres.size:
            break
    return np.array(bits, dtype=np.bool_)


@given(st.data(), st.integers(1, 4), st.sampled_from(DOMAINS), st.integers(0, 7))
def test_leaves_cover_the_domain(data: st.DataObject, dimension: int, domain: str, deepest: int) -> None:
    grid = grid_for(dimension, domain, deepest)
    bits = data.draw(st.composite(lambda draw: random_tree(draw, grid, deepest))())
    generator = np.random.default_rng(dimension)
    points = generator.normal(size=(60, dimension))
    points /= np.linalg.norm(points, axis=1)[:, None]
    points *= np.append(generator.random(50) ** (1 / dimension), np.full(10, 1 - 1e-12))[:, None]
    if domain != "ball":
        points = np.abs(points)
    if domain == "chamber":
        points = -np.sort(-points, axis=1)
    covered = np.zeros(60, dtype=bool)
    total = 0
    for level, centres in walk(bits, grid, deepest):
        total += centres.shape[0]
        distance = np.abs(points[:, None, :] * (1 << grid.bits) - centres)
        covered |= (distance <= np.array(level.half_sides)).all(axis=2).any(axis=1)
        # Every centre and half side is an integer: no bisection has lost a half.
        assert min(level.half_sides) >= 1
    assert covered.all() and total > 0


def bits(text: str) -> np.ndarray:
    return np.array([c == "1" for c in text], dtype=np.bool_)


@pytest.mark.parametrize(
    ("text", "deepest", "reason"),
    [
        ("", 0, "the bits run out at depth 0"),
        ("1", 2, "the bits run out at depth 1"),
        ("10", 2, "the bits run out at depth 1"),
        ("00", 2, "1 bits are left over"),
        ("1000", 2, "1 bits are left over"),
        ("100", 0, "deeper than the declared 0"),
        ("11100000", 1, "deeper than the declared 1"),
    ],
)
def test_trees_that_do_not_fit(text: str, deepest: int, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        list(walk(bits(text), grid_for(2, "ball", deepest), deepest))


def test_a_grid_finer_than_the_finest() -> None:
    with pytest.raises(Rejected, match="the finest allowed"):
        grid_for(2, "ball", 60)


def test_levels_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "MAX_LEVEL", 20)
    with pytest.raises(Rejected, match="boxes at depth"):
        list(walk(np.ones(1 << 12, dtype=np.bool_), grid_for(2, "ball", 10), 10))


class _Stub:
    """A bound that is 7 everywhere."""

    entries = work = 1
    dtype = np.int64

    def bound(self, centres: np.ndarray, level: Level) -> np.ndarray:
        return np.full(centres.shape[0], 7)


def test_every_leaf_is_bounded_and_work_is_limited() -> None:
    grid = grid_for(2, "ball", 2)
    leaves = list(walk(bits("1000")[:3], grid, 2))
    assert require_leaves("rule", leaves, _Stub(), 7, 1) == 2
    with pytest.raises(Rejected, match="is not proved"):
        require_leaves("rule", leaves, _Stub(), 6, 1)
    slow = _Stub()
    slow.work = 1 << 38
    with pytest.raises(Rejected, match="more work than the kernel allows"):
        require_leaves("rule", leaves, slow, 7, 1)


def test_generators_generate_all_signed_permutations() -> None:
    vectors = {(3, 2, 1)}
    while True:
        images = {
            tuple(signs[k] * v[order[k]] for k in range(3))
            for v in vectors
            for _, order, signs in generators("chamber", 3)
        } | vectors
        if images == vectors:
            break
        vectors = images
    assert len(vectors) == 48
    assert unsigned((0, -2, 1)) == (0, 2, -1)


def test_invariance_of_lines() -> None:
    cross = {(1, 0): 5, (0, 1): 5}
    require_invariance(cross, "chamber", 2, "here")
    require_invariance({(1, 0): 5, (0, 1): 4}, "orthant", 2, "here")
    for domain, lines in (("chamber", {(1, 0): 5, (0, 1): 4}), ("orthant", {(1, 2): 1}), ("chamber", {(1, 0): 5})):
        with pytest.raises(Rejected, match="not invariant"):
            require_invariance(lines, domain, 2, "here")


def network(rows: list[list[int]], biases: list[int], outputs: list[int]) -> Network:
    shape = (len(rows), 2)
    return Network(2, 1, 1, np.array(rows).reshape(shape), np.array(biases), np.array(outputs), 0)


@pytest.mark.parametrize(
    ("rows", "biases", "outputs", "domain", "reason"),
    [
        # |x_1| + |x_2| with a linear remainder; without it; with unequal shares.
        ([[1, 0], [0, 1]], [0, 0], [2, 2], "orthant", "linear part"),
        ([[1, 0], [0, 1], [1, 1]], [0, 0, 9], [2, 2, -1], "chamber", None),
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0], [1, 1, 1, 1], "chamber", None),
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0], [1, 1, 2, 2], "chamber", "not invariant"),
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0], [1, 1, 2, 2], "orthant", None),
        # The biases belong to the lines: relu(x_1 - 1/2 ...) has no mirror image.
        ([[2, 0], [-2, 0]], [-1, 1], [1, 1], "orthant", "not invariant"),
        # Silent on the ball (b <= -|w|), or affine on it: no lines, and its linear part counts in full.
        ([[1, 0]], [-1], [7], "chamber", None),
        ([[1, 0]], [1], [7], "chamber", "linear part"),
        ([[1, 0], [-1, 0]], [1, 1], [7, 7], "chamber", None),
    ],
)
def test_symmetry_of_networks(
    rows: list[list[int]], biases: list[int], outputs: list[int], domain: str, reason: str | None
) -> None:
    if reason is None:
        require_symmetry(network(rows, biases, outputs), domain)
    else:
        with pytest.raises(Rejected, match=reason):
            require_symmetry(network(rows, biases, outputs), domain)
    require_symmetry(network(rows, biases, outputs), "ball")


@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(-3, 3), st.integers(-2, 2)), max_size=6),
    st.sampled_from(["orthant", "chamber"]),
)
def test_accepted_symmetries_hold(neurons: list[tuple[int, int, int, int]], domain: str) -> None:
    """Networks are symmetrised at random; whatever the rule accepts must be invariant at points of the ball."""
    images = [
        (x, y, b, a)
        for u, v, b, a in neurons
        for x, y in ([(u, v), (v, u)] if domain == "chamber" else [(u, v)])
        for x, y in ((x, y), (-x, y), (x, -y), (-x, -y))
    ]
    for candidate in (neurons, images):
        made = network([[n[0], n[1]] for n in candidate], [n[2] for n in candidate], [n[3] for n in candidate])
        try:
            require_symmetry(made, domain)
        except Rejected:
            assert candidate is neurons
            continue
        points = np.random.default_rng(0).uniform(-0.7, 0.7, size=(20, 2))
        orbit = [points * [1, 1], points * [-1, 1], points * [1, -1]]
        if domain == "chamber":
            orbit.append(points[:, ::-1])
        values = [np.maximum(p @ made.weights.T + made.biases, 0) @ made.outputs for p in orbit]
        assert all(np.allclose(v, values[0]) for v in values)
