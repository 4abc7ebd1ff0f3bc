"""Lower bounds in the sup norm (Theorem 4, dual measures) and the depth-3 networks that beat them."""
