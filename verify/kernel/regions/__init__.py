"""Rules that decide a claim on the regions where a small ReLU network is affine (rules: `docs/rules/regions.md`)."""
