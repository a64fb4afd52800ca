"""All of torch's parallel work in one thread, and no team of workers left in any other."""

import asyncio
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from record import torch_thread

gnu_openmp = pytest.mark.skipif(sys.platform != "linux", reason="teams are GNU OpenMP's")


TEAMS = """
import os, sys, torch
from concurrent.futures import ThreadPoolExecutor
from record import torch_thread

def add(): torch.ones(1000, 1000).add(1)
def call(): torch_thread.call(add), torch_thread.call(lambda: None)
def release(): torch_thread.release_team()

def more_threads_after(work):
    before = len(os.listdir("/proc/self/task"))
    work()
    return len(os.listdir("/proc/self/task")) - before

def ask():
    torch.set_num_threads(3)
    torch_thread.call(lambda: None)  # the torch thread itself is there
    return [more_threads_after(globals()[name]) for name in sys.argv[1:]]

with ThreadPoolExecutor(1) as caller:
    print(caller.submit(ask).result())
"""
"""How many more threads a process has after each of the works named, done by a thread with three of them."""


def threads_more(*works: str) -> list[int]:
    """In a process of its own, where no other test's threads come and go."""
    done = subprocess.run([sys.executable, "-c", TEAMS, *works], capture_output=True, text=True, check=True)
    found: list[int] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_work_of_all_threads_is_done_in_one() -> None:
    found = {torch_thread.call(threading.get_ident)}
    with ThreadPoolExecutor(3) as callers:
        found |= set(callers.map(lambda _: torch_thread.call(threading.get_ident), range(6)))
    assert len(found) == 1 and threading.get_ident() not in found


def test_work_may_ask_for_work() -> None:
    assert torch_thread.call(lambda: torch_thread.call(lambda: 3) + 1) == 4


def test_an_error_comes_back_and_the_thread_goes_on() -> None:
    with pytest.raises(ZeroDivisionError):
        torch_thread.call(lambda: 1 // 0)
    assert torch_thread.call(lambda: 5) == 5


def test_a_coroutine_can_await_it() -> None:
    async def ask() -> int:
        return await asyncio.wrap_future(torch_thread.submit(lambda: 6))

    assert asyncio.run(ask()) == 6


def test_it_uses_as_many_threads_as_its_caller_or_as_it_is_told() -> None:
    def ask(threads: int) -> tuple[int, int]:
        torch.set_num_threads(threads)
        return torch_thread.call(torch.get_num_threads), torch_thread.call(torch.get_num_threads, 2)

    with ThreadPoolExecutor(1) as caller:  # a thread of its own: the number is a thread's
        found = [caller.submit(ask, threads).result() for threads in (3, 1)]
    assert found == [(3, 2), (1, 2)]


@gnu_openmp
def test_a_thread_s_workers_are_let_go_and_made_again() -> None:
    assert threads_more("add", "release", "add", "release") == [2, -2, 2, -2]


@gnu_openmp
def test_who_hands_work_over_keeps_no_workers_and_none_are_left_behind() -> None:
    assert threads_more("add", "call") == [2, -2]
