"""Certificates to mutate: the shipped ones, and one small one of each kind, made here."""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import verify
from verify.errors import VerifyError
from verify.networks.depth2 import Depth2Network

SHIPPED = Path(__file__).resolve().parents[2] / "certificates"

HAT = Depth2Network.from_rationals(
    [[Fraction(1)], [Fraction(-1)]], [Fraction(0), Fraction(0)], [Fraction(1), Fraction(1)], Fraction(1, 64)
)

SMALL: dict[str, tuple[str, dict[str, Any]]] = {
    "universal-constant": ("thm2", {"d": 2, "eps": "0.6"}),
    "universal-d1": ("thm2", {"d": 1, "eps": "0.2"}),
    "universal-d2": ("thm2", {"d": 2, "eps": "0.2"}),
    "norm-d1": ("thm2", {"d": 1, "eps": "0.1", "profile": "norm"}),
    "norm-d2": ("thm2", {"d": 2, "eps": "0.1", "profile": "norm"}),
    "sine-d2": ("thm2", {"d": 2, "eps": "0.3", "profile": "sin(3*r)/3"}),
    "network": ("network", {"network": HAT, "profile": "norm", "eps": "1/50"}),
    "refutation": ("network", {"network": HAT, "profile": "norm", "eps": "1/100"}),
    "regions": ("network", {"network": HAT, "profile": "zigzag:2", "eps": "exact", "method": "regions"}),
    "regions-sine": ("network", {"network": HAT, "profile": "sin(3*r)/3", "method": "regions"}),
    "power": ("thm3", {"d": 2, "k": 2, "eps": "1/5"}),
    "power-tanh": ("thm3", {"d": 2, "k": 2, "eps": "1/5", "activation": "tanh"}),
    "power-generated": ("thm3", {"d": 7, "k": 2, "eps": "1/5"}),
    "cubature-generated": ("thm1", {"d": 7, "eps": "2/5", "profile": "norm", "directions": "projective"}),
    "assumption1-relu": ("assumption1", {"activation": "relu"}),
    "assumption1-tanh": ("assumption1", {"activation": "tanh"}),
    "pathnorm": ("pathnorm", {"d": 3, "profile": "zigzag:2", "eps": "1/50"}),
    "depth3": ("depth3", {"d": 3, "profile": "norm", "eps": "1/5"}),
    "separation-sup": ("separation", {"kind": "sup", "d": 5}),
    "separation-l2": ("separation", {"kind": "l2", "d": 3}),
    "separation-code": ("separation", {"kind": "code", "n": 12}),
    "growth": ("growth", {"d": (2, 12), "eps": "2/5"}),
    "growth-every": ("growth", {"eps": "2/5", "profile": "bump"}),
    "inner-product": ("ip2", {"n": 10}),
    "theorem4": ("thm4", {"d": 3}),
    "theorem5": ("thm5", {"d": 10}),
}


def collect(folder: Path, seconds: float = 60.0) -> dict[str, bytes]:
    """Return the seeds by name; those made once are kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {path.stem: path.read_bytes() for path in sorted(SHIPPED.glob("*.json"))}
    for name, (claim, options) in SMALL.items():
        path = folder / f"{name}.json"
        if not path.exists():
            start = time.monotonic()
            try:
                verify.certify(claim, **options).certificate.save(path)
            except (VerifyError, TypeError) as problem:
                print(f"seed {name} left out: {problem}", file=sys.stderr)
                continue
            print(f"seed {name}: {path.stat().st_size:,} bytes, {time.monotonic() - start:.1f} s", file=sys.stderr)
        seeds[name] = path.read_bytes()
    return seeds


if __name__ == "__main__":
    collect(Path(sys.argv[1]))
