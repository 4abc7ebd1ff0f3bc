"""Rule EVERY DIMENSION: width at most C d^p for every d >= 1, from one function of one variable.

The even function g is constant up to T and piecewise linear from there on, its knots T rho^j being in geometric
progression; the mean of g(sqrt(d) x_i) is near |x|^2 in every dimension (docs/rules/cubature.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import count

from verify.kernel.activation.activations import Activation, read_activation
from verify.kernel.cubature.absolute_sums import Work
from verify.kernel.cubature.power import label
from verify.kernel.cubature.power_law import PowerLaw, read_power_law, spelled
from verify.kernel.cubature.radial_cubature import MAX_SAMPLES, Construction, require_profile, require_universal
from verify.kernel.cubature.radial_ridges import MAX_BITS
from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Rejected, Theorem
from verify.kernel.packing import integer_array
from verify.kernel.profiles.profile import Profile, read_profile

RULE = "EVERY DIMENSION"
MAX_FIRST = 100_000
LEAST_RATIO = Fraction(101, 100)
SHOWN = (10, 1000, 10**6)


@dataclass(frozen=True)
class GeometricKnots:
    """The knots T rho^j, j = 0, 1, 2, ..., of g.

    Attributes:
        first: T^2.
        ratio: rho.
    """

    first: Fraction
    ratio: Fraction

    @property
    def excess(self) -> Fraction:
        """Return H, the largest ratio of the chord of s^2 between two neighbouring knots to s^2 itself."""
        return (self.ratio + 1) ** 2 / (4 * self.ratio)

    @property
    def near(self) -> Fraction:
        """Return gamma T^2, the value of g on [0, T], with gamma = 2 / (1 + H)."""
        return 2 / (1 + self.excess) * self.first

    @property
    def relative(self) -> Fraction:
        """Return delta = (H - 1) / (H + 1): |g(s) - s^2| <= delta s^2 for s >= T."""
        return (self.excess - 1) / (self.excess + 1)

    def count(self, d: int) -> int:
        """Return how many knots are less than sqrt(d)."""
        found, square = 0, self.first
        while square < d:
            found, square = found + 1, square * self.ratio**2
        return found


def check_every_dimension(document: Fields) -> Theorem:
    """Check a certificate of kind "growth" whose range of dimensions has no end."""
    claim = document.fields("claim")
    claim.text("kind")
    start = claim.integer("from", 1, MAX_FIRST)
    epsilon = claim.rational("epsilon", digits=60)
    law = read_power_law(claim)
    activation = read_activation(claim.text("activation", most=40), claim.place("activation"))
    if not (activation.piecewise_linear or activation.name == "hard-tanh"):
        raise Rejected(RULE, claim.place("activation"), "does not build chords")
    proof = document.fields("proof")
    proof.choice("rule", ("every-dimension",))
    profile = None
    if claim.has("profile"):
        profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    claim.done()
    network = document.fields("network")
    knots = read_geometric_knots(network)
    samples = network.integer("samples", 1, MAX_SAMPLES) if profile is None else 1
    network.done()
    scale = proof.integer("scale", 0, MAX_BITS)
    polynomials = integer_array(proof, "polynomials", (samples, 2), most=2 * MAX_SAMPLES)
    proof.done()
    work = Work()
    built = Construction(1, 1, [], polynomials, scale, Fraction(1, samples))
    slope = built.share * sum(abs(p) for p in polynomials[:, 1].tolist()) / (1 << scale)
    means = [slope * knots.near, slope * knots.relative]
    if profile is None:
        require_universal(built, means, epsilon, work, "claim.epsilon")
    else:
        require_profile(built, profile, means, epsilon, work, "claim.epsilon")
    require_law(law, knots, start, work)
    return _theorem(start, epsilon, law, activation, profile, knots)


def read_geometric_knots(network: Fields) -> GeometricKnots:
    """Return the knots of g; rho is at most 9, so that H <= 3 and gamma >= 1/2, and not so near to 1 that the knots
    between T and the root of a dimension of `SHOWN` are too many to be counted.
    """
    first, ratio = network.rational("first", digits=12), network.rational("ratio", digits=12)
    if first <= 0:
        raise Malformed(network.place("first"), "must be positive")
    if not LEAST_RATIO <= ratio <= 9:
        raise Malformed(network.place("ratio"), "must be at least 1.01 and at most 9")
    return GeometricKnots(first, ratio)


def require_law(law: PowerLaw, knots: GeometricKnots, start: int, work: Work) -> None:
    """Require 2 d count(d) <= C d^p for every d >= start.

    Where the count is k, d exceeds T^2 rho^(2k-2): the least such d is tried. From some k on, the real number in its
    place obeys the law, and k + 1 is at most rho^(2p-2) times k: then all further k obey it.
    """
    a, b = law.exponent.as_integer_ratio()
    if a <= b:
        raise Rejected(RULE, "claim.exponent", "must exceed 1: the width of these networks grows like d log d")
    square = knots.first
    for k in count(1):
        d = max(start, square.__floor__() + 1)
        if d <= square * knots.ratio**2:  # else no dimension of the range has k knots
            work.spend(law.cost(2 * d * k, d), "claim.exponent")
            if not law.allows(2 * d * k, d):
                raise Rejected(RULE, "claim.constant", f"the width for d = {d} is {2 * d * k}, more than {law}")
        size = 1 + max(square.numerator.bit_length(), square.denominator.bit_length()) * a // 512
        work.spend(size * size, "claim.exponent")
        settled = square >= start and (2 * k) ** b <= law.constant**b * square ** (a - b)
        if settled and Fraction(k + 1, k) ** b <= knots.ratio ** (2 * (a - b)):
            return
        square *= knots.ratio**2


def _theorem(
    start: int,
    epsilon: Fraction,
    law: PowerLaw,
    activation: Activation,
    profile: Profile | None,
    knots: GeometricKnots,
) -> Theorem:
    target = "" if profile else " and every function phi on [0, 1] with Lipschitz constant at most 1"
    name = "N" if profile else "N_phi"
    statement = (
        f"For every dimension d >= {start}{target} there is a depth-2 {label(activation)} network {name} of width at "
        f"most {law} with |{name}(x) - phi(|x|)| <= {epsilon} for all x in the unit ball of R^d"
        f"{f', where {profile.text}' if profile else ''}. Its width is 2 d k, where k is the number of integers j >= 0 "
        f"with {spelled(knots.first)} * {_base(knots.ratio)}^(2j) < d: it grows like d log d."
    )
    if profile is None:
        statement += " The hidden layer is the same for every phi."
    rules = [RULE, "ACTIVATION", "ABSOLUTE SUMS"]
    if profile is not None:
        rules += ["LIPSCHITZ", "TUBE"] if profile.expression is not None else ["LIPSCHITZ"]
    figures: dict[str, str | int] = {
        "exponent": spelled(law.exponent),
        "constant": spelled(law.constant),
        "dimensions": f"d >= {start}",
        "certified bound": spelled(epsilon),
    }
    figures |= {f"width for d = {d:,}": 2 * d * knots.count(d) for d in SHOWN if d >= start}
    return Theorem(
        statement=statement,
        rests_on=(f"kernel rules {', '.join(rules)} (integers and rationals only)",),
        figures=figures,
    )


def _base(value: Fraction) -> str:
    """Return a number as the base of a power."""
    text = spelled(value)
    return f"({text})" if "/" in text else text
