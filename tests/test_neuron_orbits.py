"""Symmetric networks of the search for small ones: orders of groups, invariance, orbits and balanced halves."""

from __future__ import annotations

import numpy as np
import pytest

from verify.constructions.minimal import _Weights
from verify.constructions.neuron_orbits import _closure, groups, random_pattern

GOLDEN = (1 + 5**0.5) / 2
CYCLE = np.eye(3)[[1, 2, 0]]
FIFTH = 0.5 * np.array([[1, -GOLDEN, GOLDEN - 1], [GOLDEN, GOLDEN - 1, -1], [GOLDEN - 1, 1, GOLDEN]])


@pytest.mark.parametrize(
    ("generators", "order"),
    [
        ([CYCLE], 3),
        ([CYCLE, np.diag([1.0, -1.0, -1.0])], 12),
        ([CYCLE, np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])], 24),
        ([CYCLE, np.diag([1.0, -1.0, -1.0]), FIFTH], 60),
        ([CYCLE, np.diag([1.0, -1.0, -1.0]), FIFTH, -np.eye(3)], 120),
    ],
)
def test_groups_are_closed(generators: list[np.ndarray], order: int) -> None:
    group = _closure(generators)
    assert len(group) == order
    assert np.allclose(group @ group.transpose(0, 2, 1), np.eye(3))


def test_the_orbits_of_the_rotations_of_the_icosahedron() -> None:
    sizes = [sorted((each.size, each.freedom.shape[0], each.centred) for each in kinds) for kinds in groups(3)]
    assert [(12, 1, False), (20, 1, False), (30, 1, False), (60, 3, False)] in sizes
    assert [(4, 1, False), (6, 1, False), (12, 3, False)] in sizes
    assert groups(4) == ()
    assert random_pattern(np.random.default_rng(0), 4, 1, 100) is None


@pytest.mark.parametrize("dimension", [2, 3])
def test_images_are_an_orbit_and_halves_add_up_to_zero(dimension: int) -> None:
    generator = np.random.default_rng(3)
    for kinds in groups(dimension):
        for each in kinds:
            vector = generator.normal(size=each.freedom.shape[0]) @ each.freedom
            images = each.maps @ vector
            assert np.allclose(images[0] if np.allclose(each.maps[0], np.eye(dimension)) else vector, vector)
            assert len(np.unique(np.round(images, 7), axis=0)) == each.size
            if each.centred:
                assert np.allclose(images.sum(axis=0), 0)
                both = np.concatenate([images, -images])
                assert len(np.unique(np.round(both, 7), axis=0)) == 2 * each.size


@pytest.mark.parametrize("dimension", [2, 3])
def test_patterns_make_networks_with_equal_outputs_on_each_orbit(dimension: int) -> None:
    generator = np.random.default_rng(5)
    for _ in range(20):
        pattern = random_pattern(generator, dimension, 9, 40)
        assert pattern is not None
        assert 9 <= pattern.width <= 40
        weights = _Weights.from_flat(pattern.basis @ generator.normal(size=pattern.start.size), dimension)
        assert weights.width == pattern.width
        assert (pattern.sums.sum(axis=1) == 1).all()
        for orbit in pattern.sums.T > 0:
            assert np.ptp(weights.outputs[orbit]) < 1e-12
            assert np.ptp(weights.biases[orbit]) < 1e-12
            assert np.ptp(np.linalg.norm(weights.weights[orbit], axis=1)) < 1e-9
