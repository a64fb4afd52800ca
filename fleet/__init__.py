"""How large a fleet has to be: cards and models, queueing, what breaks first. No Ray, no torch."""
