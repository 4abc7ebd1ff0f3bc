"""`python -m verify sweep thm2`."""

from __future__ import annotations

from verify.cli.sweep.scaling import sweep_command

_HELP = """Theorem 2: every 1-Lipschitz radial function, by dimension and accuracy.

\b
python -m verify sweep thm2 --d 2,3 --eps 0.2 --eps 0.1 --construction auto
python -m verify sweep thm2 --d 2..4 --eps 0.3 --eps 0.2 --eps 0.15 -o thm2.tex
"""

command = sweep_command("thm2", _HELP)
