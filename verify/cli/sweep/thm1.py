"""`python -m verify sweep thm1`."""

from __future__ import annotations

from verify.cli.sweep.scaling import sweep_command

_HELP = """Theorem 1: every 1-Lipschitz radial function, by dimension and accuracy.

The exponents below the table are fitted; `certify growth` proves one.

\b
python -m verify sweep thm1 --d 10,30,100,300,1000 --eps 0.3 -o thm1.md -o thm1.png
"""

command = sweep_command("thm1", _HELP)
