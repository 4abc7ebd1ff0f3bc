"""Theorems 1 and 3 in closed form: direction orbits and their moments, ridges, and the sums that bound the error."""
