"""Export a network as ONNX in float64: Gemm, Relu, Gemm, input "x" of shape (N, d), output "y" of shape (N, 1)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from verify.certificates.certificate import Certificate
from verify.errors import UsageProblem
from verify.formats.certified_network import explicit_network
from verify.networks.depth2 import Depth2Network

ENDING = ".onnx"


def export(certificate: Certificate, profile: str | None) -> bytes:
    """Return the ONNX model; its doc_string says whether float64 holds every weight exactly."""
    return onnx_bytes(explicit_network(certificate, profile), f"network of the certificate {certificate.name}")


def onnx_bytes(network: Depth2Network, text: str) -> bytes:
    """Return the network as an ONNX model in float64."""
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError:
        raise UsageProblem("writing ONNX files needs the package onnx: pip install 'verify[onnx]'") from None
    weights, biases, outputs, constant = network.floats()
    if not all(np.isfinite(part).all() for part in (weights, biases, outputs)):
        raise UsageProblem("the network has weights beyond the range of float64")
    tensors = {"weights": weights, "biases": biases, "outputs": outputs[None, :], "constant": np.array([constant])}
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "weights", "biases"], ["inner"], "inner", transB=1),
            helper.make_node("Relu", ["inner"], ["hidden"], "hidden"),
            helper.make_node("Gemm", ["hidden", "outputs", "constant"], ["y"], "output", transB=1),
        ],
        "depth2",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", network.dimension])],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["N", 1])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in tensors.items()],
    )
    rounding = "every weight is exact" if _exact(network) else "weights are correctly rounded to float64"
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
