"""A second opinion on activation regions and on cells closed by activation patterns: z3 is asked again.

For each closed box, side and pattern the question is: does some point of the box, where the undecided neurons have
these signs, have a relaxed error above the bound? For a proof by regions the questions are those of the SMT-LIB export
(`verify.formats.region_queries`). The answer must be "unsat". The kernel's verdict does not rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.formats.region_queries import RegionProblem, by_regions, region_problem
from verify.kernel.cover.explicit import NetworkBound
from verify.kernel.cover.patterns import read_closed
from verify.kernel.cover.tree import MAX_CELLS, grid_for, walk
from verify.kernel.cover.tube import FixedTube
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.packing import bit_array
from verify.kernel.profiles.profile import read_profile
from verify.provers.patterns import Affine, BoxProblem, box_problem

SECONDS = 20
"""Time that z3 may take for one question before its answer counts as unknown."""


@dataclass(frozen=True)
class Opinion:
    """What z3 says.

    Attributes:
        solver: name and version.
        cells: closed cells asked about; 0 for a proof by regions.
        answers: number of questions by answer: "unsat" agrees with the kernel, "sat" does not, "unknown" is neither.
        place: the first cell with another answer than "unsat" (its number in level order), or None.
        query: the same for a proof by regions: what the question was about.
    """

    solver: str
    cells: int
    answers: dict[str, int]
    place: int | None = None
    query: str | None = None

    @property
    def status(self) -> str:
        """One of "agrees", "disagrees", "undecided"."""
        return "disagrees" if self.answers["sat"] else "undecided" if self.answers["unknown"] else "agrees"

    @property
    def text(self) -> str:
        """The opinion in one line."""
        questions = sum(self.answers.values())
        if not questions:
            return f"{self.solver}: no cell is closed by activation patterns, nothing to ask"
        where = f"{self.cells} closed cells" if self.cells else "activation regions"
        if self.status == "agrees":
            return f"{self.solver} agrees: {questions} of {questions} questions on {where} are unsat"
        found = f"{self.answers['sat']} sat, {self.answers['unknown']} unknown of {questions} questions"
        first = f"leaf {self.place}" if self.cells else self.query
        return f"{self.solver} {self.status.upper()}: {found} on {where}, first at {first}"


def second_opinion(document: Document) -> Opinion:
    """Ask z3 about every closed cell, or all regions, of a certificate that the kernel has verified."""
    import z3

    answers = {"unsat": 0, "sat": 0, "unknown": 0}
    solver = f"z3 {z3.get_version_string()}"
    if by_regions(document):
        return Opinion(solver, 0, answers, query=_ask_regions(region_problem(document), answers))
    if document["claim"]["kind"] != "radial-approximation" or "closed" not in document["proof"]:
        return Opinion(solver, 0, answers)
    problems, bound = _closed_boxes(document)
    place = None
    for ordinal, problem in problems:
        for sign in (1, -1):
            for pattern in range(1 << len(problem.undecided)):
                answer = _ask(problem, sign, pattern, bound)
                answers[answer] += 1
                if answer != "unsat" and place is None:
                    place = ordinal
    return Opinion(solver, len(problems), answers, place)


def _ask_regions(problem: RegionProblem, answers: dict[str, int]) -> str | None:
    """Count z3's answers to all queries of a proof by regions; return the first query that is not unsat."""
    import z3

    prelude = problem.prelude()
    first = None
    for name, assertions in problem.queries():
        solver = z3.SolverFor("QF_NRA")
        solver.set("timeout", SECONDS * 1000)
        solver.from_string(prelude + "\n".join(assertions))
        answer = str(solver.check())
        answers[answer] += 1
        if answer != "unsat" and first is None:
            first = name
    return first


def _closed_boxes(document: Document) -> tuple[list[tuple[int, BoxProblem]], Fraction]:
    """Return the closed leaves with their numbers, and the bound."""
    claim, proof = Fields(document["claim"], "claim"), Fields(document["proof"], "proof")
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    network = read_network(Fields(document["network"], "network"))
    depth = document["proof"]["depth"]
    grid = grid_for(network.dimension, document["proof"]["domain"], depth)
    kernel = NetworkBound(network, FixedTube(profile.knots, profile.values, profile.radius), grid)
    closed = read_closed(proof.fields("closed"))
    wanted = closed.ordinals
    problems = []
    first = 0
    for level, centres in walk(bit_array(proof, "tree", most=MAX_CELLS), grid, depth):
        here = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, first + centres.shape[0])]
        problems += [(int(o), box_problem(kernel, centres[int(o) - first], level)) for o in here]
        first += centres.shape[0]
    return problems, claim.rational("bound")


def _ask(problem: BoxProblem, sign: int, pattern: int, bound: Fraction) -> str:
    """Return z3's answer to: some point of the box with this activation pattern has an error above the bound."""
    import z3

    context = z3.Context()
    solver = z3.SolverFor("QF_LRA", ctx=context)
    solver.set("timeout", SECONDS * 1000)

    def exact(value: Fraction) -> Any:
        return z3.RatVal(value.numerator, value.denominator, context)

    y = [z3.Real(f"y_{axis + 1}", context) for axis in range(len(problem.half))]

    def at(affine: Affine) -> Any:
        return exact(affine.value) + z3.Sum([exact(s) * t for s, t in zip(affine.slope, y, strict=True)])

    for t, half in zip(y, problem.half, strict=True):
        solver.add(t <= exact(half), t >= exact(-half))
    network = at(problem.decided)
    for index, (factor, inner) in enumerate(problem.undecided):
        if pattern >> index & 1:
            solver.add(at(inner) >= 0)
            network = network + exact(factor) * at(inner)
        else:
            solver.add(at(inner) <= 0)
    top = at(problem.tops[0 if sign > 0 else 1])
    solver.add(top - sign * network > exact(bound))
    return str(solver.check())
