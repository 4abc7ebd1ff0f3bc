"""Give the same instances to every tool, one after the other, and write docs/benchmarks/results.json.

python scripts/bench/run.py                    everything; each tool may take 60 s of processor time an instance
python scripts/bench/run.py --limit 20 --only "M = 4"
python scripts/bench/table.py                  the tables and the plot from the results

Each run is a process of its own on one core. A tool that did not finish an instance is not given larger ones, nor the
same one at a tighter bound. Times are processor times: they hardly depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from bench.instances import INSTANCES
from bench.peers import TOOLS

RESULTS = HERE.parents[1] / "docs" / "benchmarks" / "results.json"
SLACKS = (2.0, 1.2, 1.05)
# Runs below so many seconds are repeated.
SHORT = 2.0
# Seconds of the interpreter and the instance, before the tool begins.
STARTUP = 2


def machine() -> dict[str, str]:
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    packages = ("numpy", "z3-solver", "cvc5", "codac", "mpmath")
    return {
        "cpu": f"{cpu}, {os.cpu_count()} cores",
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
        "load": ", ".join(f"{x:.1f}" for x in os.getloadavg()),
    }


def run(tool: str, name: str, epsilon: str, limit: float) -> dict[str, Any]:
    """Run a tool; short runs three times, of which the fastest counts."""
    best = run_once(tool, name, epsilon, limit)
    for _ in range(2):
        if best["proved"] and best["seconds"] < SHORT:
            best = min(best, run_once(tool, name, epsilon, limit), key=lambda row: row.get("seconds", limit))
    return best


def run_once(tool: str, name: str, epsilon: str, limit: float) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "peers.py"), tool, name, epsilon]
    # Modules are compiled once, as an installed package has them, whatever the caller's environment says.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "verify-bench")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def bounded() -> None:
        seconds = int(limit) + STARTUP
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))

    start = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=20 * limit,
            check=False,
            env=environment,
            preexec_fn=bounded,
        )
    except subprocess.TimeoutExpired:
        return {"proved": False, "why": "time"}
    wall = time.perf_counter() - start
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return {"proved": False, "why": "time", "wall": wall}
    if done.returncode:
        return {"proved": False, "why": done.stderr.strip().splitlines()[-1][:200], "wall": wall}
    return {**json.loads(done.stdout), "wall": wall}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds of processor time for one tool and instance")
    parser.add_argument("--slacks", type=float, nargs="+", default=SLACKS)
    parser.add_argument("--only", nargs="+", default=list(INSTANCES))
    parser.add_argument("--tools", nargs="+", default=list(TOOLS), choices=list(TOOLS))
    parser.add_argument("--resume", action="store_true", help="keep the rows that results.json already holds")
    options = parser.parse_args()
    failed: dict[tuple[str, str], float] = {}  # (tool, instance) -> the loosest slack that was not proved
    results: dict[str, Any] = {"machine": machine(), "limit": options.limit, "rows": []}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    if options.resume and RESULTS.exists():
        results["rows"] = json.loads(RESULTS.read_text())["rows"]
    done = {(row["instance"], row["slack"], row["tool"]): row for row in results["rows"]}
    for name in options.only:
        instance = INSTANCES[name]()
        for slack in sorted(options.slacks, reverse=True):
            epsilon = str(instance.epsilon(slack))
            for tool in options.tools:
                loosest = max(failed.get((tool, name), 0.0), failed.get((tool, instance.before or ""), 0.0))
                known = done.get((name, slack, tool))
                if known is not None:
                    if not known["proved"]:
                        failed[tool, name] = max(slack, loosest)
                    continue
                if loosest >= slack:
                    failed[tool, name] = loosest
                    outcome: dict[str, Any] = {"proved": False, "why": "not tried"}
                else:
                    outcome = run(tool, name, epsilon, options.limit)
                    if not outcome["proved"]:
                        failed[tool, name] = max(slack, loosest)
                row = {"instance": name, "slack": slack, "epsilon": epsilon, "tool": tool, **outcome}
                results["rows"].append(row)
                print(row, flush=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
