"""What a certificate claims, in words, from the document alone: for display, never as a result."""

from __future__ import annotations

from verify.exact.spelling import Document


def claimed(document: Document) -> str:
    """Return one sentence that says what an unchecked certificate claims."""
    claim = document.get("claim", {})
    kind = claim.get("kind", "of unknown kind")
    sentence = _SENTENCES.get(kind)
    try:
        if sentence is not None:
            return sentence.format(**claim)
    except (KeyError, IndexError, ValueError):
        pass
    scalars = [f"{key} {value}" for key, value in claim.items() if key != "kind" and isinstance(value, int | str)]
    return f"claims an instance of {kind} ({', '.join(scalars) or 'no parameters'})"


_SENTENCES = {
    "universal-approximation": "claims that one family of depth-2 ReLU networks approximates every 1-Lipschitz "
    "function of |x| on the unit ball of R^{dimension} within {bound} (epsilon {epsilon})",
    "radial-approximation": "claims that its depth-2 ReLU network approximates its profile phi(|x|) on the unit "
    "ball of R^{dimension} within {bound} (epsilon {epsilon})",
}
