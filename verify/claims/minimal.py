"""The smallest network that the search finds and the covering rule proves, for one profile, dimension and accuracy."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from fractions import Fraction

from verify.claims.certified import Certified
from verify.claims.explicit import float_tube
from verify.claims.network import certify as certify_network
from verify.claims.request import exact
from verify.claims.search import decimal, require_accuracy
from verify.constructions.minimal import WIDEST, smallest_network
from verify.errors import Inconclusive, UsageProblem
from verify.progress import Budget, Progress, Silent
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

MAX_OPTIMISED_DIMENSION = 6


def optimize(
    *,
    d: int,
    eps: Fraction | str | int,
    profile: str,
    lipschitz: Fraction | str | int | None = None,
    tries: int = 12,
    seed: int = 0,
    from_width: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Certified:
    """Search for a depth-2 network of small width with sup |N(x) - phi(|x|)| <= eps, and prove it.

    Args:
        tries: training runs at each width; more find smaller networks.
        seed: of the random starts. The same request gives the same certificate unless the time limit cuts it short.
        from_width: the width to try first, if the search need not begin with a handful of neurons.
        time_limit: seconds after which the search stops shrinking and proves what it has.

    Raises:
        verify.errors.Inconclusive: nothing was found, or the winner could not be proved.
    """
    start = time.perf_counter()
    progress = progress or Silent()
    accuracy = require_accuracy(eps)
    if not 1 <= d <= MAX_OPTIMISED_DIMENSION:
        raise UsageProblem(f"the search works in dimensions 1 to {MAX_OPTIMISED_DIMENSION}, not {d}")
    if tries < 1:
        raise UsageProblem("--tries must be at least 1")
    if from_width is not None and not 1 <= from_width <= WIDEST:
        raise UsageProblem(f"--from-width must be between 1 and {WIDEST}, not {from_width}")
    target = read_target(profile)
    constant = Fraction(1) if lipschitz is None else exact("lipschitz", lipschitz)
    proved = prove_profile(target, constant, min(Fraction(1, 10**4), accuracy / 200))
    knots, values = float_tube(proved)
    found = smallest_network(
        d,
        knots,
        values,
        accuracy,
        tries=tries,
        seed=seed,
        first=from_width,
        budget=Budget(time_limit),
        progress=progress,
    )
    searched = time.perf_counter() - start
    spelled = decimal(accuracy)
    result = certify_network(
        network=found.network,
        profile=profile,
        eps=accuracy,
        lipschitz=constant,
        workers=workers,
        executor=executor,
        progress=progress,
        thorough=True,
        name=f"minimal-d{d}-{target.name}-eps{spelled.replace('/', '-')}",
        command=f"optimize --d {d} --eps {spelled} --profile '{profile.strip()}' --tries {tries} --seed {seed}"
        + ("" if from_width is None else f" --from-width {from_width}"),
    )
    if result.theorem.refutes:
        raise Inconclusive(f"the best network found misses {spelled}; raise --tries or --eps")
    return Certified(result.certificate, result.theorem, {"search": searched, **result.seconds})
