"""Theorem 1: which cubature, of which degree, and how many knots a line make the narrowest network."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from verify.constructions.radial_cubature import (
    Cubature,
    Phi,
    Problem,
    Solution,
    graded_knots,
    masses,
)
from verify.progress import Budget
from verify.sphere.group_orbits import NOT_NAMES, group_cubature
from verify.sphere.hilbert import HilbertIdentity, identities
from verify.sphere.listed import listed

MAX_DEGREE = 12
MAX_COUNT = 160  # interior knots a line; the linear program for one profile, and for stairs, takes more of them
MANY = 8
SEARCH_SAMPLES = 10
GRADINGS = (0.4, 0.65, 0.9, 1.15, 1.5)
SEARCH_SHARE = 0.6  # of the time limit, for finding better plans than the first


CLOSE = 1.5  # cubatures whose scores differ by less are both tried


def cubatures(d: int, k: int, directions: str = "auto") -> list[Cubature]:
    """Return cubatures worth trying for moments up to degree 2k, fewest lines first.

    Args:
        directions: "auto", "orbits" for all but generated ones, or the name of the only directions to try.
    """
    generated = group_cubature(d, k, directions)
    if directions not in NOT_NAMES:
        return [] if generated is None else [generated]
    try:
        found: list[Cubature] = [*sorted(identities(d, k)[:4], key=lambda identity: identity.lines)[:2]]
    except ArithmeticError:
        found = []
    positive = min((item.lines for item in found if min(masses(item)) > 0), default=None)
    other = listed(d, k, fewer_than=positive)
    if other is not None and (positive is None or other.lines < positive):
        # Negative weights cost accuracy: no reason for more lines and them.
        found = [other, *(item for item in found if item.lines < other.lines)]
    if generated is not None:
        # Negative weights cost accuracy: scores compare widths at one error.
        scores = [item.score if isinstance(item, HilbertIdentity) else float(item.lines) for item in found]
        rivals = [item for item, score in zip(found, scores, strict=True) if score < CLOSE * generated.lines]
        if generated.lines < CLOSE * min(scores, default=math.inf):
            found = [generated, *(item for item in rivals if item.lines < generated.lines)]
    return sorted(found, key=lambda item: item.lines)


def usual_grading(d: int) -> float:
    """Return the grading of knots that suits most problems in dimension d."""
    return float(0.72 * math.log(d + 1))


@dataclass(frozen=True)
class Plan:
    """What the search decided: a cubature, interior knots on each ridge, their grading, the bound at sample points."""

    identity: Cubature
    count: int
    grading: float
    value: float

    @property
    def width(self) -> int:
        """Return the network's width."""
        return self.identity.lines * 2 * self.count


