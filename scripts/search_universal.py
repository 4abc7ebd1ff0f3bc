"""Search for a narrow universal family and write it as a design of the package (seconds to minutes).

python scripts/search_universal.py --d 3 --eps 0.05 --neurons 2200 --lines lebedev:29 --knots 15
python scripts/search_universal.py --d 2 --eps 0.2 --neurons 16 --lines polygon:4 --knots 4

The search is limited by counts, so the same request gives the same design on processors of one kind; what was asked is
written into the design.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from verify.constructions.universal_search import GROUPS, orbits_of, search_family
from verify.sphere.directions import candidates, lebedev, polygon

DESIGNS = Path(__file__).resolve().parent.parent / "verify" / "designs"
REQUEST = ("neurons", "lines", "knots", "bins", "group", "seed")

Floats = npt.NDArray[np.float64]


class Printed:
    def stage(self, text: str) -> None:
        print(text, flush=True)

    def cells(self, proved: int, open_cells: int, share: float, bound: float) -> None: ...


def lines(name: str) -> Floats:
    """Return the lines of one or more sets, joined by +: polygon:N, lebedev:DEGREE, icosahedron, dodecahedron."""
    sets = []
    for part in name.split("+"):
        kind, _, number = part.partition(":")
        if kind in ("polygon", "lebedev"):
            chosen = polygon(int(number)) if kind == "polygon" else lebedev(int(number))
        else:
            chosen = candidates(3)[("icosahedron", "dodecahedron").index(kind)]
        sets.append(chosen.directions.astype(np.float64))
    return np.concatenate(sets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--d", type=int, choices=(2, 3), required=True)
    parser.add_argument("--eps", required=True)
    parser.add_argument("--neurons", type=int, required=True, help="at most so many")
    parser.add_argument("--lines", required=True, help="where to start: polygon:N, lebedev:DEGREE, icosahedron, …")
    parser.add_argument("--knots", type=int, required=True, help="uniform knots at the start")
    parser.add_argument("--bins", type=int, default=28)
    parser.add_argument("--group", choices=sorted(GROUPS), default="permutations")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    start = orbits_of(lines(arguments.lines), np.arange(arguments.knots) / arguments.knots, arguments.group)
    family, error = search_family(start, arguments.neurons, arguments.bins, seed=arguments.seed, progress=Printed())
    print(f"width {family.width}, sup E about {error:.5f}")
    path = arguments.out or DESIGNS / f"universal-d{arguments.d}-eps{arguments.eps}.json"
    body = {
        "epsilon": arguments.eps,
        "symmetry": start[0].domain,
        "search": {key: getattr(arguments, key) for key in REQUEST},
        "family": family.to_document(),
    }
    path.write_text(json.dumps(body, indent=1) + "\n")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
