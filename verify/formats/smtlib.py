"""Export the boxes of a radial-approximation certificate as SMT-LIB 2 queries (QF_LRA), one (check-sat) a box.

`unsat` for a box means: no point of the box has N(x) - below(x) > B or above(x) - N(x) > B, where below <= phi(|x|) <=
above are affine bounds valid on the box inside the unit ball. All answers unsat prove the certificate's bound B on the
domain of its cover. The relaxation is one-sided: sat would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.formats.boxes import Affine, Box, boxes, require_radial
from verify.formats.certified_network import explicit_network
from verify.networks.depth2 import Depth2Network

ENDING = ".smt2"
MOST_BOXES = 20_000


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return one incremental SMT-LIB script with a query for each box of the cover."""
    require_radial(certificate)
    return "".join(_script(certificate, explicit_network(certificate, profile))).encode("ascii")


def _script(certificate: Certificate, network: Depth2Network) -> Iterator[str]:
    claim, proof = certificate.document["claim"], certificate.document["proof"]
    bound = Fraction(claim["bound"])
    names = [f"x{axis + 1}" for axis in range(network.dimension)]
    yield f"; Queries of the certificate {certificate.name}: one box of its cover each, domain {proof['domain']}.\n"
    yield "; unsat: on this box inside the unit ball |N(x) - phi(|x|)| <= "
    yield f"{bound}, by affine bounds of phi(|x|).\n; sat would prove nothing.\n"
    yield "(set-option :print-success false)\n(set-logic QF_LRA)\n"
    yield "".join(f"(declare-const {name} Real)\n" for name in names)
    yield "(declare-const n Real)\n"
    weights, biases, outputs, constant = network.parameters()
    neurons = list(zip(weights, biases, outputs, strict=True))
    for ordinal, box in enumerate(boxes(certificate)):
        if ordinal == MOST_BOXES:
            raise UsageProblem(f"the cover has more than {MOST_BOXES:,} boxes, too many for one script")
        yield f"(push 1)\n; box {ordinal}\n"
        yield "".join(_query(box, neurons, constant, bound, names))
        yield "(check-sat)\n(pop 1)\n"
    yield "(exit)\n"


def _query(
    box: Box,
    neurons: list[tuple[list[Fraction], Fraction, Fraction]],
    constant: Fraction,
    bound: Fraction,
    names: list[str],
) -> Iterator[str]:
    for name, low, high in zip(names, box.low, box.high, strict=True):
        yield f"(assert (and (<= {number(low)} {name}) (<= {name} {number(high)})))\n"
    # Neurons that are decided on the box are affine there; the others become if-then-else.
    offset, slopes = constant, [Fraction(0)] * len(names)
    terms = []
    for row, bias, output in neurons:
        least = bias + sum((min(w * a, w * b) for w, a, b in zip(row, box.low, box.high, strict=True)), Fraction(0))
        most = bias + sum((max(w * a, w * b) for w, a, b in zip(row, box.low, box.high, strict=True)), Fraction(0))
        if least >= 0:
            offset += output * bias
            slopes = [total + output * w for total, w in zip(slopes, row, strict=True)]
        elif most > 0:
            inner = affine((bias, tuple(row)), names)
            terms.append(f"(* {number(output)} (ite (>= {inner} 0.0) {inner} 0.0))")
    total = [affine((offset, tuple(slopes)), names), *terms]
    yield f"(assert (= n {total[0] if len(total) == 1 else '(+ ' + ' '.join(total) + ')'}))\n"
    below, above = affine(box.below, names), affine(box.above, names)
    yield f"(assert (or (> (- n {below}) {number(bound)}) (> (- {above} n) {number(bound)})))\n"


def affine(function: Affine, names: list[str]) -> str:
    """Return an affine function as a term."""
    offset, slopes = function
    terms = [f"(* {number(slope)} {name})" for slope, name in zip(slopes, names, strict=True) if slope]
    return f"(+ {number(offset)} {' '.join(terms)})" if terms else number(offset)


def number(value: Fraction) -> str:
    """Return a rational as a term of sort Real."""
    size = f"{abs(value.numerator)}.0"
    if value.denominator != 1:
        size = f"(/ {size} {value.denominator}.0)"
    return f"(- {size})" if value < 0 else size
