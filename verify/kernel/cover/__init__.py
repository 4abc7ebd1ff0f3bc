"""Covering rules: a tree of boxes over the ball, and on every leaf an integer bound of the error (docs/rules.md)."""
