"""What a certificate claims, in words, from the document alone: for display, never as a result."""

from __future__ import annotations

from verify.exact.spelling import Document


def claimed(document: Document) -> str:
    """Return one sentence that says what an unchecked certificate claims."""
    claim = document["claim"]
    kind = claim["kind"]
    if kind == "growth" and "to" in claim:
        kind = "growth in a range"
    sentence = _SENTENCES.get(kind)
    try:
        if sentence is not None:
            return sentence.format(**claim)
    except (KeyError, IndexError, ValueError):
        pass
    scalars = [f"{key} {value}" for key, value in claim.items() if key != "kind" and isinstance(value, int | str)]
    return f"claims an instance of {kind} ({', '.join(scalars) or 'no parameters'})"


_GROWTH = (
    "depth-2 {activation} networks of width at most C d^p, C = {constant}, p = {exponent}, come within {epsilon} of "
    "the functions of Theorem 1 on the unit ball"
)
_SENTENCES = {
    "growth": "claims that in every dimension d >= {from} " + _GROWTH,
    "growth in a range": "claims that in every dimension d from {from} to {to} " + _GROWTH,
    "universal-approximation": "claims that one family of depth-2 ReLU networks approximates every 1-Lipschitz "
    "function of |x| on the unit ball of R^{dimension} within {bound} (epsilon {epsilon})",
    "radial-approximation": "claims that its depth-2 ReLU network approximates its profile phi(|x|) on the unit "
    "ball of R^{dimension} within {bound} (epsilon {epsilon})",
    "power": "claims that its depth-2 {activation} network approximates the power |x|^(2k), k = {power}, on the unit "
    "ball of R^{dimension} within {bound} (epsilon {epsilon})",
    "radial-cubature": "claims that depth-2 {activation} networks approximate the functions of Theorem 1 on the unit "
    "ball of R^{dimension} within {bound} (epsilon {epsilon})",
    "path-norm": "claims that depth-2 ReLU networks within {epsilon} of its radial profile on the unit ball of "
    "R^{dimension} have path norm at least {path_norm} and, with weights at most {weight_bound}, "
    "width at least {width}",
    "depth3-approximation": "claims that its depth-3 ReLU network of {neurons} neurons, weights at most "
    "{weight_bound}, is within {epsilon} of its radial profile on the unit ball of R^{dimension}",
    "separation-sup": "claims that within {epsilon} of its radial profile on the unit ball of R^{dimension}, with "
    "weights at most {weight_bound}, depth 2 needs width {depth2_width} and depth 3 at most {depth3_neurons} neurons",
    "theorem-4": "claims Theorem 4 at d = {dimension} with width {width_relu} (ReLU) and {width_1_lipschitz} (any "
    "1-Lipschitz activation)",
    "inner-product": "claims that (-1)^(x.y) on {n} + {n} bits, mean error {epsilon}, parameters at most "
    "{weight_bound}, needs width {depth2_width} at depth 2 and at most {depth3_neurons} neurons at depth 3",
    "separation-code": "claims a 1-Lipschitz function of height {height} for which mean error {epsilon}, parameters "
    "at most {weight_bound}, needs width {depth2_width} at depth 2 and at most {depth3_neurons} neurons at depth 3",
}
