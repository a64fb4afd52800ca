"""A small drawn world and small models trained on it: the real architectures without a model hub."""

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the shipped models: `diffusion`, `vlm` and `judge`."""
