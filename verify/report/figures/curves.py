"""Several certificates of one kind in one figure: both sides of a separation, or one bound, over the dimension."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from verify.errors import UsageProblem
from verify.report.accepted import Accepted
from verify.report.figures.style import BLUE, BOUNDED_NEEDS, RED, log_axis, new_figure, panels

NEEDS, HAS = "every depth-2 network within the error needs more than", "one depth-3 network has, in all"
# claim kind -> (figure on the horizontal axis, what it is, curves: figure -> label), as the kernel's theorems name them
TOGETHER: dict[str, tuple[str, str, dict[str, str]]] = {
    "depth-separation-l2": ("d", "dimension d", {"depth-2 width": NEEDS, "depth-3 neurons": HAS}),
    "inner-product": ("n", "n (2n inputs)", {"depth-2 width at least": BOUNDED_NEEDS, "depth-3 neurons": HAS}),
    "separation-code": ("inputs", "inputs", {"depth-2 width at least": BOUNDED_NEEDS, "depth-3 neurons": HAS}),
    "separation-sup": ("dimension", "dimension d", {"depth-2 width at least": BOUNDED_NEEDS, "depth-3 neurons": HAS}),
    "ridge-lower-bound": ("d", "dimension d", {"width": NEEDS}),
}


def draw_together(certificates: Sequence[Accepted]) -> Any:
    """Return one figure of several certificates of one kind; raise `UsageProblem` for other kinds."""
    kind = certificates[0].certificate.kind
    if kind not in TOGETHER:
        raise UsageProblem(f"several certificates of kind {kind!r} make no figure; plot them one by one")
    figure = new_figure()
    from matplotlib.ticker import MaxNLocator

    key, what, curves = TOGETHER[kind]
    theorems = sorted((item.theorem.figures for item in certificates), key=lambda figures: int(figures[key]))
    (axes,) = panels(figure, 1)
    places = [int(figures[key]) for figures in theorems]
    # Certificates of one dimension but several accuracies lie on no curve.
    lines = ("-", "--") if len(set(places)) == len(places) else ("none", "none")
    for (name, label), colour, marker, dash in zip(curves.items(), (RED, BLUE), "^o", lines, strict=False):
        heights = [math.log10(max(1, int(figures[name]))) for figures in theorems]
        axes.plot(places, heights, marker=marker, color=colour, linestyle=dash, label=label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    log_axis(axes.yaxis)
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel(what)
    axes.set_ylabel("neurons")
    axes.set_title(f"{len(certificates)} certificates")
    axes.legend(loc="best")
    return figure
