"""Where the shipped models lie: data beside the packages, found without importing what made them."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).resolve().parent.parent / "miniature" / "weights"
"""The folder of the shipped models: `diffusion`, `vlm` and `judge`."""
