"""Certificates in other tools' formats: the same network, and queries that independent solvers answer alike."""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cover_examples import tight as closed

from verify.certificates.certificate import Certificate
from verify.claims.network import certify
from verify.claims.thm2 import certify as certify_thm2
from verify.cli.main import run
from verify.errors import UsageProblem
from verify.formats import plain_json, smtlib, vnnlib
from verify.formats.boxes import boxes
from verify.formats.network_file import read_network_file
from verify.networks.depth2 import Depth2Network


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    """Eight neurons near the norm on the plane, with a kink away from the origin so that the cover has a few boxes."""
    rows = [[1, 0], [0, 1], [1, 1], [1, -1]]
    rows += [[-x for x in row] for row in rows]
    network = Depth2Network.from_rationals(
        [[Fraction(x) for x in row] for row in rows],
        [Fraction(0)] * 4 + [Fraction(1, 1000)] * 4,
        ([Fraction(2, 5)] * 2 + [Fraction(2, 7)] * 2) * 2,
        Fraction(1, 300),
    )
    return certify(network=network, profile="sqrt(r**2+1/64)", eps="13/100", workers=1).certificate


@pytest.fixture(scope="module")
def family() -> Certificate:
    return certify_thm2(d=2, eps="3/10", workers=1).certificate


