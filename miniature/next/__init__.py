"""The next drawn world, 256 pixels wide and biased on purpose, and the models trained on it."""
