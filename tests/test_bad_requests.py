"""Requests that make no sense, and files that are no certificates: one clear line each, and the documented code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import click
import pytest

import verify
from verify.cli.main import EXIT_PIPE, root, run
from verify.cli.options import SECONDS
from verify.errors import Inconclusive, UsageProblem

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "certificates"
ENVELOPE = {"format": "verify-certificate", "version": 1}


@pytest.mark.parametrize(
    "number", ["nan", "inf", "-1", "0", "1/0", "1e400", "1e-400", "", "x", "9" * 5000, "1e999999999"]
)
@pytest.mark.parametrize(
    "words",
    [
        ["certify", "thm1", "--d", "3", "--eps"],
        ["certify", "thm2", "--d", "2", "--profile", "norm", "--eps", "0.3", "--lipschitz"],
        ["certify", "assumption1", "--activation", "relu", "--delta"],
        ["certify", "thm5", "--d", "5", "--eps"],
        ["sweep", "thm3", "--d", "3", "--eps"],
        ["optimize", "--d", "2", "--profile", "norm", "--eps"],
        ["optimize", "--d", "2", "--profile", "norm", "--eps", "0.3", "--tries"],
    ],
)
def test_numbers_out_of_reach(words: list[str], number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, number]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert len(error) < 300


@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1", "1e300", "soon"])
def test_time_limits_are_numbers_of_seconds(value: str) -> None:
    with pytest.raises(click.BadParameter):
        SECONDS.convert(value, None, None)
    assert SECONDS.convert("0.5", None, None) == 0.5
    assert run(["certify", "thm3", "--d", "3", "--k", "2", "--eps", "0.1", "--time-limit", value]) == 2


@pytest.mark.parametrize("claim", ["ip2", "pathnorm", "depth3", "thm2", "separation"])
@pytest.mark.parametrize("eps", ["abc", "-1/2", "1e999999999", 0.05])
def test_the_library_refuses_the_same_numbers(claim: str, eps: object) -> None:
    options = {"ip2": {"n": 8}, "separation": {"d": 3}}.get(claim, {"d": 3, "profile": "norm"})
    with pytest.raises(UsageProblem, match="--eps"):
        verify.certify(claim, eps=eps, **options)


def test_a_constant_profile_has_no_bound() -> None:
    with pytest.raises(Inconclusive, match="a constant is within --eps"):
        verify.certify("pathnorm", d=3, profile="1/2", eps="1/10")


@pytest.mark.parametrize("eps", ["2/5", "1", "1000000"])
def test_coarse_accuracies_at_depth_three(eps: str) -> None:
    certified = verify.certify("depth3", d=2, profile="norm", eps=eps)
    assert certified.certificate.document["claim"]["epsilon"] in (eps, int(Fraction(eps)))


def test_the_narrowest_start_of_a_search(tmp_path: Path) -> None:
    out = tmp_path / "c.json"
    words = [
        "optimize",
        "--d",
        "2",
        "--eps",
        "0.4",
        "--profile",
        "norm",
        "--tries",
        "1",
        "--from-width",
        "1",
        "--quiet",
    ]
    assert run([*words, "--out", str(out)]) == 0


def test_outputs_are_tried_before_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", "--d", "3", "--eps", "0.001", "--profile", "norm", "--out", "/dev/full"]) == 2
    assert "cannot write /dev/full" in capsys.readouterr().err


BROKEN = {
    "no claim": ENVELOPE,
    "a list": {**ENVELOPE, "claim": []},
    "no kind": {**ENVELOPE, "claim": {}},
    "an odd kind": {**ENVELOPE, "claim": {"kind": {"x": 1}}},
}
PARTIAL = {
    "no proof": lambda body: body.pop("proof"),
    "a list for a proof": lambda body: body.update(proof=[]),
    "no network": lambda body: body.pop("network"),
    "a number for a network": lambda body: body.update(network=3),
    "a word for a profile": lambda body: body["claim"].update(profile="norm"),
}
COMMANDS = [["show"], *(["export", "--format", kind] for kind in ("coq", "json", "onnx", "smtlib", "vnnlib"))]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[-1])
@pytest.mark.parametrize("case", [*BROKEN, *PARTIAL])
def test_files_that_are_no_whole_certificates(
    case: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    body = BROKEN.get(case)
    if body is None:
        body = json.loads((SHIPPED / "thm2-d2-eps0.05-norm.json").read_text(encoding="ascii"))
        PARTIAL[case](body)
    Path("odd.json").write_text(json.dumps(body), encoding="ascii")
    code = run([*command, "odd.json"])
    error = capsys.readouterr().err
    assert code == 4 or (case in PARTIAL and code in (0, 2)), error
    assert error.count("\n") == (code > 0)
    assert "odd" in error or code < 4


def test_unreadable_certificates_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "half.json").write_text('{"format":', encoding="ascii")
    for command in COMMANDS:
        assert run([*command, str(tmp_path / "half.json")]) == 4
        assert "half.json" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_verdict() -> None:
    words = [sys.executable, "-m", "verify", "sweep", "thm3", "--d", "3,4,5,6", "--eps", "0.1"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == EXIT_PIPE


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor by a shell")
def test_closed_output(tmp_path: Path) -> None:
    line = f"{sys.executable} -m verify certify ip2 --n 8 --quiet --out {tmp_path}/c.json >&-"
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_is_not_mistaken_for_a_broken_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == run(["check", "--help"]) == run(["--version"]) == 0
    assert run([]) == 2
    assert root.name == "root"
    capsys.readouterr()


@pytest.mark.skipif(os.name != "posix", reason="names of files that other systems do not allow")
def test_names_of_files_cannot_speak_for_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["\x1b[2Jx.json", "a.json (0.1 s)\nverified b.json", "\udcff.json"]
    for name in names:
        (tmp_path / name).write_text("{}", encoding="ascii")
    assert run(["check", str(tmp_path)]) == 4
    out = capsys.readouterr().out
    assert out.count("\n") == 2 * len(names) + 1
    assert not any(line.startswith("verified") for line in out.splitlines())
    assert "\x1b" not in out
    assert run(["show", str(tmp_path / names[0])]) == 4
    assert "\\x1b[2Jx.json" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="a name that other systems do not allow")
def test_a_name_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "\udcff.json"
    path.write_bytes((SHIPPED / "ip2-n40.json").read_bytes())
    assert run(["report", str(path), "-o", str(tmp_path / "page.html")]) == 2
    assert "rename the file" in capsys.readouterr().err


def test_what_is_shown_of_a_file_is_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = {**ENVELOPE, "claim": {"kind": "odd", "x\n\x1b[2J": "y\nverified z.json"}}
    (tmp_path / "c.json").write_text(json.dumps(body), encoding="ascii")
    assert run(["show", str(tmp_path / "c.json")]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\nverified" not in out


def _endless() -> dict[str, object]:
    body: dict[str, object] = {}
    body["claim"] = body
    return body


@pytest.mark.parametrize("body", [{"a": {1, 2}}, {"a": float("nan")}, {"a": b"x"}, {"a": 10**5000}, _endless()])
def test_documents_that_no_file_can_hold(body: dict[str, object]) -> None:
    result = verify.check(body)
    assert result.status == "malformed"
    assert "cannot be written as JSON" in str(result.failure)
    with pytest.raises(TypeError):
        verify.check(None)  # type: ignore[arg-type]


def test_a_family_serves_the_profiles_of_its_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", str(SHIPPED / "thm2-d2-eps0.1.json"), "--format", "json", "-o", str(tmp_path / "n.json")]
    assert run([*words, "--profile", "3*r"]) == 2
    assert "3*r is not 1-Lipschitz" in capsys.readouterr().err
    assert run([*words, "--profile", "-r"]) == 0


@pytest.mark.parametrize("folder", ["/dev/null", "/proc", "file"])
def test_the_folder_of_a_sweep_is_tried_first(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    assert run(["sweep", "thm3", "--d", "3", "--eps", "0.1", "--certificates", str(tmp_path / folder)]) == 2
    streams = capsys.readouterr()
    assert "choose another --certificates" in streams.err
    assert streams.out == ""
