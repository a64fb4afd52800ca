from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from deployments.launch.start import prepare
from deployments.replicas.manners import LATER, give_way


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is a whole process's elsewhere")
def test_a_thread_gives_way_with_those_that_it_starts_and_others_do_not() -> None:
    def inner() -> int:
        with ThreadPoolExecutor(1) as started:
            return started.submit(niceness).result()

    before = niceness()
    with ThreadPoolExecutor(1, initializer=give_way) as computing:
        assert computing.submit(niceness).result() == max(LATER, before)
        assert computing.submit(inner).result() == max(LATER, before)
        computing.submit(give_way).result()
        assert computing.submit(niceness).result() == max(LATER, before)
    assert niceness() == before


def test_the_launcher_starts_all_processes_in_a_hurry_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "environ", {})
    prepare()
    assert os.environ["RAY_worker_niceness"] == "0"
    os.environ["RAY_worker_niceness"] = "7"
    prepare()
    assert os.environ["RAY_worker_niceness"] == "7"
