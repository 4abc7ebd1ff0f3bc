"""Search for a narrow universal family and write it as a design of the package (minutes).

python scripts/search_universal.py --d 3 --eps 0.05 --neurons 2490 --lines 29 --knots 14
python scripts/search_universal.py --d 2 --eps 0.05 --neurons 300 --lines 16 --knots 14
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from verify.constructions.universal_search import Orbit, orbit, search_family
from verify.sphere.directions import lebedev, polygon

DESIGNS = Path(__file__).resolve().parent.parent / "verify" / "designs"


class Printed:
    def stage(self, text: str) -> None:
        print(text, flush=True)

    def cells(self, proved: int, open_cells: int, share: float, bound: float) -> None: ...


def orbits(dimension: int, lines: int, knots: int) -> list[Orbit]:
    """Return the orbits of a polygon (d = 2) or of Lebedev's rule of degree `lines` (d = 3) with uniform knots."""
    vectors = (polygon(lines) if dimension == 2 else lebedev(lines)).directions
    kinds = {tuple(sorted(np.abs(row).tolist(), reverse=True)) for row in vectors}
    return [orbit([float(x) for x in kind], np.arange(knots) / knots) for kind in sorted(kinds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--d", type=int, choices=(2, 3), required=True)
    parser.add_argument("--eps", required=True)
    parser.add_argument("--neurons", type=int, required=True)
    parser.add_argument("--lines", type=int, required=True, help="lines of a polygon (d = 2, even), degree (d = 3)")
    parser.add_argument("--knots", type=int, required=True)
    parser.add_argument("--bins", type=int, default=28)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    start = orbits(arguments.d, arguments.lines, arguments.knots)
    family, error = search_family(start, arguments.neurons, arguments.bins, seed=arguments.seed, progress=Printed())
    print(f"width {family.width}, sup E about {error:.5f}")
    path = arguments.out or DESIGNS / f"universal-d{arguments.d}-eps{arguments.eps}.json"
    body = {"epsilon": arguments.eps, "symmetry": "chamber", "family": family.to_document()}
    path.write_text(json.dumps(body, indent=1) + "\n")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
