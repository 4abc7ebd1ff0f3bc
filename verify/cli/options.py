"""Parameter types and options that several commands share."""

from __future__ import annotations

import math
import os
from fractions import Fraction
from typing import Any

import click

from verify.claims.request import positive_number


class ExactNumber(click.ParamType[Fraction]):
    """A positive exact number: "0.05", "1/20", "5e-3"; never passes through a float."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Return the Fraction that `value` spells."""
        try:
            return positive_number(value)
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


class ExactNumberOrSupremum(ExactNumber):
    """A positive exact number, or the word `exact`."""

    name = "number|exact"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the Fraction that `value` spells, or "exact"."""
        return "exact" if value == "exact" else super().convert(value, param, ctx)


class NumberRange(click.FloatRange):
    """A floating-point number in a range; NaN, which lies outside no range, is refused as well."""

    name = "number range"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number", param, ctx)
        return number


SECONDS = NumberRange(min=0, max=10**9, min_open=True)  # some decades: the system's clocks take no more
EXACT = ExactNumber()
EXACT_OR_SUPREMUM = ExactNumberOrSupremum()


def available_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
