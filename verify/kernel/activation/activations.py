"""Rule ACTIVATION: what the kernel knows about each activation, proved in docs/rules/activation.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import factorial

from verify.kernel.outcome import Malformed

MAX_ORDER = 40

_STEPS = ("threshold", "sigmoid", "tanh", "arctan", "erf", "softsign", "hard-tanh")
_RAMPS = {
    "relu": Fraction(0),
    "softplus": Fraction(7, 10),
    "gelu": Fraction(1, 3),
    "silu": Fraction(3, 8),
}
_PARAMETER = re.compile(r"(leaky-relu|elu):(-?[0-9]{1,6}(?:/[1-9][0-9]{0,5})?)")


@dataclass(frozen=True)
class Activation:
    """One activation.

    Attributes:
        name: as in the certificate, such as "sigmoid" or "leaky-relu:1/10".
        family: "steps" (bounded, with a limit at each end) or "ramps" (close to max(0, t) on all of R).
        parameter: the slope or scale of leaky-relu and elu.
    """

    name: str
    family: str
    parameter: Fraction = Fraction(0)

    @property
    def distance(self) -> Fraction:
        """Return (ramps) a bound of |s(t) - max(0, t)| over R; 0 for leaky-relu, whose linear part cancels."""
        if self.name.startswith("elu"):
            return self.parameter
        return _RAMPS.get(self.name, Fraction(0))

    @property
    def piecewise_linear(self) -> bool:
        """Return whether chords can be built from it exactly: max(0, t) up to a linear function that cancels."""
        return self.name == "relu" or self.name.startswith("leaky-relu")

    def tail(self, z: Fraction) -> Fraction:
        """Return (steps) a bound of S(-t) and 1 - S(t) for all t >= z > 0, S the activation rescaled to [0, 1]."""
        whole = min(z.numerator // z.denominator, 4000)
        match self.name:
            case "threshold":
                return Fraction(0)
            case "hard-tanh":
                return Fraction(0) if z >= 1 else Fraction(1, 2)
            case "sigmoid":
                return Fraction(1, 1 << whole)
            case "tanh":
                return Fraction(1, 1 << (2 * whole))
            case "arctan":
                return min(Fraction(1, 2), 1 / (3 * z))
            case "erf":
                return Fraction(1, 2 << min(whole * whole, 8000))
            case _:  # softsign
                return 1 / (2 * (1 + z))

    def series(self, order: int) -> Series | None:
        """Return the power series up to z^order that polynomials can be built from, None if there is none."""
        if not 1 <= order <= MAX_ORDER:
            raise ValueError(order)
        name = self.name.split(":")[0]
        one = Fraction(1)
        match name:
            case "sigmoid":
                return Series("ln 2", _sigmoid(Fraction(2, 3), order), one, one)
            case "tanh":
                # tanh(t) = 2 sigmoid(2t) - 1
                values = [2 * 2**m * value for m, value in enumerate(_sigmoid(Fraction(2, 3), order))]
                return Series("(ln 2)/2", values, Fraction(2), one / 2)
            case "softplus":
                rows = _sigmoid(one / 2, order)
                return Series("0", [Fraction(0)] + [rows[m - 1] / m for m in range(1, order + 1)], one, one)
            case "silu":
                return Series("0", [Fraction(0), *_sigmoid(one / 2, order)[:order]], one, one)
            case "arctan":
                # derivative 1 / (1 + w^2), w = 1/2 + z: (5/4 + z + z^2) (sum g_m z^m) = 1
                g = [Fraction(4, 5)]
                while len(g) < order:
                    g.append(-(g[-1] + (g[-2] if len(g) > 1 else 0)) * Fraction(4, 5))
                return Series("1/2", [Fraction(0)] + [g[m - 1] / m for m in range(1, order + 1)], Fraction(3), one / 2)
            case "erf":
                # derivative in units of its value at 1/2: p = exp(-z - z^2), p' = -(1 + 2z) p
                p = [one]
                while len(p) < order:
                    p.append(-(p[-1] + (2 * p[-2] if len(p) > 1 else 0)) / len(p))
                return Series("1/2", [Fraction(0)] + [p[m - 1] / m for m in range(1, order + 1)], Fraction(8), one)
            case "gelu":
                # second derivative in units of the normal density at 0: (2 - z^2) exp(-z^2/2)
                e = [Fraction((-1) ** (m // 2), 2 ** (m // 2) * factorial(m // 2)) if m % 2 == 0 else Fraction(0)
                     for m in range(order + 1)]  # fmt: skip
                q = [2 * e[m] - (e[m - 2] if m > 1 else 0) for m in range(order + 1)]
                values = [Fraction(0), Fraction(0)] + [q[m - 2] / (m * (m - 1)) for m in range(2, order + 1)]
                return Series("0", values, Fraction(5), one)
            case "elu":
                # at -1, in units of parameter / e: exp(z)
                return Series("-1", [Fraction(1, factorial(m)) for m in range(order + 1)], Fraction(3), one)
            case "softsign":
                # t / (1 + t) at 1
                values = [Fraction((-1) ** (m + 1), 2 ** (m + 1)) for m in range(order + 1)]
                return Series("1", values, one, one)
        return None


@dataclass(frozen=True)
class Series:
    """s(bias + z) = unit * sum_m c_m z^m for |z| <= radius (up to c_0, c_1, which are not used).

    Attributes:
        bias: the real number around which the series is taken, in words.
        coefficients: c_0 (a placeholder), c_1, ..., exact.
        size, radius: |c_m| <= size * radius^-m for every m >= 2.
    """

    bias: str
    coefficients: list[Fraction]
    size: Fraction
    radius: Fraction


def read_activation(text: str, where: str) -> Activation:
    """Return the activation of that name, or raise `Malformed`."""
    if text in _STEPS:
        return Activation(text, "steps")
    if text in _RAMPS:
        return Activation(text, "ramps")
    match = _PARAMETER.fullmatch(text)
    if match:
        parameter = Fraction(match[2])
        if match[1] == "leaky-relu" and parameter != 1:
            return Activation(text, "ramps", parameter)
        if match[1] == "elu" and parameter > 0:
            return Activation(text, "ramps", parameter)
    raise Malformed(where, f"{text[:40]!r} is not an activation that rule ACTIVATION covers")


def _sigmoid(value: Fraction, order: int) -> list[Fraction]:
    """Return the Taylor coefficients of the sigmoid where it takes `value`: s' = s - s^2."""
    s = [value]
    while len(s) <= order:
        m = len(s) - 1
        s.append((s[m] - sum((s[i] * s[m - i] for i in range(m + 1)), Fraction(0))) / (m + 1))
    return s
