"""Certificates as Coq files: one module a rule, each turning exact data into a theorem and its proof."""
