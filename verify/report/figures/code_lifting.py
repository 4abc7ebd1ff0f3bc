"""A depth separation by a code: both widths, how the lower bound falls with the error, and the depth-3 parity."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from verify.certificates.document import Document
from verify.kernel.parity.codes import Code
from verify.kernel.parity.separation_code import code_width, depth3_error
from verify.report.figures.inner_product import draw_wave
from verify.report.figures.separation import draw_bars
from verify.report.figures.style import BLACK, BLUE, BOUNDED_NEEDS, RED, log_axis, panels


def draw(document: Document, figure: Any) -> None:
    """Draw a certificate of kind "separation-code"."""
    claim, stored = document["claim"], document["code"]
    length = stored["cyclic_length"] + bool(stored["extended"])
    messages = stored["cyclic_length"] + 1 - int(stored["generator"]).bit_length()
    code = Code(length, messages, stored["distance"])
    bars, trade, wave = panels(figure, 3)
    figure.suptitle(
        f"A 1-Lipschitz target on $R^{{{2 * length}}}$ by the [{length},{messages},{code.distance}] code: mean error "
        f"{claim['epsilon']}, parameters ≤ {claim['weight_bound']}",
        fontsize=9.5,
    )
    draw_bars(bars, claim["depth2_width"], claim["depth3_neurons"])
    draw_trade(trade, code, claim)
    draw_wave(wave, messages, float(Fraction(claim["height"])))
    wave.set_title("Depth 3: f on the code words, by hinges")


def draw_trade(axes: Any, code: Code, claim: Document) -> None:
    """Draw the width that is forced at each error, between what depth 3 reaches and the height of the target."""
    height, epsilon, scale, noise, bound = (
        Fraction(claim[key]) for key in ("height", "epsilon", "scale", "noise", "weight_bound")
    )
    least = float(depth3_error(code, scale, height, noise) / height)
    shares = np.linspace(0.02, 0.98, 97)
    widths = [code_width(code, scale, height, height * Fraction(str(round(x, 4))), noise, bound) for x in shares]
    points = [(x, math.log10(width)) for x, width in zip(shares, widths, strict=True) if width > 0]
    axes.plot(*zip(*points, strict=True), color=RED, label=BOUNDED_NEEDS)
    axes.plot([float(epsilon / height)], [math.log10(claim["depth2_width"])], "^", color=RED)
    axes.plot(
        [least, 1.0], [math.log10(claim["depth3_neurons"])] * 2,
        color=BLUE, linestyle="--", label="the depth-3 network has",
    )  # fmt: skip
    axes.axvline(least, color=BLACK, linestyle=":", linewidth=1.0, label="error of the depth-3 network, at most")
    log_axis(axes.yaxis)
    axes.set_xlim(0.0, 1.0)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.5 * (high - low))
    axes.set_xlabel("mean error / height of f; marked: this certificate")
    axes.set_ylabel("neurons")
    axes.set_title("Width against error")
    axes.legend(loc="upper right")
