"""`certify ip2`: inner product mod 2, exponentially hard for depth 2 and exact with few neurons at depth 3."""

from __future__ import annotations

from fractions import Fraction

from verify.certificates.document import rational
from verify.claims.certified import Certified, seal
from verify.claims.path_norm import decimal
from verify.claims.request import exact
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.parity.inner_product import MAX_BITS, Neuron, least_width, parity_neurons
from verify.progress import Progress, Silent


def certify(
    *,
    n: int,
    eps: Fraction | str = "1/2",
    weight_bound: Fraction | str = "1",
    time_limit: float | None = None,
    progress: Progress | None = None,
    workers: int = 1,
) -> Certified:
    """Certify the two widths for chi(x, y) = (-1)^(x.y) on {0,1}^n x {0,1}^n.

    Args:
        n: the number of bits of x, and of y.
        eps: the mean error that depth-2 networks must exceed, below 1.
        weight_bound: the bound of all parameters, at least 1.
        time_limit: ignored; the work is a formula.
        progress: receives stages.
        workers: ignored.
    """
    epsilon, bound = exact("eps", eps), exact("weight-bound", weight_bound)
    if not 1 <= n <= MAX_BITS:
        raise UsageProblem(f"--n must lie between 1 and {MAX_BITS}, not {n}")
    if bound < 1:
        raise UsageProblem("--weight-bound must be at least 1: the depth-3 network uses input weights 1")
    width = least_width(n, 1 - epsilon, Neuron(bound * n, bound), bound)
    if width < 1:
        raise Inconclusive("the bound is void: eps is too close to 1, or the weight bound too large; lower one of them")
    return seal(
        f"ip2-n{n}" + ("" if epsilon == Fraction(1, 2) else f"-eps{decimal(epsilon)}"),
        {
            "kind": "inner-product",
            "n": n,
            "epsilon": rational(epsilon),
            "weight_bound": rational(bound),
            "depth2_width": width,
            "depth3_neurons": n + parity_neurons(n, bound, Fraction(1), bound),
        },
        {},
        {"rule": "inner-product"},
        {"command": f"certify ip2 --n {n} --eps {rational(epsilon)} --weight-bound {rational(bound)}"},
        progress=progress or Silent(),
    )
