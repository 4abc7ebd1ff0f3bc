"""Claims proved by covering: a tree of boxes over the ball, on every leaf an integer bound (docs/rules/cover.md)."""
