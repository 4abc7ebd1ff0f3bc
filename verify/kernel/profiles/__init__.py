"""The radial profile phi(r) of a claim: its language, derivatives in enclosures, Lipschitz constant and tube."""
