"""Radial profiles phi and the targets of Theorems 4 and 5."""
