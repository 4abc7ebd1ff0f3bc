"""`python -m verify check`: re-verify certificates with the kernel alone."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from verify.certificates.certificate import CheckResult, check, load
from verify.certificates.document import require_writable, write_atomically
from verify.cli.console import printable, theorem_lines, wrapped
from verify.cli.options import available_workers
from verify.errors import EXIT_INCONCLUSIVE, EXIT_MALFORMED, EXIT_REJECTED, EXIT_VERIFIED, UsageProblem
from verify.kernel.outcome import Rejected

if TYPE_CHECKING:
    from verify.cli.coq_check import CoqResult
    from verify.provers.second_opinion import Opinion


Shown = Literal["all", "failures", "json", "github", "github failures"]


@dataclass
class Row:
    """One certificate: what the kernel says of it and, where they are asked, Coq and z3."""

    result: CheckResult
    seconds: float
    proof: CoqResult | None = None
    opinion: Opinion | None = None


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON object.")
@click.option("--quiet", "-q", is_flag=True, help="Print only failures and the summary line.")
@click.option("--junit", type=click.Path(path_type=Path), help="Also write the results to this file as JUnit XML.")
@click.option("--github", is_flag=True, help="Print GitHub annotations (workflow commands) instead of text.")
@click.option("--coq", is_flag=True, help="Also compile each verified certificate's Coq file (needs coqc).")
@click.option("--with-z3", "with_z3", is_flag=True, help="Ask z3 again about activation patterns and regions.")
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Processes to use (default: all).")
def command(
    paths: tuple[Path, ...],
    as_json: bool,
    quiet: bool,
    junit: Path | None,
    github: bool,
    coq: bool,
    with_z3: bool,
    workers: int | None,
) -> int:
    """Re-verify certificates: files, or folders with all their .json files.

    Exit code 0 if all are verified, 1 if any is rejected, 4 if any is unreadable or malformed.
    --with-z3: also 1 if z3 disagrees with the kernel, 3 if it cannot decide.

    \b
    python -m verify check certificates/
    python -m verify check thm2-d3-eps0.05.json --json
    python -m verify check certificates/ --quiet --junit results.xml
    python -m verify check certificates/ --github
    python -m verify check --coq certificates/
    python -m verify check --with-z3 certificates/
    """
    if github and as_json:
        raise UsageProblem("--github and --json exclude each other")
    if junit is not None:
        require_writable(junit)
    shown: Shown = "json" if as_json else "failures" if quiet else "all"
    if github:
        shown = "github failures" if quiet else "github"
    start = time.perf_counter()
    rows = []
    for path in certificate_files(paths):
        rows.append(row := _checked(path, workers or available_workers()))
        _show(row, shown)
        if row.result.theorem is None:
            continue
        if coq:
            row.proof = _coq(path)
            _show_proof(row.proof, shown)
        if with_z3:
            row.opinion = _opinion(path)
            _show_opinion(row.result, row.opinion, shown)
    if junit is not None:
        _write_junit(junit, rows)
    _summary(rows, as_json, coq, time.perf_counter() - start)
    return _exit_code(rows)


# What these import takes longer than the check of a small certificate: only those who ask for it wait for it.


def _coq(path: Path) -> CoqResult:
    from verify.cli.coq_check import coq_check

    return coq_check(path)


def _opinion(path: Path) -> Opinion:
    from verify.provers.second_opinion import second_opinion

    return second_opinion(load(path).document)


def _annotate(result: CheckResult) -> None:
    from verify.report.annotations import annotation

    click.echo(annotation(result))


def _write_junit(path: Path, rows: list[Row]) -> None:
    from verify.report.junit import junit_xml

    write_atomically(path, junit_xml([(row.result, row.seconds) for row in rows]).encode("utf-8"))


def certificate_files(paths: tuple[Path, ...]) -> list[Path]:
    """Return the files that `paths` name, folders searched recursively, in a fixed order."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*.json") if not p.name.startswith("."))
            if not found:
                raise UsageProblem(f"{path} holds no .json file")
            files += found
        elif path.exists():
            files.append(path)
        else:
            raise UsageProblem(f"{path} does not exist")
    return files


