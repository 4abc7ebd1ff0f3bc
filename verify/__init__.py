"""Machine-checked approximation theorems for neural networks.

import verify
result = verify.certify("thm2", d=2, eps="1/10")
result.certificate.save("thm2.json")
verify.check("thm2.json").theorem.statement
"""

__version__ = "0.1.0"

from verify.api import certify
from verify.certificates.certificate import Certificate, CheckResult, check, load
from verify.claims.certified import Certified
from verify.kernel import Theorem

__all__ = ["Certificate", "Certified", "CheckResult", "Theorem", "__version__", "certify", "check", "load"]
