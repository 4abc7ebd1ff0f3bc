"""Exact and outward-rounded arithmetic: fixed point, enclosures of elementary functions, polynomials, decimal text."""
