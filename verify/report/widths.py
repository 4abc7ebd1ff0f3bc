"""Figures of certified widths against the dimension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from verify.certificates.document import require_writable
from verify.errors import UsageProblem


def draw_widths(
    rows: Sequence[Mapping[str, str | int]], curves: Mapping[str, str], axis: str, path: Path, by: str = "d"
) -> Path:
    """Draw figures of certified theorems against the dimension, on a logarithmic axis, one line for each error.

    Args:
        rows: the theorems' figures.
        curves: key of the figure -> label.
        axis: what the vertical axis counts.
        path: the file; its ending decides the format.

    Raises:
        UsageProblem: matplotlib is missing, or the file cannot be written.
    """
    try:
        import matplotlib
    except ImportError:
        raise UsageProblem("figures need matplotlib: pip install 'verify[plot]'") from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    require_writable(path)
    figure, axes = plt.subplots(figsize=(7, 4.3), layout="constrained")
    errors = list(dict.fromkeys(str(row["error"]) for row in rows))
    # Errors that depend on the dimension, such as d^-3, make one curve.
    groups = [[row for row in rows if str(row["error"]) == error] for error in errors]
    if all(len(group) == 1 for group in groups):
        groups = [list(rows)]
    for key, label in curves.items():
        for group in groups:
            suffix = "" if len(groups) == 1 else f" (error {group[0]['error']})"
            points = sorted((int(row[by]), float(row[key])) for row in group if float(row[key]) > 0)
            axes.plot([x for x, _ in points], [y for _, y in points], marker="o", markersize=3.5, label=label + suffix)
    axes.set_yscale("log")
    axes.set_xlabel("dimension d")
    axes.set_ylabel(axis)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    except ValueError as problem:
        raise UsageProblem(f"cannot draw {path}: {problem}") from None
    finally:
        plt.close(figure)
    return path
