"""`record batch` with painters that need no models: python -m tests.e2e.toying LOG PROMPTS -o OUT ...

LOG is a folder in which every worker notes what it begins to draw.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.batch.toy import LoadToy, Toy
from record_cli import batch_draws
from record_cli.app import app
from record_cli.in_process import Models

PAUSE_S = 0.1


@dataclass(frozen=True)
class LoadToyHere(LoadToy):
    """Stands where the command loads its models."""

    model: str = Toy.model

    @classmethod
    def of(cls, models: Models) -> LoadToyHere:
        """Whatever models were asked for."""
        return cls(Path(sys.argv[1]), PAUSE_S)


if __name__ == "__main__":
    vars(batch_draws)["LoadHere"] = LoadToyHere
    app(["batch", *sys.argv[2:]])
