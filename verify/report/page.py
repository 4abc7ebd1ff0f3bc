"""A self-contained HTML page on certificates that the kernel has accepted; no scripts, no outside resources."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

from verify import __version__
from verify.errors import UsageProblem
from verify.report import figures
from verify.report.accepted import Accepted
from verify.report.formulas import formula, mathml
from verify.report.rules import link, named_in

TITLES = {
    "assumption-1": "Assumption 1: one activation follows every Lipschitz function",
    "depth-separation-l2": "Depth separation in L2, for every activation and all weights",
    "depth3-approximation": "A depth-3 network with small weights",
    "growth": "Theorem 1 as the dimension grows: width at most C d^p",
    "inner-product": "Inner product mod 2: depth 2 against depth 3",
    "path-norm": "Lower bound on the path norm of depth-2 networks",
    "power": "Theorem 3: an even power of the norm",
    "radial-cubature": "Theorem 1: radial functions in any dimension, by a cubature",
    "radial-approximation": "Theorem 2 for one profile: an explicit depth-2 network",
    "refutation": "Refutation: a network is not as accurate as claimed",
    "ridge-lower-bound": "Theorem 5 with numbers: a width that no depth-2 network can do without",
    "separation-code": "Depth separation at constant accuracy, by codes",
    "separation-sup": "Depth separation in the sup norm",
    "theorem-4": "Theorem 4 with numbers",
    "universal-approximation": "Theorem 2: every 1-Lipschitz radial function at once",
}

STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 Georgia,'Times New Roman',serif;color:#111;background:#fff;max-width:62rem;margin:2rem auto}
body{padding:0 1.2rem}h1{font-size:1.7rem;margin:0 0 .3rem}
h2{font-size:1.3rem;margin:2.6rem 0 .4rem;border-top:1px solid #bbb;padding-top:1.2rem}
h3{font:600 .85rem/1.4 system-ui,sans-serif;letter-spacing:.04em;text-transform:uppercase;color:#444}
h3{margin:1.5rem 0 .3rem}
.status{font:600 .9rem system-ui,sans-serif;color:#00543d}.status.refuted{color:#8a3a00}
.statement{border-left:4px solid #0072b2;padding:.3rem 0 .3rem 1rem;margin:.6rem 0}
math{font-size:1.08rem;margin:.8rem 0;padding:.4rem 0;overflow-x:auto;overflow-y:hidden}
table{border-collapse:collapse;font:14px/1.4 system-ui,sans-serif}th,td{text-align:left;padding:.18rem 1.4rem .18rem 0;
border-bottom:1px solid #ddd;vertical-align:top}td.number{font-variant-numeric:tabular-nums}
figure{margin:1rem 0}figure svg{width:100%;height:auto}figcaption,.note{font:13px/1.45 system-ui,sans-serif;color:#444}
pre{background:#f3f3f3;padding:.6rem .8rem;overflow-x:auto;font-size:13px;white-space:pre-wrap;overflow-wrap:anywhere}
dt{font:600 14px system-ui,sans-serif;margin-top:.4rem}dd{margin:0 0 0 1.2rem}a{color:#00507d}
@media print{body{margin:0;max-width:none}h2{break-before:page}h2:first-of-type{break-before:auto}}
"""


def build(certificates: Sequence[Accepted], page: Path) -> str:
    """Return the page's HTML: a contents list if there are several certificates, then a section for each.

    Args:
        certificates: what to show.
        page: where the page will be, for links into the documentation.

    Raises:
        UsageProblem: a library that pages need is not installed.
    """
    try:
        import latex2mathml  # noqa: F401
    except ImportError:
        raise UsageProblem("reports need latex2mathml; install the extra: pip install 'verify[plot]'") from None
    sections = [_section(item, index, page) for index, item in enumerate(certificates, start=1)]
    several = len(certificates) > 1
    title = "Certified statements" if several else _title(certificates[0])
    contents = ""
    if several:
        rows = "".join(
            f'<li><a href="#c{index}">{html.escape(_title(item))}</a>: {html.escape(item.certificate.name)}</li>'
            for index, item in enumerate(certificates, start=1)
        )
        contents = f"<ol>{rows}</ol>"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n<p class='note'>Written by verify {__version__}. Every statement below was "
        "proved by the kernel from the bytes of its certificate when this page was made.</p>\n"
        f"{contents}\n{''.join(sections)}</body>\n</html>\n"
    )


