"""The search for narrow universal families: orbits, gradients, and a small family from start to proof."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from verify.constructions import universal_search
from verify.constructions.thm2 import shipped_design
from verify.constructions.universal_search import orbit, orbits_of, search_family
from verify.kernel.cover.family import FamilyBound, read_family
from verify.kernel.cover.symmetry import require_invariance
from verify.kernel.cover.tree import grid_for
from verify.kernel.cover.universal import weighted_lines
from verify.kernel.fields import Fields
from verify.provers.ascent import climb
from verify.provers.covering import cover
from verify.provers.family_bound import FamilyFloatBound
from verify.sphere.directions import polygon
from verify.sphere.sampling import ball_points


@pytest.mark.parametrize(
    ("vector", "lines", "freedom"),
    [
        ((1, 0, 0), 3, 0),
        ((1, 1, 0), 6, 0),
        ((1, 1, 1), 4, 0),
        ((2, 1, 1), 12, 1),
        ((2, 1, 0), 12, 1),
        ((3, 2, 1), 24, 2),
    ],
)
def test_orbits_have_their_lines_and_their_freedom(vector: tuple[int, ...], lines: int, freedom: int) -> None:
    each = orbit(vector, np.array([0.0, 0.5]))
    assert each.lines.shape == (lines, 3)
    assert np.allclose(np.linalg.norm(each.lines, axis=1), 1)
    assert each.tangents.shape == (freedom, 3)
    assert np.allclose(each.tangents @ each.vector, 0)
    assert each.neurons == 3 * lines + 1
    moved = orbit(each.vector + 0.01 * each.tangents.sum(axis=0), each.knots)
    assert len(moved.elements) == lines


def test_the_gradient_is_that_of_the_objective(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-BFGS is replaced by a comparison of the gradient with finite differences."""
    points = ball_points(np.random.default_rng(0), 60, 3, "chamber")
    orbits = [orbit((2, 1, 1), np.array([0.0, 0.31])), orbit((3, 2, 1), np.array([0.17, 0.62]))]
    edges = np.linspace(0, 1, 5)
    coefficients = np.random.default_rng(1).normal(size=(5, 4))
    seen = []

    class Stopped(Exception):
        pass

    def compare(objective, begin, **_):  # type: ignore[no-untyped-def]
        seen.append((objective(begin)[1], approx_fprime(begin, lambda x: objective(x)[0], 1e-7)))
        raise Stopped

    monkeypatch.setattr(universal_search, "minimize", compare)
    for joint in (False, True):
        with pytest.raises(Stopped):
            fit = universal_search._Fit(orbits, edges, coefficients)
            universal_search._descend(fit, points, 8, 1, joint=joint)
    for exact, difference in seen:
        assert np.allclose(exact, difference, atol=2e-5, rtol=1e-3)


def test_a_small_family_is_found_pruned_and_proved() -> None:
    vectors = polygon(4).directions
    kinds = {tuple(sorted(np.abs(row).tolist(), reverse=True)) for row in vectors}
    start = [orbit([float(x) for x in kind], np.arange(4) / 4) for kind in sorted(kinds)]
    family, error = search_family(start, 24, 10)
    assert family.width <= 24
    assert error < 0.25
    for lines in weighted_lines(read_family(Fields(family.to_document(), "family"))):
        require_invariance(lines, "chamber", 2, "family")
    bound = error * 1.06
    assert climb(family.error, 2, "chamber")[1] <= bound
    tree = cover(FamilyFloatBound(family), 2, "chamber", bound)
    assert tree.bound <= bound


def test_the_kernel_proves_what_the_search_proves_on_the_shipped_design() -> None:
    """The kernel's rounding of features, which grows with the coefficients, is in the search's bound."""
    design = shipped_design(3, Fraction(1, 20))
    assert design is not None
    family, symmetry = design
    assert (family.width, symmetry) == (2196, "chamber")
    grid = grid_for(3, "chamber", 27)
    kernel = FamilyBound(read_family(Fields(family.to_document(), "family")), grid)
    level = grid.level(18)
    generator = np.random.default_rng(3)
    places = generator.integers(1, 1 << 5, size=(300, 3)) * (2 * level.half_sides[0]) + level.half_sides[0]
    centres = -np.sort(-places, axis=1)
    centres = centres[(centres**2).sum(axis=1) < 1 << (2 * grid.bits)]
    unit = 2.0**-grid.bits
    ours = FamilyFloatBound(family).bound(centres * unit, np.array(level.half_sides) * unit)
    theirs = kernel.bound(centres, level).astype(np.float64) * 2.0**-kernel.BOUND_BITS
    assert (theirs <= ours).all()


@pytest.mark.parametrize(
    ("vector", "group", "lines", "freedom"),
    [
        ((1, 0, 0), "rotations", 3, 0),
        ((1, 1, 1), "rotations", 4, 0),
        ((0, 1, 1.618), "rotations", 6, 1),
        ((2, 1, 1), "rotations", 12, 2),
        ((3, 2), "signs", 2, 1),
        ((1, 0), "signs", 1, 0),
    ],
)
def test_smaller_groups_have_smaller_orbits(vector: tuple[float, ...], group: str, lines: int, freedom: int) -> None:
    each = orbit(vector, np.array([0.0, 0.5]), group)
    assert each.domain == "orthant"
    assert each.lines.shape[0] == lines
    assert each.tangents.shape[0] == freedom
    assert [o.lines.shape[0] for o in orbits_of(each.lines, each.knots, group)] == [lines]


def test_linear_parts_cancel_where_signs_allow_it() -> None:
    for vector, cancels in (((1, 1, 1), True), ((1, 0, 0), False), ((3, 2, 1), True)):
        each = orbit(vector, np.array([0.0]))
        balanced = universal_search._balanced(np.rint(each.lines * 4096).astype(np.int64), each.elements)
        assert (not balanced.sum(axis=0).any()) == cancels
        assert np.allclose(np.abs(balanced @ np.array([1, 5, 7])), np.abs(np.rint(each.lines * 4096) @ [1, 5, 7]))
