"""Where fetched files are kept: `RECORD_CACHE`, or ~/.cache/record."""

from __future__ import annotations

import os
from pathlib import Path

POSE_BUNDLE_NAME = "pose_landmarker_full.task"


def cache_folder() -> Path:
    """The folder of fetched files; it need not exist yet."""
    return Path(os.environ.get("RECORD_CACHE") or Path.home() / ".cache" / "record")


def pose_bundle_path() -> Path:
    """MediaPipe's pose model, once the set-up has fetched it."""
    return cache_folder() / POSE_BUNDLE_NAME
