"""Prove an instance of Theorem 2, keep it as a file, check it as a stranger would, and use the network.

The files go to the folder that is given, or to the current one.

    $ python examples/certify_and_check.py
    proved: |N(x) - |x|^2/2| <= 0.0159302 on the unit ball of R^2, with 11 neurons
    checked by the kernel: verified
    at (3/5, 0) the network is 0.188, the target 0.18
    with a smaller bound written into the file: rejected
"""

import sys
from fractions import Fraction
from pathlib import Path

import verify
from verify.certificates.document import rehash

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# `certify` searches for a network and a proof. What it returns has passed the kernel, from the bytes of the file.
result = verify.certify("thm2", d=2, eps="1/50", profile="r**2/2")
figures = result.theorem.figures
print(
    f"proved: |N(x) - |x|^2/2| <= {figures['certified bound']} on the unit ball of R^2, with {figures['width']} neurons"
)
path = result.certificate.save(folder / "half-square.json")

# Whoever gets the file needs no trust in the search: the kernel proves the statement again, in integers.
print(f"checked by the kernel: {verify.check(path).status}")

# The network evaluates in exact rationals (and in float64, mpmath and Arb).
network = verify.load(path).network
value = network([Fraction(3, 5), Fraction(0)])
print(f"at (3/5, 0) the network is {float(value):.3f}, the target {0.6**2 / 2}")

# A certificate that claims more than it proves is not accepted, even if its hash is right.
greedy = verify.load(path).document
greedy["claim"]["bound"] = "1/100"
print(f"with a smaller bound written into the file: {verify.check(rehash(greedy)).status}")