def _checked(path: Path, workers: int) -> Row:
    begun = time.perf_counter()
    result = check(path, workers=workers)
    return Row(result, time.perf_counter() - begun)


def _show(row: Row, shown: Shown) -> None:
    result, failed = row.result, row.result.theorem is None
    if shown == "json" or (not failed and shown in ("failures", "github failures")):
        return
    if shown in ("github", "github failures"):
        _annotate(result)
        return
    status = result.status.upper() if failed else result.status
    click.echo(f"{status} {printable(result.source)} ({row.seconds:.1f} s)")
    if result.theorem is None:
        click.echo(wrapped(printable(result.failure)))
    else:
        click.echo("\n".join(theorem_lines(result.theorem)))


def _show_proof(proof: CoqResult, shown: Shown) -> None:
    if shown == "all" or (shown == "failures" and proof.status == "refused by Coq"):
        cost = f" ({proof.seconds:.1f} s, {proof.memory / 1e9:.2f} GB)" if proof.memory else ""
        click.echo(wrapped(f"{proof.status}{cost}: {proof.text}"))


def _show_opinion(result: CheckResult, opinion: Opinion, shown: Shown) -> None:
    if opinion.status != "agrees":
        click.echo(f"verify: {printable(result.source)}: {opinion.text}", err=True)
    elif shown == "all":
        click.echo(wrapped(f"Second opinion: {opinion.text}."))


def _counts(rows: list[Row]) -> tuple[int, int, int]:
    """Return how many are verified, rejected, and unreadable or malformed."""
    verified = sum(row.result.theorem is not None for row in rows)
    rejected = sum(isinstance(row.result.failure, Rejected) for row in rows)
    return verified, rejected, len(rows) - verified - rejected


def _summary(rows: list[Row], as_json: bool, coq: bool, seconds: float) -> None:
    verified, rejected, unreadable = _counts(rows)
    if as_json:
        counts = {"verified": verified, "rejected": rejected, "unreadable": unreadable}
        click.echo(json.dumps({"results": [_object(row) for row in rows], **counts}, indent=1))
        return
    click.echo(f"{verified} verified, {rejected} rejected, {unreadable} unreadable or malformed in {seconds:.1f} s")
    if coq:
        count = Counter(row.proof.status for row in rows if row.proof is not None)
        statuses = ("Coq theorem", "no Coq rule", "refused by Coq")
        click.echo("; ".join(f"{status}: {count[status]}" for status in statuses))


def _exit_code(rows: list[Row]) -> int:
    _, rejected, unreadable = _counts(rows)
    refused = any(row.proof is not None and row.proof.status == "refused by Coq" for row in rows)
    doubts = {row.opinion.status for row in rows if row.opinion is not None} - {"agrees"}
    if rejected or refused or "disagrees" in doubts:
        return EXIT_REJECTED
    return EXIT_MALFORMED if unreadable else EXIT_INCONCLUSIVE if doubts else EXIT_VERIFIED


def _object(row: Row) -> dict[str, object]:
    """Return the machine-readable form of a row."""
    result, proof, opinion = row.result, row.proof, row.opinion
    form: dict[str, object] = {"file": result.source, "status": result.status, "seconds": round(row.seconds, 3)}
    if result.theorem is not None:
        form |= {
            "statement": result.theorem.statement,
            "rests_on": list(result.theorem.rests_on),
            "figures": result.theorem.figures,
        }
    elif result.failure is not None:
        form |= {"where": result.failure.where, "why": result.failure.why}
    if proof is not None:
        form["coq"] = {
            "status": proof.status,
            "text": proof.text,
            "seconds": round(proof.seconds, 3),
            "memory": proof.memory,
        }
    if opinion is not None:
        form["second opinion"] = {"status": opinion.status, "text": opinion.text, "answers": opinion.answers}
    return form
