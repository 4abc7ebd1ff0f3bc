"""Exact numbers for provers: dyadics, rational text, bridges to mpmath, Arb and numpy."""
