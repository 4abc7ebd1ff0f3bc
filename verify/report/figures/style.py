"""How all figures look: colours that colour-blind readers tell apart, legible in print, no dates in the files."""

from __future__ import annotations

import io
from typing import Any

from verify.errors import UsageProblem

# Okabe and Ito's palette: told apart with every common form of colour blindness.
BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#000000",
)
CYCLE = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
HEAT = "cividis"  # its lightness is monotone: it survives grey printing

SETTINGS = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "lines.linewidth": 1.4,
    "figure.dpi": 150,
    "savefig.dpi": 200,
    "svg.hashsalt": "verify",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "mathtext.fontset": "stix",
}


def new_figure() -> Any:
    """Return an empty matplotlib figure in this style.

    Raises:
        UsageProblem: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageProblem("figures need matplotlib; install the extra: pip install 'verify[plot]'") from None
    mpl.rcParams.update(SETTINGS)
    return Figure(layout="constrained")


def to_bytes(figure: Any, form: str) -> bytes:
    """Return the figure as PNG, SVG or PDF; equal figures give equal bytes."""
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    stream = io.BytesIO()
    figure.savefig(stream, format=form, metadata=metadata[form])
    return stream.getvalue()


def panels(figure: Any, count: int, *, height: float = 3.3) -> list[Any]:
    """Return `count` axes side by side, each about 9 cm wide."""
    figure.set_size_inches(4.1 * count if count > 1 else 5.0, height)
    return list(figure.subplots(1, count, squeeze=False)[0])


def decimal(value: Any) -> str:
    """Return a short decimal text of an exact number for labels."""
    return f"{float(value):.4g}"


def log_axis(axis: Any) -> None:
    """Label an axis that holds decimal logarithms as the powers of ten that they are: numbers beyond any float fit."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, nbins=7))
    axis.set_major_formatter(FuncFormatter(lambda exponent, _: f"$10^{{{round(exponent)}}}$"))


def bound_lines(axes: Any, bound: float, *, both: bool, label: str) -> None:
    """Draw the certified bound, as a dashed line (two lines for a signed error)."""
    axes.axhline(bound, color=BLACK, linestyle="--", linewidth=1.0, label=label)
    if both:
        axes.axhline(-bound, color=BLACK, linestyle="--", linewidth=1.0)
