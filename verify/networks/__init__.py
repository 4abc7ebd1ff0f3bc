"""Piecewise linear functions and ReLU networks, evaluated over any arithmetic."""
