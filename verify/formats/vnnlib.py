"""Export a radial-approximation certificate as a VNN-LIB property of its network (exported as ONNX).

VNN-LIB speaks of boxes of inputs and linear conditions on outputs, so phi(|x|) is relaxed: on each cube of a grid it
lies between two numbers. The comments state what an answer `unsat` proves.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.formats.boxes import proved_profile, require_radial
from verify.formats.certified_network import explicit_network
from verify.kernel.profiles.profile import Profile

ENDING = ".vnnlib"

# Cubes of the grid: at most this many.
MOST_CUBES = 10_000
UNIT = 1 << 40
# Conditions on outputs are not strict: they are moved outward by this much.
GRAIN = Fraction(1, 10**12)


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return the property: some x in the ball has an output outside [low - B, high + B] of its cube."""
    require_radial(certificate)
    network = explicit_network(certificate, profile)
    bound = Fraction(certificate.document["claim"]["bound"])
    per_axis = int(MOST_CUBES ** (1 / network.dimension))
    per_axis -= per_axis % 2
    if per_axis < 2:
        raise UsageProblem(f"a grid of the cube in dimension {network.dimension} is too large for VNN-LIB")
    cubes = list(_cubes(network.dimension, per_axis, proved_profile(certificate)))
    return "".join(_lines(certificate, network.dimension, bound, per_axis, cubes)).encode("ascii")


# lowest and highest corner; least and largest phi
Cube = tuple[tuple[Fraction, ...], tuple[Fraction, ...], Fraction, Fraction]


def _cubes(dimension: int, per_axis: int, profile: Profile) -> Iterator[Cube]:
    """Yield the cubes of the grid on [-1, 1]^d that meet the unit ball, with bounds of phi(|x|) inside the ball."""
    side = Fraction(2, per_axis)
    ranges: dict[tuple[int, int], tuple[Fraction, Fraction]] = {}
    for place in itertools.product(range(per_axis), repeat=dimension):
        low = tuple(-1 + k * side for k in place)
        high = tuple(x + side for x in low)
        nearest = sum((max(a, -b, Fraction(0)) ** 2 for a, b in zip(low, high, strict=True)), Fraction(0))
        farthest = sum((max(-a, b) ** 2 for a, b in zip(low, high, strict=True)), Fraction(0))
        if nearest <= 1:
            # Square roots, rounded outward.
            start = math.isqrt(nearest.numerator * UNIT * UNIT // nearest.denominator)
            end = min(UNIT, math.isqrt(farthest.numerator * UNIT * UNIT // farthest.denominator) + 1)
            if (start, end) not in ranges:
                ranges[start, end] = profile.enclose(Fraction(start, UNIT), Fraction(end, UNIT))
            yield (low, high, *ranges[start, end])


def _lines(
    certificate: Certificate, dimension: int, bound: Fraction, per_axis: int, cubes: list[Cube]
) -> Iterator[str]:
    spread = max(most - least for _, _, least, most in cubes)
    proves = _up(bound + spread + GRAIN)
    yield f"; Property of the network of the certificate {certificate.name} (export it with --format onnx).\n"
    yield f"; The certificate claims |N(x) - phi(|x|)| <= B = {_up(bound)} for |x| <= 1 in R^{dimension}.\n"
    yield f"; Relaxation: on each of {len(cubes)} cubes of side 2/{per_axis} that meet the ball, phi(|x|) lies in\n"
    yield "; [low, high] (inside the ball), and the property asks for an output outside [low - B, high + B].\n"
    yield "; The certificate implies that no such point exists inside the unit ball; outside, where cubes on the\n"
    yield "; boundary reach, it claims nothing.\n"
    yield f"; unsat proves |N(x) - phi(|x|)| <= {proves} on the ball; sat proves nothing.\n"
    yield "".join(f"(declare-const X_{axis} Real)\n" for axis in range(dimension))
    yield "(declare-const Y_0 Real)\n(assert (or\n"
    for low, high, least, most in cubes:
        box = " ".join(
            f"(>= X_{axis} {_down(a)}) (<= X_{axis} {_up(b)})"
            for axis, (a, b) in enumerate(zip(low, high, strict=True))
        )
        yield f"  (and {box} (>= Y_0 {_up(most + bound + GRAIN)}))\n"
        yield f"  (and {box} (<= Y_0 {_down(least - bound - GRAIN)}))\n"
    yield "))\n"


def _up(value: Fraction) -> str:
    """Return a decimal of twelve places that is at least `value`."""
    return _decimal(-(-value.numerator * 10**12 // value.denominator))


def _down(value: Fraction) -> str:
    return _decimal(value.numerator * 10**12 // value.denominator)


def _decimal(scaled: int) -> str:
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**12)
    return f"{sign}{whole}.{rest:012d}"
