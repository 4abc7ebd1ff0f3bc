"""Rule GROUP ORBITS: designs generated in the kernel, the refusals, and attacks on what is built with them."""

from __future__ import annotations

import base64
import copy
import itertools
import json
from fractions import Fraction
from math import comb, factorial, prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.certificates.document import pack_integers, rational
from verify.claims.thm3 import kernel_classes, orbit_directions
from verify.kernel.cubature.group_orbits import MAX_LINES, GroupClass, orbit_lines, read_group_orbits
from verify.kernel.cubature.moments import norm_coefficient, partitions, sphere_moment
from verify.kernel.cubature.orbits import mean_coefficients
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected
from verify.sphere.codes import golay, reed_muller
from verify.sphere.group_orbits import cubature, group_cubatures, orbit_of, permutation, sign_change, span
from verify.sphere.orbits import Orbit

SHIPPED = Path(__file__).resolve().parent.parent / "certificates"


def directions(generators: Any, *classes: tuple[Any, Any]) -> dict[str, Any]:
    items = [{"starts": pack_integers(starts), "mass": rational(Fraction(mass))} for starts, mass in classes]
    return {"kind": "group-orbits", "generators": pack_integers(generators), "classes": items}


def read(body: dict[str, Any], d: int, k: int) -> list[GroupClass]:
    fields = Fields(copy.deepcopy(body), "directions")
    fields.text("kind")
    found = read_group_orbits(fields, d, k)
    fields.done()
    return found


# Designs that are known


def test_the_leech_lattice_is_a_cubature_of_degree_10_and_no_more() -> None:
    (found,) = group_cubatures(24)
    body = orbit_directions(found)
    for k in (5, 4, 1):
        (item,) = read(body, 24, k)
        assert (item.lines, item.norm2, item.mass) == (98_280, 32, 1)
        assert sum(share for _, share in item.first) == 1
    with pytest.raises(Rejected, match="no cubature of degree 12"):
        read(body, 24, 6)
    sizes = [len(orbit_of(start, found.generators)) for start in found.terms[0][0].starts]
    assert sizes == [comb(24, 2) * 2, 759 * 64, 24 * 2048]
    assert len(json.dumps(body)) < 1500


def test_the_permutations_keep_the_golay_code() -> None:
    words = set(span(golay()))
    for generator in group_cubatures(24)[0].generators[:3]:
        assert min(generator) > 0
        for word in golay():
            assert sum(1 << i for i, place in enumerate(generator) if word >> (place - 1) & 1) in words


@pytest.mark.parametrize(("d", "sizes"), [(7, {2: 28, 3: 91, 4: 379, 5: 757}), (15, {3: 1115, 4: 20_187, 5: 31_157})])
def test_projective_geometries(d: int, sizes: dict[int, int]) -> None:
    assert {item.k: item.lines for item in group_cubatures(d)} == sizes
    for item in group_cubatures(d):
        assert sum(kind.lines for kind in read(orbit_directions(item), d, item.k)) == item.lines
        with pytest.raises(Rejected, match=f"no cubature of degree {2 * item.k + 2}"):
            read(orbit_directions(item), d, item.k + 1)


@pytest.mark.parametrize(
    ("d", "name", "sizes"), [(8, "e8", {5: [120, 1080]}), (16, "barnes-wall", {3: [2160], 5: [2160, 2160, 30_720]})]
)
def test_shells_of_lattices(d: int, name: str, sizes: dict[int, list[int]]) -> None:
    assert {item.k: [kind.lines for kind, _ in item.terms] for item in group_cubatures(d)} == sizes
    for item in group_cubatures(d):
        assert item.name == name
        assert [kind.lines for kind in read(orbit_directions(item), d, item.k)] == sizes[item.k]
        with pytest.raises(Rejected, match=f"no cubature of degree {2 * item.k + 2}"):
            read(orbit_directions(item), d, item.k + 1)


def test_twenty_eight_lines_are_equiangular() -> None:
    lines = orbit_of(group_cubatures(7)[0].terms[0][0].starts[0], group_cubatures(7)[0].generators).astype(int)
    assert set(np.abs(lines @ lines.T).ravel().tolist()) == {1, 3}


