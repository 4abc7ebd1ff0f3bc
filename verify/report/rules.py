"""The kernel's proof rules in one sentence each, with their sections in docs/rules."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

RULES_FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "rules"


@dataclass(frozen=True)
class Rule:
    """A proof rule.

    Attributes:
        name: as theorems name it.
        meaning: what it proves, in words.
    """

    name: str
    meaning: str


RULES = tuple(
    Rule(name, meaning)
    for name, meaning in {
        "UNIVERSAL": "The largest error over all 1-Lipschitz profiles at x is one explicit function E(x).",
        "FAMILY": "Bounds E on a box: slopes of the bins' functions over the box, bin by bin.",
        "RADIAL-APPROXIMATION": "Bounds the error |N(x) - φ(|x|)| on a box.",
        "NETWORK": "Encloses the network on a box: its value at the centre, slopes, undecided neurons.",
        "COVER": "The boxes of a bisection tree cover the ball, so a bound on every box is a bound on the ball.",
        "SYMMETRY": "The error is invariant under permutations and signs, so one part of the ball suffices.",
        "RADIUS": "Encloses |x| on a box by an affine function and a remainder.",
        "CHORD": "Encloses a piecewise linear profile between its chords and slopes.",
        "WITNESS": "The error at one rational point, exactly: no smaller bound can hold.",
        "REFUTATION": "One point where the error exceeds the claimed accuracy refutes a claim.",
        "FARKAS": "Nonnegative multipliers show that no point of a box violates the bound.",
        "LIPSCHITZ": "All difference quotients of φ are bounded, cell by cell, in interval arithmetic.",
        "TUBE": "φ stays within a proved distance of a piecewise linear function.",
        "Elementary enclosures": "π, exp, sin and their kin, enclosed in integers.",
        "GROUP ORBITS": "Lines that a group of signed permutations generates are a cubature: one equation says so.",
        "ORBITS": "A Hilbert identity writes |x|^(2k) as a sum of powers of linear forms, over the rationals.",
        "POWER": "The network's error is a sum of univariate errors, weighted by the identity.",
        "CHORD-POWER": "How far the chords of t^(2k) lie above it, under a polynomial majorant.",
        "STAIRS": "How far a staircase is from t^(2k).",
        "ACTIVATION": "The few facts about an activation that the proof uses.",
        "DIFFERENCES": "Finite differences of a smooth activation are powers, up to a bounded error.",
        "ASSUMPTION-1": "One family follows every Lipschitz function that is constant outside an interval.",
        "ABSOLUTE SUMS": "Bounds a sum of absolute values of polynomials by one polynomial.",
        "RIDGE MAJORANT": "A univariate majorant bounds the error of all ridges at once, in any dimension.",
        "RADIAL CUBATURE": "A cubature of the sphere carries the univariate bound over to every dimension.",
        "RESTRICTION": "On a coordinate subspace a network serves the lower dimension, with fewer lines.",
        "EVERY DIMENSION": "One function of one variable serves all dimensions; its knots are a geometric sequence.",
        "GROWTH": "Networks in a few dimensions serve all dimensions of a range, with width at most C d^p.",
        "DUAL MEASURE": "A signed measure to which no neuron responds much, but φ does, forces a large path norm.",
        "BERNSTEIN": "Bernstein coefficients bound a polynomial on an interval.",
        "RADIAL DEPTH 3": "One layer forms the squares of the coordinates, the next a function of their sum.",
        "SEPARATION": "One target, a lower bound for depth 2 and a network of depth 3.",
        "SPECTRAL": "A neuron has little mass at each degree of the spherical harmonics, the target much.",
        "INNER PRODUCT": "A neuron correlates little with the inner product of bits (Lindsey's lemma).",
        "CODE DISTANCE": "The least distance of a binary cyclic code, by enumeration or its roots.",
        "fourier-tubes": "A neuron's Fourier transform lives on a line; few lines meet little of the target.",
    }.items()
)


def named_in(rests_on: tuple[str, ...]) -> list[Rule]:
    """Return the rules that a theorem rests on, in the order in which it names them."""
    text = " ".join(rests_on)
    found = []
    for rule in RULES:
        match = re.search(rf"(?<![\w-]){re.escape(rule.name)}(?![\w-])", text)
        if match:
            found.append((match.start(), rule))
    return [rule for _, rule in sorted(found, key=lambda pair: pair[0])]


def section(rule: Rule) -> tuple[Path, str] | None:
    """Return the page and the heading of the rule's section, such as "POWER: the network"; None without the pages."""
    name = rule.name.replace("-", "[- ]")
    pattern = re.compile(rf"^#+ ((?:[A-Z ]+ and )?{name}(?:$|[: ].*$))", flags=re.MULTILINE | re.IGNORECASE)
    for page in sorted(RULES_FOLDER.glob("*.md")):
        match = pattern.search(page.read_text(encoding="utf-8"))
        if match:
            return page, match[1]
    return None


def link(rule: Rule, page: Path) -> str | None:
    """Return the relative address of the rule's section, for a page at `page`; None without the documentation."""
    found = section(rule)
    if found is None:
        return None
    target, title = found
    relative = Path(os.path.relpath(target, page.resolve().parent)).as_posix()
    # The fragment that repository sites give a Markdown heading.
    fragment = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    return f"{relative}#{fragment}"
