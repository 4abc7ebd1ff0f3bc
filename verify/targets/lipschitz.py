"""Prove the Lipschitz constant of a profile on [0, 1] before anything is built for it, or say why not."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise

from verify.kernel.arithmetic.decimals import rounded_down, rounded_up
from verify.kernel.arithmetic.elementary import Arithmetic, DomainFailure
from verify.kernel.outcome import Rejected
from verify.kernel.profiles import jets
from verify.kernel.profiles.expression import Expression
from verify.kernel.profiles.profile import check_lipschitz, profile_arithmetic
from verify.targets.errors import NotLipschitz, TargetError, Unproved
from verify.targets.profiles import Target, decimal_text

START = tuple(Fraction(place, 64) for place in range(65))
NARROW = Fraction(1, 2**36)
CELLS = 4000
WORK = 200_000
ALMOST = Fraction(1, 2**44)
SLACKS = tuple(Fraction(1, 2**bits) for bits in range(40, 121, 8))

Cell = tuple[Fraction, Fraction]


def prove_lipschitz(target: Target, declared: Fraction | int = 1) -> Fraction:
    """Return a constant that the kernel accepts for `target`: `declared`, or the least it can prove just above.

    The constant exceeds `declared` only by less than 2^-39, where sup |phi'| equals `declared` to that accuracy but
    irrational constants such as pi keep intervals from showing it; the certificate then states the larger constant.

    Raises:
        NotLipschitz: |phi'| exceeds `declared`; the error names an interval, and a constant that works.
        TargetError: phi is undefined, not real or not Lipschitz on [0, 1].
        Unproved: neither was shown within the budget.
    """
    declared = Fraction(declared)
    if target.table is not None:
        slopes = target.table.slopes()
        steepest = max(range(len(slopes)), key=lambda place: abs(slopes[place]))
        reached = abs(slopes[steepest])
        if reached > declared:
            cell = target.table.knots[steepest], target.table.knots[steepest + 1]
            raise _too_steep(target, declared, cell, reached, reached)
        return declared
    if target.expression is None:
        raise TypeError("a target needs an expression or a table")
    return _prove(target, target.expression, declared)


def _prove(target: Target, expression: Expression, declared: Fraction) -> Fraction:
    found = _steepest(target, expression, declared)
    if found.reached > declared:
        suggestion: Fraction | None = Fraction(rounded_up(found.bound, 2))
        if suggestion is not None and not _accepted(expression, suggestion):
            suggestion = None
        raise _too_steep(target, declared, found.cell, found.reached, suggestion)
    if _accepted(expression, declared):
        return declared
    best: Fraction | None = None
    for slack in SLACKS:
        if not _accepted(expression, declared + slack):
            break
        best = declared + slack
    if best is None:
        raise Unproved(
            f"{target.text}: no proof of |phi'| <= {declared} on [0, 1] was found, only of |phi'| <= "
            f"{rounded_up(found.bound)}; pass --lipschitz {rounded_up(found.bound, 2)}"
        )
    return best


def _accepted(expression: Expression, constant: Fraction) -> bool:
    try:
        check_lipschitz(expression, constant, START, "lipschitz", work=WORK)
    except Rejected:
        return False
    return True


@dataclass(frozen=True)
class _Steepest:
    """Proved: `reached` <= sup |phi'| <= `bound` on [0, 1], the former on `cell`."""

    reached: Fraction
    bound: Fraction
    cell: Cell


def _steepest(target: Target, expression: Expression, declared: Fraction) -> _Steepest:
    """Enclose sup |phi'| by branch and bound, far enough to compare it with `declared` and to name a constant."""
    arithmetic = profile_arithmetic()
    order = count()
    # Undefined and unbounded cells come first: infinite bounds are spelled (1, 0), finite ones (0, bound).
    heap: list[tuple[tuple[int, Fraction], int, Cell, str]] = []
    reached, best = Fraction(0), (Fraction(0), Fraction(1))

    def visit(cell: Cell) -> None:
        nonlocal reached, best
        rank, why = (0, Fraction(0)), ""
        try:
            slopes = jets.slopes(expression, arithmetic, *cell)
            if slopes is None:
                rank, why = (-1, Fraction(0)), "slope"
            else:
                rank = (0, -arithmetic.magnitude(slopes))
        except DomainFailure as failure:
            rank, why = (-2, Fraction(0)), str(failure)
        for point in cell:
            at = _slope_at(expression, arithmetic, point)
            if at > reached:
                reached, best = at, cell
        heapq.heappush(heap, (rank, -next(order), cell, why))  # of equals, the last first: depth before breadth

    for cell in reversed(list(pairwise(START))):
        visit(cell)
    for _ in range(CELLS):
        (kind, negative), _, (low, high), why = heap[0]
        if kind == 0:
            bound = -negative
            if bound <= declared + ALMOST or (reached > declared and bound <= reached * Fraction(1001, 1000)):
                return _Steepest(reached, bound, best)
        elif high - low < NARROW:
            raise _undefined(target, low, why)
        heapq.heappop(heap)
        middle = (low + high) / 2
        visit((middle, high))
        visit((low, middle))
    (kind, negative), _, (low, _), why = heap[0]
    if kind != 0:
        raise _undefined(target, low, why)
    return _Steepest(reached, -negative, best)


def _slope_at(expression: Expression, arithmetic: Arithmetic, point: Fraction) -> Fraction:
    """Return a lower bound of |phi'(point)|, 0 where nothing is known."""
    try:
        first = jets.jet(expression, arithmetic, point, point).first
    except DomainFailure:
        return Fraction(0)
    if first is None or first[0] <= 0 <= first[1]:
        return Fraction(0)
    return Fraction(min(abs(first[0]), abs(first[1])), arithmetic.one)


def _undefined(target: Target, near: Fraction, why: str) -> TargetError:
    place = rounded_down(near, 4)
    if why == "slope":
        return TargetError(f"{target.text}: no bound on |phi'| near r = {place}; a profile must be Lipschitz on [0, 1]")
    return TargetError(
        f"{target.text}: not defined as a real number on all of [0, 1], or not visibly so, near r = {place} ({why})"
    )


def _too_steep(
    target: Target, declared: Fraction, cell: Cell, reached: Fraction, suggestion: Fraction | None
) -> NotLipschitz:
    where = f"[{rounded_down(cell[0], 3)}, {rounded_up(cell[1], 3)}]"
    advice = f"; pass --lipschitz {decimal_text(suggestion)}" if suggestion is not None else ""
    return NotLipschitz(
        f"{target.text}: not {declared}-Lipschitz on [0, 1]: |phi'| reaches at least {rounded_down(reached, 4)} "
        f"on {where}{advice}",
        cell,
        reached,
        suggestion,
    )
