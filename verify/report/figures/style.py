"""How all figures look: colours that colour-blind readers tell apart, legible in print, no dates in the files."""

from __future__ import annotations

import io
import math
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
# A curve of lower bounds that hold for bounded weights only must say so.
BOUNDED_NEEDS = "depth-2 ReLU networks within the weight bound need"
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
    """Label an axis that holds decimal logarithms with the numbers that they are of, which may exceed any float."""
    from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator

    class Decades(Locator):
        """Powers of ten; on short axes 1, 2, 5 times powers of ten."""

        def __call__(self) -> Any:
            shown: Any = self.axis
            return self.tick_values(*shown.get_view_interval())

        def tick_values(self, vmin: float, vmax: float) -> Any:
            if vmax - vmin > 2.5:
                return MaxNLocator(integer=True, nbins=7).tick_values(vmin, vmax)
            decades = range(math.floor(vmin), math.ceil(vmax) + 1)
            steps = [decade + math.log10(digit) for decade in decades for digit in (1, 2, 5)]
            return [step for step in steps if vmin <= step <= vmax]

    def label(exponent: float, _: Any) -> str:
        whole = round(exponent)
        if abs(exponent - whole) < 1e-9 and (whole > 4 or whole < 0):
            return f"$10^{{{whole}}}$"
        return f"{round(10.0**exponent):,}" if 0 <= exponent < 6 else f"{10.0**exponent:.0e}"

    axis.set_major_locator(Decades())
    axis.set_major_formatter(FuncFormatter(label))


def bound_lines(axes: Any, bound: float, *, both: bool, label: str) -> None:
    """Draw the certified bound, as a dashed line (two lines for a signed error)."""
    axes.axhline(bound, color=BLACK, linestyle="--", linewidth=1.0, label=label)
    if both:
        axes.axhline(-bound, color=BLACK, linestyle="--", linewidth=1.0)
