"""Networks from outside through the whole path: a trained file in, a proof, a refutation or an interval out."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from verify.certificates.certificate import check
from verify.claims.network import certify
from verify.cli.main import run
from verify.errors import Inconclusive, UsageProblem
from verify.networks.depth2 import Depth2Network

Floats = np.ndarray


def train(dimension: int, width: int, phi: Callable[[Floats], Floats], steps: int = 800) -> list[Floats]:
    """Fit a depth-2 ReLU network to phi(|x|) with Adam, in plain numpy; the result is rounded to float32."""
    generator = np.random.default_rng(7)
    weights = generator.normal(size=(width, dimension))
    weights /= np.linalg.norm(weights, axis=1)[:, None]
    parameters = [weights, generator.uniform(-1, 0.3, width), generator.normal(size=width) / width, np.zeros(1)]
    first, second = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    for step in range(1, steps + 1):
        points = generator.normal(size=(256, dimension))
        points *= generator.random((256, 1)) ** 0.5 / np.linalg.norm(points, axis=1)[:, None]
        weights, biases, outputs, constant = parameters
        inner = points @ weights.T + biases
        hidden = np.maximum(inner, 0)
        residual = (hidden @ outputs + constant - phi(np.linalg.norm(points, axis=1))) / 256
        back = residual[:, None] * (inner > 0) * outputs
        gradients = [back.T @ points, back.sum(0), residual @ hidden, residual.sum(keepdims=True)]
        rate = 0.01 * (1 + np.cos(np.pi * step / steps))
        for p, g, m, v in zip(parameters, gradients, first, second, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return [p.astype(np.float32) for p in parameters]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    onnx = pytest.importorskip("onnx")
    helper, array = onnx.helper, onnx.numpy_helper.from_array
    weights, biases, outputs, constant = train(2, 24, lambda r: r)
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "W", "b"], ["h"], transB=1),
            helper.make_node("Relu", ["h"], ["z"]),
            helper.make_node("Gemm", ["z", "A", "c"], ["y"], transB=1),
        ],
        "trained",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", 1])],
        [array(weights, "W"), array(biases, "b"), array(outputs[None], "A"), array(constant, "c")],
    )
    path = tmp_path_factory.mktemp("trained") / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def test_a_trained_network_is_proved(trained: Path) -> None:
    result = certify(network=trained, profile="norm", eps="1/10", workers=1)
    assert not result.theorem.refutes
    assert result.theorem.figures["width"] == 24
    assert check(result.certificate).status == "verified"


def test_a_false_claim_is_refuted_with_a_witness(trained: Path) -> None:
    result = certify(network=trained, profile="1/2 - r/3", eps="1/10", workers=1)
    assert result.theorem.refutes
    assert check(result.certificate).status == "refutation verified"


def test_without_an_accuracy_the_error_is_enclosed(trained: Path) -> None:
    result = certify(network=trained, profile="norm", workers=1)
    claim, witness = result.certificate.document["claim"], result.certificate.document["witness"]
    low, high = Fraction(witness["error"]), Fraction(claim["bound"])
    assert low <= high <= low * Fraction(101, 100)
    assert claim["epsilon"] == claim["bound"]


def test_the_same_request_gives_the_same_bytes(trained: Path) -> None:
    first, second = (certify(network=trained, profile="norm", eps="1/10", workers=1) for _ in range(2))
    assert first.certificate.to_bytes() == second.certificate.to_bytes()


def test_the_command_line_tells_proof_and_refutation_apart(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proved, refuted = tmp_path / "proved.json", tmp_path / "refuted.json"
    common = ["certify", "network", str(trained), "--workers", "1", "--quiet", "--profile"]
    assert run([*common, "norm", "--eps", "0.1", "--out", str(proved)]) == 0
    assert "Proved and checked" in capsys.readouterr().out
    assert run([*common, "bump", "--eps", "0.1", "--out", str(refuted)]) == 1
    assert "REFUTED, checked by the kernel" in capsys.readouterr().out
    assert run(["check", str(refuted)]) == 0
    assert "refutation verified" in capsys.readouterr().out
    assert run([*common, "bump", "--eps", "0.1", "--out", str(refuted), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "refuted"


def test_failures_are_one_line_with_their_exit_code(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["certify", "network", "--profile", "norm", "--eps", "0.1", "--quiet"]
    assert run([*common, str(tmp_path / "none.onnx")]) == 4
    assert run([*common, str(trained), "--d", "3"]) == 2
    assert run([*common, str(trained), "--max-cells", "1"]) == 3
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 3
    assert "cannot be read" in lines[0]
    assert "takes 2 numbers, not 3" in lines[1]
    assert "out of budget" in lines[2]


def test_high_dimensions_are_refuted_but_not_covered() -> None:
    dimension = 30
    rows = [[Fraction(int(k == axis)) for k in range(dimension)] for axis in range(dimension)]
    network = Depth2Network.from_rationals(rows, [Fraction(0)] * dimension, [Fraction(1)] * dimension, Fraction(0))
    assert certify(network=network, profile="norm", eps="1/2", workers=1).theorem.refutes
    with pytest.raises(Inconclusive, match="covering reaches d <= 8, not 30"):
        certify(network=network, profile="norm", eps=10, workers=1)


def test_symmetric_networks_are_covered_in_a_chamber() -> None:
    rows = [
        [Fraction(1), Fraction(0)],
        [Fraction(0), Fraction(1)],
        [Fraction(1), Fraction(1)],
        [Fraction(1), Fraction(-1)],
    ]
    rows += [[-x for x in row] for row in rows]
    outputs = [Fraction(2, 5)] * 2 + [Fraction(2, 7)] * 2
    network = Depth2Network.from_rationals(rows, [Fraction(0)] * 8, outputs * 2, Fraction(0))
    result = certify(network=network, profile="norm", eps="1/15", workers=1)
    assert result.certificate.document["proof"]["domain"] == "chamber"
    assert not result.theorem.refutes


def test_an_accuracy_must_make_sense() -> None:
    network = Depth2Network.from_rationals([], [], [], Fraction(1, 2), 2)
    assert certify(network=network, profile="norm", eps="51/100", workers=1).theorem.figures["width"] == 0
    with pytest.raises(UsageProblem, match="eps must be positive"):
        certify(network=network, profile="norm", eps=0)


def test_a_network_without_error_is_proved_and_enclosed() -> None:
    rows, ones = [[Fraction(1)], [Fraction(-1)]], [Fraction(1)] * 2
    network = Depth2Network.from_rationals(rows, [Fraction(0)] * 2, ones, Fraction(0))
    assert not certify(network=network, profile="norm", eps="1/10", workers=1).theorem.refutes
    enclosed = certify(network=network, profile="norm", workers=1)
    assert Fraction(enclosed.certificate.document["claim"]["bound"]) < Fraction(1, 10_000)


def test_where_few_points_and_the_cover_fail_many_points_refute(monkeypatch: pytest.MonkeyPatch) -> None:
    """|x| with a spike of height 1/50 and width 1/50 at -0.63: one step of ascent from eight points misses it."""
    spike = Fraction(1, 100)
    rows = [[Fraction(1)], [Fraction(-1)]] + [[Fraction(-1)]] * 3
    at = Fraction(63, 100)
    biases = [Fraction(0), Fraction(0), spike - at, -at, -spike - at]
    outputs = [Fraction(1), Fraction(1), Fraction(2), Fraction(-4), Fraction(2)]
    network = Depth2Network.from_rationals(rows, biases, outputs, Fraction(0))
    monkeypatch.setattr("verify.claims.network.QUICK", (8, 1))
    request = {"network": network, "profile": "norm", "eps": "1/60", "workers": 1, "max_cells": 1}
    assert certify(**request).theorem.refutes
    assert certify(**request, thorough=True).theorem.refutes
    with pytest.raises(Inconclusive, match="out of budget"):
        certify(**request | {"eps": "1/40"})


@pytest.mark.slow
def test_a_hundred_thousand_neurons_are_proved(tmp_path: Path) -> None:
    """Each neuron at a random direction: the sum is near the norm."""
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 100_000)
    path = tmp_path / "wide.npz"
    np.savez(
        path,
        weights=np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32),
        biases=np.zeros(100_000, dtype=np.float32),
        outputs=np.full(100_000, np.pi / 100_000, dtype=np.float32),
        constant=np.zeros(1, dtype=np.float32),
    )
    result = certify(network=path, profile="norm", eps="1/10", workers=1)
    assert not result.theorem.refutes
    assert result.theorem.figures["width"] == 100_000
    assert certify(network=path, profile="bump", eps="1/10", workers=1).theorem.refutes


def test_denormal_weights_are_proved() -> None:
    """A neuron too small to matter, next to one that does."""
    tiny = Fraction(float.fromhex("0x1p-1074"))
    rows = [[tiny, Fraction(0)], [Fraction(0), tiny], [Fraction(1), Fraction(0)]]
    network = Depth2Network.from_rationals(rows, [Fraction(0), tiny, Fraction(0)], [Fraction(1)] * 3, Fraction(0))
    result = certify(network=network, profile="r", eps="11/10", workers=1)
    assert not result.theorem.refutes
    assert result.theorem.figures["width"] == 3
    assert certify(network=network, profile="r", eps="9/10", workers=1).theorem.refutes