def _title(item: Accepted) -> str:
    return TITLES.get(item.certificate.kind, item.certificate.kind)


def _section(item: Accepted, index: int, page: Path) -> str:
    theorem, document = item.theorem, item.document
    refutes = theorem.refutes
    status = "refutation verified" if refutes else "verified"
    parts = [
        f'<section id="c{index}">\n<h2>{html.escape(_title(item))}</h2>\n',
        f'<p class="status{" refuted" if refutes else ""}">✓ {status} · {html.escape(item.path.name)}</p>\n',
        "<h3>Statement</h3>\n",
        mathml(formula(document, theorem)) + "\n",
        f'<p class="statement">{html.escape(theorem.statement)}</p>\n',
        "<h3>Numbers</h3>\n<table>",
        *(
            f"<tr><th>{html.escape(key)}</th><td class='number'>{html.escape(_shown(value))}</td></tr>"
            for key, value in theorem.figures.items()
        ),
        "</table>\n",
        _figure(item, index),
        "<h3>How it was proved</h3>\n",
        _proof(item, page),
        "<h3>What has to be trusted</h3>\n",
        "<p>That the kernel (the folder <code>verify/kernel</code>: integers and rationals, no floating point) does "
        "what docs/rules says, the proofs there, Python and numpy's integer arrays. Not the programs that found "
        "the network or the proof, not this page's figure.</p>\n",
        f"<p>Rests on: {html.escape('; '.join(theorem.rests_on))}.</p>\n",
        "<h3>Check it yourself</h3>\n",
        f"<pre>python -m verify check {html.escape(item.path.as_posix())}</pre>\n",
        _origin(item),
        f"<p class='note'>Content hash of the certificate: <code>{html.escape(str(document['hash']))}</code></p>\n",
        "</section>\n",
    ]
    return "".join(parts)


def _shown(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _figure(item: Accepted, index: int) -> str:
    """Return the figure as inline SVG, or a note that there is none."""
    try:
        svg = figures.rendered(figures.draw(item.document), "svg").decode("utf-8")
    except figures.NoFigure:
        return ""
    except UsageProblem as problem:
        return f'<p class="note">No figure: {html.escape(str(problem))}.</p>\n'
    body = svg[svg.index("<svg") :]
    # Identifiers must differ between the figures of one page.
    body = re.sub(r'\bid="([^"]+)"', rf'id="f{index}-\1"', body)
    body = re.sub(r'(href="#|url\(#)([^")]+)', rf"\1f{index}-\2", body)
    return (
        f"<h3>Figure</h3>\n<figure>{body}<figcaption>Sampled values in floating point beside the certified bound: an "
        "illustration, no part of the proof.</figcaption></figure>\n"
    )


def _proof(item: Accepted, page: Path) -> str:
    rows = []
    for rule in named_in(item.theorem.rests_on):
        address = link(rule, page)
        name = html.escape(rule.name)
        shown = f'<a href="{html.escape(address)}">{name}</a>' if address else name
        rows.append(f"<dt>{shown}</dt><dd>{html.escape(rule.meaning)}</dd>")
    rule_name = html.escape(str(item.document["proof"].get("rule", "")))
    return (
        f"<p>Proof rule <code>{rule_name}</code>. The certificate holds the data; the kernel recomputes what follows "
        f"from them. The rules with their proofs are in docs/rules:</p>\n<dl>{''.join(rows)}</dl>\n"
    )


def _origin(item: Accepted) -> str:
    command = item.document.get("provenance", {}).get("command")
    if not isinstance(command, str):
        return ""
    return f"<p>and, to build it again,</p>\n<pre>python -m verify {html.escape(command)}</pre>\n"
