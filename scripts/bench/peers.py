"""One tool on one instance, in a process of its own: python scripts/bench/peers.py TOOL INSTANCE EPSILON

Prints a JSON object: proved (true or false), and what the tool counts. The caller measures the time.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

import numpy as np
from bench.instances import INSTANCES, Instance
from bench.memory import peak_memory


def ours(instance: Instance, epsilon: Fraction) -> dict[str, Any]:
    """Prove with the covering prover and check with the kernel; one process."""
    start = time.process_time()
    import verify

    result = verify.certify("network", network=instance.network, profile=instance.profile, eps=epsilon, workers=1)
    seconds = time.process_time() - start
    with tempfile.TemporaryDirectory() as folder:
        path = result.certificate.save(Path(folder) / "c.json")
        again = time.process_time()
        status = verify.check(path).status
        again = time.process_time() - again
        return {
            "proved": status == "verified",
            "boxes": result.theorem.figures.get("cells"),
            "seconds": seconds,
            "certificate": path.stat().st_size,
            "recheck": again,
        }


def _smt(module: Any, instance: Instance, epsilon: Fraction, sphere: bool) -> dict[str, Any]:
    """Ask for a point with a larger error; unsat proves the bound."""
    value = module.RealVal
    solver = module.SolverFor("QF_NRA")
    x = [module.Real(f"x{i}") for i in range(instance.network.dimension)]
    squares = sum((v * v for v in x), value(0))
    if instance.lines:
        network = value(0)
        for index, (vector, weight) in enumerate(instance.lines):
            t = module.Real(f"t{index}")
            inner = sum((value(str(w)) * v for w, v in zip(vector, x, strict=True)), value(0))
            solver.add(t == module.If(inner >= 0, inner, -inner))
            network = network + value(str(weight)) * t
    else:
        weights, biases, outputs, constant = instance.network.parameters()
        network = value(str(constant))
        for index, (row, bias, output) in enumerate(zip(weights, biases, outputs, strict=True)):
            t = module.Real(f"t{index}")
            inner = sum((value(str(w)) * v for w, v in zip(row, x, strict=True)), value(str(bias)))
            solver.add(t == module.If(inner >= 0, inner, value(0)))
            network = network + value(str(output)) * t
    if sphere:
        solver.add(squares == 1)
        target = value(1)
    else:
        r = module.Real("r")
        solver.add(r >= 0, r * r == squares, r <= 1)
        target = r if instance.profile == "norm" else module.If(r <= value("1/2"), value("1/2") - r, value(0))
    bound = value(str(epsilon))
    solver.add(module.Or(network - target > bound, target - network > bound))
    return {"proved": str(solver.check()) == "unsat"}


def z3(instance: Instance, epsilon: Fraction) -> dict[str, Any]:
    import z3 as module

    return _smt(module, instance, epsilon, sphere=False)


def cvc5(instance: Instance, epsilon: Fraction) -> dict[str, Any]:
    import cvc5.pythonic as module

    return _smt(module, instance, epsilon, sphere=False)


def cvc5_sphere(instance: Instance, epsilon: Fraction) -> dict[str, Any]:
    """By homogeneity the sphere is enough: its best form."""
    import cvc5.pythonic as module

    return _smt(module, instance, epsilon, sphere=True) if instance.lines else {"proved": False, "why": "no such form"}


def codac(instance: Instance, epsilon: Fraction) -> dict[str, Any]:
    """Contract the ball by each of the two violations and bisect (C++ inside) until nothing is left."""
    import codac as module

    d = instance.network.dimension
    x = module.VectorVar(d)

    def dot(vector: Any, bias: float = 0.0) -> Any:
        total = float(vector[0]) * x[0]
        for i in range(1, d):
            total = total + float(vector[i]) * x[i]
        return total + bias if bias else total

    squares = module.sqr(x[0])
    for i in range(1, d):
        squares = squares + module.sqr(x[i])
    radius = module.sqrt(squares)
    network: Any = 0.0
    if instance.lines:
        for vector, weight in instance.lines:
            network = network + float(weight) * module.abs(dot(vector))
    else:
        weights, biases, outputs, constant = instance.network.parameters()
        network = float(constant)
        for row, bias, output in zip(weights, biases, outputs, strict=True):
            network = network + float(output) * module.max(dot(row, float(bias)), 0.0 * x[0])
    target = radius if instance.profile == "norm" else module.max(0.5 - radius, 0.0 * x[0])
    ball = module.CtcInverse(module.AnalyticFunction([x], squares), module.Interval(0, 1))
    error = module.AnalyticFunction([x], network - target)
    far = float(epsilon)
    boxes = 0
    for side in (module.Interval(far, module.oo), module.Interval(-module.oo, -far)):
        contractor = module.CtcInter(ball, module.CtcInverse(error, side))
        work = [module.IntervalVector([[-1, 1]] * d)]
        while work:
            box = work.pop()
            boxes += 1
            box = contractor.contract(box)
            # Contractors with a centred form do nothing where a kink makes the derivative undefined: evaluate as well.
            if box.is_empty() or not error.eval(module.EvalMode.NATURAL, box).intersects(side):
                continue
            if box.max_diam() < 1e-6:
                return {"proved": False, "boxes": boxes}
            work += box.bisect_largest()
    return {"proved": True, "boxes": boxes}


def mpmath(instance: Instance, epsilon: Fraction) -> dict[str, Any]:
    """Plain branch and bound on the ball with natural interval extensions."""
    from mpmath import iv

    d = instance.network.dimension
    weights, biases, outputs, constant = instance.network.parameters()
    if instance.lines:
        terms = [([float(w) for w in vector], 0.0, float(weight)) for vector, weight in instance.lines]
    else:
        terms = [
            ([float(w) for w in row], float(bias), float(output))
            for row, bias, output in zip(weights, biases, outputs, strict=True)
        ]
    far, zero, half = float(epsilon), iv.mpf(0), iv.mpf("0.5")

    def hull_max(t: Any) -> Any:
        return iv.mpf([max(t.a, zero.a), max(t.b, zero.b)])

    boxes = 0
    work = [([-1.0] * d, [1.0] * d)]
    while work:
        low, high = work.pop()
        boxes += 1
        x = [iv.mpf([a, b]) for a, b in zip(low, high, strict=True)]
        squares = zero
        for v in x:
            squares = squares + v**2
        if squares.a > 1:
            continue
        radius = iv.sqrt(iv.mpf([max(squares.a, zero.a), min(squares.b, iv.mpf(1).b)]))
        network = iv.mpf(float(constant)) if not instance.lines else zero
        for row, bias, output in terms:
            inner = iv.mpf(bias)
            for w, v in zip(row, x, strict=True):
                inner = inner + w * v
            network = network + output * (abs(inner) if instance.lines else hull_max(inner))
        target = radius if instance.profile == "norm" else hull_max(half - radius)
        error = network - target
        if error.b <= far and error.a >= -far:
            continue
        axis = max(range(d), key=lambda i: high[i] - low[i])
        middle = (low[axis] + high[axis]) / 2
        if high[axis] - low[axis] < 1e-7:
            return {"proved": False, "boxes": boxes}
        work.append(([*low[:axis], middle, *low[axis + 1 :]], high))
        work.append((low, [*high[:axis], middle, *high[axis + 1 :]]))
    return {"proved": True, "boxes": boxes}


def numpy(instance: Instance, epsilon: Fraction) -> dict[str, Any]:
    """Thirty lines of float64 without rounding control: centre value plus Lipschitz constant times radius."""
    d = instance.network.dimension
    weights, biases, outputs, constant = instance.network.floats()
    lipschitz = 1 + (np.abs(outputs) * np.sqrt((weights**2).sum(axis=1))).sum()
    if instance.lines:
        # |t| = relu(t) + relu(-t): only one of the two is active at a time.
        lipschitz = 1 + (lipschitz - 1) / 2
    far, boxes, half = float(epsilon), 0, 1.0
    level = [np.zeros((1, d))]
    corners = np.stack(np.meshgrid(*[[-0.5, 0.5]] * d), axis=-1).reshape(-1, d)
    while level:
        following = []
        for centres in level:
            for piece in np.array_split(centres, max(1, centres.shape[0] // 4096)):
                boxes += piece.shape[0]
                radius = np.sqrt((piece * piece).sum(axis=1))
                value = np.maximum(piece @ weights.T + biases, 0.0) @ outputs + constant
                target = radius if instance.profile == "norm" else np.maximum(0.5 - radius, 0.0)
                diagonal = half * d**0.5
                left = piece[(np.abs(value - target) + lipschitz * diagonal > far) & (radius <= 1 + diagonal)]
                if left.size:
                    following.append((left[:, None, :] + half * corners).reshape(-1, d))
        half /= 2
        level = following
        if half < 1e-7:
            return {"proved": False, "boxes": boxes}
    return {"proved": True, "boxes": boxes}


TOOLS: dict[str, Callable[[Instance, Fraction], dict[str, Any]]] = {
    "verify": ours,
    "cvc5, sphere": cvc5_sphere,
    "codac": codac,
    "numpy": numpy,
    "cvc5": cvc5,
    "mpmath": mpmath,
    "z3": z3,
}


def main() -> None:
    tool, name, epsilon = sys.argv[1:]
    instance = INSTANCES[name]()
    start = time.process_time()
    result = TOOLS[tool](instance, Fraction(epsilon))
    # Without the interpreter's start and the making of the instance; with the tool's own imports. Processor time, all
    # threads together, hardly depends on what else the machine does.
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "memory": peak_memory(), **result}))


if __name__ == "__main__":
    main()
