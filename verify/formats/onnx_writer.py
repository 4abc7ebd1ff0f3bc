"""Export a network as ONNX in float64: Gemm, Relu, Gemm (depth 3: Gemm, Relu, Gemm, Relu, Gemm).

Input "x" of shape (N, d), output "y" of shape (N, 1).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.formats.certified_network import depth3_network, explicit_network
from verify.networks.depth2 import Depth2Network

ENDING = ".onnx"
FloatArray = npt.NDArray[np.float64]

# (layer, number of layers) -> names of its tensors, where readers know them by other names
TENSORS = {("inner", 2): ("weights", "biases"), ("output", 2): ("outputs", "constant")}


Layer = tuple[str, FloatArray, FloatArray]
"""Name of its output, matrix and bias of an affine map."""


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return the ONNX model; its doc_string says whether float64 holds every weight exactly."""
    text = f"network of the certificate {certificate.name}"
    deep = depth3_network(certificate, profile)
    if deep is None:
        return onnx_bytes(explicit_network(certificate, profile), text)
    layers: list[Layer] = []
    exact = True
    for name, (matrix, bias) in zip(("first", "second", "output"), deep.layers(), strict=True):
        layers.append((name, np.array([[float(w) for w in row] for row in matrix]), np.array([float(b) for b in bias])))
        exact = exact and all(Fraction(float(value)) == value for row in (*matrix, bias) for value in row)
    return _model(layers, deep.dimension, "depth3", text, exact=exact)


def onnx_bytes(network: Depth2Network, text: str) -> bytes:
    """Return the network as an ONNX model in float64."""
    weights, biases, outputs, constant = network.floats()
    layers = [("inner", weights, biases), ("output", outputs[None, :], np.array([constant]))]
    return _model(layers, network.dimension, "depth2", text, exact=_exact(network))


def _model(layers: list[Layer], dimension: int, name: str, text: str, *, exact: bool) -> bytes:
    """Return a chain Gemm, Relu, ..., Gemm as an ONNX model."""
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError:
        raise UsageProblem("writing ONNX files needs the package onnx: pip install 'verify[onnx]'") from None
    if not all(np.isfinite(part).all() for _, matrix, bias in layers for part in (matrix, bias)):
        raise UsageProblem("the network has weights beyond the range of float64")
    nodes: list[Any] = []
    tensors: dict[str, FloatArray] = {}
    source = "x"
    for index, (layer, matrix, bias) in enumerate(layers):
        last = index == len(layers) - 1
        weights, biases = TENSORS.get((layer, len(layers)), (f"{layer}_weights", f"{layer}_biases"))
        tensors |= {weights: matrix, biases: bias}
        nodes.append(helper.make_node("Gemm", [source, weights, biases], ["y" if last else layer], layer, transB=1))
        if not last:
            source = "hidden" if len(layers) == 2 else f"{layer}_hidden"
            nodes.append(helper.make_node("Relu", [layer], [source], source))
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", dimension])],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["N", 1])],
        [numpy_helper.from_array(np.ascontiguousarray(value), key) for key, value in tensors.items()],
    )
    rounding = "every weight is exact" if exact else "weights are correctly rounded to float64"
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 14)],
        ir_version=8,
        producer_name="verify",
        doc_string=f"{text}; {rounding}",
    )
    checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _exact(network: Depth2Network) -> bool:
    """Return whether float64 holds every parameter exactly."""
    weights, biases, outputs, constant = network.parameters()
    values = [value for row in weights for value in row] + [*biases, *outputs, constant]
    return all(Fraction(float(value)) == value for value in values)
