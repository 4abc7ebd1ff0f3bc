"""Theorem 2 for one profile as a Coq file: the covering rule (`Covering.v`)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verify.formats.coq.source import BY_COMPUTATION, IntegerNetwork, frame, integer, network, real

# A cover's domain, as `Symmetry.domain` names it.
DOMAINS = {"ball": "Everywhere", "orthant": "Orthant", "chamber": "Chamber"}


@dataclass(frozen=True)
class CoverSearch:
    """How `Covering.search` is to run: scale of the points, scale of the slopes, depth of the bisection."""

    point_scale: int = 1 << 16
    slope_scale: int = 1 << 12
    depth: int = 60


@dataclass(frozen=True)
class Profile:
    """A piecewise-linear profile: the network of one variable that computes it, and its text in the variable r.

    With `text`, the theorem states that text, and a lemma proves that the network computes it for r ≥ 0.
    """

    network: IntegerNetwork
    text: str | None = None


def norm_profile(denominator: int) -> Profile:
    """Return φ(r) = r."""
    return Profile(IntegerNetwork(denominator, 0, ((denominator, (1,), 0),)), "r")


def bump_profile(denominator: int) -> Profile:
    """Return φ(r) = max(0, 1/2 - r), for an even denominator."""
    return Profile(IntegerNetwork(denominator, 0, ((denominator // 2, (-2,), 1),)), "Rmax 0 (1 / 2 - r)")


def theorem(
    claimed: IntegerNetwork,
    profile: Profile,
    d: int,
    eps: Fraction,
    title: str,
    *,
    relative: bool = False,
    domain: str = "ball",
    search: CoverSearch | None = None,
) -> str:
    """Return a file whose theorem `main` bounds the error of `claimed` on the unit ball of R^d by eps.

    Args:
        relative: bound it by eps·|x| on all of R^d instead (N and φ positively homogeneous).
        domain: "ball", "orthant" or "chamber", the part of the ball that the symmetries of `claimed` leave to cover.
    """
    search = search or CoverSearch()
    if profile.network.denominator != claimed.denominator:
        raise ValueError("the profile's denominator must be the network's")
    checker, sound = ("cone_ok", "cone_sound") if relative else ("ball_ok", "ball_sound")
    part = "" if relative else f"{DOMAINS[domain]} "
    ball, bound = ("", f"{real(eps)} * norm x") if relative else ("norm x <= 1 -> ", real(eps))
    arguments = (
        f"{part}{d} {search.point_scale} {search.slope_scale} {search.depth} N phi "
        f"{integer(eps.numerator)} {integer(eps.denominator)}"
    )
    body = f"""(* The network: (c + sum a relu(w.x + b)) / S. *)
Definition N : znetwork := {network(claimed)}.

(* The profile, as a network of the one variable r. *)
Definition phi : znetwork := {network(profile.network)}.

Lemma accepted : {checker} {arguments} = true.
Proof. {BY_COMPUTATION}. Qed.

Local Open Scope R_scope.

"""
    hypotheses = "x Hd" if relative else "x Hd Hx"
    if profile.text is None:
        proof = f"Proof. exact ({sound} {arguments} accepted). Qed."
    else:
        body += profile_lemma(profile)
        proof = (
            f"Proof.\n  intros {hypotheses}. assert (H := {sound} {arguments} accepted {hypotheses}).\n"
            "  rewrite (profile_value (norm x) (norm_ge0 x)) in H. exact H.\nQed."
        )
    body += f"""Theorem main : forall x : list R, length x = {d}%nat -> {ball}
  Rabs (eval N x - {at_norm(profile)}) <= {bound}.
{proof}
"""
    return frame(title, ("Vectors", "Networks", "Symmetry", "Covering"), body)


def profile_lemma(profile: Profile) -> str:
    """Return the lemma that the profile's network computes the profile's text."""
    return f"""Lemma profile_value r : 0 <= r -> eval phi [r] = {profile.text}.
Proof.
  intros Hr. unfold eval, phi; simpl. unfold relu, Rmax. repeat destruct (Rle_dec _ _); lra.
Qed.

"""


def at_norm(profile: Profile) -> str:
    """Return the profile's value at |x| as a Coq term."""
    if profile.text is None:
        return "eval phi [norm x]"
    words = profile.text.replace("(", "( ").replace(")", " )").split()
    return " ".join("norm x" if word == "r" else word for word in words).replace("( ", "(").replace(" )", ")")
