"""From a certificate of kind "power" (Theorem 3) to the data of the ridge rule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verify.formats.coq.lines import TooLarge, class_lines
from verify.formats.coq.ridge import Monomial, RidgeGroup, RidgeProof, fitted_group
from verify.kernel.cubature.chords import Knots, interior_knots, read_knots
from verify.kernel.cubature.moments import norm_coefficient, power_coefficient, sphere_moment
from verify.kernel.cubature.orbits import OrbitClass, read_orbits
from verify.kernel.cubature.power import read_majorants
from verify.kernel.fields import Fields

MAX_NEURONS = 100_000
GUARD_BITS = 24
SCALE_BITS = 60


def ridge_proof(document: dict[str, Any]) -> RidgeProof:
    """Return the ridge rule's data for a certificate with chords; raise `TooLarge` beyond `MAX_NEURONS`."""
    claim = Fields(document["claim"], "claim")
    d, k = claim.integer("dimension", 1, 10**6), claim.integer("power", 1, 12)
    network = Fields(document["network"], "network")
    directions = network.fields("directions")
    directions.text("kind")
    written = document["network"]["directions"]["classes"]
    if any("array" in item for item in written):
        raise TooLarge("directions in sign arrays are not written out")
    classes = read_orbits(directions, d, k)
    ridges = [
        read_knots(item, orbit.norm2) for item, orbit in zip(network.objects("ridges", most=1000), classes, strict=True)
    ]
    if sum(o.lines * 2 * interior_knots(r, o.norm2) for o, r in zip(classes, ridges, strict=True)) > MAX_NEURONS:
        raise TooLarge(f"more than {MAX_NEURONS:,} neurons are not written out")
    offset = network.rational("offset", digits=200)
    majorants = read_majorants(Fields(document["proof"], "proof"), k)

    weights = [o.mass / (o.lines * sphere_moment(d, k) * o.norm2**k) for o in classes]
    common = math.lcm(*(w.denominator for w in weights))
    bits = max((r.bits for r in ridges), default=0)
    knot_scale = 1 << (bits + GUARD_BITS)
    scale = math.lcm(common << (2 * k * bits), offset.denominator) << SCALE_BITS
    groups = [
        _group(o, item.get("code", []), r, a, int(w * common), d, k, common, knot_scale, scale)
        for o, item, r, a, w in zip(classes, written, ridges, majorants, weights, strict=True)
    ]
    # The offset is a constant profile on the zero direction, with an error on one side and a gain on the other.
    shift = int(offset * scale)
    groups.append(RidgeGroup(0, ((0,) * d,), (), shift, -1, ((1, 0),), -shift, shift))
    pairs = list(zip(classes, groups, strict=False))
    return RidgeProof(
        d,
        k,
        common,
        knot_scale,
        scale,
        tuple(groups),
        _bounds([(o, g) for o, g in pairs if g.weight >= 0], d, k),
        _bounds([(o, g) for o, g in pairs if g.weight < 0], d, k),
    )


def _group(
    orbit: OrbitClass,
    code: list[int],
    ridge: Knots,
    majorant: list[Fraction],
    weight: int,
    d: int,
    k: int,
    common: int,
    knot_scale: int,
    scale: int,
) -> RidgeGroup:
    """Return the class's profile: chords of t^(2k), constant between the first knot and its mirror image."""
    kinks = [ridge.first]
    for count, step in ridge.blocks:
        kinks += [kinks[-1] + step * (i + 1) for i in range(count)]
    inside = interior_knots(ridge, orbit.norm2)
    kinks = kinks[: inside + 1]  # the last one lies at |w| or beyond
    if len(kinks) == inside:
        raise TooLarge("a profile bends at every knot")  # cannot happen: the knots reach |w|
    per_unit = Fraction(scale * weight, common) / (1 << (2 * k * ridge.bits))
    slopes = [0] + [sum(a**i * b ** (2 * k - 1 - i) for i in range(2 * k)) for a, b in pairwise(kinks)]
    units = []
    for t, before, after in zip(kinks, slopes, slopes[1:], strict=False):
        a = _whole(per_unit * (after - before))
        units += [(a, 1 << ridge.bits, -t), (a, -1 << ridge.bits, -t)]
    raised = [t * (knot_scale >> ridge.bits) for t in kinks]
    return fitted_group(
        k=k,
        common=common,
        knot_scale=knot_scale,
        scale=scale,
        weight=weight,
        directions=tuple(class_lines(orbit, d, code)),
        units=tuple(units),
        level=_whole(per_unit * kinks[0] ** (2 * k)),
        knots=[-t for t in reversed(raised)] + raised,
        majorant=tuple(
            math.ceil(scale * abs(weight) * a / Fraction(orbit.norm2) ** j) for j, a in enumerate(majorant, start=1)
        ),
    )


def _bounds(pairs: list[tuple[OrbitClass, RidgeGroup]], d: int, k: int) -> tuple[tuple[int, tuple[Monomial, ...]], ...]:
    """Return for each degree 2j the least multiple of |x|^(2j) above the majorants, and what it has in excess."""
    if not pairs:
        return ()
    bounds = []
    for j in range(1, k + 1):

        def coefficient(alpha: tuple[int, ...], j: int = j) -> int:
            shape = tuple(sorted((n for n in alpha if n), reverse=True))
            return _whole(
                sum(
                    (g.majorant[j - 1] * o.lines * power_coefficient(o.entries, shape, d) for o, g in pairs),
                    Fraction(0),
                )
            )

        def norm(alpha: tuple[int, ...]) -> int:
            return int(norm_coefficient(tuple(sorted((n for n in alpha if n), reverse=True))))

        exponents = list(_compositions(j, d))
        if any(len(g.majorant) >= j for _, g in pairs):
            most = max(-(-coefficient(alpha) // norm(alpha)) for alpha in exponents)
            excess = ((most * norm(alpha) - coefficient(alpha), alpha) for alpha in exponents)
            bounds.append((most, tuple((r, alpha) for r, alpha in excess if r)))
    return tuple(bounds)


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to write `total` as an ordered sum of `parts` numbers >= 0."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total, -1, -1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ArithmeticError("the scale does not clear the denominators")
    return value.numerator
