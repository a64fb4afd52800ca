"""Batches that die: python -m tests.batch.dying FOLDER DEATHS kills the first at its first point, and so on.

A point is a moment around which something is written: a file opened, flushed, renamed. Each batch is a
process of its own that draws into the same folder, killed by SIGKILL; the last one may end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from batch import manifest
from batch.folder import Folder
from batch.painting import in_turn
from batch.work import work_off
from benchmarks.batch.toy import Toy
from tests.batch.conftest import seeds

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

POINTS = {"open", "os.mkdir", "os.rename", "os.truncate"}


def die_at(point: int) -> None:
    """Kill this process when it comes to its point of that number, counted from one."""
    left = iter(range(point - 1, -1, -1))

    def come_by(*_: object) -> None:
        if next(left, 1) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(name: str, _: object) -> None:
        if name in POINTS:
            come_by()

    flush = os.fsync

    def flushed(fd: FileDescriptorLike) -> None:
        flush(fd)
        come_by()

    os.fsync = flushed
    sys.addaudithook(audited)


def draw(place: Path) -> None:
    """Draw what is left of the batch, and write its manifest."""
    with Folder(place / "out", Toy.model) as folder:
        todo = folder.todo(seeds(*range(6)))
        work_off(folder, todo, in_turn(Toy(place / "toy.log")), lambda row: None)
    manifest.write(place / "out")


def main(place: Path, deaths: int) -> None:
    """Let batches die one after another, and the last one live; say how many died."""
    died = 0
    for point in range(1, deaths + 1):
        child = os.fork()
        if child == 0:
            die_at(point)
            draw(place)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        died += os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    draw(place)
    print(died)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
