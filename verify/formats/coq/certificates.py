"""From a certificate to its Coq file: what the JSON says becomes the theorem's data, integer by integer."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

from verify.errors import UsageProblem
from verify.formats.coq import covering, inner_product, path_norm, power, radial_cubature, ridge, universal
from verify.formats.coq.lines import TooLarge
from verify.formats.coq.source import IntegerNetwork
from verify.kernel.cover.family import read_family
from verify.kernel.fields import Fields
from verify.kernel.network import read_network
from verify.kernel.parity.inner_product import MAX_BITS
from verify.kernel.profiles.profile import Profile, read_profile
from verify.kernel.sup_norm.path_norm import read_measure

Document = dict[str, Any]


class NoCoqRule(UsageProblem):
    """The certificate is of a kind, or has a part, that the Coq library has no theorem for."""


def coq_source(document: Document, title: str) -> str:
    """Return the Coq file of a certificate; its theorem is named `main`. Raise `NoCoqRule` if there is none."""
    kind = str(document.get("claim", {}).get("kind"))
    rule = _RULES.get(kind)
    if rule is None:
        raise NoCoqRule(f"{title}: the Coq library has no rule for claims of kind {kind[:60]!r}")
    return rule(document, title)


def has_coq_rule(document: Document) -> bool:
    """Return, from a quick look, whether `coq_source` is meant to serve a certificate like this one."""
    claim, proof = document.get("claim", {}), document.get("proof", {})
    kind = claim.get("kind")
    if kind == "power":
        directions = document.get("network", {}).get("directions", {})
        classes = directions.get("classes", []) if directions.get("kind") == "orbits" else [{"array": 0}]
        written = proof.get("ridges") == "chords" and not any("array" in item for item in classes)
        return bool(written and claim.get("activation") == "relu")
    if kind == "radial-cubature":
        return claim.get("activation") == "relu" and "profile" not in claim and radial_cubature.is_small(document)
    if proof.get("rule") == "regions":
        return False
    if kind in ("radial-approximation", "path-norm") and "piecewise_linear" not in claim.get("profile", {}):
        return False
    return kind in _RULES and (kind != "path-norm" or claim.get("dimension") == 3)


def _radial(document: Document, title: str) -> str:
    if document["proof"]["rule"] == "regions":
        raise NoCoqRule(f"{title}: the Coq library covers the ball with boxes; it has no rule for activation regions")
    claim = Fields(document["claim"], "claim")
    profile = _piecewise_linear(document, claim, title)
    stored = read_network(Fields(document["network"], "network"))
    denominator = stored.hidden_denominator * stored.output_denominator
    target = one_variable(profile, denominator)
    factor = target.network.denominator // denominator
    neurons = tuple(
        (int(a) * factor, tuple(int(t) for t in w), int(b))
        for a, w, b in zip(stored.outputs.tolist(), stored.weights.tolist(), stored.biases.tolist(), strict=True)
    )
    constant = stored.constant * stored.hidden_denominator * factor
    network = IntegerNetwork(denominator * factor, constant, neurons)
    bound = claim.rational("bound", digits=60)
    return covering.theorem(network, target, stored.dimension, bound, title, domain=_domain(document))


def _path_norm(document: Document, title: str) -> str:
    claim = Fields(document["claim"], "claim")
    dimension = claim.integer("dimension", 1, 10**6)
    if dimension != 3:
        raise NoCoqRule(f"{title}: the Coq library bounds path norms in dimension 3 only, not {dimension}")
    profile = one_variable(_piecewise_linear(document, claim, title), 1)
    proof = Fields(document["proof"], "proof")
    measure = read_measure(proof)
    response = proof.rational("response_bound", digits=60)
    atoms = list(measure.atoms())
    dual = path_norm.integer_measure([r for r, _ in atoms], [m / response for _, m in atoms])
    if dual is None:
        raise NoCoqRule(f"{title}: the response of the measure is too close to its bound for the Coq rule")
    eps = claim.rational("epsilon", digits=60)
    norm = claim.rational("path_norm", digits=60)
    return path_norm.theorem(profile, eps, norm, dual, title)


def _power(document: Document, title: str) -> str:
    claim = Fields(document["claim"], "claim")
    if claim.text("activation") != "relu" or document["proof"].get("ridges") != "chords":
        raise NoCoqRule(f"{title}: the Coq library has Theorem 3 for ReLU networks made of chords only")
    try:
        proof = power.ridge_proof(document)
    except TooLarge as reason:
        raise NoCoqRule(f"{title}: {reason}") from None
    return ridge.theorem(proof.network(), proof, claim.rational("bound", digits=60), title)


def _inner_product(document: Document, title: str) -> str:
    claim = Fields(document["claim"], "claim")
    n = claim.integer("n", 1, MAX_BITS)
    eps = claim.rational("epsilon", digits=60)
    bound = claim.rational("weight_bound", digits=60)
    width, neurons = claim.integer("depth2_width", 1, 10**700), claim.integer("depth3_neurons", 1, 10**12)
    return inner_product.theorem(n, bound, eps, width, neurons, title)


def _universal(document: Document, title: str) -> str:
    claim = Fields(document["claim"], "claim")
    family = read_family(Fields(document["family"], "family"))
    integers = universal.integer_family(
        bits=(
            family.direction_bits,
            family.weight_bits,
            family.knot_bits,
            family.coefficient_bits,
            family.edge_bits,
        ),
        edges=family.edges.tolist(),
        constants=family.constants.tolist(),
        blocks=[
            (b.directions.tolist(), b.weights.tolist(), b.knots.tolist(), b.coefficients.tolist())
            for b in family.blocks
        ],
    )
    return universal.theorem(integers, family.dimension, claim.rational("bound", digits=60), title, _domain(document))


def _radial_cubature(document: Document, title: str) -> str:
    claim = Fields(document["claim"], "claim")
    if claim.text("activation") != "relu" or claim.has("profile"):
        raise NoCoqRule(f"{title}: the Coq library has Theorem 1 for ReLU networks and all profiles at once only")
    try:
        proof = radial_cubature.radial_proof(document)
    except TooLarge as reason:
        raise NoCoqRule(f"{title}: {reason}") from None
    return radial_cubature.theorem(proof, claim.rational("bound", digits=60), title)


def _domain(document: Document) -> str:
    """Return the part of the ball that the certificate covers; Coq decides the symmetry anew."""
    proof = Fields(document["proof"], "proof")
    return proof.choice("domain", tuple(covering.DOMAINS)) if proof.has("domain") else "ball"


def _piecewise_linear(document: Document, claim: Fields, title: str) -> Profile:
    proof = Fields(document["proof"], "proof")
    profile = read_profile(claim.fields("profile"), proof.fields("tube") if proof.has("tube") else None)
    if profile.expression is not None:
        raise NoCoqRule(f"{title}: the Coq library knows piecewise linear profiles only, not {profile.text}")
    return profile


def one_variable(profile: Profile, multiple: int) -> covering.Profile:
    """Return the profile as a network of one variable whose denominator is a multiple of `multiple`."""
    slopes = [
        (v - u) / (b - a) for (a, b), (u, v) in zip(pairwise(profile.knots), pairwise(profile.values), strict=True)
    ]
    bends: list[tuple[Fraction, Fraction]] = [(Fraction(0), slopes[0])]
    bends += [(s, after - before) for s, before, after in zip(profile.knots[1:-1], slopes, slopes[1:], strict=False)]
    # bend * relu(r - p/q) = (bend / q) * relu(q r - p)
    denominator = lcm(
        multiple, profile.values[0].denominator, *((bend / s.denominator).denominator for s, bend in bends)
    )
    neurons = tuple(
        (int(bend / s.denominator * denominator), (s.denominator,), -s.numerator) for s, bend in bends if bend
    )
    network = IntegerNetwork(denominator, int(profile.values[0] * denominator), neurons)
    return covering.Profile(network, _text(profile))


def _text(profile: Profile) -> str | None:
    """Return a Coq term in r for profiles simple enough to be read."""
    knots, values = list(profile.knots), list(profile.values)
    half = Fraction(1, 2)
    if knots == [0, 1] and values == [0, 1]:
        return "r"
    if knots == [0, half, 1] and values == [half, 0, 0]:
        return "Rmax 0 (1 / 2 - r)"
    return None


_RULES: dict[str, Callable[[Document, str], str]] = {
    "inner-product": _inner_product,
    "path-norm": _path_norm,
    "power": _power,
    "radial-approximation": _radial,
    "radial-cubature": _radial_cubature,
    "universal-approximation": _universal,
}
