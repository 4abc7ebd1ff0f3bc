"""Assumption 1: what the kernel knows about each activation, and the network that follows every Lipschitz function."""
