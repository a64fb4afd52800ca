"""The one thread that does torch's parallel mathematics, whoever asks for it.

GNU's OpenMP gives every thread that works in parallel a team of workers and keeps it. Once all teams
together outnumber the processor's cores it lets workers sleep between any two operations, and everything
takes two to nine times as long. So all work goes to one thread; who hands it over lets his own team go
first, and gets a new one with his next parallel operation.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch

T = TypeVar("T")

NAME = "torch"
PAUSE_HARD = 2
"""OpenMP's omp_pause_hard: let go of everything that a later operation can make again."""


def call(work: Callable[[], T], threads: int | None = None) -> T:
    """`work()` done in the torch thread and waited for; what it raises is raised here."""
    if threading.current_thread().name.startswith(f"{NAME}_"):
        return work()
    try:
        return submit(work, threads).result()
    finally:
        submit(release_team)


def submit(work: Callable[[], T], threads: int | None = None) -> Future[T]:
    """The same without waiting, with `threads` torch threads (None: as many as torch would use here).

    The torch thread keeps its team: submit `release_team` when nothing follows.
    """
    release_team()
    return _thread().submit(_with_threads, threads or torch.get_num_threads(), work)


def release_team() -> None:
    """Let this thread's OpenMP workers go, if it has any and OpenMP is GNU's."""
    if (pause := _pause()) is not None:
        pause(PAUSE_HARD)


def _with_threads(threads: int, work: Callable[[], T]) -> T:
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    return work()


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=NAME)


os.register_at_fork(after_in_child=_thread.cache_clear)


@cache
def _pause() -> Callable[[int], int] | None:
    """`omp_pause_resource_all` of the OpenMP that torch is linked with; in GNU's it is the caller's own.

    In LLVM's and Intel's it would stop every thread's workers, and there teams do not share a budget.
    """
    library = Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"
    if not library.is_file():
        return None
    symbols = ctypes.CDLL(str(library))  # looks into the libraries this one needs as well
    if hasattr(symbols, "kmp_get_blocktime"):
        return None
    return getattr(symbols, "omp_pause_resource_all", None)
