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


KINDS = (
    "assumption-1",
    "depth-separation-l2",
    "depth3-approximation",
    "growth",
    "inner-product",
    "path-norm",
    "power",
    "radial-approximation",
    "radial-cubature",
    "refutation",
    "ridge-lower-bound",
    "separation-code",
    "separation-sup",
    "theorem-4",
    "universal-approximation",
)


def rule_for(kind: str) -> Rule | None:
    """Return the function that checks claims of this kind, or None if there is none; imports only what it needs."""
    # Imported here, not above: the rules themselves import `Resources` from this module.
    match kind:
        case "assumption-1":
            from verify.kernel.activation.assumption1 import check_assumption1

            return check_assumption1
        case "depth-separation-l2":
            from verify.kernel.tubes.depth_separation import check_depth_separation

            return check_depth_separation
        case "depth3-approximation":
            from verify.kernel.sup_norm.radial_depth3 import check_depth3

            return check_depth3
        case "growth":
            from verify.kernel.cubature.growth import check_growth

            return check_growth
        case "inner-product":
            from verify.kernel.parity.inner_product import check_inner_product

            return check_inner_product
        case "path-norm":
            from verify.kernel.sup_norm.path_norm import check_path_norm

            return check_path_norm
        case "power":
            from verify.kernel.cubature.power import check_power

            return check_power
        case "radial-approximation":
            from verify.kernel.cover.radial import check_radial

            return check_radial
        case "radial-cubature":
            from verify.kernel.cubature.radial_cubature import check_radial_cubature

            return check_radial_cubature
        case "refutation":
            from verify.kernel.cover.refutation import check_refutation

            return check_refutation
        case "ridge-lower-bound":
            from verify.kernel.tubes.ridge_lower_bound import check_ridge_lower_bound

            return check_ridge_lower_bound
        case "separation-code":
            from verify.kernel.parity.separation_code import check_separation_code

            return check_separation_code
        case "separation-sup":
            from verify.kernel.sup_norm.separation_sup import check_separation_sup

            return check_separation_sup
        case "theorem-4":
            from verify.kernel.sup_norm.theorem4 import check_theorem4

            return check_theorem4
        case "universal-approximation":
            from verify.kernel.cover.universal import check_universal

            return check_universal
    return None


def rules() -> dict[str, Rule]:
    """Return the claims that this kernel can check, each with the function that does it."""
    return {kind: rule for kind in KINDS if (rule := rule_for(kind)) is not None}


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
    rule = rule_for(kind)
    if rule is None:
        raise Unsupported("claim.kind", f"{kind[:60]!r} is not a claim that this kernel knows")
    theorem = rule(fields, resources or Resources())
    fields.done()
    return theorem
