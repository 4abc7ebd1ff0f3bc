"""Export a radial-approximation certificate as SMT-LIB 2 queries: boxes (QF_LRA), or activation regions (QF_NRA).

`unsat` for a box means: no point of the box has N(x) - below(x) > B or above(x) - N(x) > B, where below <= phi(|x|) <=
above are affine bounds valid on the box inside the unit ball. All answers unsat prove the certificate's bound B on the
domain of its cover. The relaxation is one-sided: sat would prove nothing. Regions: see `region_queries`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.formats.boxes import Box, boxes, require_radial
from verify.formats.certified_network import explicit_network
from verify.formats.region_queries import affine, by_regions, number, region_problem
from verify.networks.depth2 import Depth2Network

ENDING = ".smt2"
MOST_BOXES = 20_000
MOST_QUERIES = 50_000


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return one incremental SMT-LIB script with a query for each box of the cover, or about each region."""
    require_radial(certificate)
    if by_regions(certificate.document):
        explicit_network(certificate, profile)
        return "".join(_regions(certificate)).encode("ascii")
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


def _regions(certificate: Certificate) -> Iterator[str]:
    bound = certificate.document["claim"]["bound"]
    problem = region_problem(certificate.document)
    yield f"; Queries of the certificate {certificate.name}, whose proof is by activation regions.\n"
    what = "a region of the ball" if problem.whole else "a face of the arrangement, along N's gradient (rule CRITICAL)"
    yield f"; Each asks for a point of {what} where |N(x) - phi(|x|)| > {bound}"
    yield f", phi replaced within {problem.profile.radius}.\n" if problem.profile.radius else ".\n"
    yield "; All answers unsat prove the bound on the unit ball.\n"
    yield "(set-option :print-success false)\n(set-logic QF_NRA)\n"
    yield problem.prelude()
    for ordinal, (name, assertions) in enumerate(problem.queries()):
        if ordinal == MOST_QUERIES:
            raise UsageProblem(f"the network has more than {MOST_QUERIES:,} faces, too many for one script")
        yield f"(push 1)\n; {name}\n"
        yield "".join(f"{assertion}\n" for assertion in assertions)
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
            inner = affine(bias, row, names)
            terms.append(f"(* {number(output)} (ite (>= {inner} 0.0) {inner} 0.0))")
    total = [affine(offset, slopes, names), *terms]
    yield f"(assert (= n {total[0] if len(total) == 1 else '(+ ' + ' '.join(total) + ')'}))\n"
    below, above = (affine(constant, list(tilt), names) for constant, tilt in (box.below, box.above))
    yield f"(assert (or (> (- n {below}) {number(bound)}) (> (- {above} n) {number(bound)})))\n"
