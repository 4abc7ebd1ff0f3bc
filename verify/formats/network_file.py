"""Read a depth-2 ReLU network from a file: ONNX, numpy's .npz, JSON, or a certificate that holds one.

.npz and JSON: weights (n, d), biases (n,), outputs (n,), constant (one number); N(x) = constant +
sum_j outputs_j relu(weights_j . x + biases_j). The names W1, b1, W2, b2 are understood too.
JSON numbers with a point are the float64 that every JSON reader makes of them; integers and text "n/d" are exact.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from verify.errors import Unreadable
from verify.formats.layers import depth2, from_arrays, require_size
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.outcome import CheckFailure
from verify.networks.depth2 import Depth2Network

MAX_FILE = 512 << 20
ALIASES = {"W1": "weights", "b1": "biases", "W2": "outputs", "b2": "constant"}
NAMES = ("weights", "biases", "outputs", "constant")


def read_network_file(path: Path) -> Depth2Network:
    """Return the network that the file holds; its ending decides how it is read.

    Raises:
        Unreadable: the file is no depth-2 ReLU network; the message says what it found.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}") from None
    if path.is_dir():
        raise Unreadable(f"{path} is a folder; a network file is needed")
    if size > MAX_FILE:
        raise Unreadable(f"{path} is larger than {MAX_FILE >> 20} MiB")
    ending = path.suffix.lower()
    if ending == ".onnx":
        from verify.formats.onnx_reader import read_onnx

        return read_onnx(path)
    if ending == ".npz":
        return _read_npz(path)
    if ending == ".json":
        return _read_json(path)
    raise Unreadable(f"{path} does not end in .onnx, .npz or .json")


def _read_npz(path: Path) -> Depth2Network:
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise Unreadable(f"{path} is one array; an .npz archive is needed")
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise Unreadable(f"{path} is not an .npz archive of numbers: {str(error)[:100]}") from None
    return from_arrays(*_named(arrays, str(path)))


def _named(parts: dict[str, Any], source: str) -> list[Any]:
    named = {ALIASES.get(name, name): value for name, value in parts.items()}
    if len(named) < len(parts):
        raise Unreadable(f"{source} names an array twice")
    missing = [name for name in NAMES if name not in named]
    if missing:
        raise Unreadable(f"{source} has no {missing[0]!r}; the arrays weights, biases, outputs and constant are needed")
    unknown = sorted(set(named) - set(NAMES))
    if unknown:
        raise Unreadable(f"{source} has {unknown[0][:40]!r}, which is no part of a depth-2 network")
    return [named[name] for name in NAMES]


def _read_json(path: Path) -> Depth2Network:
    try:
        document = json.loads(path.read_bytes(), parse_constant=_not_finite)
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} is not JSON: {str(error)[:100]}") from None
    if not isinstance(document, dict):
        raise Unreadable(f"{path} is not an object with weights, biases, outputs and constant")
    if "format" in document and "network" in document:
        return _from_certificate(document["network"])
    weights, biases, outputs, constant = _named(document, str(path))
    if not isinstance(weights, list) or not all(isinstance(row, list) for row in weights):
        raise Unreadable("weights must be a list of rows, one a neuron")
    dimension = len(weights[0]) if weights else 0
    if not weights:
        raise Unreadable("weights has no rows: the hidden layer is empty")
    for index, row in enumerate(weights):
        if len(row) != dimension:
            raise Unreadable(f"weights[{index}] has {len(row)} entries where the first row has {dimension}")
    require_size(dimension, len(weights))
    for name, values in (("biases", biases), ("outputs", outputs)):
        if not isinstance(values, list) or len(values) != len(weights):
            raise Unreadable(f"{name} must be a list of {len(weights)} numbers, one a neuron")
    return depth2(
        [[_number(value, f"weights[{i}][{k}]") for k, value in enumerate(row)] for i, row in enumerate(weights)],
        [_number(value, f"biases[{i}]") for i, value in enumerate(biases)],
        [_number(value, f"outputs[{i}]") for i, value in enumerate(outputs)],
        _number(constant, "constant"),
        dimension,
    )


def _from_certificate(part: Any) -> Depth2Network:
    try:
        network = read_network(Fields(part, "network"))
    except CheckFailure as failure:
        raise Unreadable(f"the certificate's network cannot be read: {failure}") from None
    return Depth2Network(
        network.dimension,
        network.hidden_denominator,
        network.output_denominator,
        tuple(tuple(row) for row in network.weights.tolist()),
        tuple(network.biases.tolist()),
        tuple(network.outputs.tolist()),
        network.constant,
    )


def _number(value: Any, where: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(f"{where} is not a number")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Unreadable(f"{where} is {value}; only finite weights define a network")
        return Fraction(value)
    if isinstance(value, str):
        try:
            if len(value) > 400 or "e" in value.lower():
                raise ValueError
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise Unreadable(f'{where} is not a number or text "n/d": {value[:40]!r}') from None
    return Fraction(value)


def _not_finite(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a weight: only finite numbers define a network")
