"""An independent checker for certificates of kind "radial-approximation", written from docs/format-1.md alone.

python examples/independent_checker.py certificates/thm2-d2-eps0.05-norm.json

It shares no code with the package, needs the standard library only, computes with Fractions, and bounds the error on a
box by its own means (chords of undecided neurons, tangents of the norm), not by the kernel's rules. Where its bound is
too weak for a leaf of the certificate's tree, it bisects further. Piecewise linear profiles only. It is slow.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from pathlib import Path

F = Fraction
MOST_SPLITS = 60  # bisections below a leaf of the tree before the checker gives up


class NotProved(Exception):
    """This checker found no proof."""


def numbers(value):
    """Return the exact numbers of a packed array or of a list, flat."""
    if isinstance(value, list):
        return [F(item) for item in value]
    data, size = base64.b64decode(value["base64"], validate=True), int(value["type"][3:]) // 8
    return [F(int.from_bytes(data[i : i + size], "little", signed=True)) for i in range(0, len(data), size)]


def require(truth, why):
    """Raise `NotProved` unless `truth` holds."""
    if not truth:
        raise NotProved(why)


class Network:
    """N(x) = constant + sum a_j max(0, w_j.x + b_j), exact."""

    def __init__(self, part):
        hidden, output = part["hidden_denominator"], part["output_denominator"]
        n, d = part["width"], part["dimension"]
        flat = numbers(part["weights"])
        self.weights = [[w / hidden for w in flat[i * d : (i + 1) * d]] for i in range(n)]
        self.biases = [b / hidden for b in numbers(part["biases"])]
        self.outputs = [a / output for a in numbers(part["outputs"])]
        self.constant, self.dimension = F(part["constant"]) / output, d
        require(len(flat) == n * d and len(self.biases) == len(self.outputs) == n, "array lengths")

    def neurons(self):
        """Yield (w, b, a)."""
        return zip(self.weights, self.biases, self.outputs, strict=True)

    def value(self, x):
        """Return N(x)."""
        return self.constant + sum(a * max(F(0), dot(w, x) + b) for w, b, a in self.neurons())

    def enclose(self, centre, half):
        """Return (value, gradient, low, high): N(x) - value - gradient.(x - centre) lies in [low, high] on the box."""
        value, gradient, low, high = self.constant, [F(0)] * self.dimension, F(0), F(0)
        for w, b, a in self.neurons():
            t = dot(w, centre) + b
            reach = sum(abs(wi) * hi for wi, hi in zip(w, half, strict=True))
            if t <= -reach:
                continue
            # slope z <= max(0, z) <= slope (z - t + reach) for |z - t| <= reach, with equality below if decided
            slope = F(1) if t >= reach else (t + reach) / (2 * reach)
            room = F(0) if t >= reach else slope * (reach - t)
            value += a * slope * t
            gradient = [g + a * slope * wi for g, wi in zip(gradient, w, strict=True)]
            low, high = low + min(F(0), a * room), high + max(F(0), a * room)
        return value, gradient, low, high


class Profile:
    """A piecewise linear phi, continued beyond r = 1 with its last slope (boxes may stick out of the ball)."""

    def __init__(self, part):
        require("piecewise_linear" in part, "this checker reads piecewise linear profiles only")
        self.knots = [F(k) for k in part["piecewise_linear"]["knots"]]
        self.values = [F(v) for v in part["piecewise_linear"]["values"]]
        pieces = list(zip(pairwise(self.knots), pairwise(self.values), strict=True))
        require(self.knots[0] == 0 and self.knots[-1] == 1 and all(a < b for (a, b), _ in pieces), "knots")
        self.slopes = [(v - u) / (b - a) for (a, b), (u, v) in pieces]
        require(max(map(abs, self.slopes)) <= F(part["lipschitz"]), "a slope exceeds the declared constant")

    def __call__(self, r):
        """Return phi(r)."""
        piece = max(i for i in range(len(self.slopes)) if i == 0 or self.knots[i] <= r)
        return self.values[piece] + self.slopes[piece] * (r - self.knots[piece])

    def slope_range(self, low, high):
        """Return the least and the largest slope over [low, high]."""
        ends = [*self.knots[:-1], max(high, F(1)) + 1]
        met = [s for s, (a, b) in zip(self.slopes, pairwise(ends), strict=True) if a <= high and b >= low]
        return min(met), max(met)


def dot(u, v):
    """Return the inner product."""
    return sum((a * b for a, b in zip(u, v, strict=True)), F(0))


def root(value, bits=40):
    """Return the largest multiple of 2^-bits whose square is at most `value`."""
    return F(isqrt(value.numerator * 4**bits // value.denominator), 2**bits)


def largest_error(network, phi, centre, half):
    """Return a bound of |N(x) - phi(|x|)| over the box, phi continued beyond 1."""
    value, gradient, low, high = network.enclose(centre, half)
    r = root(dot(centre, centre)) + F(1, 2**40)  # any positive number serves; near |centre| the bound is sharp
    tangent = [c / r for c in centre]  # r > |centre|, so |tangent| <= 1 and tangent.x <= |x|
    # |x| <= (|x|^2 + r^2) / 2r and x_i^2 <= 2 c_i x_i - c_i^2 + h_i^2: both sides are tangent.(x - centre) + constant.
    below = dot(tangent, centre)
    above = (dot(centre, centre) + dot(half, half) + r * r) / (2 * r)
    reach = dot(map(abs, tangent), half)
    nearest = max(F(0), below - reach)
    slow, fast = phi.slope_range(min(nearest, r), max(above + reach, r))
    middle, spread = (slow + fast) / 2, (fast - slow) / 2
    # phi(|x|) = phi(r) + middle (|x| - r) + something of size spread ||x| - r|
    rest = spread * max(above + reach - r, r - nearest)
    ends = sorted((middle * (below - r), middle * (above - r)))
    value -= phi(r)
    swing = dot((abs(g - middle * t) for g, t in zip(gradient, tangent, strict=True)), half)
    return max(value + high - ends[0], -(value + low - ends[1])) + rest + swing


def require_symmetric(network, domain):
    """Require that N is invariant under sign changes (and, for the chamber, permutations) of the coordinates.

    max(0, z) = |z|/2 + z/2, so N is a sum of |w.x + b|, told apart up to sign, and an affine function.
    """
    folds, linear = {}, [F(0)] * network.dimension
    for w, b, a in network.neurons():
        active = b * b >= dot(w, w)  # on the ball the sign of w.x + b is that of b
        share = (a if b > 0 else F(0)) if active else a / 2
        linear = [total + share * wi for total, wi in zip(linear, w, strict=True)]
        if not active:
            key = max((*w, b), tuple(-x for x in (*w, b)))
            folds[key] = folds.get(key, F(0)) + a
    require(not any(linear), "the network has a linear part, so it is not even")
    d = network.dimension
    flips = [lambda w, i=i: (*w[:i], -w[i], *w[i + 1 :]) for i in range(d)]
    swaps = [lambda w, i=i: (*w[:i], w[i + 1], w[i], *w[i + 2 :]) for i in range(d - 1) if domain == "chamber"]
    for move in (*flips, *swaps):
        moved = {}
        for key, weight in folds.items():
            image = move(key)
            image = max(image, tuple(-x for x in image))
            moved[image] = moved.get(image, F(0)) + weight
        require(moved == folds, "the network is not symmetric")


def irrelevant(centre, half, domain):
    """Return whether the box misses the unit ball or the chamber x_1 >= x_2 >= ... >= 0."""
    if sum(max(F(0), abs(c) - h) ** 2 for c, h in zip(centre, half, strict=True)) > 1:
        return True
    boxes = list(zip(centre, half, strict=True))
    return domain == "chamber" and any(c + h < e - k for (c, h), (e, k) in pairwise(boxes))


def check(document):
    """Return (boxes, bound) if the certificate's claim holds; raise `NotProved` otherwise."""
    body = json.dumps({k: v for k, v in document.items() if k != "hash"}, sort_keys=True, separators=(",", ":"))
    require(document["hash"] == "sha256:" + hashlib.sha256(body.encode("ascii")).hexdigest(), "hash")
    require((document["format"], document["version"]) == ("verify-certificate", 1), "format")
    claim, proof = document["claim"], document["proof"]
    require(claim["kind"] == "radial-approximation", "this checker reads radial-approximation only")
    require(proof["rule"] == "cover-network", "this checker reads covers only")
    network, phi, bound = Network(document["network"]), Profile(claim["profile"]), F(claim["bound"])
    d, domain = claim["dimension"], proof["domain"]
    require(network.dimension == d and bound <= F(claim["epsilon"]), "claim")
    require(domain in ("ball", "orthant", "chamber"), "domain")
    if domain != "ball":
        require_symmetric(network, domain)

    data = base64.b64decode(proof["tree"]["base64"], validate=True)
    bits = iter([data[i // 8] >> (i % 8) & 1 for i in range(proof["tree"]["bits"])])
    side = F(1) if domain == "ball" else F(1, 2)
    level, depth, boxes = [([F(0) if domain == "ball" else side] * d, [side] * d)], 0, 0
    pending = []
    while level:  # the tree, in level order; boxes that miss the ball or the chamber have no bit
        following = []
        for centre, half in level:
            if next(bits) == 0:
                pending.append((centre, half, depth, depth + MOST_SPLITS))
            else:
                following += bisect(centre, half, depth % d)
        level, depth = [box for box in following if not irrelevant(*box, domain)], depth + 1
    require(next(bits, None) is None, "bits are left over")
    while pending:
        centre, half, depth, deepest = pending.pop()
        boxes += 1
        if irrelevant(centre, half, domain) or largest_error(network, phi, centre, half) <= bound:
            continue
        require(depth < deepest, f"no proof near {[str(float(c)) for c in centre]}")
        pending += [(*box, depth + 1, deepest) for box in bisect(centre, half, depth % d)]
    check_witness(network, phi, document["witness"])
    return boxes, bound


def bisect(centre, half, axis):
    """Return the two halves of a box, the lower one first."""
    quarter = half[axis] / 2
    short = [*half[:axis], quarter, *half[axis + 1 :]]
    return [([*centre[:axis], centre[axis] + s * quarter, *centre[axis + 1 :]], short) for s in (-1, 1)]


def check_witness(network, phi, witness):
    """Require that the error at the witness point is at least what the certificate says."""
    point, error = [F(x) for x in witness["point"]], F(witness["error"])
    require(len(point) == network.dimension and dot(point, point) <= 1, "the witness lies outside the ball")
    r = root(dot(point, point), 80)
    slack = max(map(abs, phi.slopes)) * (F(1, 2**80) if r * r != dot(point, point) else 0)
    require(abs(network.value(point) - phi(r)) - slack >= error, "the witness's error")


def main():
    """Check the file that the command line names."""
    document = json.loads(Path(sys.argv[1]).read_text(encoding="ascii"))
    try:
        boxes, bound = check(document)
    except (NotProved, KeyError, ValueError, StopIteration) as problem:
        print(f"not proved: {problem!r}")
        return 1
    print(
        f"proved in {boxes} boxes: |N(x) - phi(|x|)| <= {bound} on the unit ball of R^{document['claim']['dimension']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
