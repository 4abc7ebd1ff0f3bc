"""What proves a claim: search, optimisation, ball arithmetic. Nothing here is believed."""
