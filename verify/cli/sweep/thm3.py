"""`python -m verify sweep thm3`."""

from __future__ import annotations

from verify.cli.sweep.scaling import sweep_command

_HELP = """Theorem 3: even powers of the norm, by dimension and accuracy.

\b
python -m verify sweep thm3 --d 3 10 30 100 --k 2 --eps 0.1 0.01 -o thm3.csv
"""

command = sweep_command("thm3", _HELP, powers=True)
