"""Search for small networks near |x| and the bump; write certificates and the table certificates/records/README.md.

python scripts/records.py             write the table for the certificates that are there
python scripts/records.py --search    search for all of them first (half an hour)
python scripts/records.py --check     exit code 1 if the table is out of date
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from verify.kernel import check_bytes

RECORDS = Path(__file__).resolve().parent.parent / "certificates" / "records"
PROFILES = {"norm": "φ(r) = r", "bump": "φ(r) = max(0, 1/2 - r)"}
ACCURACIES = ("0.2", "0.1", "0.05", "0.02")


def search(dimension: int, profile: str, eps: str) -> None:
    """Run the search; keep the record that is there if the new network is not narrower."""
    target = RECORDS / name(dimension, profile, eps)
    made = target.with_suffix(".new")
    request = ["--d", str(dimension), "--eps", eps, "--profile", profile, "--tries", "12", "--time-limit", "120"]
    command = [sys.executable, "-m", "verify", "optimize", *request, "--quiet", "--out", str(made)]
    if subprocess.run(command, cwd=RECORDS.parent.parent, check=False).returncode == 0:
        if not target.exists() or width(made) < width(target):
            made.replace(target)
        else:
            made.unlink()


def name(dimension: int, profile: str, eps: str) -> str:
    return f"minimal-d{dimension}-eps{eps}-{profile}.json"


def width(path: Path) -> int:
    return int(check_bytes(path.read_bytes()).figures["width"])


def table() -> str:
    lines = [
        "# Small networks",
        "",
        "Widths of depth-2 ReLU networks that are proved to be within ε of φ(|x|) on the unit ball of R^d, found by",
        "`optimize`. They are upper bounds: smaller networks may exist. Written by `scripts/records.py`.",
        "",
        "| d | φ | ε | width | certified bound | error at the witness |",
        "|---|---|---|---|---|---|",
    ]
    for dimension in (2, 3):
        for profile, formula in PROFILES.items():
            for eps in ACCURACIES:
                path = RECORDS / name(dimension, profile, eps)
                if path.exists():
                    figures = check_bytes(path.read_bytes()).figures
                    bounds = f"{figures['certified bound']} | {figures['error at the witness']}"
                    lines.append(f"| {dimension} | {formula} | {eps} | [{figures['width']}]({path.name}) | {bounds} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.search:
        for dimension in (2, 3):
            for profile in PROFILES:
                for eps in ACCURACIES:
                    search(dimension, profile, eps)
    target = RECORDS / "README.md"
    text = table()
    if options.check:
        return int(not target.exists() or target.read_text() != text)
    target.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
