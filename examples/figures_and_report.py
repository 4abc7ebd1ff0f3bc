"""A figure of a certificate, several certificates in one figure, and a page for people who want to read the theorem.

Needs matplotlib and latex2mathml: pip install 'verify[plot]'.

    $ python examples/figures_and_report.py
    sigmoid.svg
    separation.png
    report.html
"""

import sys
from pathlib import Path

import verify
from verify.report import figures
from verify.report.accepted import accepted
from verify.report.figures.curves import draw_together
from verify.report.page import build

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# Assumption 1: one family of 11 sigmoids follows every 1-Lipschitz function that is constant outside [-1, 1].
certificate = verify.certify("assumption1", activation="sigmoid", delta="1/10").certificate
certificate.save(folder / "sigmoid.json")
figures.save(figures.draw(certificate.document), folder / "sigmoid.svg")
print("sigmoid.svg")

# `accepted` checks a file and refuses what is not proved: only theorems are drawn and reported.
files = [verify.certify("ip2", n=n).certificate.save(folder / f"ip2-n{n}.json") for n in (16, 24, 32, 40)]
theorems = [accepted(file, workers=1) for file in files]
figures.save(draw_together(theorems), folder / "separation.png")
print("separation.png")

page = folder / "report.html"
page.write_text(build([accepted(folder / "sigmoid.json", workers=1), *theorems], page), encoding="utf-8")
print(page.name)
