"""`certify separation --kind code`: a 1-Lipschitz target in the unit ball at constant accuracy, by a binary code."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from verify.certificates.document import rational
from verify.claims.certified import Certified, seal
from verify.claims.request import exact
from verify.constructions.codes import code_for
from verify.errors import Inconclusive, UsageProblem
from verify.kernel.parity.codes import Code
from verify.kernel.parity.separation_code import code_neurons, code_width, depth3_error
from verify.progress import Progress, Silent


def certify(
    *,
    n: int,
    eps: Fraction | str | None = None,
    weight_bound: Fraction | str = "1",
    noise: Fraction | str | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    workers: int = 1,
) -> Certified:
    """Certify the separation with n message bits.

    Args:
        n: 12 (extended Golay [24,12,8]), 24 (extended quadratic residue [48,24,12]), 36 (extended BCH [64,36,12]) or
            64 (extended BCH [128,64,22]).
        eps: the mean error; default half the height of the target.
        weight_bound: the bound of all parameters, at least 1.
        noise: radius of the noise that makes the distribution continuous; default a quarter of what the depth-3
            network can bear at this accuracy; 0 for the discrete distribution.
        time_limit: ignored; the work is a formula.
        progress: receives stages.
        workers: ignored.
    """
    progress = progress or Silent()
    bound = exact("weight-bound", weight_bound)
    found = code_for(n)
    if found is None:
        raise UsageProblem(f"--n must be 12, 24, 36 or 64 (the codes that are built in), not {n}")
    if bound < 1:
        raise UsageProblem("--weight-bound must be at least 1")
    code = Code(found.length, n, found.distance)
    radius = None if noise is None else Fraction(noise)
    # Short numbers: 2 N / scale^2 <= 1 with a little room for the noise, 4 height^2 scale^2 <= D.
    room = Fraction(1) if radius == 0 else Fraction(1001, 1000)
    scale = Fraction(isqrt(int(2 * code.length * room**2 * 10**4)) + 1, 100)
    height = Fraction(isqrt(int(code.distance * 10**8 / (4 * scale * scale))), 10**4)
    epsilon = height / 2 if eps is None else exact("eps", eps)
    if radius is None:
        bearable = min(epsilon / depth3_error(code, scale, height, Fraction(1)) / 4, Fraction(9, 10_000))
        radius = Fraction(int(bearable * 10**5), 10**5)
    width = code_width(code, scale, height, epsilon, radius, bound)
    if width < 1:
        raise Inconclusive("the bound is void: lower --eps, or --weight-bound, or take a longer code")
    options = f"--eps {rational(epsilon)} --weight-bound {rational(bound)}"
    return seal(
        f"separation-code-n{n}",
        {
            "kind": "separation-code",
            "height": rational(height),
            "epsilon": rational(epsilon),
            "scale": rational(scale),
            "noise": rational(radius),
            "weight_bound": rational(bound),
            "depth2_width": width,
            "depth3_neurons": code_neurons(code, scale, height, bound),
        },
        {"code": found.document()},
        {"rule": "code-lifting"},
        {"command": f"certify separation --kind code --n {n} {options}"},
        progress=progress,
    )
