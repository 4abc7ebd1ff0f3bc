"""Figures of certificates, one file a kind of claim; matplotlib is imported when one is drawn.

Figures show sampled float64 values beside the certified bounds: they illustrate a theorem and prove nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.certificates.document import Document, require_writable, write_atomically
from verify.errors import UsageProblem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Painter = Callable[[Document, Any], None]

# claim kind -> module of this folder with a function draw(document, figure)
PAINTERS = {
    "assumption-1": "assumption1",
    "depth-separation-l2": "separation_l2",
    "depth3-approximation": "depth3",
    "growth": "growth",
    "inner-product": "inner_product",
    "path-norm": "dual_measure",
    "power": "power",
    "radial-approximation": "radial",
    "radial-cubature": "cubature",
    "refutation": "refutation",
    "ridge-lower-bound": "ridge_bound",
    "separation-code": "code_lifting",
    "separation-sup": "separation",
    "theorem-4": "spectrum",
    "universal-approximation": "universal",
}

FORMATS = ("png", "svg", "pdf")


class NoFigure(UsageProblem):
    """There is no figure for this certificate."""


def draw(document: Document) -> Figure:
    """Return the figure of a certificate that the kernel has accepted.

    Raises:
        NoFigure: this kind of claim has no figure.
        UsageProblem: matplotlib is not installed.
    """
    kind = document["claim"]["kind"]
    if kind not in PAINTERS:
        raise NoFigure(f"no figure for certificates of kind {kind!r}; there are figures for {', '.join(PAINTERS)}")
    from verify.report.figures.style import new_figure

    figure: Figure = new_figure()
    painter: Painter = importlib.import_module(f"verify.report.figures.{PAINTERS[kind]}").draw
    painter(document, figure)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure to `path`, in the format that its ending names; the same figure gives the same bytes."""
    write_atomically(path, rendered(figure, require_format(path)))


def require_format(path: Path) -> str:
    """Return the format that the ending of `path` names, or raise `UsageProblem`; the file must be writable."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise UsageProblem(f"cannot draw {path.name}: the file's ending must be one of {', '.join(FORMATS)}")
    require_writable(path)
    return ending


def rendered(figure: Figure, form: str) -> bytes:
    """Return the figure's bytes in the format `form`, without dates."""
    from verify.report.figures.style import to_bytes

    return to_bytes(figure, form)