def test_json_is_exact_and_can_be_read_back(certificate: Certificate, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(plain_json.export(certificate, None))
    point = [Fraction(1, 3), Fraction(-4, 7)]
    assert read_network_file(path)(point) == certificate.network(point)


def test_onnx_runs_to_the_last_bits_of_float64(certificate: Certificate, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from verify.formats.onnx_writer import export

    data = export(certificate, None)
    assert data == export(certificate, None)
    session = runtime.InferenceSession(data)
    points = np.random.default_rng(0).uniform(-1, 1, size=(200, 2))
    outputs = session.run(None, {"x": points})[0].ravel()
    weights, biases, factors, constant = certificate.network.floats()
    # Higham's bound for sums of this length; weights are rounded once, too.
    terms = np.abs(factors) @ (np.abs(weights) @ np.abs(points).T + np.abs(biases)[:, None]) + abs(constant)
    exact = [certificate.network([Fraction(x), Fraction(y)]) for x, y in points.tolist()]
    errors = np.array([abs(float(Fraction(float(got)) - want)) for got, want in zip(outputs, exact, strict=True)])
    assert (errors <= 16 * 2.0**-53 * terms).all()
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    assert math.isclose(read_network_file(path)([Fraction(1, 2), Fraction(1, 3)]), certificate.network([0.5, 1 / 3]))


def test_onnx_is_exact_where_float64_is() -> None:
    """Short dyadic weights and points: every sum is exact in float64, so the runtime's answer is the exact value."""
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from verify.formats.onnx_writer import onnx_bytes

    generator = np.random.default_rng(4)
    rows = [[Fraction(int(w), 64) for w in row] for row in generator.integers(-64, 65, size=(20, 3))]
    biases, outputs = ([Fraction(int(v), 64) for v in generator.integers(-64, 65, size=20)] for _ in range(2))
    network = Depth2Network.from_rationals(rows, biases, outputs, Fraction(5, 32))
    data = onnx_bytes(network, "dyadic")
    assert b"every weight is exact" in data
    points = generator.integers(-256, 257, size=(100, 3)) / 256
    got = runtime.InferenceSession(data).run(None, {"x": points})[0].ravel()
    assert [Fraction(float(y)) for y in got] == [network([Fraction(x) for x in point]) for point in points.tolist()]


def test_a_member_of_a_family_needs_a_profile(family: Certificate) -> None:
    with pytest.raises(UsageProblem, match="choose one with --profile"):
        plain_json.export(family, None)
    body = json.loads(plain_json.export(family, "sin(r)"))
    assert len(body["outputs"]) == family.network.width
    with pytest.raises(UsageProblem, match="certificates of kind 'radial-approximation'"):
        smtlib.export(family, "norm")


def test_a_network_needs_no_profile(certificate: Certificate) -> None:
    with pytest.raises(UsageProblem, match="leave --profile out"):
        plain_json.export(certificate, "norm")


def test_affine_bounds_of_boxes_hold(certificate: Certificate) -> None:
    generator = np.random.default_rng(1)
    seen = 0
    for box in boxes(certificate):
        low, high = (np.array([float(x) for x in corner]) for corner in (box.low, box.high))
        points = low + (high - low) * generator.random((20, 2))
        points = points[(points**2).sum(axis=1) <= 1]
        seen += points.shape[0]
        phi = np.sqrt((points**2).sum(axis=1) + 1 / 64)
        for (constant, slopes), sign in ((box.below, 1), (box.above, -1)):
            bound = float(constant) + points @ np.array([float(s) for s in slopes])
            assert (sign * (phi - bound) >= -1e-12).all()
    assert seen > 100


def by_cvc5(script: str) -> list[str]:
    """Return cvc5's answers to the script as it stands."""
    cvc5 = pytest.importorskip("cvc5")
    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "boxes")
    manager = parser.getSymbolManager()
    answers = []
    while not (command := parser.nextCommand()).isNull():
        answer = command.invoke(solver, manager).strip()
        assert answer in ("", "sat", "unsat"), answer
        answers += [answer] if answer else []
    return answers


def by_z3(script: str) -> list[str]:
    """Return z3's answers, one query at a time."""
    import z3

    declarations = "".join(line + "\n" for line in script.splitlines() if line.startswith("(declare"))
    answers = []
    for query in re.findall(r"\(push 1\)\n(.*?)\(check-sat\)", script, re.S):
        solver = z3.SolverFor("QF_LRA")
        solver.from_string(declarations + query)
        answers.append(str(solver.check()))
    return answers


def test_z3_and_cvc5_answer_every_box_alike(certificate: Certificate) -> None:
    script = smtlib.export(certificate, None).decode()
    count = sum(1 for _ in boxes(certificate))
    assert by_cvc5(script) == by_z3(script) == ["unsat"] * count


def test_boxes_closed_by_patterns_are_queries_like_the_others() -> None:
    tight = Certificate(closed(), "tight")
    assert "closed" in tight.document["proof"]
    script = smtlib.export(tight, None).decode()
    count = sum(1 for _ in boxes(tight))
    assert by_cvc5(script) == by_z3(script) == ["unsat"] * count


def test_a_query_with_a_lower_bound_is_satisfied_for_both(certificate: Certificate) -> None:
    """The relaxation is not vacuous: with half the certified bound some box has a model."""
    bound = Fraction(certificate.document["claim"]["bound"])
    script = smtlib.export(certificate, None).decode().replace(smtlib.number(bound), smtlib.number(bound / 2))
    answers = by_z3(script)
    assert "sat" in answers
    assert by_cvc5(script) == answers


def test_the_vnnlib_property_says_what_it_proves(certificate: Certificate) -> None:
    text = vnnlib.export(certificate, None).decode()
    bound = Fraction(certificate.document["claim"]["bound"])
    match = re.search(r"unsat proves \|N\(x\) - phi\(\|x\|\)\| <= ([0-9.]+)", text)
    assert match is not None
    assert bound < Fraction(match[1]) < bound + Fraction(1, 20)
    clause = re.compile(
        r"\(and \(>= X_0 (\S+)\) \(<= X_0 (\S+)\) \(>= X_1 (\S+)\) \(<= X_1 (\S+)\) \((>=|<=) Y_0 (\S+)\)\)"
    )
    found = [(*map(float, m.group(1, 2, 3, 4)), m[5], float(m[6])) for m in clause.finditer(text)]
    assert text.count("(") == text.count(")")
    generator = np.random.default_rng(2)
    for a, b, c, d, relation, limit in found[:: max(1, len(found) // 400)]:
        points = np.array([a, c]) + np.array([b - a, d - c]) * generator.random((20, 2))
        points = points[(points**2).sum(axis=1) <= 1]
        phi = np.sqrt((points**2).sum(axis=1) + 1 / 64)
        # The condition leaves the certified band: unsat is what the certificate implies.
        assert ((limit - phi) * (1 if relation == ">=" else -1) >= float(bound)).all()


def test_the_command_writes_files(certificate: Certificate, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = certificate.save(tmp_path / "net.json")
    target = tmp_path / "net.smt2"
    assert run(["export", str(source), "--format", "smtlib", "--out", str(target)]) == 0
    assert target.read_bytes().count(b"(check-sat)") == sum(1 for _ in boxes(certificate))
    assert run(["export", str(source), "--format", "json", "--out", str(source)]) == 0
    assert source.read_bytes() == certificate.to_bytes()
    assert read_network_file(tmp_path / "net.network.json").width == 8
    assert run(["export", str(source), "--format", "pdf"]) == 2
    assert run(["export", str(tmp_path / "none.json"), "--format", "json"]) == 4
    capsys.readouterr()
