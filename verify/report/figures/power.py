"""The univariate pieces of Theorem 3: each ridge function against t^(2k), in units of its direction's length."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.kernel.cubature.moments import norm_squared
from verify.report.figures import NoFigure
from verify.report.figures.style import CYCLE, DASHES, panels

MOST_KNOTS = 4000


def draw(document: Document, figure: Any) -> None:
    """Draw the ridge functions of a certificate of kind "power"."""
    claim, network = document["claim"], document["network"]
    method, k = document["proof"]["ridges"], claim["power"]
    if method == "differences" or not network["directions"]["classes"]:
        raise NoFigure("no figure for ridge functions without knots: their graphs cannot be told from the power's")
    pieces, errors = panels(figure, 2)
    figure.suptitle(
        f"|x|^{2 * k} in dimension {claim['dimension']:,}: the ridge functions q(t) of each class of directions w, "
        "$|t| \\leq |w|$",
        fontsize=9.5,
    )
    classes = list(zip(network["directions"]["classes"], network["ridges"], strict=True))
    grid = np.linspace(0.0, 1.0, 1200)
    pieces.plot(grid, grid ** (2 * k), color="black", linewidth=0.8, label=f"$t^{{{2 * k}}}$")
    for (item, ridge), colour, dash in zip(classes, CYCLE, DASHES, strict=False):
        knots = knots_of(ridge) / math.sqrt(norm_squared(tuple(tuple(pair) for pair in item["entries"])))
        t = np.unique(np.concatenate([grid, knots[knots <= 1.0]]))
        values = piece_values(knots, t, k, stairs=method == "stairs")
        label = f"w = {pattern(item)}, {int((knots < 1).sum()):,} knots"
        pieces.plot(t, values, color=colour, linestyle=dash, linewidth=1.1, label=label)
        errors.plot(t, values - t ** (2 * k), color=colour, linestyle=dash, linewidth=0.9)
        if knots.size <= 300:
            errors.plot(knots[knots <= 1.0], np.zeros((knots <= 1.0).sum()), "|", color=colour, markersize=5)
    for axes in (pieces, errors):
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel("t / |w|")
    pieces.set_title("q, divided by $|w|^{2k}$")
    pieces.legend(loc="upper left")
    errors.set_title("q minus the power; ticks: knots")


def knots_of(ridge: Document) -> Any:
    """Return the knots of one ridge function in float64 (the first `MOST_KNOTS` of them, spread over the blocks)."""
    total = sum(count for count, _ in ridge["blocks"])
    thinning = max(1, total // MOST_KNOTS)
    knots, start = [np.array([ridge["first"]], dtype=float)], float(ridge["first"])
    for count, step in ridge["blocks"]:
        kept = np.arange(1, count + 1) if count <= thinning else np.append(np.arange(thinning, count, thinning), count)
        knots.append(start + step * kept.astype(float))
        start += float(step) * count
    return np.concatenate(knots) / 2.0 ** ridge["bits"]


def piece_values(knots: Any, t: Any, k: int, *, stairs: bool) -> Any:
    """Return the ridge function with these knots at t: chords of the power, or stairs at the means of neighbours."""
    powers = knots ** (2 * k)
    if not stairs:
        return np.interp(t, knots, powers)
    steps = np.concatenate([[powers[0] / 2], (powers[1:] + powers[:-1]) / 2, powers[-1:]])
    return steps[np.searchsorted(knots, t, side="right")]


def pattern(item: Document) -> str:
    """Return a class of directions as people write it: "(1,1,0,...)" up to order and signs."""
    entries = [str(value) for value, count in item["entries"] for _ in range(min(count, 4))]
    total = sum(count for _, count in item["entries"])
    return f"({','.join(entries[:4])}{',…' if total > 4 else ''})"
