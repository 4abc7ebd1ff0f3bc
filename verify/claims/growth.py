"""Theorem 1 over dimensions: `certify("growth", d=(10, 1000), eps="3/10")` proves width <= C d^p there."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verify.certificates.document import Document, rational
from verify.claims import thm1
from verify.claims.activation import in_titles
from verify.claims.certified import Certified, seal
from verify.claims.every_dimension import certify_every
from verify.claims.request import exact, whole
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.growth import MAX_LAST, MAX_LISTED, restricted_width
from verify.kernel.cubature.orbits import MAX_CLASSES, OrbitClass
from verify.kernel.cubature.power_law import MAX_DENOMINATOR, MAX_EXPONENT, PowerLaw
from verify.kernel.cubature.radial_cubature import Approximation, prove_radial_cubature
from verify.kernel.fields import Fields
from verify.progress import Budget, Progress, Silent
from verify.targets.profiles import read_target

MOST_NETWORKS = 24
CLOSE = 1.04  # dimensions nearer to one another than this ratio need no network in between
BODY = ("claim", "network", "proof", "witness")


def certify(
    *,
    eps: Fraction | str,
    d: tuple[int, int] | None = None,
    profile: str | None = None,
    lipschitz: Fraction | None = None,
    activation: str = "relu",
    exponent: Fraction | str | None = None,
    progress: Progress | None = None,
    workers: int = 1,
    time_limit: float | None = None,
    **_: Any,
) -> Certified:
    """Prove that in every dimension of a range depth-2 networks of width at most C d^p come within eps.

    Args:
        d: the first and the last dimension; None for all dimensions, which takes an error that A + B |x|^2 reaches.
        exponent: p; without it, the slope of log width against log d by least squares, rounded up to hundredths
            (all dimensions: 1.1). C is the least that the networks allow, rounded up to three digits.
        time_limit: seconds for the networks together; they are then as few as it allowed, and C larger.
        eps, profile, lipschitz, activation: as for `thm1`.
    """
    progress = progress or Silent()
    epsilon = exact("eps", eps)
    power = None if exponent is None else _exponent(exponent)
    budget = Budget(time_limit)
    if lipschitz is not None and profile is None:
        raise UsageProblem("--lipschitz belongs to --profile; without one the statement is about constant 1")
    if d is None:
        return certify_every(epsilon, profile, lipschitz, activation, power, progress, workers, budget)
    first, last = whole("d", d[0], MAX_LAST), whole("d", d[1], MAX_LAST)
    if first >= last:
        raise UsageProblem(f"--d needs a range of dimensions, such as 10 1000, not {first} {last}")
    start = time.perf_counter()

    def network(dimension: int) -> Document:
        progress.stage(f"dimension {dimension:,}")
        made = thm1.certify(
            d=dimension,
            eps=epsilon,
            profile=profile,
            lipschitz=lipschitz,
            activation=activation,
            time_limit=budget.remaining(),
        ).certificate.document
        return {key: made[key] for key in BODY if key in made}

    steps = _Steps({last: network(last)})
    steps.add(first, network(first))
    while (middle := steps.worth_trying()) is not None and budget.remaining() != 0:
        try:
            steps.add(middle, network(middle))
        except Inconclusive:  # time is up; the networks found so far serve every dimension
            break
    widths = steps.widths(first, last)
    law = least_law(widths, power)
    chosen = steps.chosen()
    claim: Document = {
        "kind": "growth",
        "from": first,
        "to": last,
        "epsilon": rational(epsilon),
        "constant": rational(law.constant),
        "exponent": rational(law.exponent),
    }
    claim |= {key: value for key, value in chosen[0]["claim"].items() if key in ("activation", "profile")}
    command = f"certify growth --d {first} {last} --eps {rational(epsilon)} --activation {claim['activation']}"
    title = f"growth-d{first}-{last}-eps{float(epsilon):g}"
    command += thm1.profile_options(profile, lipschitz)
    if profile is not None:
        title += "-" + read_target(profile).name
    if power is not None:
        command += f" --exponent {power}"
    if claim["activation"] != "relu":
        title += "-" + in_titles(claim["activation"])
    seconds = {"construct": time.perf_counter() - start}
    return seal(
        title,
        claim,
        {"steps": chosen},
        {"rule": "restriction"},
        {"command": command},
        progress=progress,
        workers=workers,
        seconds=seconds,
    )


class _Steps:
    """Networks in several dimensions; each also serves, restricted, the dimensions below its own."""

    def __init__(self, documents: Mapping[int, Document]) -> None:
        self._documents: dict[int, Document] = {}
        self._proved: dict[int, Approximation] = {}
        for d, document in documents.items():
            self.add(d, document)

    def add(self, d: int, document: Document) -> None:
        """Add a network in dimension d, which must have been checked."""
        self._documents[d] = document
        self._proved[d] = prove_radial_cubature(Fields(document, ""), Work())

    def width(self, network: int, d: int) -> int:
        """Return the width in dimension d of the network that was made in dimension `network`."""
        return restricted_width(self._proved[network], d, Work())

    def worth_trying(self) -> int | None:
        """Return a dimension where a further network may be narrower, between the two that are farthest apart."""
        dimensions = sorted(self._proved)
        gaps = [
            (high / low, low, high)
            for low, high in pairwise(dimensions)
            if high > low + 1 and high > CLOSE * low and self.width(low, low) < self.width(high, low)
        ]
        if not gaps or len(dimensions) >= MOST_NETWORKS:
            return None
        _, low, high = max(gaps)
        return min(max(round(math.sqrt(low * high)), low + 1), high - 1)

    def _useful(self) -> list[int]:
        """Return the dimensions of the networks that are narrower there than the next one restricted.

        Of networks on lines that are listed or generated one by one, the kernel takes only a few.
        """
        kept: list[int] = []
        classes, listed = 0, 0
        for d in sorted(self._proved, reverse=True):
            if kept and self.width(d, d) >= self.width(kept[-1], d):
                continue
            items = self._proved[d].built.classes
            more = int(not all(isinstance(item, OrbitClass) for item in items))
            if not kept or (classes + len(items) <= MAX_CLASSES and listed + more <= MAX_LISTED):
                kept.append(d)
                classes, listed = classes + len(items), listed + more
        return kept[::-1]

    def chosen(self) -> list[Document]:
        """Return the networks that the certificate holds, by increasing dimension."""
        return [self._documents[d] for d in self._useful()]

    def widths(self, first: int, last: int) -> dict[int, int]:
        """Return the width in every dimension of the range."""
        kept, result = self._useful(), {}
        for d in range(first, last + 1):
            result[d] = self.width(min(network for network in kept if network >= d), d)
        return result


def least_law(widths: Mapping[int, int], exponent: Fraction | None) -> PowerLaw:
    """Return C d^p above all widths: p as given, or fitted and rounded up to hundredths; C rounded up to 3 digits."""
    if exponent is None:
        low, high = min(widths), max(widths)
        grid = sorted({round(low * (high / low) ** (i / 40)) for i in range(41)})
        exponent = Fraction(math.ceil(max(0.0, _slope(grid, [widths[d] for d in grid])) * 100 - 1e-9), 100)
    worst = max(widths, key=lambda d: _logarithm(widths[d]) - float(exponent) * math.log(d))
    size = _logarithm(max(widths[worst], 1)) - float(exponent) * math.log(worst)
    digits = 2 - math.floor(size / math.log(10))
    unit = Fraction(10) ** -digits
    constant = math.floor(math.exp(size + digits * math.log(10)) * (1 - 1e-9)) * unit
    while not all(PowerLaw(constant, exponent).allows(width, d) for d, width in widths.items()):
        constant += unit
    return PowerLaw(constant, exponent)


def _slope(dimensions: Sequence[int], widths: Sequence[int]) -> float:
    x, y = [math.log(d) for d in dimensions], [_logarithm(max(width, 1)) for width in widths]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


def _logarithm(width: int) -> float:
    return math.log(width) if width > 0 else -math.inf


def _exponent(value: Fraction | str) -> Fraction:
    number = exact("exponent", value)
    if number > MAX_EXPONENT or number.denominator > MAX_DENOMINATOR:
        raise UsageProblem(
            f"--exponent must be at most {MAX_EXPONENT}, with a denominator of at most {MAX_DENOMINATOR}, such as 1.15"
        )
    return number
