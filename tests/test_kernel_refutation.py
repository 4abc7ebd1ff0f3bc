"""Rule REFUTATION: accepted refutations are true, and every reason of rejection is found."""

from __future__ import annotations

import copy
import math
from fractions import Fraction
from typing import Any

import pytest

from verify.certificates.document import document, rehash
from verify.kernel import Malformed, Rejected, Unsupported, check_document
from verify.networks.depth2 import Depth2Network
from verify.targets.profiles import read_target
from verify.targets.tube import prove_profile

# N(x) = relu(x_1): error 1 at (-1, 0) against the norm.
NETWORK = Depth2Network.from_rationals([[Fraction(1), Fraction(0)]], [Fraction(0)], [Fraction(1)], Fraction(0))


def certificate(profile: str = "norm", epsilon: object = "1/2", error: object = 1, **changes: Any) -> dict[str, Any]:
    proved = prove_profile(read_target(profile), 1)
    proof: dict[str, Any] = {"rule": "witness"}
    if proved.tube is not None:
        proof["tube"] = proved.tube
    body = document(
        {"kind": "refutation", "dimension": 2, "profile": proved.claim, "epsilon": epsilon},
        {"network": NETWORK.to_document(), "witness": {"point": [-1, 0], "error": error}},
        proof,
        {},
    )
    for path, value in changes.items():
        part: Any = body
        *parents, key = path.split("__")
        for name in parents:
            part = part[name]
        part[key] = value
    return rehash(body)


def test_a_true_refutation_is_a_theorem_that_refutes() -> None:
    theorem = check_document(certificate())
    assert theorem.refutes
    assert "does not satisfy |N(x) - phi(|x|)| <= 1/2 on the unit ball of R^2: at x = (-1, 0)" in theorem.statement
    assert theorem.figures["error at the witness"] == "1"


def test_the_profile_is_enclosed_when_it_is_no_polynomial() -> None:
    # phi(1) = sin(3)/3 = 0.0470...
    assert check_document(certificate("sin(3*r)/3", "1/22", "23/500")).refutes
    with pytest.raises(Rejected, match="larger than the error at the point"):
        check_document(certificate("sin(3*r)/3", "1/22", "6/125"))


def test_an_irrational_norm_is_enclosed() -> None:
    third = ["-1/3", "-1/3"]
    low = Fraction(math.isqrt(2 * 10**40), 3 * 10**20)  # just below sqrt(2)/3, the error there
    body = certificate(
        witness__point=third, epsilon=str(low - Fraction(1, 10**9)), error=str(low - Fraction(1, 10**12))
    )
    assert check_document(body).refutes
    above = low + Fraction(1, 10**12)
    with pytest.raises(Rejected, match="larger than the error"):
        check_document(certificate(witness__point=third, epsilon="1/4", error=str(above)))


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"epsilon": 1}, Rejected, "is not above epsilon"),
        ({"error": "11/10"}, Rejected, "larger than the error at the point"),
        ({"epsilon": -1}, Rejected, "nothing to refute"),
        ({"witness__point": ["-11/10", 0]}, Rejected, "outside the unit ball"),
        ({"witness__point": ["-4/5", "4/5"]}, Rejected, "outside the unit ball"),
        ({"witness__point": [-1]}, Rejected, "has not the claim's dimension"),
        ({"witness__point": [-1, 0, 0]}, Rejected, "has not the claim's dimension"),
        ({"witness__point": [f"-1/{3**800}", f"-1/{5**800}"]}, Rejected, "common denominator"),
        ({"witness__point": ["-1/1" + "0" * 5000, 0]}, Rejected, "common denominator"),
        ({"claim__dimension": 3}, Rejected, "is not the claim's"),
        ({"claim__dimension": 0}, Malformed, "must lie between 1"),
        ({"claim__surplus": 0}, Malformed, "unknown key 'surplus'"),
        ({"proof__rule": "cover-network"}, Malformed, "is not one of witness"),
        ({"proof__tube": {}}, Malformed, "needs no tube"),
        ({"claim__profile__lipschitz": "1/2"}, Rejected, "beyond the declared constant"),
        ({"network__constant": 1}, Rejected, "larger than the error"),
        ({"claim__kind": "refutations"}, Unsupported, "not a claim"),
    ],
)
def test_every_reason_of_rejection(changes: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        check_document(certificate(**changes))


def test_no_network_that_is_within_epsilon_is_refuted() -> None:
    """Attack: the error of N(x) = |x| on the line is 0; no witness on a grid is accepted."""
    rows, ones = [[Fraction(1)], [Fraction(-1)]], [Fraction(1)] * 2
    exact = Depth2Network.from_rationals(rows, [Fraction(0)] * 2, ones, Fraction(0))
    body = certificate()
    body["network"] = exact.to_document()
    body["claim"]["dimension"] = 1
    body["claim"]["epsilon"] = 0
    for k in range(-16, 17):
        attack = copy.deepcopy(body)
        attack["witness"] = {"point": [k // 16 if k % 16 == 0 else str(Fraction(k, 16))], "error": "1/1000000000000"}
        with pytest.raises(Rejected):
            check_document(rehash(attack))
