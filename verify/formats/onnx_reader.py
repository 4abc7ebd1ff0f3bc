"""Read a depth-2 ReLU network from an ONNX file: Gemm, MatMul, Add, Sub, Relu, Constant, Identity, Flatten.

The graph is evaluated symbolically: every value is an affine map of the inputs, or of one hidden layer's outputs. What
is read is the network over the real numbers whose weights are the file's floats; a runtime's rounding is no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from verify.errors import Unreadable, UsageProblem
from verify.formats.layers import FLOAT_TYPES, affine, depth2, exact, require_size
from verify.networks.depth2 import Depth2Network

Array = npt.NDArray[Any]


# The length of an input that the file leaves open, until the first matrix tells.
UNKNOWN = 0


@dataclass(frozen=True)
class _Map:
    """An affine map of the inputs, or of the hidden neurons: matrix (rows, columns) and offset (rows,) of Fractions.

    `matrix` None is the identity, which is what the graph's input and a Relu's output are.
    """

    of_hidden: bool
    size: int
    matrix: Array | None = None
    offset: Array | None = None

    def rows(self) -> Array:
        if self.matrix is not None:
            return self.matrix
        identity = np.full((self.size, self.size), Fraction(0), dtype=object)
        np.fill_diagonal(identity, Fraction(1))
        return identity

    def offsets(self) -> Array:
        return np.full(self.size, Fraction(0), dtype=object) if self.offset is None else self.offset


def read_onnx(path: Path) -> Depth2Network:
    """Return the network in an ONNX file.

    Raises:
        UsageProblem: the package onnx is not installed.
        Unreadable: the file is no depth-2 ReLU network; the message names the node.
    """
    try:
        import onnx
    except ImportError:
        raise UsageProblem("reading ONNX files needs the package onnx: pip install 'verify[onnx]'") from None
    try:
        model = onnx.load(str(path))
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}") from None
    except Exception as error:  # protobuf's own exceptions have no common public base
        raise Unreadable(f"{path} is not an ONNX file: {str(error)[:100]}") from None
    return _Graph(model.graph).network()


class _Graph:
    """Evaluates the nodes in order, which ONNX requires to be topological."""

    def __init__(self, graph: Any) -> None:
        from onnx import numpy_helper

        self._graph = graph
        self._constants: dict[str, Array] = {}
        self._to_array = numpy_helper.to_array
        for tensor in graph.initializer:
            self._constants[tensor.name] = self._array(tensor, f"initializer {tensor.name}")
        self._values: dict[str, _Map] = {}
        self._hidden: tuple[Array, Array] | None = None
        inputs = [entry for entry in graph.input if entry.name not in self._constants]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise Unreadable(f"the graph has {len(inputs)} inputs and {len(graph.output)} outputs; one of each is due")
        self._values[inputs[0].name] = _Map(False, self._input_size(inputs[0]))

    def _array(self, tensor: Any, name: str) -> Array:
        try:
            return np.asarray(self._to_array(tensor))
        except Exception as error:
            raise Unreadable(f"{name} cannot be decoded: {str(error)[:100]}") from None

    def _input_size(self, entry: Any) -> int:
        shape = entry.type.tensor_type.shape.dim
        if len(shape) == 0 or shape[-1].dim_value < 1:
            return UNKNOWN
        if any(axis.dim_value > 1 for axis in shape[:-1]):
            sizes = [axis.dim_value for axis in shape]
            raise Unreadable(f"the input {entry.name} has shape {sizes}; one vector (or a batch of them) is due")
        return int(shape[-1].dim_value)

    def network(self) -> Depth2Network:
        for index, node in enumerate(self._graph.node):
            place = f"node {index}" + (f" ({node.name})" if node.name else "")
            step = getattr(self, f"_{node.op_type.lower()}", None) if node.domain in ("", "ai.onnx") else None
            if step is None or node.op_type not in OPERATORS:
                raise Unreadable(
                    f"operator {node.op_type[:40]} at {place} is not supported; supported: {', '.join(OPERATORS)}"
                )
            step(node, place)
        name = self._graph.output[0].name
        if name not in self._values:
            raise Unreadable(f"no node computes the output {name}")
        result = self._values[name]
        _require_known(result, "the output")
        if result.size != 1:
            raise Unreadable(f"the output has {result.size} entries; a network with one output is due")
        row = result.rows()[0].tolist()
        offset = result.offsets()[0]
        if not result.of_hidden:
            return affine(row, offset)
        if self._hidden is None:
            raise Unreadable("the graph has no hidden layer")
        weights, biases = self._hidden
        return depth2(weights.tolist(), biases.tolist(), row, offset, int(weights.shape[1]))

    def _operand(self, node: Any, place: str, position: int) -> _Map | Array:
        name = node.input[position]
        if name in self._values:
            return self._values[name]
        if name in self._constants:
            return self._constants[name]
        raise Unreadable(f"{node.op_type} at {place} uses {name!r}, which nothing before it defines")

    def _computed(self, node: Any, place: str, position: int) -> _Map:
        value = self._operand(node, place, position)
        if not isinstance(value, _Map):
            raise Unreadable(f"{node.op_type} at {place} has no computed input at position {position}")
        return value

    def _constant_array(self, node: Any, place: str, position: int) -> Array:
        value = self._operand(node, place, position)
        if isinstance(value, _Map):
            raise Unreadable(f"{node.op_type} at {place} joins two computed values, which is not supported")
        if value.dtype.name not in FLOAT_TYPES:
            raise Unreadable(f"{node.input[position]} is of type {value.dtype.name}; float32 or float64 is needed")
        return value

    def _matrix(self, array: Array, name: str) -> Array:
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2:
            raise Unreadable(f"{name} has shape {list(array.shape)}; a matrix is due")
        result = np.empty(array.size, dtype=object)
        result[:] = exact(array, name)
        return result.reshape(array.shape)

    def _apply(self, value: _Map, matrix: Array, place: str) -> _Map:
        """Return matrix @ value, for a matrix of shape (rows, value.size)."""
        if value.size == UNKNOWN:
            value = _Map(value.of_hidden, int(matrix.shape[1]))
        if matrix.shape[1] != value.size:
            raise Unreadable(f"{place} multiplies {value.size} numbers by a matrix for {matrix.shape[1]}")
        if matrix.shape[0] == 0 or matrix.shape[1] == 0:
            raise Unreadable(f"{place} is an empty layer")
        if not value.of_hidden:
            require_size(value.size, int(matrix.shape[0]))
        rows = matrix if value.matrix is None else matrix @ value.matrix
        offset = None if value.offset is None else matrix @ value.offset
        return _Map(value.of_hidden, int(matrix.shape[0]), rows, offset)

    def _shift(self, value: _Map, array: Array, name: str, place: str) -> _Map:
        _require_known(value, place)
        if array.size not in (1, value.size) or any(n not in (1, value.size) for n in array.shape):
            raise Unreadable(f"{place} adds {name} of shape {list(array.shape)} to {value.size} numbers")
        if array.ndim > 1 and max(array.shape[:-1]) > 1:
            raise Unreadable(f"{place} adds {name} of shape {list(array.shape)}, which is not a row")
        numbers = exact(array, name)
        addend = np.empty(value.size, dtype=object)
        addend[:] = numbers * (value.size if len(numbers) == 1 else 1)
        return _Map(value.of_hidden, value.size, value.matrix, value.offsets() + addend)

    def _gemm(self, node: Any, place: str) -> None:
        attributes = _attributes(node)
        value = self._computed(node, place, 0)
        name = node.input[1]
        if attributes.get("transA"):
            raise Unreadable(f"Gemm at {place} with transA is not supported")
        matrix = self._matrix(self._constant_array(node, place, 1), name)
        if not attributes.get("transB"):
            matrix = matrix.T
        factor = Fraction(float(attributes.get("alpha", 1.0)))
        result = self._apply(value, matrix if factor == 1 else matrix * factor, f"Gemm at {place}")
        if len(node.input) > 2 and node.input[2]:
            bias = self._constant_array(node, place, 2)
            if attributes.get("beta", 1.0) != 1.0:
                raise Unreadable(f"Gemm at {place} with beta = {attributes['beta']} is not supported")
            result = self._shift(result, bias, node.input[2], f"Gemm at {place}")
        self._values[node.output[0]] = result

    def _matmul(self, node: Any, place: str) -> None:
        left = self._operand(node, place, 0)
        if isinstance(left, _Map):
            matrix = self._matrix(self._constant_array(node, place, 1), node.input[1]).T
            self._values[node.output[0]] = self._apply(left, matrix, f"MatMul at {place}")
        else:
            matrix = self._matrix(self._constant_array(node, place, 0), node.input[0])
            value = self._computed(node, place, 1)
            self._values[node.output[0]] = self._apply(value, matrix, f"MatMul at {place}")

    def _add(self, node: Any, place: str) -> None:
        first = 0 if isinstance(self._operand(node, place, 0), _Map) else 1
        value = self._computed(node, place, first)
        array = self._constant_array(node, place, 1 - first)
        self._values[node.output[0]] = self._shift(value, array, node.input[1 - first], f"Add at {place}")

    def _sub(self, node: Any, place: str) -> None:
        value = self._computed(node, place, 0)
        array = -self._constant_array(node, place, 1)
        self._values[node.output[0]] = self._shift(value, array, node.input[1], f"Sub at {place}")

    def _relu(self, node: Any, place: str) -> None:
        value = self._computed(node, place, 0)
        _require_known(value, f"Relu at {place}")
        if value.of_hidden:
            raise Unreadable(f"a second layer of Relu at {place}: only networks with one hidden layer are supported")
        if self._hidden is not None:
            raise Unreadable(f"a second Relu at {place}: only one hidden layer is supported")
        self._hidden = (value.rows(), value.offsets())
        self._values[node.output[0]] = _Map(True, value.size)

    def _identity(self, node: Any, place: str) -> None:
        self._values[node.output[0]] = self._computed(node, place, 0)

    def _flatten(self, node: Any, place: str) -> None:
        # Values are single vectors, so there is nothing to flatten.
        self._identity(node, place)

    def _constant(self, node: Any, place: str) -> None:
        attributes = {attribute.name: attribute for attribute in node.attribute}
        if set(attributes) != {"value"}:
            raise Unreadable(f"Constant at {place} without a tensor is not supported")
        self._constants[node.output[0]] = self._array(attributes["value"].t, f"Constant at {place}")


OPERATORS = ("Gemm", "MatMul", "Add", "Sub", "Relu", "Constant", "Identity", "Flatten")


def _require_known(value: _Map, place: str) -> None:
    if value.size == UNKNOWN:
        raise Unreadable(f"{place} comes before any matrix, and the input does not declare its length")


def _attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
