"""Turn docs/benchmarks/results.json and growth.json into the tables of docs/benchmarks.md and two plots.

python scripts/bench/table.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
ORDER = ("verify", "cvc5, sphere", "codac", "cvc5", "mpmath", "z3", "numpy")
RIGOROUS = ("cvc5, sphere", "codac", "cvc5", "mpmath", "z3")


def cell(row: dict[str, Any] | None, limit: float) -> str:
    if row is None or row.get("why") in ("not tried", "no such form"):
        return "–"
    if row["proved"]:
        return f"{row['seconds']:.2f}" if row["seconds"] >= 0.1 else f"{row['seconds']:.3f}"
    return f"> {limit:.0f}" if row.get("why") == "time" else "no"


def instances_table(results: dict[str, Any]) -> str:
    rows, limit = results["rows"], results["limit"]
    tools = [tool for tool in ORDER if any(row["tool"] == tool for row in rows)]
    lines = [
        "| instance | slack | " + " | ".join(tools) + " | fastest rigorous other / verify |",
        "|---" * (len(tools) + 3) + "|",
    ]
    for name, slack in dict.fromkeys((row["instance"], row["slack"]) for row in rows):
        found = {row["tool"]: row for row in rows if (row["instance"], row["slack"]) == (name, slack)}
        others = [found[tool]["seconds"] for tool in RIGOROUS if tool in found and found[tool]["proved"]]
        own = found["verify"]
        if not own["proved"]:
            ratio = "–"
        elif others:
            ratio = f"{min(others) / own['seconds']:.1f}"
        else:
            timed = any(found[tool].get("why") == "time" for tool in RIGOROUS if tool in found)
            ratio = f"> {limit / own['seconds']:.0f}" if timed else "no other left: see –"
        lines.append(
            f"| {name} | {slack:g} | " + " | ".join(cell(found.get(tool), limit) for tool in tools) + f" | {ratio} |"
        )
    return "\n".join(lines)


def evidence_table(results: dict[str, Any]) -> str:
    lines = [
        "| instance (slack 1.05) | cells | certificate, bytes | re-check, s | peak memory, MB |",
        "|---|---|---|---|---|",
    ]
    for row in results["rows"]:
        if row["tool"] == "verify" and row["proved"] and row["slack"] == 1.05:
            lines.append(
                f"| {row['instance']} | {row['boxes']:,} | {row['certificate']:,} | {row['recheck']:.3f} "
                f"| {row['memory']:.0f} |"
            )
    return "\n".join(lines)


def growth_table(growth: dict[str, Any]) -> str:
    lines = [
        "| sweep | value | width | cells | prove, s | check, s | cells/s (prover) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in growth["rows"]:
        lines.append(
            f"| {row['sweep']} | {row['value']:g} | {row['width']} | {row['cells']:,} | {row['prove']:.3f} "
            f"| {row['check']:.3f} | {row['boxes'] / row['prove']:,.0f} |"
        )
    return "\n".join(lines)


def memory_table(growth: dict[str, Any]) -> str:
    lines = ["| bound to prove | boxes | peak memory of the process, MB |", "|---|---|---|"]
    lines += [f"| {row['bound']:g} | {row['boxes']:,} | {row['memory']:.0f} |" for row in growth["memory"]]
    return "\n".join(lines)


def insert(text: str, name: str, table: str) -> str:
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    head, rest = text.split(begin)
    return head + begin + table + "\n" + end + rest.split(end)[1]


def plots(results: dict[str, Any], growth: dict[str, Any]) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "verify"
    import matplotlib.pyplot as plt

    rows = [row for row in results["rows"] if row["slack"] == 1.05]
    names = list(dict.fromkeys(row["instance"] for row in rows))
    figure, axes = plt.subplots(figsize=(9, 4.5))
    for tool in ORDER:
        solved = [(names.index(r["instance"]), r["seconds"]) for r in rows if r["tool"] == tool and r["proved"]]
        axes.plot(*zip(*solved, strict=True), "o-" if tool == "verify" else "s:", label=tool) if solved else None
    axes.axhline(results["limit"], color="0.7", lw=1)
    axes.set_yscale("log")
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_ylabel("processor seconds to prove 1.05 e* (log)")
    axes.legend(fontsize=8, ncols=4)
    figure.tight_layout()
    figure.savefig(DOCS / "benchmarks" / "tools.svg", metadata={"Date": None})
    sweeps = list(dict.fromkeys(row["sweep"] for row in growth["rows"]))
    figure, panels = plt.subplots(1, len(sweeps), figsize=(3 * len(sweeps), 3.2), squeeze=False)
    for axes, sweep in zip(panels[0], sweeps, strict=True):
        part = [row for row in growth["rows"] if row["sweep"] == sweep]
        axes.plot([row["value"] for row in part], [row["cells"] for row in part], "o-")
        axes.set_xlabel(sweep)
        axes.set_ylabel("cells")
        axes.set_xscale("log")
        axes.set_yscale("log")
    figure.tight_layout()
    figure.savefig(DOCS / "benchmarks" / "growth.svg", metadata={"Date": None})


def main() -> None:
    results = json.loads((DOCS / "benchmarks" / "results.json").read_text())
    growth = json.loads((DOCS / "benchmarks" / "growth.json").read_text())
    path = DOCS / "benchmarks.md"
    text = path.read_text()
    text = insert(text, "instances", instances_table(results))
    earlier = json.loads((DOCS / "benchmarks" / "results-wall.json").read_text())
    text = insert(text, "earlier", instances_table(earlier))
    text = insert(text, "memory", memory_table(growth))
    text = insert(text, "evidence", evidence_table(results))
    text = insert(text, "growth", growth_table(growth))
    rows = [f"- {key}: {value}" for key, value in results["machine"].items()]
    text = insert(
        text, "machine", "\n".join([*rows, f"- limit: {results['limit']:g} s of processor time a tool and instance"])
    )
    rows = [f"- {key}: {value}" for key, value in growth["throughput"].items()]
    text = insert(text, "throughput", "\n".join(rows))
    path.write_text(text)
    plots(results, growth)


if __name__ == "__main__":
    main()
