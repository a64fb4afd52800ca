"""Runs and what they leave behind: rows, events and artefacts that outlive the process that made them."""

from runs.rows import NewRun, RunRow, new_id
from runs.store import Store, open_store

__all__ = ["NewRun", "RunRow", "Store", "new_id", "open_store"]
