from __future__ import annotations

import pytest

from deployments.scaling.workload import Drawn, Steps, Workload
from record.job import Job
from record.reading.prompt import parse
from record.settings import Settings
from record.types import NO_PICTURE, Candidate, Progress

PLAIN = Settings.build({"method": "plain", "steps": 10}).drawing()
JOB = Job(parse("a man is kicking a ball"), 0, PLAIN)
END = Candidate(0, NO_PICTURE)


def test_steps_are_counted_once_whatever_is_left_out() -> None:
    steps = Steps(JOB)
    taken = [steps.take(part) for part in (Progress(1, 10), Progress(4, 10), Progress(4, 10), END)]
    assert taken == [2, 6, 0, 12]
    assert steps.left() == 0


def test_a_workload_tells_what_is_left_of_all_jobs() -> None:
    workload = Workload(2)
    with workload.drawing(JOB) as took, workload.drawing(JOB):
        took(Progress(5, 10))
        assert workload.left() == 10 + 20
    assert workload.left() == 0


def test_the_pace_is_that_of_a_full_painter_once_there_was_one() -> None:
    now = [0.0]
    workload = Workload(4, lambda: now[0])
    assert workload.paces() == (0, 0)
    with workload.drawing(JOB) as took:
        took(Progress(10, 10))
        now[0] = 10.0
        assert workload.paces() == (0, 2)  # one of four places
        with workload.drawing(JOB) as second:
            now[0] = 20.0
            workload.paces()
            second(Progress(10, 10))
            now[0] = 21.0
            assert workload.paces() == (0, 2)  # too short to be measured
            now[0] = 40.0
            assert workload.paces() == (1, 2)
            now[0] = 60.0
            assert workload.paces()[0] == pytest.approx(0.7)


def test_of_runs_that_are_played_here_no_more_nothing_counts() -> None:
    drawn = Drawn()
    for run, steps in (("a", 3), ("b", 4), ("a", 5)):
        drawn.add(run, steps)
    assert drawn.of({"a", "b"}) == 12
    assert drawn.of({"b"}) == 4
    assert drawn.of({"a", "b"}) == 4
