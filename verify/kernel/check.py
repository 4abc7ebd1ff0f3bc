"""The kernel's one entrance: envelope first, then the rule that the claim names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from verify.kernel.fields import Fields
from verify.kernel.outcome import Malformed, Theorem, Unsupported
from verify.kernel.reader import FORMAT, VERSIONS, content_hash, parse


@dataclass(frozen=True)
class Resources:
    """What the kernel may use: `workers` processes for rules that can share their work."""

    workers: int = 1


Rule = Callable[[Fields, Resources], Theorem]


def rules() -> dict[str, Rule]:
    """Return the claims that this kernel can check, each with the function that does it."""
    # Imported here, not above: the rules themselves import `Resources` from this module.
    from verify.kernel.activation.assumption1 import check_assumption1
    from verify.kernel.cover.radial import check_radial
    from verify.kernel.cover.refutation import check_refutation
    from verify.kernel.cover.universal import check_universal
    from verify.kernel.cubature.power import check_power
    from verify.kernel.cubature.radial_cubature import check_radial_cubature
    from verify.kernel.parity.inner_product import check_inner_product
    from verify.kernel.parity.separation_code import check_separation_code
    from verify.kernel.sup_norm.path_norm import check_path_norm
    from verify.kernel.sup_norm.radial_depth3 import check_depth3
    from verify.kernel.sup_norm.separation_sup import check_separation_sup
    from verify.kernel.sup_norm.theorem4 import check_theorem4
    from verify.kernel.tubes.depth_separation import check_depth_separation
    from verify.kernel.tubes.ridge_lower_bound import check_ridge_lower_bound

    return {
        "assumption-1": check_assumption1,
        "depth-separation-l2": check_depth_separation,
        "depth3-approximation": check_depth3,
        "inner-product": check_inner_product,
        "path-norm": check_path_norm,
        "power": check_power,
        "radial-approximation": check_radial,
        "radial-cubature": check_radial_cubature,
        "refutation": check_refutation,
        "ridge-lower-bound": check_ridge_lower_bound,
        "separation-code": check_separation_code,
        "separation-sup": check_separation_sup,
        "theorem-4": check_theorem4,
        "universal-approximation": check_universal,
    }


def check_bytes(raw: bytes, resources: Resources | None = None) -> Theorem:
    """Check one certificate file; return the theorem that it proves or raise a `CheckFailure`."""
    return check_document(parse(raw), resources)


def check_document(document: dict[str, Any], resources: Resources | None = None) -> Theorem:
    """Check one parsed certificate; return the theorem that it proves or raise a `CheckFailure`."""
    fields = Fields(document, "")
    if fields.text("format") != FORMAT:
        raise Malformed("format", f"is not {FORMAT!r}")
    version = fields.integer("version", 0, 10**6)
    if version not in VERSIONS:
        raise Unsupported("version", f"{version}; this kernel reads {VERSIONS.start} to {VERSIONS.stop - 1}")
    fields.text("producer")
    if fields.text("hash") != content_hash(document):
        raise Malformed("hash", "does not match the content")
    if fields.has("provenance"):
        fields.fields("provenance")
    claim = fields.fields("claim")
    kind = claim.text("kind")
    rule = rules().get(kind)
    if rule is None:
        raise Unsupported("claim.kind", f"{kind[:60]!r} is not a claim that this kernel knows")
    theorem = rule(fields, resources or Resources())
    fields.done()
    return theorem
