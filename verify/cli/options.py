"""Parameter types and options that several commands share."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import click


class ExactNumber(click.ParamType[Fraction]):
    """A positive exact number: "0.05", "1/20", "5e-3"; never passes through a float."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Return the Fraction that `value` spells."""
        if isinstance(value, Fraction):
            return value
        text = str(value).strip()
        if len(text) > 60 or ("e" in text.lower() and len(text.lower().split("e")[-1]) > 4):
            self.fail(f"{text[:40]!r} is too long for a number", param, ctx)
        try:
            number = Fraction(text)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{text[:40]!r} is not a number such as 0.05 or 1/20", param, ctx)
        if number <= 0:
            self.fail(f"must be positive, not {text}", param, ctx)
        return number


class ExactNumberOrSupremum(ExactNumber):
    """A positive exact number, or the word `exact`."""

    name = "number|exact"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the Fraction that `value` spells, or "exact"."""
        return "exact" if value == "exact" else super().convert(value, param, ctx)


EXACT = ExactNumber()
EXACT_OR_SUPREMUM = ExactNumberOrSupremum()


def available_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
