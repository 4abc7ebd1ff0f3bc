"""Certify a network of your own, made with numpy: how far is it from |x| on the unit disc, at most and at least?

The network's file and the certificate go to the folder that is given, or to the current one.

    $ python examples/own_network.py
    sampled error 0.052
    proved: the error is at most 0.053 and at least 0.0519405
    exactly: between 0.05194055103147 and 0.05194055103149
    "within 0.05 everywhere" is refuted: True, error at least 0.0519405
"""

import sys
from pathlib import Path

import numpy as np

import verify

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# A ring of neurons: the mean of max(0, w.x) over the unit circle is |x|/pi, so eight of them come close to |x|.
angles = 2 * np.pi * np.arange(8) / 8
weights = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # shape (neurons, dimension)
outputs = np.full(8, np.pi / 8)
constant = 0.0

# Sampling suggests an error, and proves nothing.
radius, turn = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 2 * np.pi, 721))
points = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=-1).reshape(-1, 2)
errors = np.maximum(points @ weights.T, 0) @ outputs + constant - np.linalg.norm(points, axis=1)
print(f"sampled error {np.abs(errors).max():.3f}")

# The floats in the file are taken as the exact numbers that they are; ONNX and JSON files work as well.
file = folder / "ring.npz"
np.savez(file, weights=weights, biases=np.zeros(8), outputs=outputs, constant=constant)
result = verify.certify("network", network=file, profile="norm", eps="0.053")
figures = result.theorem.figures
print(f"proved: the error is at most {figures['certified bound']} and at least {figures['error at the witness']}")
result.certificate.save(folder / "ring.json")

# A small network against a piecewise linear profile: the supremum itself, region by region.
exact = verify.certify("network", network=file, profile="norm", eps="exact", method="regions").theorem.figures
print(f"exactly: between {exact['error at the witness']} and {exact['certified bound']}")

# A false claim ends in a certificate too: a refutation, with the point that refutes it.
refuted = verify.certify("network", network=file, profile="norm", eps="0.05").theorem
print(
    f'"within 0.05 everywhere" is refuted: {refuted.refutes}, error at least {refuted.figures["error at the witness"]}'
)
