"""A small drawn world and small models trained on it: the real architectures without a model hub."""
