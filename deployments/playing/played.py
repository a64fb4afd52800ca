"""A run while this process plays it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from record.story.run import Run
from runs.rows import RunRow


@dataclass
class Playing:
    """A run that this process plays."""

    row: RunRow
    task: asyncio.Task[None] | None = None
    stopped: str = ""
    is_drawn: bool = False
    runs: list[Run] = field(default_factory=list)

    def stop(self, why: str) -> None:
        """End it at its next await: it was "cancelled", is another's now ("lost"), or is "unwritten".

        What is drawn already is written down whatever happens, or it would be drawn again.
        """
        if self.task is not None and not self.stopped and not self.is_drawn:
            self.stopped = why
            self.task.cancel()
