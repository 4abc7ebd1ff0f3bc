"""Figures of certified widths against the dimension or the accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from verify.report.figures.style import CYCLE, DASHES, log_axis, new_figure, panels
from verify.report.tables import Chart, Row

MARKERS = "o^sDvx"


def draw_widths(rows: Sequence[Row], chart: Chart) -> Any:
    """Return a figure of certified neurons, on a logarithmic axis.

    Whole numbers lie on a linear horizontal axis, accuracies on a logarithmic one.
    """
    figure = new_figure()
    from matplotlib.ticker import MaxNLocator

    (axes,) = panels(figure, 1, height=3.6)
    by, others = horizontal(rows, chart)
    accuracy = by != chart.by[0]
    styles = ((c, d, m) for d in DASHES for c, m in zip(CYCLE, MARKERS, strict=True))
    for group, members in grouped(rows, others).items():
        suffix = f" ({', '.join(group)})" if group else ""
        for (key, label), (colour, dash, marker) in zip(chart.curves.items(), styles, strict=False):
            points = sorted(
                (math.log10(1 / Fraction(row[by])) if accuracy else int(row[by]), math.log10(int(row[key])))
                for row in members
                if int(row[key]) > 0
            )
            axes.plot(
                [x for x, _ in points], [y for _, y in points],
                marker=marker, markersize=4, color=colour, linestyle=dash, label=label + suffix,
            )  # fmt: skip
    log_axis(axes.yaxis)
    if accuracy:
        log_axis(axes.xaxis)
        axes.set_xlabel(f"1/{by}")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel({"d": "dimension d", "dimension": "dimension d"}.get(by, by))
    axes.set_ylabel("hidden neurons")
    low, high = axes.get_ylim()
    axes.set_ylim(max(0.0, low), high + 0.12 * (high - low) * len(axes.lines))
    axes.legend(loc="upper left")
    return figure


def horizontal(rows: Sequence[Row], chart: Chart) -> tuple[str, list[str]]:
    """Return the column on the horizontal axis and the columns whose values tell curves apart."""
    by = next((column for column in chart.by if len({row[column] for row in rows}) > 1), chart.by[0])
    others = [column for column in (*chart.by, *chart.groups) if column != by]
    several = [column for column in others if len({row.get(column) for row in rows}) > 1]
    # Accuracies that go with the dimension, such as d^-3, make one curve.
    if all(len(members) == 1 for members in grouped(rows, several).values()):
        return by, []
    return by, several


def grouped(rows: Sequence[Row], columns: Sequence[str]) -> dict[tuple[str, ...], list[Row]]:
    """Return the rows by the values of `columns`, spelled such as "eps = 0.1"."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(f"{column} = {row[column]}" for column in columns), []).append(row)
    return groups
