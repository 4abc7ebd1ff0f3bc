"""The trusted checker: it believes only the bytes of a certificate, and computes in integers and rationals.

It imports the standard library, and numpy for integer arrays with proven bounds; nothing else of the project.
"""

from verify.kernel.check import check_bytes, check_document
from verify.kernel.outcome import CheckFailure, Malformed, Rejected, Theorem, Unsupported

__all__ = [
    "CheckFailure",
    "Malformed",
    "Rejected",
    "Theorem",
    "Unsupported",
    "check_bytes",
    "check_document",
]
