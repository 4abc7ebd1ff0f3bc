"""Rule MIXTURE: the walk against float evaluation, two-sided certificates, rejections, and real finite networks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verify
from verify.certificates.document import rehash
from verify.claims.path_norm import vectorised
from verify.kernel import Malformed, Rejected, check_document
from verify.kernel.arithmetic.bernstein import NotBounded
from verify.kernel.sup_norm.mixture import Mixture, require_close
from verify.provers.path_norm import mean_neuron
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

PROFILE = "sin(12*(r**2-1/2))/24"
LINE = prove_profile(read_target("1/2 - r/4")).profile


@settings(max_examples=60)
@given(
    st.integers(2, 9),
    st.dictionaries(st.integers(0, 63), st.integers(-50, 50).filter(bool), min_size=1, max_size=5),
    st.integers(-20, 20),
)
def test_the_distance_bound_is_right_for_random_mixtures(d: int, atoms: dict[int, int], offset: int) -> None:
    biases = sorted(atoms)
    weights = [atoms[s] for s in biases]
    mixture = Mixture(tuple(biases), 6, tuple(weights), offset, 3)
    r = np.linspace(0, 1, 4001)
    value = mean_neuron(d, r, np.array(biases) / 64) @ (np.array(weights) / 8) + offset / 8
    sampled = float(np.abs(value - (0.5 - r / 4)).max())
    require_close(mixture, d, LINE, Fraction(sampled * 1.002 + 1e-4), 30)
    with pytest.raises(NotBounded):
        require_close(mixture, d, LINE, Fraction(sampled * 0.998), 30)


@pytest.fixture(scope="module", params=[2, 3, 4])
def certified(request: pytest.FixtureRequest) -> verify.Certified:
    return verify.certify("pathnorm", d=request.param, profile=PROFILE, eps="1/100")


def changed(certified: verify.Certified, **changes: Any) -> dict[str, Any]:
    body = dict(certified.certificate.document)
    for part in ("claim", "proof"):
        body[part] = {key: changes.get(key, value) for key, value in body[part].items()}
    return rehash(body)


def test_the_two_sides_are_close(certified: verify.Certified) -> None:
    claim = certified.certificate.document["claim"]
    low, high = Fraction(claim["path_norm"]), Fraction(claim["path_norm_upper"])
    assert low < high < low * Fraction(103, 100)
    assert "MIXTURE" in certified.theorem.rests_on[0]


def test_each_reason_of_rejection(certified: verify.Certified) -> None:
    document = certified.certificate.document
    mixture, claim = document["proof"]["mixture"], document["claim"]
    weights = mixture["weights"]
    one = 1 << mixture["weight_bits"]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"path_norm_upper": str(Fraction(claim["path_norm_upper"]) * Fraction(999, 1000))}, "the mixture has"),
        ({"mixture": {**mixture, "biases": mixture["biases"][::-1]}}, "must increase"),
        ({"mixture": {**mixture, "weights": weights[1:]}}, "must increase, one for each"),
        ({"mixture": {**mixture, "offset": mixture["offset"] + one // 1000}}, "not within epsilon"),
        ({"mixture": {**mixture, "weights": [0, *weights[1:]]}}, "not within epsilon"),
        ({"mixture": {**mixture, "weights": [-w for w in weights]}}, "not within epsilon"),
        ({"epsilon": "1/101"}, "not within epsilon|measure proves"),
    ]
    for changes, why in cases:
        with pytest.raises(Rejected, match=why):
            check_document(changed(certified, **changes))
    with pytest.raises(Malformed, match="must lie between"):
        check_document(changed(certified, mixture={**mixture, "biases": [1 << 60, *mixture["biases"][1:]]}))


def test_a_finite_network_with_this_path_norm_is_as_close(certified: verify.Certified) -> None:
    """d = 2: average over 400 equally spaced directions: a real network, evaluated on a grid of the disc."""
    document = certified.certificate.document
    if document["claim"]["dimension"] != 2:
        return
    mixture = document["proof"]["mixture"]
    s = np.array(mixture["biases"]) / 2 ** mixture["bias_bits"]
    w = np.array(mixture["weights"]) / 2 ** mixture["weight_bits"]
    angles = 2 * np.pi * np.arange(400) / 400
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 2))
    x *= np.sqrt(rng.random(1500))[:, None] / np.linalg.norm(x, axis=1)[:, None]
    values = sum(
        weight * np.maximum(0, x @ directions.T - bias).mean(axis=1) for bias, weight in zip(s, w, strict=True)
    )
    network = values + mixture["offset"] / 2 ** mixture["weight_bits"]
    target = vectorised(read_target(PROFILE))(np.linalg.norm(x, axis=1))
    assert np.abs(network - target).max() <= 0.01


def test_one_sided_on_request_and_for_knots_that_are_not_dyadic() -> None:
    for options in ({"profile": PROFILE, "one_sided": True}, {"profile": "zigzag:3"}):
        claim = verify.certify("pathnorm", d=3, eps="1/50", **options).certificate.document["claim"]
        assert "path_norm_upper" not in claim
