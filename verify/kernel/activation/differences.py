"""Rule DIFFERENCES: even polynomials along a direction from a smooth activation (docs/rules/activation.md)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verify.kernel.activation.activations import Series
from verify.kernel.outcome import Rejected

RULE = "DIFFERENCES"


def difference_weights(count: int) -> list[list[Fraction]]:
    """Return x[m-1][j-1] with sum_j x[m-1][j-1] j^(2i) = 1 if i = m, else 0, for i, m, j = 1, ..., count."""
    columns = []
    for j in range(1, count + 1):
        # y/y_j * prod_{i != j} (y - y_i)/(y_j - y_i), y_i = i^2, as coefficients of y^1, y^2, ...
        row = [Fraction(1, j * j)]
        for i in range(1, count + 1):
            if i != j:
                shifted = [Fraction(0), *row]
                row = [
                    (high - i * i * low) / (j * j - i * i)
                    for high, low in zip(shifted, [*row, Fraction(0)], strict=True)
                ]
        columns.append(row)
    return [[columns[j][m] for j in range(count)] for m in range(count)]


def polynomial_error(series: Series, target: Sequence[Fraction], norm2: Fraction, step: Fraction) -> Fraction:
    """Return a bound of |q(t) - sum_{m>=1} p_m t^(2m)| for t^2 <= norm2.

    q(t) = const + sum_{j<=K} alpha_j (s(bias + j h t) + s(bias - j h t)), K the length of `target`, h = `step`,
    alpha_j = sum_m p_m x[m][j] / (2 c_2m h^(2m) unit).
    """
    count = len(target)
    squared = (count * step / series.radius) ** 2 * norm2
    if squared >= 1:
        raise Rejected(RULE, "network.step", "is too large for the power series")
    tail = series.size * squared ** (count + 1) / (1 - squared)
    total = Fraction(0)
    for m, (p, row) in enumerate(zip(target, difference_weights(count), strict=True), start=1):
        c = series.coefficients[2 * m]
        if c == 0:
            raise Rejected(RULE, "claim.activation", f"coefficient {2 * m} of its power series vanishes")
        total += abs(p) * sum((abs(x) for x in row), Fraction(0)) / (abs(c) * step ** (2 * m))
    return total * tail
