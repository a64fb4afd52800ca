"""Writers that die: python -m tests.runs.dying FOLDER DEATHS kills the first at its first point, and so on.

A point is a moment around which something is written: a file opened, flushed, renamed, a statement
executed, a transaction committed. Every writer is a process of its own, killed by SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

from runs import open_store
from runs.rows import Content, NewRun, new_id

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

FILE_POINTS = {"open", "os.mkdir", "os.rename", "os.utime"}
SQL_POINTS = ("before_cursor_execute", "after_cursor_execute", "commit")
PICTURE = bytes(100_000)


def addresses(folder: str) -> tuple[str, str]:
    """Where the writers' store is."""
    return f"sqlite:///{folder}/runs.sqlite3", f"{folder}/artefacts"


def die_at(point: int) -> None:
    """Kill this process when it comes to its point of that number, counted from one."""
    left = iter(range(point - 1, -1, -1))

    def come_by(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(name: str, _: object) -> None:
        if name in FILE_POINTS:
            come_by()

    flush = os.fsync

    def flushed(fd: FileDescriptorLike) -> None:
        flush(fd)
        come_by()

    for name in SQL_POINTS:
        event.listen(Engine, name, come_by)
    os.fsync = flushed
    sys.addaudithook(audited)


def write(folder: str) -> None:
    """Accept runs and play them, until something ends this process."""
    store = open_store(*addresses(folder))
    for number in count():
        new = NewRun(id=new_id(), body={"n": number}, deadline=time.time() + 1000, row_steps=1)
        store.index.accept(new, "w", 30)
        for name in ("coarse.png", "image.png"):
            data = new.id.encode() + name.encode() + PICTURE
            content = Content(name=name, data=data, media_type="image/png")
            store.tell(new.id, "w", [{"event": "begun"}, {"event": "drawn", "artefact": name}], [content])
        store.index.finish(new.id, "w", "finished")


def main(folder: str, deaths: int) -> None:
    """Let writers die one after another, and say at how many points they did."""
    for point in range(1, deaths + 1):
        child = os.fork()
        if child == 0:
            die_at(point)
            write(folder)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    print(deaths)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
