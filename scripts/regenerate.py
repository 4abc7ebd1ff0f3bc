"""Rebuild the shipped certificates and say what changed.

python scripts/regenerate.py                 all of them
python scripts/regenerate.py --only thm2-d3  those whose name contains the text
python scripts/regenerate.py --list          the commands
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CERTIFICATES = Path(__file__).resolve().parent.parent / "certificates"

# file name -> arguments of `python -m verify certify`
COMMANDS = {
    "thm2-d2-eps0.1": "thm2 --d 2 --eps 0.1",
    "thm2-d2-eps0.05": "thm2 --d 2 --eps 0.05",
    "thm2-d3-eps0.1": "thm2 --d 3 --eps 0.1",
    "thm2-d3-eps0.05": "thm2 --d 3 --eps 0.05",
    "thm2-d2-eps0.05-norm": "thm2 --d 2 --eps 0.05 --profile norm",
    "thm2-d3-eps0.05-norm": "thm2 --d 3 --eps 0.05 --profile norm",
    "thm2-d4-eps0.1-norm": "thm2 --d 4 --eps 0.1 --profile norm",
    "thm2-d3-eps0.05-bump": "thm2 --d 3 --eps 0.05 --profile bump",
    "thm2-d3-eps0.05-sine6": "thm2 --d 3 --eps 0.05 --profile sine:6",
    "thm2-d3-eps0.05-exp": "thm2 --d 3 --eps 0.05 --profile exp(-2*r**2)/2",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names that contain this text")
    parser.add_argument("--list", action="store_true", help="print the commands and stop")
    options = parser.parse_args()
    failures = 0
    for name, command in COMMANDS.items():
        if options.only not in name:
            continue
        if options.list:
            print(f"python -m verify certify {command} --out certificates/{name}.json")
            continue
        failures += rebuild(name, command)
    return 1 if failures else 0


def rebuild(name: str, command: str) -> int:
    """Rebuild one certificate; return 1 if that failed."""
    target = CERTIFICATES / f"{name}.json"
    before = target.read_bytes() if target.exists() else None
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / target.name
        arguments = [sys.executable, "-m", "verify", "certify", *command.split(), "--quiet", "--out", str(made)]
        run = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=CERTIFICATES.parent)
        seconds = time.perf_counter() - start
        if run.returncode != 0:
            print(f"FAILED     {name}: {run.stderr.strip()}")
            return 1
        after = made.read_bytes()
    change = "new" if before is None else "unchanged" if before == after else "CHANGED"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(after)
    print(f"{change:<10} {name} ({len(after):,} bytes, {seconds:.1f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
