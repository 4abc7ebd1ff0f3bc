"""Claims as formulas, one function a kind: LaTeX from the claim's exact numbers, MathML for pages."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verify.certificates.document import Document
from verify.kernel import Theorem
from verify.kernel.arithmetic.decimals import rounded_down


def formula(document: Document, theorem: Theorem) -> str:
    """Return the statement's main inequality in LaTeX."""
    claim = document["claim"]
    return WRITERS[claim["kind"]](claim, theorem)


def mathml(latex: str) -> str:
    """Return LaTeX as a MathML block, which browsers show without any script."""
    from latex2mathml.converter import convert

    result: str = convert(latex, display="block")
    return result


def number(value: int | str) -> str:
    """Return an exact number in LaTeX: of long fractions the first digits, and dots for those that follow."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return f"{exact.numerator:,}".replace(",", "\\,")
    if len(str(exact)) <= 12:
        return rf"\frac{{{exact.numerator}}}{{{exact.denominator}}}"
    sign = "-" if exact < 0 else ""
    mantissa, _, exponent = rounded_down(abs(exact)).partition("e")
    return rf"{sign}{mantissa}\ldots" + (rf"\cdot 10^{{{exponent}}}" if exponent else "")


def _near(claim: Document, bound: str, network: str = "N(x)", target: str = r"\varphi(\|x\|)") -> str:
    """Return that `network` is within claim[bound] of `target` on the unit ball of the claim's dimension."""
    ball = rf"\|x\|\le 1,\; x\in\mathbb{{R}}^{{{claim['dimension']}}}"
    return rf"\sup_{{{ball}}} \left|{network}-{target}\right| \le {number(claim[bound])}"


def _radial(claim: Document, theorem: Theorem) -> str:
    width = theorem.figures["width"]
    return _near(claim, "bound") + rf", \qquad N(x)=b_0+\sum_{{j=1}}^{{{width}}} a_j\,\sigma(w_j\cdot x+b_j)"


def _universal(claim: Document, theorem: Theorem) -> str:
    return (
        r"\forall \varphi:\ \mathrm{Lip}(\varphi)\le 1 \ \Rightarrow\ "
        + _near(claim, "bound", network=r"N_\varphi(x)")
        + rf", \qquad \mathrm{{width}}(N_\varphi)={theorem.figures['width']}"
    )


def _power(claim: Document, theorem: Theorem) -> str:
    near = _near(claim, "bound", target=rf"\|x\|^{{{2 * claim['power']}}}")
    return near + rf", \qquad \mathrm{{width}}(N)={theorem.figures['width']}"


def _cubature(claim: Document, theorem: Theorem) -> str:
    return _radial(claim, theorem) if "profile" in claim else _universal(claim, theorem)


def _growth(claim: Document, theorem: Theorem) -> str:
    every = "" if "profile" in claim else r",\ \varphi:\ \mathrm{Lip}(\varphi)\le 1"
    network = "N_d" if "profile" in claim else r"N_{d,\varphi}"
    law = rf"{theorem.figures['constant']}\, d^{{\,{theorem.figures['exponent']}}}"
    dimensions = rf"d\in[{claim['from']},{claim['to']}]" if "to" in claim else rf"d\ge {claim['from']}"
    return (
        rf"\forall {dimensions}{every}: \quad \mathrm{{width}}({network})\le {law}, \quad "
        rf"\sup_{{\|x\|\le 1,\; x\in\mathbb{{R}}^d}} \left|{network}(x)-\varphi(\|x\|)\right| \le "
        rf"{number(claim['epsilon'])}"
    )


def _assumption1(claim: Document, theorem: Theorem) -> str:
    if theorem.figures["width"] == 0:
        return rf"\sup_{{x\in\mathbb{{R}}}} \left|f(x)-f(0)\right| \le {number(claim['bound'])}"
    return (
        rf"\sup_{{x\in\mathbb{{R}}}} \left|f(x)-a-\sum_{{i=1}}^{{{theorem.figures['width']}}} "
        rf"\alpha_i\,\sigma(\beta x-\gamma_i)\right| \le {number(claim['bound'])}"
    )


def _path_norm(claim: Document, theorem: Theorem) -> str:
    least = theorem.figures["path norm at least"]
    return _near(claim, "epsilon") + rf" \ \Rightarrow\ \sum_j |a_j|\,\|w_j\|_2 \ge {least}"


