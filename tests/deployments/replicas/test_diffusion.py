"""The replica over a small random checkpoint, without Ray."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from deployments.config import DiffusionArgs
from deployments.replicas.diffusion import DiffusionReplica
from record import torch_thread
from record.engine.engine import Engine
from record.errors import EngineStoppedError
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing
from record.types import Candidate, Progress

KICK = parse("a woman is kicking a ball")


@pytest.fixture
def replica(checkpoint: Path) -> DiffusionReplica:
    return DiffusionReplica(DiffusionArgs(checkpoint=str(checkpoint), dtype="float32", threads=1))


async def test_progress_comes_before_the_candidate(replica: DiffusionReplica) -> None:
    parts = [part async for part in replica.draw(Job(KICK, 4, Drawing(steps=3)), 60.0, previews=True)]
    *progress, candidate = parts
    assert isinstance(candidate, Candidate) and candidate.seed == 4
    assert progress and isinstance(progress[0], Progress) and progress[0].preview is not None
    assert progress[0].preview.dtype == np.uint8
    replica.check_health()


async def test_a_cancelled_call_leaves_the_engine_empty(replica: DiffusionReplica) -> None:
    begun = asyncio.Event()

    async def follow() -> None:
        async for _ in replica.draw(Job(KICK, 4, Drawing(steps=200)), 60.0):
            begun.set()

    task = asyncio.create_task(follow())
    await asyncio.wait({task, asyncio.create_task(begun.wait())}, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wrap_future(torch_thread.submit(lambda: None))
    assert len(replica._loop._engine) == 0


async def test_a_stopped_engine_fails_its_health_check(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(engine: Engine) -> None:
        raise EngineStoppedError("cuda:0 is lost")

    broken = DiffusionReplica(DiffusionArgs(checkpoint=str(checkpoint), dtype="float32", threads=1))
    monkeypatch.setattr(Engine, "step", lost)
    for _ in range(2):
        with pytest.raises(EngineStoppedError, match="cuda:0 is lost"):
            async for _ in broken.draw(Job(KICK, 4, Drawing(steps=3)), 60.0):
                pass
    with pytest.raises(RuntimeError, match="has to be replaced"):
        broken.check_health()
