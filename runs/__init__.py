"""Runs and what they leave behind: rows, events and artefacts that outlive the process that made them."""

from runs.store import Store, open_store

__all__ = ["Store", "open_store"]
