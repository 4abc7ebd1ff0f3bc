"""Rebuild the shipped certificates and say what changed.

Families come from the designs in verify/designs/, records and exact-* from the networks in their own certificates,
proved again; how designs and networks were found is said in certificates/records/README.md.

python scripts/regenerate.py                                 all of them
python scripts/regenerate.py --only thm4-d8 'thm1-*'         these: exact names or patterns
python scripts/regenerate.py --check                         write nothing; fail if a file would change
python scripts/regenerate.py --list                          the commands
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CERTIFICATES = Path(__file__).resolve().parent.parent / "certificates"
sys.path.insert(0, str(CERTIFICATES.parent))

from scripts.names import matching

# Records of at most this width are proved by regions, their largest error to 10^-12.
WIDEST_EXACT = {"d2": 60, "d3": 30}

# file name -> arguments of `python -m verify certify`
COMMANDS = {
    "thm2-d2-eps0.2": "thm2 --d 2 --eps 0.2",
    "thm2-d3-eps0.2": "thm2 --d 3 --eps 0.2",
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
    "thm2-d5-eps0.2-polynomial": "thm2 --d 5 --eps 0.2 --construction polynomial",
    "thm3-d3-k2-eps0.05": "thm3 --d 3 --k 2 --eps 0.05",
    "thm3-d3-k2-eps0.1": "thm3 --d 3 --k 2 --eps 0.1",
    "thm3-d3-k2-eps0.1-cover": "thm3 --d 3 --k 2 --eps 0.1 --proof cover",
    "thm3-d8-k3-eps0.02": "thm3 --d 8 --k 3 --eps 0.02",
    "thm3-d10-k2-eps0.01": "thm3 --d 10 --k 2 --eps 0.01",
    "thm3-d10-k2-eps0.01-sigmoid": "thm3 --d 10 --k 2 --eps 0.01 --activation sigmoid",
    "thm3-d1000-k3-eps0.01": "thm3 --d 1000 --k 3 --eps 0.01",
    "thm3-d3-k6-eps0.01": "thm3 --d 3 --k 6 --eps 0.01",
    "thm3-d1000-k5-eps0.01": "thm3 --d 1000 --k 5 --eps 0.01",
    "thm3-d16-k5-eps0.01": "thm3 --d 16 --k 5 --eps 0.01",
    "thm3-d24-k5-eps0.01": "thm3 --d 24 --k 5 --eps 0.01",
    "thm1-d8-eps0.25": "thm1 --d 8 --eps 0.25",
    "thm1-d8-eps0.25-bump-sigmoid": "thm1 --d 8 --eps 0.25 --profile bump --activation sigmoid",
    "thm1-d24-eps0.2": "thm1 --d 24 --eps 0.2",
    "thm1-d24-eps0.2-leech": "thm1 --d 24 --eps 0.2 --directions leech",
    "thm1-d24-eps0.12": "thm1 --d 24 --eps 0.12",
    "thm1-d7-eps0.2": "thm1 --d 7 --eps 0.2",
    "thm1-d15-eps0.15": "thm1 --d 15 --eps 0.15",
    "thm1-d7-eps0.15": "thm1 --d 7 --eps 0.15",
    "thm1-d2-eps0.1": "thm1 --d 2 --eps 0.1",
    "thm1-d3-eps0.1": "thm1 --d 3 --eps 0.1",
    "thm1-d3-eps0.09": "thm1 --d 3 --eps 0.09",
    "thm1-d3-eps0.2-threshold": "thm1 --d 3 --eps 0.2 --activation threshold",
    "thm1-d4-eps0.12": "thm1 --d 4 --eps 0.12",
    "thm1-d10-eps0.3": "thm1 --d 10 --eps 0.3",
    "thm1-d30-eps0.3": "thm1 --d 30 --eps 0.3",
    "thm1-d100-eps0.3": "thm1 --d 100 --eps 0.3",
    "thm1-d300-eps0.3": "thm1 --d 300 --eps 0.3",
    "thm1-d1000-eps0.3": "thm1 --d 1000 --eps 0.3",
    "growth-eps0.3": "growth --eps 0.3",
    "growth-d10-1000-eps0.3": "growth --d 10 1000 --eps 0.3",
    "assumption1-sigmoid-L1-R1-delta0.05": "assumption1 --activation sigmoid --lipschitz 1 --radius 1 --delta 0.05",
    "assumption1-relu-L1-R1-delta0.05": "assumption1 --activation relu --lipschitz 1 --radius 1 --delta 0.05",
    "assumption1-gelu-L1-R1-delta0.05": "assumption1 --activation gelu --lipschitz 1 --radius 1 --delta 0.05",
    "separation-d3-63neurons": "separation --d 3 --design 27/16,47/16,20,7",
    "separation-d2-eps0.1": "separation --d 2 --design 7/8,11/8,46,22",
    "separation-d3-eps0.1": "separation --d 3 --design 13/16,25/16,61,29",
    "separation-d4-eps0.1": "separation --d 4 --design 23/16,37/16,48,23",
    "separation-d5-eps0.1": "separation --d 5 --design 15/8,49/16,49,20",
    "separation-d6-eps0.1": "separation --d 6 --design 5/2,59/16,41,21",
    "separation-d8-eps0.1": "separation --d 8 --design 23/8,37/8,48,21",
    "separation-d10-eps0.1": "separation --d 10 --design 55/16,93/16,52,22",
    "separation-d15-eps0.1": "separation --d 15 --design 15/4,9,74,22",
    "separation-d20-eps0.1": "separation --d 20 --design 5,47/4,73,23",
    "separation-d30-eps0.1": "separation --d 30 --design 15/2,141/8,73,23",
    "separation-d50-eps0.1": "separation --d 50 --design 177/16,477/16,80,24",
    "separation-d3-eps0.25": "separation --d 3 --eps 0.25 --design 5/4,11/4,69,28",
    "thm5-d3-eps1_27": "thm5 --d 3 --eps 1/27 --scale 21/20",
    "thm5-d5-eps0.008": "thm5 --d 5 --eps 1/125 --scale 3/2",
    "thm5-d8-eps1_512": "thm5 --d 8 --eps 1/512 --scale 24/5",
    "thm5-d10-eps0.001": "thm5 --d 10 --eps 1/1000 --scale 6",
    "thm5-d20-eps0.005": "thm5 --d 20 --eps 1/200 --scale 11",
    "thm5-d20-eps0.000125": "thm5 --d 20 --eps 1/8000 --scale 12",
    "thm5-d6-eps0.02-hat": "thm5 --d 6 --eps 0.02 --hat 3,1",
    "thm4-d4": "thm4 --d 4",
    "thm4-d5": "thm4 --d 5",
    "thm4-d6": "thm4 --d 6",
    "thm4-d7": "thm4 --d 7",
    "thm4-d8": "thm4 --d 8",
    "thm4-d9": "thm4 --d 9",
    "thm4-d10": "thm4 --d 10",
    "thm4-d11": "thm4 --d 11",
    "thm4-d12": "thm4 --d 12",
    "pathnorm-d3": "pathnorm --d 3 --profile zigzag:8 --eps 1/200",
    "pathnorm-d5": "pathnorm --d 5 --profile sin(30*(r**2-1/2))/60 --eps 1/200",
    "depth3-d8": "depth3 --d 8 --profile sin(60*(r**2-1/2))/120 --eps 3/1000",
    "separation-sup-d2": "separation --kind sup --d 2 --profile sin(398*(r**2-1/2))/796 --eps 137/318400 --budget 200",
    "separation-sup-d3": "separation --kind sup --d 3 --profile sin(323*(r**2-1/2))/646 --eps 11/15200 --budget 200",
    "separation-sup-d4": "separation --kind sup --d 4 --profile sin(273*(r**2-1/2))/546 --eps 19/16800 --budget 200",
    "separation-sup-d5": "separation --kind sup --d 5 --profile sin(216*(r**2-1/2))/432 --eps 131/86400 --budget 200",
    "separation-sup-d6": "separation --kind sup --d 6 --profile sin(172*(r**2-1/2))/344 --eps 273/137600 --budget 200",
    "separation-sup-d7": "separation --kind sup --d 7 --profile sin(141*(r**2-1/2))/282 --eps 19/7520 --budget 200",
    "separation-sup-d10": "separation --kind sup --d 10 --profile sin(185*(r**2-1/2))/370 "
    "--eps 353/148000 --budget 300",
    "separation-sup-d15": "separation --kind sup --d 15 --profile sin(122*(r**2-1/2))/244 --eps 151/48800 --budget 400",
    "separation-sup-d20": "separation --kind sup --d 20 --profile sin(83*(r**2-1/2))/166 --eps 7/1660 --budget 500",
    "exact-d2-norm-5neurons": "network certificates/exact-d2-norm-5neurons.json --profile norm --eps exact"
    " --method regions",
    "exact-d3-norm-11neurons": "network certificates/exact-d3-norm-11neurons.json --profile norm --eps exact"
    " --method regions",
    "exact-d3-bump-15neurons": "network certificates/exact-d3-bump-15neurons.json --profile bump --eps exact"
    " --method regions",
    "ip2-n40": "ip2 --n 40",
    "separation-code-n12": "separation --kind code --n 12",
    "separation-code-n24": "separation --kind code --n 24",
    "separation-code-n36": "separation --kind code --n 36",
    "separation-code-n64": "separation --kind code --n 64",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=["*"], metavar="NAME", help="names, or patterns such as 'thm1-*'")
    parser.add_argument("--list", action="store_true", help="print the commands and stop")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a file would change")
    options = parser.parse_args()
    failures = 0
    commands = {**COMMANDS, **records()}
    for name in matching(options.only, commands):
        command = commands[name]
        if options.list:
            print(f"python -m verify certify {command} --out certificates/{name}.json")
            continue
        failures += rebuild(name, command, write=not options.check)
    return 1 if failures else 0


def records() -> dict[str, str]:
    """Return the commands that prove the networks of certificates/records/ again: exactly, unless they are wide."""
    commands = {}
    for path in sorted((CERTIFICATES / "records").glob("*.json")):
        _, dimension, eps, profile = path.stem.split("-")
        exact = json.loads(path.read_bytes())["network"]["width"] <= WIDEST_EXACT[dimension]
        how = "exact --method regions" if exact else eps.removeprefix("eps")
        source = path.relative_to(CERTIFICATES.parent)
        commands[f"records/{path.stem}"] = f"network {source} --profile {profile} --eps {how}"
    return commands


def rebuild(name: str, command: str, *, write: bool) -> int:
    """Rebuild one certificate and say what changed; return 1 if that failed, or if a change could not be written."""
    target = CERTIFICATES / f"{name}.json"
    before = target.read_bytes() if target.exists() else None
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / target.name
        arguments = [sys.executable, "-m", "verify", "certify", *shlex.split(command), "--quiet", "--out", str(made)]
        run = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=CERTIFICATES.parent)
        seconds = time.perf_counter() - start
        if run.returncode != 0:
            print(f"FAILED     {name}: {run.stderr.strip()}")
            return 1
        after = made.read_bytes()
    change = "new" if before is None else "unchanged" if before == after else "CHANGED"
    if write:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(after)
    keys = (
        f": {', '.join(differences(json.loads(before), json.loads(after)))}" if change == "CHANGED" and before else ""
    )
    print(f"{change:<10} {name} ({len(after):,} bytes, {seconds:.1f} s){keys}", flush=True)
    return int(change != "unchanged" and not write)


def differences(before: object, after: object, place: str = "") -> list[str]:
    """Return the places where two documents differ, such as "claim.bound"; the hash is left out."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return [] if before == after else [place]
    return [
        found
        for key in sorted({*before, *after} - {"hash"})
        for found in differences(before.get(key), after.get(key), f"{place}.{key}" if place else key)
    ] or ([] if before == after else [f"{place or 'the file'} (hash or spelling)"])


if __name__ == "__main__":
    sys.exit(main())
