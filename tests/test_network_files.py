"""Networks from files: what is read is exactly what is written, and everything else is refused in one clear line."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verify.errors import Unreadable
from verify.formats.network_file import read_network_file
from verify.networks.depth2 import Depth2Network

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

WEIGHTS = np.array([[0.1, -0.3], [1.5, 2.0], [-0.7, 1e-3]])
BIASES = np.array([0.2, -0.4, 0.05])
OUTPUTS = np.array([0.6, -1.1, 0.3])
CONSTANT = np.array([0.01])


def model(nodes: list[Any], tensors: dict[str, np.ndarray], path: Path, inputs: int | None = 2) -> Path:
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", inputs])],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["N", 1])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def gemm(kind: type = np.float64, **changed: np.ndarray) -> tuple[list[Any], dict[str, np.ndarray]]:
    tensors = {"W": WEIGHTS, "b": BIASES, "A": OUTPUTS[None], "c": CONSTANT}
    tensors = {name: np.asarray(value, dtype=kind) for name, value in {**tensors, **changed}.items()}
    nodes = [
        helper.make_node("Gemm", ["x", "W", "b"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["z"]),
        helper.make_node("Gemm", ["z", "A", "c"], ["y"], transB=1),
    ]
    return nodes, tensors


def exact_value(point: list[Fraction], kind: type = np.float64) -> Fraction:
    weights, biases, outputs, constant = (np.asarray(v, dtype=kind) for v in (WEIGHTS, BIASES, OUTPUTS, CONSTANT))
    total = Fraction(float(constant[0]))
    for row, bias, output in zip(weights, biases, outputs, strict=True):
        inner = sum((Fraction(float(w)) * x for w, x in zip(row, point, strict=True)), Fraction(float(bias)))
        total += Fraction(float(output)) * max(inner, Fraction(0))
    return total


POINTS = [[Fraction(1, 3), Fraction(-2, 7)], [Fraction(0), Fraction(0)], [Fraction(-1), Fraction(1, 9)]]


def agrees(network: Depth2Network, kind: type = np.float64) -> None:
    assert network.dimension == 2
    assert network.width == 3
    for point in POINTS:
        assert network(point) == exact_value(point, kind)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_gemm_networks_are_read_exactly(tmp_path: Path, kind: type) -> None:
    agrees(read_network_file(model(*gemm(kind), tmp_path / "net.onnx")), kind)


def test_matmul_add_networks_with_constants_and_identities_are_read_exactly(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Constant", [], ["W"], value=numpy_helper.from_array(WEIGHTS.T.copy(), "W")),
        helper.make_node("Flatten", ["x"], ["x0"]),
        helper.make_node("MatMul", ["x0", "W"], ["h0"]),
        helper.make_node("Add", ["b", "h0"], ["h"]),
        helper.make_node("Relu", ["h"], ["z0"]),
        helper.make_node("Identity", ["z0"], ["z"]),
        helper.make_node("MatMul", ["z", "A"], ["y0"]),
        helper.make_node("Sub", ["y0", "c"], ["y"]),
    ]
    tensors = {"b": BIASES[None], "A": OUTPUTS[:, None].copy(), "c": -CONSTANT}
    agrees(read_network_file(model(nodes, tensors, tmp_path / "net.onnx", None)))


def test_two_linear_layers_before_the_relu_are_multiplied_exactly(tmp_path: Path) -> None:
    first = np.array([[2.0, 1.0], [0.5, -1.0]])
    nodes, tensors = gemm()
    nodes[0] = helper.make_node("Gemm", ["u", "W", "b"], ["h"], transB=1)
    nodes.insert(0, helper.make_node("Gemm", ["x", "F"], ["u"], transB=1))
    network = read_network_file(model(nodes, {**tensors, "F": first}, tmp_path / "net.onnx"))
    x, y = POINTS[0]
    assert network([x, y]) == exact_value([2 * x + y, x / 2 - y])


def test_an_affine_file_becomes_one_neuron(tmp_path: Path) -> None:
    nodes = [helper.make_node("Gemm", ["x", "A", "c"], ["y"], transB=1)]
    path = model(nodes, {"A": np.array([[0.5, -0.25]]), "c": CONSTANT}, tmp_path / "net.onnx")
    network = read_network_file(path)
    assert network.width == 1
    assert network([Fraction(3, 5), Fraction(-4, 5)]) == Fraction(3, 10) + Fraction(1, 5) + Fraction(float(CONSTANT[0]))


def sigmoid(path: Path) -> Path:
    nodes, tensors = gemm()
    nodes[1] = helper.make_node("Sigmoid", ["h"], ["z"])
    return model(nodes, tensors, path)


def depth_three(path: Path) -> Path:
    nodes, tensors = gemm()
    nodes[2:] = [
        helper.make_node("MatMul", ["z", "M"], ["h2"]),
        helper.make_node("Relu", ["h2"], ["z2"]),
        helper.make_node("Gemm", ["z2", "A", "c"], ["y"], transB=1),
    ]
    return model(nodes, {**tensors, "M": np.eye(3)}, path)


def skip(path: Path) -> Path:
    nodes, tensors = gemm()
    nodes.append(helper.make_node("Add", ["y", "h"], ["y2"]))
    return model(nodes, tensors, path)


def with_tensors(**changed: Any) -> Any:
    def build(path: Path) -> Path:
        return model(*gemm(**{name: np.array(value) for name, value in changed.items()}), path)

    return build


def integers(path: Path) -> Path:
    nodes, tensors = gemm()
    return model(nodes, {**tensors, "W": np.ones((3, 2), dtype=np.int64)}, path)


def transposed(path: Path) -> Path:
    nodes, tensors = gemm()
    nodes[0] = helper.make_node("Gemm", ["x", "W", "b"], ["h"], transA=1)
    return model(nodes, tensors, path)


def undefined(path: Path) -> Path:
    nodes, tensors = gemm()
    return model(nodes[1:], tensors, path)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (sigmoid, r"operator Sigmoid at node 1 is not supported"),
        (depth_three, r"a second layer of Relu at node 3"),
        (skip, r"Add at node 3 joins two computed values"),
        (transposed, r"transA is not supported"),
        (undefined, r"'h', which nothing before it defines"),
        (integers, r"W is of type int64; float32 or float64"),
        (with_tensors(W=WEIGHTS.T), r"multiplies 2 numbers by a matrix for 3"),
        (with_tensors(b=[1.0, 2.0]), r"adds b of shape \[2\] to 3 numbers"),
        (with_tensors(A=[[1.0, 2.0, 3.0], [1.0, 0.0, 0.0]]), r"output has 2 entries"),
        (with_tensors(W=np.zeros((0, 2)), b=np.zeros(0)), r"is an empty layer"),
        (with_tensors(b=[0.0, np.nan, 0.0]), r"b holds nan at \[1\]"),
        (with_tensors(W=[[0.0, 0.0], [np.inf, 0.0], [0.0, 0.0]]), r"W holds inf at \[1, 0\]"),
        (with_tensors(W=np.full((3, 2), 1e200), A=[[1e200, 1.0, 1.0]]), r"neuron 0 has weights beyond"),
    ],
)
def test_other_onnx_files_are_refused(tmp_path: Path, build: Any, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read_network_file(build(tmp_path / "net.onnx"))


def test_denormal_weights_are_exact(tmp_path: Path) -> None:
    tiny = float.fromhex("0x1p-1074")
    nodes, tensors = gemm(A=np.array([[tiny, 1.0, 1.0]]), W=np.array([[tiny, 0.0], [0.0, 3 * tiny], [1.0, tiny]]))
    network = read_network_file(model(nodes, {**tensors, "b": np.zeros(3)}, tmp_path / "net.onnx"))
    expected = Fraction(tiny) ** 2 + 3 * Fraction(tiny) + 1 + Fraction(tiny) + Fraction(float(CONSTANT[0]))
    assert network([Fraction(1), Fraction(1)]) == expected
    assert read_network_file(_certificate(network, tmp_path))([Fraction(1), Fraction(1)]) == expected


def _certificate(network: Depth2Network, folder: Path) -> Path:
    path = folder / "certificate.json"
    path.write_text(json.dumps({"format": "verify-certificate", "network": network.to_document()}))
    return path


def test_a_hundred_thousand_neurons_are_read(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    path = tmp_path / "wide.npz"
    weights = generator.normal(size=(100_000, 2))
    outputs = generator.normal(size=100_000)
    np.savez(path, W1=weights, b1=np.zeros(100_000), W2=outputs, b2=0.0)
    network = read_network_file(path)
    assert network.width == 100_000
    points = generator.normal(size=(3, 2))
    assert np.allclose(network.evaluate(points), np.maximum(points @ weights.T, 0) @ outputs)


def test_npz_and_json_are_read_exactly(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    np.savez(path, weights=WEIGHTS, biases=BIASES, outputs=OUTPUTS, constant=CONSTANT)
    agrees(read_network_file(path))
    plain = {"weights": WEIGHTS.tolist(), "biases": BIASES.tolist(), "outputs": OUTPUTS.tolist(), "constant": 0.01}
    target = tmp_path / "net.json"
    target.write_text(json.dumps(plain))
    agrees(read_network_file(target))
    target.write_text(json.dumps({**plain, "constant": "1/3"}))
    point = [Fraction(-9), Fraction(0)]
    assert read_network_file(target)(point) == exact_value(point) + Fraction(1, 3) - Fraction(0.01)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": []}, "the hidden layer is empty"),
        ({"weights": [[1.0, 2.0], [1.0], [1.0, 1.0]]}, r"weights\[1\] has 1 entries where the first row has 2"),
        ({"weights": [[], [], []]}, "has no inputs"),
        ({"biases": [1.0]}, "biases must be a list of 3 numbers"),
        ({"outputs": None}, "outputs must be a list of 3 numbers"),
        ({"constant": True}, "constant is not a number"),
        ({"constant": "1/0"}, "constant is not a number"),
        ({"constant": float("nan")}, "NaN is not a weight"),
        ({"constant": 1e999}, "Infinity is not a weight"),
        ({"surplus": 1}, "'surplus', which is no part"),
    ],
)
def test_other_json_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    plain = {"weights": WEIGHTS.tolist(), "biases": BIASES.tolist(), "outputs": OUTPUTS.tolist(), "constant": 0.01}
    path = tmp_path / "net.json"
    path.write_text(json.dumps({**plain, **changes}))
    with pytest.raises(Unreadable, match=message):
        read_network_file(path)


def test_broken_files_are_refused(tmp_path: Path) -> None:
    for name, content, message in (
        ("a.onnx", b"\x00nonsense", "not an ONNX file|graph has 0 inputs"),
        ("a.npz", b"nonsense", "not an .npz archive"),
        ("a.json", b"[1, 2", "is not JSON"),
        ("b.json", b"[1, 2]", "is not an object"),
        ("a.txt", b"", "does not end in"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(Unreadable, match=message):
            read_network_file(path)
    with pytest.raises(Unreadable, match="cannot be read"):
        read_network_file(tmp_path / "missing.onnx")
    np.savez(tmp_path / "objects.npz", weights=np.array([None], dtype=object), biases=0, outputs=0, constant=0)
    with pytest.raises(Unreadable, match=r"not an \.npz archive of numbers"):
        read_network_file(tmp_path / "objects.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": WEIGHTS[0]}, r"weights has shape \[2\]; a matrix"),
        ({"weights": np.zeros((0, 2))}, "the hidden layer is empty"),
        ({"weights": np.zeros((3, 0))}, "has no inputs"),
        ({"weights": WEIGHTS.T}, r"biases has shape \[3\]; \[2\] is due"),
        ({"weights": np.where(WEIGHTS > 1, np.nan, WEIGHTS)}, r"weights holds nan at \[1, 0\]"),
        ({"biases": np.array([0.0, np.inf, 0.0])}, r"biases holds inf at \[1\]"),
        ({"outputs": np.array([-np.inf, 0.0, 0.0])}, r"outputs holds -inf at \[0\]"),
        ({"outputs": OUTPUTS[:, None]}, r"outputs has shape \[3, 1\]; \[3\] is due"),
        ({"outputs": OUTPUTS.astype(complex)}, "type complex128"),
        ({"constant": np.zeros(2)}, r"constant has shape \[2\]; \[1\] is due"),
        ({"weights": np.zeros((200_001, 1), dtype=np.float32)}, "200,001 hidden neurons"),
        ({"weights": np.zeros((1, 2001))}, "2,001 inputs"),
    ],
)
def test_other_archives_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    plain = {"weights": WEIGHTS, "biases": BIASES, "outputs": OUTPUTS, "constant": CONSTANT}
    np.savez(tmp_path / "net.npz", **{**plain, **changes})
    with pytest.raises(Unreadable, match=message):
        read_network_file(tmp_path / "net.npz")
