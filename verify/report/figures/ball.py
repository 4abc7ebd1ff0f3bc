"""Pictures of a function on the unit ball: planes through the centre, cells of a cover, envelopes along radii."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.document import Document
from verify.kernel.cover.tree import MAX_CELLS, grid_for, walk
from verify.kernel.fields import Fields
from verify.kernel.packing import bit_array
from verify.report.figures.style import BLUE, HEAT, ORANGE, RED, SKY

Floats = npt.NDArray[np.float64]
Function = Callable[[Floats], Floats]

PIXELS = 260
MOST_CELLS_DRAWN = 30_000
BATCH = 1 << 22  # numbers in one batch of hidden activations


def in_batches(function: Function, points: Floats, width: int) -> Floats:
    """Evaluate `function` at many points without forming more than about `BATCH` hidden activations at once."""
    size = max(1, BATCH // max(1, width))
    parts = [function(points[start : start + size]) for start in range(0, points.shape[0], size)]
    return np.concatenate(parts) if parts else np.zeros(0)


def heat_map(axes: Any, function: Function, first: Floats, second: Floats, top: float) -> Any:
    """Draw a nonnegative function on the disc spanned by two orthonormal vectors; return the image."""
    line = np.linspace(-1.0, 1.0, PIXELS)
    across, up = np.meshgrid(line, line)
    inside = across**2 + up**2 <= 1.0
    points = across[inside][:, None] * first + up[inside][:, None] * second
    values = np.full(across.shape, np.nan)
    values[inside] = function(points)
    image = axes.imshow(
        values,
        origin="lower",
        extent=(-1.0, 1.0, -1.0, 1.0),
        cmap=HEAT,
        vmin=0.0,
        vmax=top,
        interpolation="nearest",
    )
    axes.set_aspect("equal")
    axes.set_xticks([-1, 0, 1])
    axes.set_yticks([-1, 0, 1])
    return image


def leaf_boxes(proof: Document, dimension: int) -> tuple[Floats, Floats]:
    """Return the lower corners and the sides of the leaves of a cover, each of shape (n, d)."""
    fields = Fields(proof, "proof")
    domain = fields.text("domain")
    depth = fields.integer("depth", 0, 10**6)
    grid = grid_for(dimension, domain, depth)
    corners, sides = [], []
    for level, centres in walk(bit_array(fields, "tree", most=MAX_CELLS), grid, depth):
        half = np.array(level.half_sides) / float(1 << grid.bits)
        corners.append(centres / float(1 << grid.bits) - half)
        sides.append(np.broadcast_to(2 * half, centres.shape))
    return np.concatenate(corners), np.concatenate(sides)


def draw_cells(axes: Any, proof: Document) -> int:
    """Draw the cells of a cover of the disc where they are few enough to be seen; return their number."""
    from matplotlib.collections import LineCollection

    corners, sides = leaf_boxes(proof, 2)
    count = int(corners.shape[0])
    if count > MOST_CELLS_DRAWN:
        return count
    x, y = corners.T
    right, top = (corners + sides).T
    loops = np.stack([x, y, right, y, right, top, x, top, x, y], axis=1).reshape(count, 5, 2)
    width = float(np.clip(30.0 / np.sqrt(count + 1.0), 0.08, 0.5))
    axes.add_collection(LineCollection(list(loops), colors="white", linewidths=width, alpha=0.75))
    axes.set_xlim(-1.0, 1.0)
    axes.set_ylim(-1.0, 1.0)
    return count


def draw_folds(axes: Any, document: Document) -> int:
    """Draw the lines across which a network on the plane bends; return their number."""
    from verify.kernel.network import read_network
    from verify.kernel.regions.folds import fold

    lines = fold(read_network(Fields(document["network"], "network"))).hyperplanes
    width = float(np.clip(30.0 / (len(lines) + 1.0), 0.08, 0.5))
    for first, second, offset in lines:
        length = float(np.hypot(float(first), float(second)))
        normal, distance = np.array([first / length, second / length]), -offset / length
        reach = np.sqrt(max(1.0 - distance * distance, 0.0)) * np.array([-normal[1], normal[0]])
        ends = np.stack([distance * normal - reach, distance * normal + reach])
        axes.plot(*ends.T, color="white", linewidth=width, alpha=0.75)
    return len(lines)


def directions(dimension: int, count: int) -> Floats:
    """Return unit vectors: the axes, the diagonal of the first octant's edges, and pseudo-random ones (fixed seed)."""
    if dimension == 1:
        return np.array([[1.0], [-1.0]])
    if dimension == 2:
        angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
    generator = np.random.default_rng(1)
    some = generator.standard_normal((count, dimension))
    special = np.concatenate([np.eye(dimension)[:8], np.tril(np.ones((dimension, dimension)))[:8]])
    every = np.concatenate([special, some])
    result: Floats = every / np.linalg.norm(every, axis=1, keepdims=True)
    return result


def along_radii(function: Function, dimension: int, *, count: int, radii: int = 241) -> tuple[Floats, Floats]:
    """Return radii r (n,) and the function's values at r u for many directions u, shape (directions, n)."""
    r = np.linspace(0.0, 1.0, radii)
    units = directions(dimension, count)
    points = (units[:, None, :] * r[None, :, None]).reshape(-1, dimension)
    return r, function(points).reshape(units.shape[0], radii)


def envelope(axes: Any, r: Floats, values: Floats, *, what: str) -> None:
    """Draw the range over the directions and one direction as a line."""
    axes.fill_between(r, values.min(axis=0), values.max(axis=0), color=SKY, alpha=0.55, linewidth=0)
    axes.plot(
        r, values.max(axis=0), color=BLUE, linewidth=1.0, label=f"{what}: range over {values.shape[0]} directions"
    )
    axes.plot(r, values.min(axis=0), color=BLUE, linewidth=1.0)
    axes.plot(r, values[0], color=ORANGE, linewidth=1.0, label=f"{what} on the first axis")
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("r = |x|")


def witness_point(document: Document) -> Floats:
    """Return the witness of a certificate in float64, shape (d,)."""
    return np.array([float(Fraction(x)) for x in document["witness"]["point"]])


def mark_witness(axes: Any, x: float, y: float, error: str) -> None:
    """Mark the point of the largest error found."""
    axes.plot(
        [x], [y], marker="X", markersize=7, color=RED, markeredgecolor="white", linestyle="none",
        clip_on=False, zorder=5, label=f"witness: error ≥ {error}",
    )  # fmt: skip


def plane_through(point: Floats) -> tuple[Floats, Floats]:
    """Return an orthonormal basis of a plane through the centre that holds `point` and (nearly) the first axis."""
    first = point / np.linalg.norm(point) if np.linalg.norm(point) > 1e-9 else np.eye(point.size)[0]
    for axis in np.eye(point.size):
        rest = axis - (axis @ first) * first
        if np.linalg.norm(rest) > 0.3:
            return first, rest / np.linalg.norm(rest)
    raise AssertionError("some axis is far from every line")


def extent_label(document: Document) -> str:
    """Return what the drawn cells are: the whole ball, or the part that symmetry leaves to check."""
    domain = document["proof"]["domain"]
    return {"ball": "", "orthant": " of one quarter", "chamber": " of one chamber"}[domain]
