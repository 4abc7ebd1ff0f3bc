"""Inner product mod 2, plain and lifted by a code: hard for depth 2, exact at depth 3."""