@dataclass
class RidgeSearch:
    """The search for one request.

    Attributes:
        epsilon: what the bound at the sample points must stay below.
        directions: see `cubatures`.
        samples: bins of the universal claim in the certificate; the search itself uses fewer.
        budget: the time for all of it. Once there is a plan, the search ends early: its weights take time as well.
        floor: the least bound that polynomials of any degree tried allow, and that degree.
        reached: the least bound of any network tried, with the degree, the lines and the knots.
    """

    d: int
    epsilon: float
    phi: Phi | None
    samples: int
    budget: Budget
    stairs: bool = False
    directions: str = "auto"
    floor: tuple[float, int] = (math.inf, 0)
    reached: tuple[float, int, int, int] | None = None
    highest: int = field(default=0)
    _planned: bool = False

    def _left(self) -> float | None:
        """Return the seconds that the search may still take, None if there is no limit."""
        left, whole = self.budget.remaining(), self.budget.seconds
        if left is None or whole is None or not self._planned:
            return left
        return max(0.0, left - (1 - SEARCH_SHARE) * whole)

    def plan(self) -> Plan | None:
        """Return the plan of least width found, None if there is none. When time is up, the best so far."""
        best: Plan | None = None
        fruitless = 0
        tried: list[Cubature] = []
        tight: list[tuple[Problem, float]] = []
        for degree in range(1, MAX_DEGREE + 1):
            choices = cubatures(self.d, degree, self.directions)
            if not choices:
                break
            self.highest = degree
            choices = [item for item in choices if not any(item is known for known in tried)]
            if not choices:
                continue  # the cubature of a lower degree already had this one
            if fruitless == 2 or (best is not None and min(item.lines for item in choices) * 4 >= best.width):
                break
            before, reached = best, self.reached
            for identity in choices:
                tried.append(identity)
                problem = self.problem(identity, SEARCH_SAMPLES)
                floor = problem.polynomial_value()
                if floor < self.floor[0]:
                    self.floor = floor, 2 * identity.k
                if floor >= self.epsilon:
                    break
                if floor > 0.95 * self.epsilon:
                    tight.append((problem, floor))  # it would take very many knots: only if nothing else does
                    continue
                most = self.limit if best is None else min(self.limit, (best.width - 1) // (2 * identity.lines))
                found = self.fewest(problem, floor, most)
                best = found or best
                if self._left() == 0:
                    return best
            better = best is not before if best is not None else reached is None or self.reached != reached
            fruitless = 0 if better else fruitless + 1
        for problem, floor in tight if best is None else ():
            best = best or self.fewest(problem, floor, self.limit)
        return best if best is None or best.count == 0 else self.refined(best)

    @property
    def limit(self) -> int:
        """Return how many interior knots a line are tried at most."""
        return MAX_COUNT * (MANY if self.stairs or self.phi is not None else 1)

    def problem(self, cubature: Cubature, samples: int) -> Problem:
        """Return the linear program of a cubature."""
        return Problem(cubature, self.d, samples, self.phi, stairs=self.stairs)

    def value(self, problem: Problem, count: int, grading: float) -> float:
        """Return the bound with that many interior knots; infinity if time is up."""
        left = self._left()
        if left == 0:
            return math.inf
        dense = 1 if self.stairs else 3
        value = problem.solve(graded_knots(count, grading), dense=dense, seconds=left).value
        if self.reached is None or value < self.reached[0]:
            self.reached = value, 2 * problem.degree, problem.identity.lines, count
        return value

    def fewest(
        self, problem: Problem, floor: float, most: int, *, start: int | None = None, grading: float | None = None
    ) -> Plan | None:
        """Return the plan with the fewest interior knots, at most `most`, that reaches epsilon, or nearly the fewest.

        The excess over `floor`, the bound of the polynomials alone, falls like a power of the number of knots.
        """
        grading = usual_grading(self.d) if grading is None else grading
        if start is None and problem.degree == 1 and self.value(problem, 0, grading) < self.epsilon:
            return Plan(problem.identity, 0, grading, floor)
        power = 1.0 if self.stairs else 1.7
        failed: tuple[int, float] | None = None
        good: tuple[int, float] | None = None
        count = min(most, start or (40 if self.stairs else 8))
        while count >= 1:
            value = self.value(problem, count, grading)
            if value < self.epsilon:
                good, self._planned = (count, value), True
            elif math.isinf(value):
                break
            else:
                failed = count, value
            if good is not None and (good[0] == 1 or (failed is not None and good[0] - failed[0] <= 1 + good[0] // 60)):
                break
            if good is not None and failed is not None:
                power = math.log(_excess(failed[1], floor) / _excess(good[1], floor)) / math.log(good[0] / failed[0])
            near = failed or good or (count, value)
            ratio = _excess(near[1], floor) / _excess(self.epsilon, floor)
            predicted = math.ceil(near[0] * ratio ** (1 / max(power, 0.3))) if ratio < 1e4 else most * 100
            if good is None:
                if count == most or predicted > 1.5 * most:
                    break
                count = min(most, max(count + 1, predicted))
            else:
                low = 1 if failed is None else failed[0] + 1
                count = min(max(predicted, low), good[0] - 1)
        return None if good is None else Plan(problem.identity, good[0], grading, good[1])

    def refined(self, plan: Plan) -> Plan:
        """Return the plan with the best grading and, for the samples of the certificate, the fewest knots."""
        coarse = self.problem(plan.identity, SEARCH_SAMPLES)
        values = {factor: self.value(coarse, plan.count, factor * plan.grading / 0.9) for factor in GRADINGS}
        if math.isinf(min(values.values())):
            return plan  # time is up
        grading = min(values, key=lambda factor: values[factor]) * plan.grading / 0.9
        fine = self.problem(plan.identity, self.samples)
        most = plan.count + plan.count // 8 + 4
        found = self.fewest(fine, fine.polynomial_value(), most, start=plan.count, grading=grading)
        return found or replace(plan, grading=grading)

    def shortfall(self) -> str:
        """Return why no network was found."""
        floor, degree = self.floor
        if floor >= self.epsilon:
            why = f"even polynomials of degree {degree} in |x|, the best tried, leave an error of {floor:.3g}"
            if self.highest < MAX_DEGREE:
                why += f"; no cubature of a higher degree than {2 * self.highest} is known here in dimension {self.d}"
            return why
        if self.reached is None:
            return f"polynomials of degree {degree} allow {floor:.3g}, but no ridge function was tried"
        value, tried, lines, count = self.reached
        return (
            f"polynomials of degree {degree} allow {floor:.3g}, but the best network tried (degree {tried}, {lines:,} "
            f"lines with {count} knots each, of at most {self.limit}) reaches {value:.3g}"
        )


def smooth_plan(
    d: int, epsilon: float, phi: Phi | None, samples: int, directions: str = "auto"
) -> tuple[Cubature, Solution] | None:
    """Return a cubature and polynomials of least lines x degree whose bound stays below epsilon."""
    best: tuple[Cubature, Solution] | None = None
    for degree in range(1, MAX_DEGREE + 1):
        choices = cubatures(d, degree, directions)
        if not choices:
            break
        identity = choices[0]
        if best is not None and identity.lines * identity.k >= best[0].lines * best[0].k:
            break
        solution = Problem(identity, d, samples, phi).solve(None)
        if solution.value * (1 + 2e-4) < epsilon:
            best = identity, solution
    return best


def _excess(value: float, floor: float) -> float:
    return max(value - floor, 1e-9)
