"""Rule FAMILY: the vectorised bound equals a plain one, and no point of the ball beats it."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.kernel.cover.family import (
    CHORD_BITS,
    INFINITE,
    TAME,
    VALUE_BITS,
    Block,
    Family,
    FamilyBound,
    exact_error,
)
from verify.kernel.cover.radius import ONE, RADIUS_BITS
from verify.kernel.cover.tree import Grid, Level

UNIT = Fraction(1, 1 << FamilyBound.BOUND_BITS)


@st.composite
def families(draw: st.DrawFn, dimension: int) -> Family:
    entry = st.integers(-4, 4)
    bins = draw(st.integers(1, 4))
    blocks = []
    for _ in range(draw(st.integers(1, 2))):
        lines = draw(st.lists(st.lists(entry, min_size=dimension, max_size=dimension), min_size=1, max_size=4))
        knots = sorted(draw(st.sets(st.integers(0, 9), min_size=1, max_size=4)))
        blocks.append(
            Block(
                np.array(lines),
                np.array(draw(st.lists(st.integers(-6, 6), min_size=len(lines), max_size=len(lines)))),
                np.array(knots),
                np.array(
                    draw(
                        st.lists(
                            st.lists(st.integers(-40, 40), min_size=bins, max_size=bins),
                            min_size=len(knots),
                            max_size=len(knots),
                        )
                    )
                ),
            )
        )
    inner = sorted(draw(st.sets(st.integers(1, 15), min_size=bins - 1, max_size=bins - 1)))
    return Family(
        dimension,
        direction_bits=draw(st.integers(0, 3)),
        weight_bits=draw(st.integers(1, 4)),
        knot_bits=3,
        coefficient_bits=draw(st.integers(2, 5)),
        edge_bits=4,
        edges=np.array([0, *inner, 16]),
        constants=np.array(draw(st.lists(st.integers(-20, 20), min_size=bins, max_size=bins))),
        blocks=tuple(blocks),
    )


@st.composite
def boxes(draw: st.DrawFn, dimension: int, bits: int) -> tuple[Grid, Level, list[int]]:
    """A box that the tree can reach, on a grid of 2^-bits; the domain is the whole ball."""
    grid = Grid(dimension, "ball", bits)
    depth = draw(st.integers(0, (bits - 1) * dimension))
    centres, level = grid.root(), grid.level(0)
    for k in range(depth):
        halves = grid.children(centres, level)
        level = grid.level(k + 1)
        kept = halves[grid.relevant(halves, level)]
        choice = draw(st.integers(0, kept.shape[0] - 1))
        centres = kept[choice : choice + 1]
    return grid, level, [int(c) for c in centres[0]]


CASES = st.integers(1, 3).flatmap(lambda d: st.tuples(families(d), boxes(d, 6)))


def both_paths(family: Family, grid: Grid, level: Level, centre: list[int]) -> tuple[int, int]:
    fast, plain = FamilyBound(family, grid), FamilyBound(family, grid)
    assert fast.dtype is np.int64
    plain.dtype = object
    at = np.array([centre])
    return int(fast.bound(at, level)[0]), int(plain.bound(at, level)[0])


def scalar_bound(evaluator: FamilyBound, level: Level, centre: list[int]) -> int:
    """The rule in plain integers, one line and one kink at a time, without tables, sums by segment or arrays."""
    family, grid = evaluator.family, evaluator.grid
    d, half = len(centre), level.half_sides
    bins = len(family.constants)
    shift, value_shift = evaluator.feature_shift, evaluator._value_shift
    knot_shift = family.direction_bits + grid.bits - family.knot_bits

    def scaled(value: int, by: int) -> int:
        return value >> by if by >= 0 else value << -by

    total, slack = [0] * bins, [0] * bins
    gamma = [[0] * d for _ in range(bins)]
    for block in family.blocks:
        for knot, row in zip(block.knots.tolist(), block.coefficients.tolist(), strict=True):
            feature = deviation = 0
            gradient = [0] * d
            for line, weight in zip(block.directions.tolist(), block.weights.tolist(), strict=True):
                inner = sum(w * c for w, c in zip(line, centre, strict=True))
                reach = sum(abs(w) * h for w, h in zip(line, half, strict=True))
                for sign in (1, -1):
                    u = sign * inner - (knot << knot_shift)
                    if u >= reach:
                        theta, top, bottom = 128, 128 * u, 128 * u
                    elif u <= -reach:
                        theta = top = bottom = 0
                    else:
                        theta = ((u + reach) * 128) // (2 * reach)
                        top = max(theta * reach, 128 * (u + reach) - theta * reach)
                        bottom = theta * u
                    feature += weight * (top + bottom)
                    deviation += abs(weight) * (top - bottom)
                    gradient = [g + weight * sign * theta * w for g, w in zip(gradient, line, strict=True)]
            for l, c in enumerate(row):  # noqa: E741
                total[l] += scaled(feature, shift) * c
                slack[l] += (-scaled(-deviation, shift) + 1 + d) * abs(c)
                for k in range(d):
                    gamma[l][k] += scaled(gradient[k] * half[k], shift - 1) * c
    lift = family.coefficient_bits - VALUE_BITS
    value = [(t >> value_shift) + scaled(int(c), lift) for t, c in zip(total, family.constants, strict=True)]
    gamma = [[g >> value_shift for g in row] for row in gamma]
    slack = [-(-s >> value_shift) + 2 + d for s in slack]
    extent = [sum(map(abs, row)) + s for row, s in zip(gamma, slack, strict=True)]
    if any(abs(v) + e > TAME << VALUE_BITS for v, e in zip(value, extent, strict=True)):
        return INFINITE

    fine = [c << (RADIUS_BITS - grid.bits) for c in centre]
    fine_half = [h << (RADIUS_BITS - grid.bits) for h in half]
    n = math.isqrt(sum(c * c for c in fine))
    at = min(n, ONE)
    low = math.isqrt(sum(max(abs(c) - h, 0) ** 2 for c, h in zip(fine, fine_half, strict=True)))
    far = sum((abs(c) + h) ** 2 for c, h in zip(fine, fine_half, strict=True))
    high = min(math.isqrt(far) + (math.isqrt(far) ** 2 < far), ONE)
    square = sum(h * h for h in fine_half)
    diagonal = math.isqrt(square) + (math.isqrt(square) ** 2 < square)
    edges = [int(e) << (RADIUS_BITS - family.edge_bits) for e in family.edges]
    one = 1 << VALUE_BITS
    constant, linear, spare = 0, [0] * d, 0
    least, most = one, -one
    for l in range(bins):  # noqa: E741
        below = min(max(at - edges[l], 0), edges[l + 1] - edges[l])
        above = edges[l + 1] - edges[l] - below
        direction = 0
        for weight, middle, turn in ((below, one - value[l], -1), (above, value[l], 1)):
            theta = min(max((middle << CHORD_BITS) // max(extent[l], 1), -128), 128)
            constant += weight * (128 * extent[l] + abs(128 * middle - theta * extent[l]))
            direction += turn * weight * theta
        linear = [a + 2 * direction * g for a, g in zip(linear, gamma[l], strict=True)]
        spare += 2 * abs(direction) * slack[l]
        if edges[l] <= max(high, at) and edges[l + 1] >= min(low, at):
            least = min(least, min(max(one - 2 * (value[l] + extent[l]), -one), one))
            most = max(most, min(max(one - 2 * (value[l] - extent[l]), -one), one))
    reach = max(at - low, high - at, 0) + 1
    if n > diagonal:
        m = most + least
        rest = m * (-(-square // (2 * n)) + 1 + d) if m > 0 else -m * (d + 1)
        radial = m * (n - at) + rest + (most - least) * reach
        linear = [a + ((m * (c * h // n)) << CHORD_BITS) for a, c, h in zip(linear, fine, fine_half, strict=True)]
    else:
        radial = 2 * max(abs(most), abs(least)) * reach
    return 2 * constant + (radial << CHORD_BITS) + sum(map(abs, linear)) + spare


@given(CASES)
def test_fast_path_equals_the_object_path_and_a_scalar_reference(case: tuple[Family, tuple]) -> None:
    family, (grid, level, centre) = case
    fast, plain = both_paths(family, grid, level, centre)
    assert fast == plain == scalar_bound(FamilyBound(family, grid), level, centre)


def corners(level: Level, centre: list[int], bits: int, steps: int) -> list[list[Fraction]]:
    """A grid of points of the box (its boundary included) that lie in the ball."""
    axes = [
        [Fraction(c * steps + (2 * k - steps) * h, steps << bits) for k in range(steps + 1)]
        for c, h in zip(centre, level.half_sides, strict=True)
    ]
    points = [[]]
    for axis in axes:
        points = [[*p, x] for p in points for x in axis]
    return [p for p in points if sum(x * x for x in p) <= 1]


@given(CASES)
def test_no_point_of_the_box_beats_the_bound(case: tuple[Family, tuple]) -> None:
    family, (grid, level, centre) = case
    bound, _ = both_paths(family, grid, level, centre)
    for point in corners(level, centre, grid.bits, 4):
        assert exact_error(family, point)[0] <= bound * UNIT or bound == INFINITE


@given(CASES)
def test_every_bin_is_enclosed(case: tuple[Family, tuple]) -> None:
    """V_l itself, not only E: an error of one bin can hide behind the slack of another."""
    family, (grid, level, centre) = case
    value, variation, slack = FamilyBound(family, grid)._bins(np.array([centre]), level)
    unit = Fraction(1, 1 << VALUE_BITS)
    for point in corners(level, centre, grid.bits, 4):
        y = [(x * (1 << grid.bits) - c) / h for x, c, h in zip(point, centre, level.half_sides, strict=True)]
        for l, exact in enumerate(bins_at(family, point)):  # noqa: E741
            linear = int(value[0, l]) + sum(int(g) * t for g, t in zip(variation[0, l], y, strict=True))
            assert abs(exact - linear * unit) <= int(slack[0, l]) * unit


def bins_at(family: Family, point: list[Fraction]) -> list[Fraction]:
    values = [Fraction(int(c), 1 << family.coefficient_bits) for c in family.constants]
    for block in family.blocks:
        for line, weight in zip(block.directions.tolist(), block.weights.tolist(), strict=True):
            inner = abs(sum(w * x for w, x in zip(line, point, strict=True))) / (1 << family.direction_bits)
            for knot, row in zip(block.knots.tolist(), block.coefficients.tolist(), strict=True):
                height = max(inner - Fraction(knot, 1 << family.knot_bits), 0) * weight
                for l, c in enumerate(row):  # noqa: E741
                    values[l] += Fraction(c, 1 << family.coefficient_bits + family.weight_bits) * height
    return values


def test_a_kink_at_zero_on_a_box_centred_on_it() -> None:
    """|x_1 - x_2| on a box centred on the diagonal is not x_1 - x_2 (a fault of an earlier version)."""
    family = Family(
        2,
        0,
        0,
        0,
        8,
        0,
        np.array([0, 1]),
        np.array([0]),
        (Block(np.array([[1, -1]]), np.array([1]), np.array([0]), np.array([[256]])),),
    )
    evaluator = FamilyBound(family, Grid(2, "ball", 6))
    value, variation, slack = evaluator._bins(np.array([[8, 8]]), evaluator.grid.level(6))
    assert value[0, 0] == 1 << 21 and not variation.any()
    assert slack[0, 0] >= 1 << 21


@pytest.mark.parametrize("dtype", [np.int64, object])
def test_a_zero_direction_is_harmless(dtype: type) -> None:
    family = Family(
        1,
        0,
        0,
        0,
        8,
        0,
        np.array([0, 1]),
        np.array([128]),
        (Block(np.array([[0]]), np.array([1]), np.array([0]), np.array([[256]])),),
    )
    evaluator = FamilyBound(family, Grid(1, "ball", 6))
    evaluator.dtype = dtype
    assert abs(int(evaluator.bound(np.array([[0]]), evaluator.grid.level(0))[0]) * UNIT - Fraction(1, 2)) < Fraction(
        1, 1000
    )


def test_wild_boxes_get_no_bound() -> None:
    family = Family(
        1,
        0,
        0,
        0,
        0,
        0,
        np.array([0, 1]),
        np.array([1000]),
        (Block(np.array([[1]]), np.array([1]), np.array([0]), np.array([[0]])),),
    )
    evaluator = FamilyBound(family, Grid(1, "ball", 6))
    assert int(evaluator.bound(np.array([[0]]), evaluator.grid.level(0))[0]) == INFINITE


def test_the_width_counts_a_linear_form_that_would_wrap_around() -> None:
    """8 lines of 2^40 * 2^21 sum to 2^64, which is 0 in int64: the neuron of the linear part was once not counted."""
    block = Block(np.full((8, 1), 1 << 21), np.full(8, 1 << 40), np.array([0]), np.array([[1]]))
    family = Family(1, 20, 30, 0, 40, 0, np.array([0, 1]), np.array([0]), (block,))
    assert family.width == 8 + 1


def test_large_magnitudes_leave_int64() -> None:
    huge = np.array([[1 << 50]])
    block = Block(np.array([[1 << 19]]), np.array([1 << 40]), np.array([1]), huge)
    family = Family(1, 20, 30, 3, 40, 0, np.array([0, 1]), np.array([0]), (block,))
    evaluator = FamilyBound(family, Grid(1, "ball", 20))
    centre = np.array([[123456]])
    level = evaluator.grid.level(12)
    bound = int(evaluator.bound(centre, level)[0])
    evaluator.dtype = object
    assert bound == int(evaluator.bound(centre, level)[0])


@given(families(2), boxes(2, 6), st.integers(0, 45), st.integers(0, 36))
def test_int64_is_chosen_only_where_nothing_overflows(
    family: Family, box: tuple, coefficient_bits: int, weight_bits: int
) -> None:
    grid, level, centre = box
    blocks = tuple(
        replace(block, weights=block.weights << weight_bits, coefficients=block.coefficients << coefficient_bits)
        for block in family.blocks
    )
    # Units that keep V near its size, as far as the format allows, so that boxes are not all wild.
    large = replace(
        family,
        blocks=blocks,
        weight_bits=min(family.weight_bits + weight_bits, 30),
        coefficient_bits=min(family.coefficient_bits + coefficient_bits, 40),
        constants=family.constants << min(coefficient_bits, 40 - family.coefficient_bits),
    )
    fast, plain = FamilyBound(large, grid), FamilyBound(large, grid)
    plain.dtype = object
    at = np.array([centre])
    assert fast.bound(at, level).tolist() == plain.bound(at, level).tolist()
