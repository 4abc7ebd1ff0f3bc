"""Hypothesis: no deadlines (the machine may be busy), the same examples on every run."""

from hypothesis import settings

settings.register_profile("verify", deadline=None, derandomize=True)
settings.load_profile("verify")