def _depth3(claim: Document, theorem: Theorem) -> str:
    near = _near(claim, "epsilon", network="N_3(x)")
    return near + rf", \qquad {claim['neurons']}\ \mathrm{{neurons\ in\ two\ hidden\ layers}}"


def _separation_sup(claim: Document, theorem: Theorem) -> str:
    return (
        rf"\mathrm{{width}}(N_2) \ge {number(claim['depth2_width'])} \quad\mathrm{{but}}\quad "
        rf"\mathrm{{neurons}}(N_3) = {number(claim['depth3_neurons'])}, \qquad "
        rf"\sup_{{\|x\|\le 1}}\left|N_{{2,3}}(x)-\varphi(\|x\|)\right|\le {number(claim['epsilon'])}, \quad "
        rf"x\in\mathbb{{R}}^{{{claim['dimension']}}}"
    )


def _theorem4(claim: Document, theorem: Theorem) -> str:
    d = claim["dimension"]
    return (
        rf"\sup_{{\|x\|\le 1,\; x\in\mathbb{{R}}^{{{d}}}}} \left|N(x)-"
        r"\frac{\sin(2\pi d^3\|x\|^2)}{2\pi d^3}\right| "
        rf"\le \frac{{1}}{{101\,e^2\pi^3 d^3}} \ \Rightarrow\ \mathrm{{width}}(N)\ge {number(claim['width_relu'])}"
    )


def _separation_l2(claim: Document, theorem: Theorem) -> str:
    return (
        rf"\mathrm{{width}}(N_2)\le {number(claim['width'])} \ \Rightarrow\ \|N_2-N_3\|_{{L_2(\mu)}} > "
        rf"{number(claim['error'])}, \qquad \mathrm{{neurons}}(N_3)={theorem.figures['depth-3 neurons']}"
    )


def _ridge_lower_bound(claim: Document, theorem: Theorem) -> str:
    return (
        rf"\mathrm{{width}}(N)\le {number(claim['width'])} \ \Rightarrow\ \|N-f\|_{{L_2(\mu)}} > "
        rf"{number(claim['error'])}, \qquad N(y)=b+\sum_i a_i\,\sigma_i(w_i\cdot y+b_i), \quad "
        rf"y\in\mathbb{{R}}^{{{claim['d']}}}"
    )


def _separation_mean(claim: Document, theorem: Theorem, target: str) -> str:
    """Return two widths at one mean error, all parameters of both networks bounded."""
    return (
        rf"\mathbb{{E}}\left|N_2-{target}\right|\le {number(claim['epsilon'])} \ \Rightarrow\ "
        rf"\mathrm{{width}}(N_2)\ge {number(claim['depth2_width'])}, \qquad "
        rf"\mathrm{{neurons}}(N_3) = {number(claim['depth3_neurons'])}, \qquad "
        rf"|\mathrm{{parameters}}|\le {number(claim['weight_bound'])}"
    )


def _inner_product(claim: Document, theorem: Theorem) -> str:
    cube = rf"x,y\in\{{0,1\}}^{{{claim['n']}}}"
    return rf"\chi(x,y)=(-1)^{{x\cdot y}}, \quad {cube}: \qquad " + _separation_mean(claim, theorem, r"\chi")


def _separation_code(claim: Document, theorem: Theorem) -> str:
    inputs = theorem.figures["inputs"]
    return (
        rf"\mathrm{{Lip}}(f)\le 1 \ \mathrm{{on}}\ \mathbb{{R}}^{{{inputs}}}, \quad |f|\le "
        rf"{number(claim['height'])}: \qquad " + _separation_mean(claim, theorem, "f")
    )


def _refutation(claim: Document, theorem: Theorem) -> str:
    return (
        rf"\left|N(x^*)-\varphi(\|x^*\|)\right| \ge {theorem.figures['error at the witness']} > "
        rf"{number(claim['epsilon'])}"
    )


WRITERS: dict[str, Callable[[Document, Theorem], str]] = {
    "assumption-1": _assumption1,
    "depth-separation-l2": _separation_l2,
    "depth3-approximation": _depth3,
    "growth": _growth,
    "inner-product": _inner_product,
    "path-norm": _path_norm,
    "power": _power,
    "radial-approximation": _radial,
    "radial-cubature": _cubature,
    "refutation": _refutation,
    "ridge-lower-bound": _ridge_lower_bound,
    "separation-code": _separation_code,
    "separation-sup": _separation_sup,
    "theorem-4": _theorem4,
    "universal-approximation": _universal,
}
