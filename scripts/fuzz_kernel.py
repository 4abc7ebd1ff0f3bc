"""Fuzz the kernel with mutated certificates.

python scripts/fuzz_kernel.py --seconds 600              random mutations
python scripts/fuzz_kernel.py --seconds 600 --guided     guided by coverage of verify.kernel (needs atheris)

Exit code 1 if a false statement was verified, anything but a `CheckFailure` escaped, or memory ran out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

GIGABYTE = 1 << 30


class TooSlow(BaseException):
    """One case took longer than its time limit."""


class Campaign:
    """Counts, findings, and the one function that both fuzzers call."""

    def __init__(self, seeds: dict[str, bytes], out: Path, case_seconds: float) -> None:
        from verify.kernel import check_bytes

        self.seeds, self.out, self.case_seconds = seeds, out, case_seconds
        self.counts: Counter[str] = Counter()
        self.findings: list[dict[str, Any]] = []
        self.unexplained: dict[str, str] = {}
        self.start = self.saved = time.monotonic()
        self.statements = {}
        weights = {}
        for name, raw in seeds.items():
            begun = time.perf_counter()
            self.statements[name] = check_bytes(raw).statement
            # Cheap seeds are tried more often: a minute is worth more there.
            weights[name] = (time.perf_counter() - begun + 0.003) ** -1.5
        self.names, self.weights = list(weights), list(weights.values())
        self.check = check_bytes

    def one(self, source: random.Random) -> None:
        from fuzz.mutations import mutate
        from fuzz.oracle import FALSE, UNEXPLAINED, judge

        from verify.kernel import CheckFailure

        name = source.choices(self.names, self.weights)[0]
        kind, raw = mutate(source, self.seeds, name)
        self.counts["cases"] += 1
        self.counts[f"mutation: {kind}"] += 1
        signal.setitimer(signal.ITIMER_REAL, self.case_seconds)
        try:
            theorem = self.check(raw)
        except CheckFailure as failure:
            self.counts[f"refused: {type(failure).__name__.lower()}"] += 1
            return
        except TooSlow:
            self.counts["stopped by the time limit"] += 1
            self._keep("slow", name, raw, "")
            return
        except BaseException:
            self.counts["ESCAPED"] += 1
            self._keep("escaped", name, raw, traceback.format_exc())
            return
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            verdict, changes = judge(raw, self.seeds[name], theorem, self.statements[name])
        except Exception:
            verdict, changes = UNEXPLAINED, ["oracle: " + traceback.format_exc(limit=1)[-200:]]
        self.counts[f"verified: {verdict}"] += 1
        if verdict == FALSE:
            self._keep("false", name, raw, "; ".join(changes))
        elif verdict == UNEXPLAINED:
            # Kept for a better oracle and for people; each a member of its own, so that a killed run loses nothing.
            with gzip.open(self.out / "undecided.jsonl.gz", "ab") as stream:
                stream.write(json.dumps({"seed": name, "raw": raw.decode()}).encode() + b"\n")
            key = f"{name}: " + "; ".join(sorted(change.split(":")[0] for change in changes))
            if key not in self.unexplained:
                self.unexplained[key] = "; ".join(changes)

    def _keep(self, what: str, name: str, raw: bytes, detail: str) -> None:
        number = self.counts[f"kept {what}"]
        self.counts[f"kept {what}"] += 1
        if number < 40:
            (self.out / f"{what}-{number}-{name}.json").write_bytes(raw)
            self.findings.append({"what": what, "seed": name, "detail": detail[-1500:]})

    def report(self) -> dict[str, Any]:
        return {
            "seconds": round(time.monotonic() - self.start, 1),
            "peak memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "counts": dict(sorted(self.counts.items())),
            "findings": self.findings,
            "unexplained": self.unexplained,
        }

    def save(self, every: float = 0.0) -> None:
        if time.monotonic() - self.saved >= every:
            self.saved = time.monotonic()
            (self.out / "report.json").write_text(json.dumps(self.report(), indent=1))

    @property
    def failed(self) -> bool:
        return bool(self.counts["ESCAPED"] or self.counts["verified: FALSE"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0, help="of the random mutations")
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--case-seconds", type=float, default=10.0, help="time limit of one case")
    parser.add_argument("--largest", type=int, default=40_000, help="bytes of the largest seed")
    parser.add_argument("--judge", type=Path, help="judge again what an earlier run has kept in this file")
    parser.add_argument("--out", type=Path, default=Path("fuzz-out"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.judge:
        return judge_again(options.judge, options.out)
    if options.guided:
        import atheris

        with atheris.instrument_imports(include=["verify.kernel"]):
            from verify.kernel.check import rules

            rules()
    from fuzz.seeds import collect

    seeds = {name: raw for name, raw in collect(options.out / "seeds").items() if len(raw) <= options.largest}

    def too_slow(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, too_slow)
    campaign = Campaign(seeds, options.out, options.case_seconds)
    resource.setrlimit(resource.RLIMIT_AS, (_virtual() + GIGABYTE, resource.RLIM_INFINITY))
    if options.guided:
        from fuzz.mutations import Bytes

        def guided(data: bytes) -> None:
            campaign.one(Bytes(data))
            campaign.save(every=5.0)

        corpus = options.out / "corpus"
        corpus.mkdir(exist_ok=True)
        limits = [f"-max_total_time={int(options.seconds)}", "-max_len=96", "-rss_limit_mb=0", "-timeout=600"]
        atheris.Setup([sys.argv[0], str(corpus), *limits, "-verbosity=0", "-print_final_stats=0"], guided)
        atheris.Fuzz()
        return 0
    source = random.Random(options.seed)
    while time.monotonic() - campaign.start < options.seconds:
        campaign.one(source)
        campaign.save(every=10.0)
    campaign.save()
    report = campaign.report()
    report["findings"] = len(report["findings"])
    report["unexplained"] = len(report["unexplained"])
    print(json.dumps(report, indent=1))
    return 1 if campaign.failed else 0


def judge_again(kept: Path, out: Path) -> int:
    """Check and judge the mutants of an undecided.jsonl.gz again, with the present kernel and oracle."""
    from fuzz.oracle import FALSE, UNEXPLAINED, judge
    from fuzz.seeds import collect

    from verify.kernel import CheckFailure, check_bytes

    seeds = collect(out / "seeds")
    statements = {name: check_bytes(raw).statement for name, raw in seeds.items()}
    counts: Counter[str] = Counter()
    left: dict[str, str] = {}
    with gzip.open(kept) as lines:
        for line in lines:
            case = json.loads(line)
            name, raw = case["seed"], case["raw"].encode()
            try:
                theorem = check_bytes(raw)
            except CheckFailure as failure:
                verdict, changes = f"refused now: {failure}"[:150], [""]
            else:
                try:
                    verdict, changes = judge(raw, seeds[name], theorem, statements[name])
                except Exception:
                    verdict, changes = UNEXPLAINED, ["oracle: " + traceback.format_exc(limit=1)[-200:]]
            counts[verdict] += 1
            if verdict in (FALSE, UNEXPLAINED):
                places = "; ".join(sorted(change.split(":")[0] for change in changes))
                left.setdefault(f"{verdict} {name}: {places}", "; ".join(changes))
    print(json.dumps({"counts": counts, "left": left}, indent=1))
    return 1 if counts[FALSE] else 0


def _virtual() -> int:
    """Return the bytes of address space in use before the first case (libraries, mostly)."""
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main())
