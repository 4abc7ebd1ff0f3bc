"""Assumption 1: `certify("assumption1", activation="sigmoid", lipschitz=1, radius=1, delta="1/20")`."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from verify.certificates.document import rational
from verify.claims.activation import activation_named, in_titles
from verify.claims.certified import Certified, seal
from verify.claims.request import exact
from verify.errors import UsageProblem
from verify.kernel.activation.activations import Activation
from verify.kernel.activation.assumption1 import MAX_WIDTH, error_bounds
from verify.progress import Progress, Silent


def certify(
    *,
    activation: str,
    lipschitz: Fraction | int | str = 1,
    radius: Fraction | int | str = 1,
    delta: Fraction | str = "1/20",
    progress: Progress | None = None,
    **_: Any,
) -> Certified:
    """Prove Assumption 1 for one activation and one (L, R, delta), for every f at once, on all of R."""
    chosen = activation_named(activation)
    constant, reach, goal = exact("lipschitz", lipschitz), exact("radius", radius), exact("delta", delta)
    width, sharpness = design(chosen, constant * reach, goal)
    bound = error_bounds(chosen, constant * reach, width, sharpness)[0]
    claim = {
        "kind": "assumption-1",
        "activation": chosen.name,
        "lipschitz": rational(constant),
        "radius": rational(reach),
        "delta": rational(goal),
        "bound": rational(bound if len(str(bound)) < 40 else goal),
    }
    network = {"width": width, "sharpness": rational(sharpness)} if width else {"width": 0}
    command = f"certify assumption1 --activation {chosen.name} --lipschitz {constant} --radius {reach} --delta {goal}"
    return seal(
        name(chosen.name, constant, reach, goal),
        claim,
        {"network": network},
        {"rule": chosen.family},
        {"command": command},
        progress=progress or Silent(),
    )


def name(activation: str, lipschitz: Fraction, radius: Fraction, delta: Fraction) -> str:
    """Return the certificate's default name."""
    return f"assumption1-{in_titles(activation)}-L{float(lipschitz):g}-R{float(radius):g}-delta{float(delta):g}"


def design(activation: Activation, product: Fraction, delta: Fraction) -> tuple[int, Fraction]:
    """Return the least width that the rule can prove, and a sharpness (a power of 2) that suffices."""
    share = product / delta
    if share <= 1:
        return 0, Fraction(0)
    exact_kinds = activation.piecewise_linear or activation.name in ("threshold", "hard-tanh")
    cells = math.ceil(share) if exact_kinds else math.floor(share) + 1
    width = cells if activation.family == "steps" else cells + 1
    if width > MAX_WIDTH:
        raise UsageProblem(f"L R / delta = {float(share):g} is too large; take a larger --delta")
    sharpness = Fraction(1)
    while error_bounds(activation, product, width, sharpness)[0] > delta:
        sharpness *= 2
        if sharpness > 2**400:
            raise UsageProblem("L R / delta is too close to a whole number; change --delta slightly")
    return width, sharpness
