from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ray.serve.schema import (
    DeploymentStatus,
    DeploymentStatusOverview,
    DeploymentStatusTrigger,
    ReplicaState,
)

from deployments.edge.readiness import READY, Part, Readiness, part_of


class Controller:
    """Says what it is told to say, and counts how often it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self) -> dict[str, Part]:
        self.asked += 1
        answer = self.answers.pop(0)
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


async def test_the_controller_is_asked_once_a_second_however_many_ask() -> None:
    now = [0.0]
    controller = Controller({"VLM": Part("updating")}, {"VLM": Part(READY)})
    readiness = Readiness(controller, lambda: now[0])
    answers = await asyncio.gather(*(readiness() for _ in range(20)))
    assert controller.asked == 1 and all(one == {"VLM": Part("updating")} for one in answers)
    now[0] = 0.9
    await readiness()
    assert controller.asked == 1
    now[0] = 1.0
    assert await readiness() == {"VLM": Part(READY)} and controller.asked == 2


@pytest.mark.parametrize(
    ("part", "kept_s"),
    [
        (Part(READY, running=1), 3.0),
        (Part(READY, running=1, starting=1), 1.0),
        (Part(READY, running=1, stopping=1), 1.0),
        (Part("unhealthy"), 1.0),
    ],
)
async def test_while_no_replica_comes_or_goes_it_is_asked_less_often(part: Part, kept_s: float) -> None:
    now = [0.0]
    controller = Controller({"VLM": part}, {"VLM": Part("updating")})
    readiness = Readiness(controller, lambda: now[0])
    assert await readiness() == {"VLM": part}
    now[0] = kept_s - 0.1
    assert await readiness() == {"VLM": part}
    now[0] = kept_s
    assert await readiness() == {"VLM": Part("updating")}


async def test_where_the_controller_is_away_the_last_answer_stands() -> None:
    now = iter(range(100))
    readiness = Readiness(Controller({"VLM": Part(READY)}, RuntimeError("gone")), lambda: 10.0 * next(now))
    assert await readiness() == await readiness() == {"VLM": Part(READY)}


async def test_nothing_is_ready_before_the_controller_has_spoken() -> None:
    assert await Readiness(Controller(RuntimeError("gone")))() == {}


@pytest.mark.parametrize(
    ("status", "replicas", "state"),
    [
        ("HEALTHY", {"RUNNING": 1}, READY),
        ("HEALTHY", {}, READY),
        ("UPSCALING", {"RUNNING": 1, "STARTING": 1}, READY),
        ("UPSCALING", {"STARTING": 1}, READY),
        ("DOWNSCALING", {"RUNNING": 1, "STOPPING": 1}, READY),
        ("UPDATING", {"RUNNING": 1, "STARTING": 1}, READY),
        ("UNHEALTHY", {"RUNNING": 1, "STARTING": 1}, READY),
        ("UPDATING", {"STARTING": 1}, "updating"),
        ("UNHEALTHY", {"STARTING": 1, "RUNNING": 0}, "unhealthy"),
    ],
)
def test_a_part_is_ready_as_long_as_one_of_its_replicas_runs(
    status: str, replicas: dict[str, int], state: str
) -> None:
    states = {ReplicaState(name): count for name, count in replicas.items()}
    seen = DeploymentStatusOverview(DeploymentStatus(status), DeploymentStatusTrigger.UNSPECIFIED, states, "")
    part = part_of(seen)
    assert part.state == state and part.running == replicas.get("RUNNING", 0)
    assert (part.starting, part.stopping) == (replicas.get("STARTING", 0), replicas.get("STOPPING", 0))
