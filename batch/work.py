"""The work itself: what is still to do is drawn, and kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing

from batch.folder import Folder
from batch.items import Item
from batch.painting import Draws
from batch.rows import Row


def work_off(folder: Folder, items: Iterable[Item], draws: Draws, hear: Callable[[Row], None]) -> None:
    """Draw items into the folder; `hear` hears of each as soon as its row is on the disk.

    Whatever ends it, KeyboardInterrupt too, what was heard of stays and is not drawn again.
    """
    with closing(draws(items)) as outcomes:
        for outcome in outcomes:
            if folder.commit(outcome):
                hear(outcome.row)
