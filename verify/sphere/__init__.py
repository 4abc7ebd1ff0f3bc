"""Direction sets on the sphere: orbits, Hilbert identities, cubatures, Gegenbauer tools."""
