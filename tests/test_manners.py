"""Command-line manners: suggestions, versions, completion, plain text when piped, results for CI servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

import verify
from verify.certificates.document import rehash
from verify.cli.main import LateGroup, root, run

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One verified, one rejected and one malformed certificate."""
    path = tmp_path_factory.mktemp("certificates")
    certificate = verify.certify("assumption1", activation="relu", delta="1/10").certificate
    certificate.save(path / "a.json")
    body = {**certificate.document, "claim": {**certificate.document["claim"], "bound": "1/1000"}}
    (path / "b.json").write_text(json.dumps(rehash(body)), encoding="ascii")
    (path / "c.json").write_text("{}", encoding="ascii")
    return path


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, group
    if isinstance(group, LateGroup):
        for name in group.late:
            found = group.get_command(click.Context(group), name)
            assert found is not None, name
            yield from commands(found, (*path, name))


def test_every_command_explains_itself_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for path, command in commands(root):
        assert run([*path, "--help"]) == 0
        text = capsys.readouterr().out
        _usage, _, body = text.partition("\n\n")
        assert "python -m verify " in body or f"verify {path[-1]} " in body, path
        for option in command.params:
            explained = isinstance(option, click.Argument) or getattr(option, "help", None)
            assert explained, f"{' '.join(path)} {option.name} has no help"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["chek"], "did you mean check?"),
        (["certify", "thm22"], "thm2"),
        (["check", "--jsn", "x"], "--json"),
        (["zzzz"], "known: certify"),
    ],
)
def test_typing_errors_get_a_suggestion(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    error = capsys.readouterr().err
    assert hint in error
    assert error.count("\n") == 1


def test_version_names_what_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    text = capsys.readouterr().out
    for name in (f"verify {verify.__version__}", "verify-certificate", "numpy", "z3-solver", "Python"):
        assert name in text


def test_completion(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert run(["completion", shell]) == 0
        assert "_VERIFY_COMPLETE" in capsys.readouterr().out
    environment = {**os.environ, "_VERIFY_COMPLETE": "bash_complete", "COMP_WORDS": "verify che", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "verify"], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "plain,check\n"


def test_piped_output_has_no_colour(tmp_path: Path) -> None:
    words = ["certify", "assumption1", "--activation", "relu", "--delta", "1/10", "--out"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    done = subprocess.run(
        [sys.executable, "-m", "verify", *words, str(tmp_path / "a.json")],
        env=environment, cwd=ROOT, capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr


def test_junit(folder: Path, tmp_path: Path) -> None:
    assert run(["check", str(folder), "--quiet", "--junit", str(tmp_path / "out.xml")]) == 1
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [case[0].tag for case in suite] == ["system-out", "failure", "error"]
    assert "claim.bound" in str(suite[1][0].get("message"))


def test_github_annotations(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(folder), "--github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines[:3]] == ["::notice", "::error", "::error"]
    assert "title=rejected::claim.bound" in lines[1]
    assert lines[3].startswith("1 verified, 1 rejected, 1 unreadable")
    assert run(["check", str(folder), "--github", "--json"]) == 2


@pytest.mark.parametrize(
    "command",
    [
        ["certify", "thm1", "--d", "3", "--eps", "0.05"],
        ["certify", "thm4", "--d", "12"],
        ["certify", "thm3", "--d", "97", "--k", "6", "--eps", "0.01"],  # no other test's: found identities are kept
        ["certify", "depth3", "--d", "8", "--profile", "sin(60*(r**2-1/2))/120", "--eps", "3e-4"],
    ],
    ids=["a search that survives failed candidates", "one long computation", "identities", "a tube"],
)
def test_claims_without_a_clock_of_their_own_are_interrupted(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--time-limit", "0.05", "--out", str(tmp_path / "c.json")]) == 3
    assert "no proof within 0.05 s" in capsys.readouterr().err
    assert not (tmp_path / "c.json").exists()
