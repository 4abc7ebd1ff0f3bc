"""Activations by name, and why some have none of the theorems."""

from __future__ import annotations

from verify.errors import UsageProblem
from verify.kernel.activation.activations import Activation, read_activation
from verify.kernel.outcome import Malformed

NAMES = (
    "relu, leaky-relu:SLOPE, threshold, hard-tanh, sigmoid, tanh, softplus, elu[:SCALE], gelu, silu, arctan, erf, "
    "softsign"
)
_ALIASES = {"atan": "arctan", "step": "threshold", "heaviside": "threshold", "swish": "silu", "logistic": "sigmoid"}
_POLYNOMIALS = ("identity", "linear", "square", "cube", "quadratic", "polynomial", "power", "poly")


def in_titles(name: str) -> str:
    """Return an activation's name as titles of certificates spell it: leaky-relu:1/10 is leaky-relu1over10."""
    return name.replace(":", "").replace("/", "over")


def activation_named(text: str) -> Activation:
    """Return the activation that `text` names; raise `UsageProblem` that says what is wrong with it."""
    name = _ALIASES.get(text.strip().lower(), text.strip().lower())
    if name == "leaky-relu":
        name = "leaky-relu:1/100"
    if name == "elu":
        name = "elu:1"
    head = name.split(":")[0]
    if ":" in name:
        from fractions import Fraction

        try:
            name = f"{head}:{Fraction(name.split(':', 1)[1])}"
        except (ValueError, ZeroDivisionError):
            raise UsageProblem(f"--activation {text[:40]}: {name.split(':', 1)[1][:20]!r} is not a number") from None
    if head in _POLYNOMIALS or name == "leaky-relu:1":
        raise UsageProblem(
            f"--activation {text[:40]}: Assumption 1 fails for polynomials: a network of them is a polynomial of the "
            "same degree, and a polynomial that stays within delta of a bounded f on all of R is constant"
        )
    if head in ("sin", "cos", "sine", "cosine"):
        raise UsageProblem(
            f"--activation {text[:40]}: Assumption 1 fails for periodic functions: a finite sum of them is almost "
            "periodic, so it cannot tend to two different values at the two ends of R"
        )
    if head == "elu" and name.split(":")[1].startswith(("-", "0")):
        raise UsageProblem(f"--activation {text[:40]}: the scale of elu must be positive (0 is relu)")
    try:
        return read_activation(name, "activation")
    except Malformed:
        raise UsageProblem(f"unknown activation {text[:40]!r}; known: {NAMES}") from None
