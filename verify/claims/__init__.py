"""From a request to a checked certificate: one file a claim, each joining a construction, a prover and the format.

Every module here has a function `certify(...) -> Certified`; `verify.api.certify` and the command line call it.
"""
