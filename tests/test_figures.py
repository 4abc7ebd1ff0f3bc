"""Figures: every kind of claim that has one draws in every format, deterministically, and refuses with one line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from test_kernel_refutation import certificate as refutation

import verify
from verify.cli.main import run
from verify.kernel.activation.activations import read_activation
from verify.kernel.activation.differences import difference_weights
from verify.kernel.check import rules
from verify.kernel.fields import Fields
from verify.kernel.tubes.bound import read_proof
from verify.report import figures
from verify.report.accepted import accepted
from verify.report.figures import cubature, ridge_bound
from verify.report.figures.assumption1 import network_value
from verify.report.figures.curves import draw_together
from verify.report.figures.orbits import MOST_ORDER, difference_errors, even_polynomial
from verify.report.figures.style import log_axis, new_figure, panels
from verify.report.formulas import WRITERS
from verify.report.page import TITLES

pytest.importorskip("matplotlib")

SHIPPED = Path(__file__).resolve().parent.parent / "certificates"

REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "universal, d = 2": ("thm2", {"d": 2, "eps": "1/5"}),
    "universal, d = 1": ("thm2", {"d": 1, "eps": "1/5"}),
    "radial, d = 2": ("thm2", {"d": 2, "eps": "1/10", "profile": "norm"}),
    "radial, d = 3": ("thm2", {"d": 3, "eps": "1/5", "profile": "bump"}),
    "power": ("thm3", {"d": 4, "k": 2, "eps": "1/20"}),
    "power, stairs": ("thm3", {"d": 3, "k": 1, "eps": "1/10", "activation": "threshold"}),
    "power, large d": ("thm3", {"d": 500, "k": 2, "eps": "1/10"}),
    "power, differences": ("thm3", {"d": 10, "k": 2, "eps": "1/100", "activation": "sigmoid"}),
    "power, the constant": ("thm3", {"d": 3, "k": 1, "eps": "1/2"}),
    "cubature, all profiles": ("thm1", {"d": 5, "eps": "2/5"}),
    "cubature, no neuron": ("thm1", {"d": 5, "eps": "1/2"}),
    "cubature, one profile": ("thm1", {"d": 5, "eps": "1/4", "profile": "norm"}),
    "cubature, differences": ("thm1", {"d": 5, "eps": "1/4", "profile": "norm", "activation": "sigmoid"}),
    "growth": ("growth", {"d": (2, 12), "eps": "2/5"}),
    "growth, every dimension": ("growth", {"eps": "2/5", "profile": "bump"}),
    "assumption 1, steps": ("assumption1", {"activation": "tanh", "delta": "1/10"}),
    "assumption 1, ramps": ("assumption1", {"activation": "softplus", "delta": "1/10"}),
    "assumption 1, a constant": ("assumption1", {"activation": "relu", "delta": "1"}),
    "inner product": ("ip2", {"n": 20}),
    "separation, code": ("separation", {"kind": "code", "n": 36}),
    "path norm": ("pathnorm", {"d": 3, "profile": "sin(20*(r**2-1/2))/40", "eps": "1/100"}),
    "depth 3": ("depth3", {"d": 3, "profile": "sin(20*(r**2-1/2))/40", "eps": "1/100"}),
    "theorem 4": ("thm4", {"d": 5}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_every_kind_draws(name: str, tmp_path: Path) -> None:
    claim, options = REQUESTS[name]
    certificate = verify.certify(claim, **options).certificate
    certificate.save(tmp_path / "c.json")
    figure = figures.draw(certificate.document)
    assert figure.axes
    svg = figures.rendered(figure, "svg")
    assert svg == figures.rendered(figures.draw(certificate.document), "svg")
    assert run(["plot", str(tmp_path / "c.json"), "-o", str(tmp_path / "f.png")]) == 0
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")


def test_pdf(tmp_path: Path) -> None:
    assert run(["plot", str(SHIPPED / "thm3-d3-k2-eps0.1.json"), "-o", str(tmp_path / "f.pdf")]) == 0
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")


def test_every_claim_that_the_kernel_knows_has_a_figure_a_formula_and_a_title() -> None:
    assert set(figures.PAINTERS) == set(WRITERS) == set(TITLES) == set(rules())


@pytest.mark.parametrize(
    "name", ["thm5-d6-eps0.02-hat", "separation-sup-d20", "thm1-d2-eps0.1", "thm1-d3-eps0.2-threshold"]
)
def test_shipped_certificates_draw(name: str) -> None:
    assert figures.draw(verify.load(SHIPPED / f"{name}.json").document).axes


def test_a_refutation_draws() -> None:
    document = refutation()
    assert verify.check(document).status == "refutation verified"
    assert figures.rendered(figures.draw(document), "png").startswith(b"\x89PNG")


ACTIVATIONS = [
    "relu",
    "leaky-relu:1/10",
    "softplus",
    "elu:1/2",
    "gelu",
    "silu",
    "hard-tanh",
    "sigmoid",
    "erf",
    "arctan",
]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_drawn_family_of_assumption_1_keeps_its_bound(activation: str) -> None:
    document = verify.certify("assumption1", activation=activation, delta="1/10").certificate.document
    x = np.linspace(-2.0, 2.0, 4001)

    def f(t: Any) -> Any:
        return np.abs(np.clip(t, -1, 1) - 0.3)

    error = np.abs(network_value(document, f, 1.0, x) - f(x)).max()
    assert 1e-3 < error <= float(Fraction(document["claim"]["bound"])) + 1e-9


@pytest.mark.parametrize("activation", ["sigmoid", "softplus", "gelu", "arctan"])
def test_the_drawn_error_of_differences_is_that_of_the_neurons(activation: str) -> None:
    """Add up the neurons in 120 digits, with the exact values of the activation, and compare."""
    with mp.workdps(120):
        functions: dict[str, tuple[Any, Any, Any]] = {
            "sigmoid": (lambda t: 1 / (1 + mp.exp(-t)), mp.log(2), mp.mpf(1)),
            "softplus": (lambda t: mp.log(1 + mp.exp(t)), mp.mpf(0), mp.mpf(1)),
            "gelu": (lambda t: t * mp.ncdf(t), mp.mpf(0), 1 / mp.sqrt(2 * mp.pi)),
            "arctan": (mp.atan, mp.mpf("0.5"), mp.mpf(1)),
        }
        function, bias, unit = functions[activation]
        series = read_activation(activation, "").series(MOST_ORDER)
        assert series is not None
        target, step, norm2 = [Fraction(1, 3), Fraction(-2)], Fraction(1, 64), 3
        errors = difference_errors(series, target, norm2, step)
        weights = difference_weights(2)
        h = mp.mpf(1) / 64

        def q(t: Any) -> Any:
            total = mp.mpf(0)
            for j in (1, 2):
                alpha = sum(
                    mp.mpf(target[m - 1].numerator) / target[m - 1].denominator
                    * weights[m - 1][j - 1].numerator / weights[m - 1][j - 1].denominator
                    / (2 * unit * mp.mpf(series.coefficients[2 * m].numerator)
                       / series.coefficients[2 * m].denominator * h ** (2 * m))
                    for m in (1, 2)
                )  # fmt: skip
                total += alpha * (function(bias + j * h * t) + function(bias - j * h * t))
            return total

        for s in (0.4, 1.0):
            t = mp.mpf(s) * mp.sqrt(norm2)
            exact = q(t) - q(mp.mpf(0)) - (t**2 / 3 - 2 * t**4)
            assert abs(even_polynomial(errors, np.array([s]))[0] / float(exact) - 1) < 1e-6


@pytest.mark.parametrize("name", ["thm1-d3-eps0.1", "thm1-d3-eps0.2-threshold"])
def test_the_drawn_error_of_listed_lines_keeps_the_bound_everywhere(name: str) -> None:
    document = verify.load(SHIPPED / f"{name}.json").document
    built = cubature.Construction(document)
    points = np.random.default_rng(2).standard_normal((2000, 3))
    points *= np.random.default_rng(3).random((2000, 1)) / np.linalg.norm(points, axis=1, keepdims=True)
    errors = cubature.error_at(built, None, points)
    bound, witness = (float(Fraction(value)) for value in (document["claim"]["bound"], document["witness"]["error"]))
    assert 0.5 * witness < errors.max() <= bound
    on_axis = cubature.error_at(built, None, np.outer(cubature.GRID[::80], np.eye(3)[0]))
    assert np.allclose(on_axis, cubature.worst(built.on_axis(), cubature.GRID)[::80])


def test_the_drawn_cubature_takes_the_value_of_the_witness() -> None:
    document = verify.certify("thm1", d=5, eps="2/5").certificate.document
    radius, error = (float(Fraction(document["witness"][key])) for key in ("radius", "error"))
    at = int(np.argmin(np.abs(cubature.GRID - radius)))
    drawn = cubature.worst(cubature.Construction(document).on_axis(), cubature.GRID)
    assert abs(cubature.GRID[at] - radius) < 1e-3
    assert abs(drawn[at] - error) < 2e-3
    assert drawn.max() <= float(Fraction(document["claim"]["bound"]))


def test_the_drawn_power_takes_the_value_of_the_witness() -> None:
    document = verify.certify("thm3", d=10, k=2, eps="1/100").certificate.document
    (axis,) = (axes for axes in figures.draw(document).axes if axes.get_title() == "Error of the network")
    x, y = axis.lines[0].get_data()
    at = float(Fraction(document["witness"]["radius"]))
    drawn = abs(float(np.interp(at, np.asarray(x, dtype=float), np.asarray(y, dtype=float))))
    assert abs(drawn / float(Fraction(document["witness"]["error"])) - 1) < 0.05


def test_the_distance_drawn_for_theorem_5_is_the_kernel_s() -> None:
    document = verify.load(SHIPPED / "thm5-d6-eps0.02-hat.json").document
    _, tails, shares = ridge_bound.masses(document["proof"])
    proof = read_proof(Fields(document["proof"], "proof"))
    for width in (1, 5149, 10**6):
        assert abs(ridge_bound.missed(tails, shares, width) ** 2 / float(proof.missed_energy(width)) - 1) < 1e-9


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ((2.1, 3.1), ["200", "500", "1,000"]),
        ((0.0, 3.0), ["1", "10", "100", "1,000"]),
        ((8.0, 11.0), ["$10^{8}$", "$10^{9}$", "$10^{10}$", "$10^{11}$"]),
        ((7.2, 8.1), ["2e+07", "5e+07", "$10^{8}$"]),
    ],
)
def test_logarithmic_axes_name_true_numbers(limits: tuple[float, float], labels: list[str]) -> None:
    figure = new_figure()
    (axes,) = panels(figure, 1)
    log_axis(axes.xaxis)
    axes.set_xlim(*limits)
    figure.canvas.draw()
    texts = [label.get_text() for label in axes.get_xticklabels()]
    places = axes.get_xticks()
    assert [text for text, x in zip(texts, places, strict=True) if limits[0] <= x <= limits[1]] == labels


def test_several_certificates_make_one_figure_over_the_dimension(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def plot(*names: str) -> int:
        return run(["plot", *(str(SHIPPED / f"{name}.json") for name in names), "-o", str(tmp_path / "f.svg")])

    assert plot("separation-code-n12", "separation-code-n36") == 0
    assert plot("separation-d3-63neurons", "separation-d3-eps0.25") == 0
    together = [accepted(SHIPPED / f"separation-d{d}-eps0.1.json", 1) for d in (4, 2, 10)]
    (axes,) = draw_together(together).axes
    needs, has = axes.lines
    assert list(needs.get_xdata()) == list(has.get_xdata()) == [2, 4, 10]
    assert [round(10**y) for y in has.get_ydata()] == [135, 233, 493]
    capsys.readouterr()
    assert plot("separation-d3-63neurons", "separation-code-n12") == 2
    assert "different kinds" in capsys.readouterr().err
    assert plot("assumption1-gelu-L1-R1-delta0.05", "assumption1-relu-L1-R1-delta0.05") == 2
    assert "one by one" in capsys.readouterr().err


def test_the_drawn_depth3_network_is_the_certificate_s() -> None:
    from verify.kernel.fields import Fields
    from verify.kernel.sup_norm.radial_depth3 import read_network
    from verify.report.figures.depth3 import even, layers

    document = verify.certify(*REQUESTS["depth 3"][:1], **REQUESTS["depth 3"][1]).certificate.document
    network = read_network(Fields(document["network"], "network"), 3)
    inner, outer = layers(document["network"])
    for point in ([0.25, -0.5, 0.125], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]):
        total = network.dimension * network.inner.offset
        for x in map(Fraction, point):
            for side in (x, -x):
                total += sum(
                    (u * max(Fraction(0), side - k)
                     for u, k in zip(network.inner.coefficients, network.inner.knots, strict=True)),
                    Fraction(0),
                )  # fmt: skip
        exact = network.outer.offset + sum(
            (u * max(Fraction(0), total - k)
             for u, k in zip(network.outer.coefficients, network.outer.knots, strict=True)),
            Fraction(0),
        )  # fmt: skip
        drawn = outer(even(inner, np.array([point])).sum(axis=1))[0]
        assert abs(drawn - float(exact)) < 1e-12


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = verify.certify("assumption1", activation="relu", delta="1/5000").certificate
    certificate.save(tmp_path / "c.json")
    broken = {**certificate.document, "hash": "sha256:0"}
    verify.Certificate(broken, "b").save(tmp_path / "b.json")
    cases = [("c.json", "f.png", 2), ("c.json", "f.docx", 2), ("b.json", "f.png", 4), ("missing.json", "f.png", 4)]
    for source, target, code in cases:
        assert run(["plot", str(tmp_path / source), "-o", str(tmp_path / target)]) == code
        assert capsys.readouterr().err.count("\n") == 1
        assert not (tmp_path / target).exists()
