"""A table of many instances for a paper: certified widths of Theorem 3 by dimension and accuracy, with the exponents.

The command `python -m verify sweep thm3 --d 4 8 16 32 --eps 0.1 0.01 -o table.tex` does the same.

    $ python examples/sweep.py
    d =  4: width     72 for 1/10, width    248 for 1/100
    d =  8: width    592 for 1/10, width   2016 for 1/100
    d = 16: width   3232 for 1/10, width   9760 for 1/100
    d = 32: width  14720 for 1/10, width  44352 for 1/100
    fitted at k = 2, d = 4: width ~ (1/eps)^0.54 (2 instances)
    fitted at k = 2, d = 8: width ~ (1/eps)^0.53 (2 instances)
    fitted at k = 2, d = 16: width ~ (1/eps)^0.48 (2 instances)
    fitted at k = 2, d = 32: width ~ (1/eps)^0.48 (2 instances)
    fitted at k = 2, eps = 0.1: width ~ d^2.55 (4 instances)
    fitted at k = 2, eps = 0.01: width ~ d^2.47 (4 instances)
"""

import sys
from fractions import Fraction
from pathlib import Path

import verify
from verify.report.scaling import Instance, exponents
from verify.report.tables import Chart, Table, write_table

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

table = Table(("d", "eps", "width", "certified bound"), Chart(by=("d", "eps"), curves={"width": "ReLU network"}))
instances = []
for d in (4, 8, 16, 32):
    widths = []
    for eps in (Fraction(1, 10), Fraction(1, 100)):
        figures = verify.certify("thm3", d=d, k=2, eps=eps).theorem.figures
        table.rows.append({"d": d, "eps": str(eps), **figures})
        instances.append(Instance(d, 2, eps, int(figures["width"])))
        widths.append(f"width {figures['width']:>6} for {eps}")
    print(f"d = {d:>2}: {', '.join(widths)}")

# Slopes of log(width): about 1/2 in 1/eps (chords of a smooth function), and polynomial in d.
table.notes.extend(exponents(instances))
print("\n".join(table.notes))

for name in ("table.tex", "table.csv", "table.png"):
    write_table(table, folder / name)
