"""A request's story: propose, select, look, lay out, correct; who plays it, and what happens meanwhile."""
