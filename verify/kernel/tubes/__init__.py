"""Theorem 5 and the L2 separations: the Fourier tube bound on networks of bounded width."""
