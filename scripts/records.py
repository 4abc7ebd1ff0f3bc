"""Search for small networks near |x| and the bump; write the table certificates/records/README.md.

python scripts/records.py                           write the table for the certificates that are there
python scripts/records.py --check                   exit code 1 if the table is out of date
python scripts/records.py --search 'minimal-d2-*'   search for these first; a narrower network replaces the record

A record is the network that a search found, proved by `certify network`: `scripts/regenerate.py` rebuilds its
certificate byte for byte from the network in it. The searches are limited by counts, never by a clock.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from verify.kernel import check_bytes

RECORDS = ROOT / "certificates" / "records"
PROFILES = {"norm": "φ(r) = r", "bump": "φ(r) = max(0, 1/2 - r)"}
ACCURACIES = ("0.2", "0.1", "0.05", "0.02")
UNIVERSAL = ("0.2", "0.1", "0.05")

# record -> what found the network: the command after `python -m verify`
FOUND = {
    "minimal-d2-eps0.02-bump": "optimize --d 2 --eps 0.02 --profile bump --tries 40",
    "minimal-d2-eps0.02-norm": "optimize --d 2 --eps 0.02 --profile norm --tries 12",
    "minimal-d2-eps0.05-bump": "optimize --d 2 --eps 0.05 --profile bump --tries 12",
    "minimal-d2-eps0.05-norm": "optimize --d 2 --eps 0.05 --profile norm --tries 12",
    "minimal-d2-eps0.1-bump": "optimize --d 2 --eps 0.1 --profile bump --tries 12",
    "minimal-d2-eps0.1-norm": "optimize --d 2 --eps 0.1 --profile norm --tries 12",
    "minimal-d2-eps0.2-bump": "optimize --d 2 --eps 0.2 --profile bump --tries 12",
    "minimal-d2-eps0.2-norm": "optimize --d 2 --eps 0.2 --profile norm --tries 12",
    "minimal-d3-eps0.02-bump": "certify thm2 --d 3 --eps 0.02 --profile bump",
    "minimal-d3-eps0.02-norm": "optimize --d 3 --eps 0.02 --profile norm --tries 30",
    "minimal-d3-eps0.05-bump": "optimize --d 3 --eps 0.05 --profile bump --tries 40",
    "minimal-d3-eps0.05-norm": "optimize --d 3 --eps 0.05 --profile norm --tries 16",
    "minimal-d3-eps0.1-bump": "optimize --d 3 --eps 0.1 --profile bump --tries 50",
    "minimal-d3-eps0.1-norm": "optimize --d 3 --eps 0.1 --profile norm --tries 16",
    "minimal-d3-eps0.2-bump": "optimize --d 3 --eps 0.2 --profile bump --tries 12",
    "minimal-d3-eps0.2-norm": "optimize --d 3 --eps 0.2 --profile norm --tries 12",
}


def search(name: str) -> None:
    """Run the search that the table names, and if its network is narrower than the record, prove that instead."""
    target = RECORDS / f"{name}.json"
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        run = [sys.executable, "-m", "verify", *shlex.split(FOUND[name]), "--quiet", "--out", str(found)]
        if subprocess.run(run, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
            return
        print(f"{name}: width {width(found)}, record {width(target) if target.exists() else '-'}", flush=True)
        if target.exists() and width(found) >= width(target):
            return
        target.write_bytes(found.read_bytes())
    again = [sys.executable, str(ROOT / "scripts" / "regenerate.py"), "--only", f"records/{name}"]
    subprocess.run(again, cwd=ROOT, check=True)


def width(path: Path) -> int:
    """Return the width of the network in a certificate, after checking it."""
    return int(check_bytes(path.read_bytes()).figures["width"])


def table() -> str:
    """Return the table as Markdown."""
    lines = [
        "# Small networks",
        "",
        "Widths of depth-2 ReLU networks that are proved to be within ε of φ(|x|) on the unit ball of R^d. They are",
        "upper bounds: smaller networks may exist. Written by `scripts/records.py`; the searches are described in",
        "[Small networks](../../docs/small-networks-and-export.md).",
        "",
        "| d | φ | ε | width | certified bound | error at the witness | found by |",
        "|---|---|---|---|---|---|---|",
    ]
    for dimension in (2, 3):
        for profile, formula in PROFILES.items():
            for eps in ACCURACIES:
                name = f"minimal-d{dimension}-eps{eps}-{profile}"
                lines.append(f"| {dimension} | {formula} | {eps} | {figures(RECORDS / name, '')} | `{FOUND[name]}` |")
    lines += [
        "",
        "## One hidden layer for every 1-Lipschitz φ",
        "",
        "| d | ε | width | certified bound | error at the witness | found by `scripts/search_universal.py` with |",
        "|---|---|---|---|---|---|",
    ]
    for dimension in (2, 3):
        for eps in UNIVERSAL:
            design = json.loads((ROOT / "verify" / "designs" / f"universal-d{dimension}-eps{eps}.json").read_text())
            request = design.get("search")
            how = (
                "`" + " ".join(f"--{key} {value}" for key, value in request.items()) + "`"
                if request
                else "an earlier version of it"
            )
            cells = figures(RECORDS.parent / f"thm2-d{dimension}-eps{eps}", "../")
            lines.append(f"| {dimension} | {eps} | {cells} | {how} |")
    return "\n".join(lines) + "\n"


def figures(path: Path, folder: str) -> str:
    """Return the cells width, certified bound and error at the witness for the certificate NAME at `path`."""
    file = path.with_name(f"{path.name}.json")
    theorem = check_bytes(file.read_bytes()).figures
    return (
        f"[{theorem['width']}]({folder}{file.name}) | {theorem['certified bound']} | {theorem['error at the witness']}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--search", metavar="PATTERN", help="names, such as 'minimal-d2-*'")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the table is out of date")
    options = parser.parse_args()
    for name in fnmatch.filter(FOUND, options.search) if options.search else ():
        search(name)
    target, text = RECORDS / "README.md", table()
    if options.check:
        return int(not target.exists() or target.read_text(encoding="utf-8") != text)
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
