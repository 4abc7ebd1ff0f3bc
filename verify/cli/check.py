"""`python -m verify check`: re-verify certificates with the kernel alone."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

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
    start = time.perf_counter()
    rows = []
    proofs: dict[str, CoqResult] = {}
    opinions: dict[str, Opinion] = {}
    for path in certificate_files(paths):
        begun = time.perf_counter()
        result = check(path, workers=workers or available_workers())
        rows.append((result, time.perf_counter() - begun))
        if github:
            if not (quiet and result.theorem is not None):
                _annotate(result)
        elif not as_json:
            _print(result, rows[-1][1], quiet)
        if coq and result.theorem is not None:
            proofs[result.source] = proof = _coq(path)
            if not (as_json or github or (quiet and proof.status != "refused by Coq")):
                cost = f" ({proof.seconds:.1f} s, {proof.memory / 1e9:.2f} GB)" if proof.memory else ""
                click.echo(wrapped(f"{proof.status}{cost}: {proof.text}"))
        if with_z3 and result.theorem is not None:
            opinions[result.source] = opinion = _opinion(path)
            if opinion.status != "agrees":
                click.echo(f"verify: {printable(result.source)}: {opinion.text}", err=True)
            elif not (as_json or github or quiet):
                click.echo(wrapped(f"Second opinion: {opinion.text}."))
    seconds = time.perf_counter() - start
    if junit is not None:
        _write_junit(junit, rows)
    verified = sum(result.theorem is not None for result, _ in rows)
    rejected = sum(isinstance(result.failure, Rejected) for result, _ in rows)
    unreadable = len(rows) - verified - rejected
    if as_json:
        click.echo(
            json.dumps(
                {
                    "results": [_row(*row, proofs.get(row[0].source), opinions.get(row[0].source)) for row in rows],
                    "verified": verified,
                    "rejected": rejected,
                    "unreadable": unreadable,
                },
                indent=1,
            )
        )
    else:
        click.echo(f"{verified} verified, {rejected} rejected, {unreadable} unreadable or malformed in {seconds:.1f} s")
        if coq:
            count = Counter(proof.status for proof in proofs.values())
            statuses = ("Coq theorem", "no Coq rule", "refused by Coq")
            click.echo("; ".join(f"{status}: {count[status]}" for status in statuses))
    rejected += sum(proof.status == "refused by Coq" for proof in proofs.values())
    doubts = {opinion.status for opinion in opinions.values()} - {"agrees"}
    if rejected or "disagrees" in doubts:
        return EXIT_REJECTED
    return EXIT_MALFORMED if unreadable else EXIT_INCONCLUSIVE if doubts else EXIT_VERIFIED


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


def _write_junit(path: Path, rows: list[tuple[CheckResult, float]]) -> None:
    from verify.report.junit import junit_xml

    write_atomically(path, junit_xml(rows).encode("utf-8"))


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


def _print(result: CheckResult, seconds: float, quiet: bool) -> None:
    if result.theorem is None:
        click.echo(f"{result.status.upper()} {printable(result.source)} ({seconds:.1f} s)")
        click.echo(wrapped(printable(result.failure)))
    elif not quiet:
        click.echo(f"{result.status} {printable(result.source)} ({seconds:.1f} s)")
        for line in theorem_lines(result.theorem):
            click.echo(line)


def _row(
    result: CheckResult, seconds: float, proof: CoqResult | None = None, opinion: Opinion | None = None
) -> dict[str, object]:
    row: dict[str, object] = {"file": result.source, "status": result.status, "seconds": round(seconds, 3)}
    if result.theorem is not None:
        row |= {
            "statement": result.theorem.statement,
            "rests_on": list(result.theorem.rests_on),
            "figures": result.theorem.figures,
        }
    elif result.failure is not None:
        row |= {"where": result.failure.where, "why": result.failure.why}
    if proof is not None:
        row["coq"] = {
            "status": proof.status,
            "text": proof.text,
            "seconds": round(proof.seconds, 3),
            "memory": proof.memory,
        }
    if opinion is not None:
        row["second opinion"] = {"status": opinion.status, "text": opinion.text, "answers": opinion.answers}
    return row