def test_e8_is_what_orbits_and_codes_say() -> None:
    generators = [permutation(8, lambda i: (i + 1) % 8), permutation(8, lambda i: [1, 0][i] if i < 2 else i)]
    generators.append(sign_change(8, 3))
    starts = [(2, 2, 0, 0, 0, 0, 0, 0), (1,) * 8]
    (item,) = read(directions(generators, (starts, 1)), 8, 3)
    assert item.lines == 120
    others = [Orbit(((1, 2),), 8), Orbit(((1, 8),), 8, code=(255,))]
    for start, other in zip(starts, others, strict=True):
        ours = {tuple((row // max(row)).tolist()) for row in orbit_of(start, generators)}
        theirs = {max(v, tuple(-x for x in v)) for v in other.vectors()}
        assert {max(v, tuple(-x for x in v)) for v in ours} == theirs
    with pytest.raises(Rejected, match="degree 8"):
        read(directions(generators, (starts, 1)), 8, 4)
    # The half of them alone is no cubature of degree 4, nor are both with wrong masses.
    with pytest.raises(Rejected, match="degree 4"):
        read(directions(generators, (starts[:1], 1)), 8, 2)
    with pytest.raises(Rejected, match="degree 4"):
        read(directions(generators, (starts[:1], "1/2"), (starts[1:], "1/2")), 8, 2)


def test_barnes_wall() -> None:
    words = span(reed_muller(1, 4))
    octad = next(word for word in words if word.bit_count() == 8)
    plane = next(word for word in span(reed_muller(2, 4)) if word.bit_count() == 4)
    generators = [
        permutation(16, lambda i: i ^ 1),
        permutation(16, lambda i: i ^ (i & 1) << 1),
        permutation(16, lambda i: (i << 1 | i >> 3) & 15),
        sign_change(16, plane),
    ]
    starts = [(2, 2) + (0,) * 14, [octad >> i & 1 for i in range(16)]]
    (item,) = read(directions(generators, (starts, 1)), 16, 3)
    assert item.lines == 2160
    with pytest.raises(Rejected, match="degree 8"):
        read(directions(generators, (starts, 1)), 16, 4)


# Against brute force in tiny dimensions


@st.composite
def tiny(draw: Any) -> tuple[int, list[tuple[int, ...]], list[tuple[list[tuple[int, ...]], Fraction]]]:
    d = draw(st.integers(2, 4))
    signed = st.builds(
        lambda order, signs: tuple(s * (i + 1) for s, i in zip(signs, order, strict=True)),
        st.permutations(range(d)),
        st.lists(st.sampled_from([1, -1]), min_size=d, max_size=d),
    )
    generators = draw(st.lists(signed, min_size=1, max_size=3))
    vector = st.lists(st.integers(-2, 2), min_size=d, max_size=d).filter(any).map(tuple)
    starts = draw(st.lists(vector, min_size=1, max_size=3))
    weights = draw(st.lists(st.integers(1, 4), min_size=len(starts), max_size=len(starts)))
    return d, generators, [([s], Fraction(w, sum(weights))) for s, w in zip(starts, weights, strict=True)]


def line(vector: Any) -> tuple[int, ...]:
    row = tuple(int(x) for x in vector)
    return max(row, tuple(-x for x in row))


def brute_orbit(start: Any, generators: Any) -> set[tuple[int, ...]]:
    """Multiply by signed permutation matrices until nothing is new."""
    d = len(start)
    matrices = [np.zeros((d, d), dtype=int) for _ in generators]
    for matrix, generator in zip(matrices, generators, strict=True):
        for i, place in enumerate(generator):
            matrix[i, abs(place) - 1] = 1 if place > 0 else -1
    found = {line(start)}
    while True:
        more = found | {line(m @ np.array(w)) for m in matrices for w in found}
        if more == found:
            return found
        found = more


def difference(d: int, k: int, weighted: list[tuple[tuple[int, ...], Fraction]]) -> dict[tuple[int, ...], Fraction]:
    """Return the coefficients of sum weight (w.x/|w|)^(2k) - c(d,k) |x|^(2k)."""
    terms: dict[tuple[int, ...], Fraction] = {}
    for alpha in itertools.product(range(2 * k + 1), repeat=d):
        if sum(alpha) == 2 * k:
            multinomial = factorial(2 * k) // prod(factorial(a) for a in alpha)
            total = sum(
                (
                    weight * prod(x**a for x, a in zip(w, alpha, strict=True)) / Fraction(sum(x * x for x in w)) ** k
                    for w, weight in weighted
                ),
                Fraction(0),
            )
            even = all(a % 2 == 0 for a in alpha)
            target = sphere_moment(d, k) * norm_coefficient(tuple(a // 2 for a in alpha)) if even else 0
            terms[alpha] = multinomial * total - target
    return terms


@settings(max_examples=60, deadline=None)
@given(tiny(), st.integers(1, 3))
def test_the_equation_holds_if_and_only_if_the_polynomials_agree(case: Any, k: int) -> None:
    d, generators, classes = case
    orbits = [brute_orbit(starts[0], generators) for starts, _ in classes]
    for (starts, _), orbit in zip(classes, orbits, strict=True):
        rows = orbit_lines(np.array(starts[0]), np.array(generators), set(), 10_000)
        assert rows is not None and len(rows) == len(orbit) and {line(row) for row in rows} == orbit
    weighted = [(w, mass / len(orbit)) for orbit, (_, mass) in zip(orbits, classes, strict=True) for w in sorted(orbit)]
    terms = difference(d, k, weighted)
    # The norm of the difference, by the double sum over all lines and by its coefficients.
    double = sum(
        a * b * Fraction(np.dot(v, w).item() ** (2 * k)) / (sum(x * x for x in v) * sum(x * x for x in w)) ** k
        for v, a in weighted
        for w, b in weighted
    )
    squares = sum(
        (value**2 * prod(factorial(a) for a in alpha) / factorial(2 * k) for alpha, value in terms.items()),
        Fraction(0),
    )
    assert double - sphere_moment(d, k) == squares
    body = directions(generators, *classes)
    if any(terms.values()):
        with pytest.raises(Rejected, match=f"no cubature of degree {2 * k}"):
            read(body, d, k)
    else:
        found = read(body, d, k)
        for item, orbit in zip(found, orbits, strict=True):
            assert item.lines == len(orbit)
            shares = {abs(w[0]): Fraction(0) for w in orbit}
            for w in orbit:
                shares[abs(w[0])] += Fraction(1, len(orbit))
            assert dict(item.marginal(d)) == shares
        for j in range(k):
            assert not any(difference(d, j, weighted).values())


@settings(max_examples=30, deadline=None)
@given(tiny(), st.integers(1, 3))
def test_solved_masses_make_cubatures(case: Any, k: int) -> None:
    d, generators, classes = case
    if k == 1:  # one orbit that spans the space evenly is enough
        classes = classes[:1]
    # With these, most groups have few invariants.
    generators = [*generators, permutation(d, lambda i: (i + 1) % d), sign_change(d, 1)]
    try:
        found = cubature("tiny", k, generators, [starts for starts, _ in classes])
    except ArithmeticError:
        assert k > 1
        return
    weighted = [
        (w, mass / item.lines) for item, mass in found.terms for w in sorted(brute_orbit(item.starts[0], generators))
    ]
    assert not any(difference(d, k, weighted).values())
    assert [item.lines for item in kernel_classes(found, d)] == [item.lines for item, _ in found.terms]


def test_coefficients_of_the_sum_are_those_of_the_sphere() -> None:
    """28 equiangular lines, listed and expanded: every coefficient of (H), odd exponents included."""
    found = group_cubatures(7)[0]
    rows = [tuple(row.tolist()) for row in orbit_of(found.terms[0][0].starts[0], found.generators)]
    for alpha in partitions(2, 7):
        total = sum(
            Fraction(factorial(4) * prod(w[i] ** (2 * a) for i, a in enumerate(alpha)), 9 * len(rows)) for w in rows
        ) / prod(factorial(2 * a) for a in alpha)
        assert total == sphere_moment(7, 2) * norm_coefficient(alpha)


def test_means_take_the_largest_majorant() -> None:
    classes = [GroupClass(3, 1, Fraction(1, 2), []), GroupClass(4, 2, Fraction(1, 2), [])]
    means = mean_coefficients(classes, [[Fraction(1), Fraction(5)], [Fraction(2)]], 5)
    assert means == [2, 5 * sphere_moment(5, 1)]


# Refusals

FANO = group_cubatures(7)[1]


def fano() -> dict[str, Any]:
    return orbit_directions(FANO)


def starts(body: dict[str, Any], index: int, rows: Any) -> None:
    body["classes"][index]["starts"] = pack_integers(rows)


def packed64(rows: list[list[int]]) -> dict[str, Any]:
    data = np.array(rows, dtype="<i8")
    return {"type": "int64", "shape": list(data.shape), "base64": base64.b64encode(data.tobytes()).decode()}


POINT, ZERO = [1, 0, 0, 0, 0, 0, 0], [0] * 7

REJECTIONS = {
    "zero vector": (lambda b: starts(b, 0, [ZERO]), "not 0"),
    "two norms": (lambda b: starts(b, 0, [POINT, [2, 0, 0, 0, 0, 0, 0]]), "one norm"),
    "the same orbit": (lambda b: starts(b, 0, [POINT, [0, 0, -1, 0, 0, 0, 0]]), "orbit of an earlier one"),
    "the same vector": (lambda b: starts(b, 0, [POINT, POINT]), "orbit of an earlier one"),
    "another vector": (lambda b: starts(b, 0, [[2, 1, 0, 0, 0, 0, 0]]), "no cubature of degree 6"),
    "masses": (lambda b: b["classes"][0].update(mass="1/7"), "do not sum to 1"),
    "negative mass": (lambda b: b["classes"][0].update(mass="-1/7"), "must be positive"),
    "no mass": (lambda b: b["classes"][0].update(mass=0), "must be positive"),
    "masses exchanged": (
        lambda b: (lambda a, c: (a.update(mass=c["mass"]), c.update(mass="8/99")))(b["classes"][0], b["classes"][2]),
        "no cubature of degree 6",
    ),
    "a smaller group": (
        lambda b: b.update(generators=pack_integers(FANO.generators[:1])),
        "no cubature of degree 6",
    ),
}


@pytest.mark.parametrize("reason", REJECTIONS)
def test_rejections(reason: str) -> None:
    assert read(fano(), 7, 3)
    change, message = REJECTIONS[reason]
    body = fano()
    change(body)
    with pytest.raises(Rejected, match=message):
        read(body, 7, 3)


MALFORMED = {
    "no permutation": (lambda b: b.update(generators=pack_integers([[1, 2, 3, 4, 5, 6, 6]])), "no signed permutation"),
    "zero entry": (lambda b: b.update(generators=pack_integers([[0, 2, 3, 4, 5, 6, 7]])), "no signed permutation"),
    "large entry": (lambda b: b.update(generators=packed64([[-(2**63), 2, 3, 4, 5, 6, 7]])), "no signed perm"),
    "shape of the group": (lambda b: b.update(generators=pack_integers([[1, 2, 3]])), "shape"),
    "many generators": (lambda b: b.update(generators=pack_integers([list(range(1, 8))] * 17)), "more than 112"),
    "shape of the starts": (lambda b: starts(b, 0, [[1, 0, 0]]), "shape"),
    "no start": (lambda b: starts(b, 0, np.zeros((0, 7), dtype=int)), "at least one"),
    "many starts": (lambda b: starts(b, 2, [POINT] * 39), "more than 266"),
    "large coordinate": (lambda b: starts(b, 0, [[21, 0, 0, 0, 0, 0, 0]]), "coordinates between"),
    "least integer": (
        lambda b: b["classes"][0].update(starts=packed64([[-(2**63), 0, 0, 0, 0, 0, 0]])),
        "coordinates between",
    ),
    "no class": (lambda b: b.update(classes=[]), "at least one"),
    "many classes": (lambda b: b.update(classes=b["classes"] * 7), "more than 20 items"),
    "another key": (lambda b: b["classes"][0].update(lines=7), "unknown key"),
    "one more key": (lambda b: b.update(lines=7), "unknown key"),
}


@pytest.mark.parametrize("reason", MALFORMED)
def test_malformed(reason: str) -> None:
    change, message = MALFORMED[reason]
    body = fano()
    change(body)
    with pytest.raises(Malformed, match=message):
        read(body, 7, 3)


def test_too_many_lines_and_too_many_dimensions() -> None:
    cycle, swap = permutation(18, lambda i: (i + 1) % 18), permutation(18, lambda i: [1, 0][i] if i < 2 else i)
    body = directions([cycle, swap, sign_change(18, 1)], ([list(range(1, 19))], 1))
    with pytest.raises(Rejected, match=f"more than {MAX_LINES} lines"):
        read(body, 18, 1)
    # 131,072 lines twice: each class alone would do.
    body = directions([cycle, swap, sign_change(18, 1)], ([(1,) * 18], "1/2"), ([(2,) * 18], "1/2"))
    with pytest.raises(Rejected, match=f"more than {MAX_LINES} lines"):
        read(body, 18, 1)
    with pytest.raises(Malformed, match="up to 64"):
        read(directions([permutation(65, lambda i: (i + 1) % 65)], ([[1] + [0] * 64], 1)), 65, 1)


def test_no_generator_is_the_trivial_group() -> None:
    body = directions(np.zeros((0, 2), dtype=int), ([[1, 0], [0, 1]], 1))
    (item,) = read(body, 2, 1)
    assert item.lines == 2 and item.first == [(0, Fraction(1, 2)), (1, Fraction(1, 2))]
