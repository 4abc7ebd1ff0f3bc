"""Several depth separations in one figure: both sides over the dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verify.errors import UsageProblem
from verify.report.accepted import Accepted
from verify.report.figures.style import BLUE, RED, new_figure, panels

# claim kind -> (depth-2 figure, depth-3 figure, key of the dimension), as the kernel's theorems name them
SEPARATIONS = {
    "separation-sup": ("depth-2 width at least", "depth-3 neurons", "dimension"),
    "depth-separation-l2": ("depth-2 width", "depth-3 neurons", "d"),
}


def draw_together(certificates: Sequence[Accepted]) -> Any:
    """Return one figure of several separations of one kind; raise `UsageProblem` for other kinds."""
    kind = certificates[0].certificate.kind
    if kind not in SEPARATIONS:
        raise UsageProblem(f"several certificates of kind {kind!r} make no figure; plot them one by one")
    wide, deep, dimension = SEPARATIONS[kind]
    rows = sorted(
        (int(figures[dimension]), float(figures[wide]), float(figures[deep]))
        for figures in (item.theorem.figures for item in certificates)
    )
    figure = new_figure()
    (axes,) = panels(figure, 1)
    d, widths, neurons = zip(*rows, strict=True)
    axes.semilogy(d, widths, marker="^", color=RED, label="every depth-2 network needs at least")
    axes.semilogy(d, neurons, marker="o", linestyle="--", color=BLUE, label="one depth-3 network has, in all")
    axes.set_xlabel("dimension d")
    axes.set_ylabel("neurons")
    axes.set_xticks(sorted(set(d)))
    axes.legend(loc="best")
    return figure
