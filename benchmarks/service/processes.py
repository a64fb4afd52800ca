"""The processes of one service: found below its launcher by their titles, looked at and killed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

import psutil

_TITLE = re.compile(r"ray::(?:ServeReplica:[^:]+:)?(\w+)")
WAIT_S = 30.0


def kind_of(title: str) -> str:
    """What a process is: a deployment's name, ProxyActor, ServeController, or its program's name."""
    found = _TITLE.match(title)
    return found[1] if found else title.split(" ")[0].rsplit("/", 1)[-1]


def below(launcher: int) -> dict[str, list[psutil.Process]]:
    """Every process that the launcher started, itself included, by kind."""
    root = psutil.Process(launcher)
    found: dict[str, list[psutil.Process]] = {"launcher": [root]}
    for process in root.children(recursive=True):
        with suppress(psutil.Error):
            words = process.cmdline()
            if words:
                found.setdefault(kind_of(words[0]), []).append(process)
    return found


def kill(launcher: int, kind: str) -> bool:
    """Kill one process of a kind, below the launcher, as `kill -9` does; False where there is none."""
    for process in below(launcher).get(kind, ()):
        with suppress(psutil.NoSuchProcess):
            process.kill()
            return True
    return False


def kill_all(launcher: int) -> None:
    """Kill the launcher and everything below it at once, and wait until all are gone."""
    everything = [process for processes in below(launcher).values() for process in processes]
    for process in everything:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(everything, timeout=WAIT_S)


def schedule(kinds: Sequence[str], requests: int) -> list[tuple[int, str]]:
    """After how many ended requests which kind dies: evenly, and some requests follow the last."""
    return [((number + 1) * requests // (len(kinds) + 1), kind) for number, kind in enumerate(kinds)]
