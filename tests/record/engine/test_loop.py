import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from record import torch_thread
from record.backbone import Backbone
from record.engine.engine import Engine, Finished
from record.engine.loop import EngineLoop
from record.errors import DeadlineError, EngineStoppedError, PromptError
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing
from record.types import Progress

KICK = parse("a woman is kicking a ball")


async def what_the_engine_has_to_do() -> None:
    """Wait until the engine's thread has done all that was handed to it before."""
    await asyncio.wrap_future(torch_thread.submit(lambda: None))


def test_callers_share_the_engine_and_get_their_own_pictures(backbone: Backbone) -> None:
    async def ask() -> list[int]:
        loop = EngineLoop(Engine(backbone))
        jobs = [Job(KICK, seed, Drawing(steps=2)) for seed in (5, 6, 7)]
        return [c.seed for c in await asyncio.gather(*(loop.submit(job) for job in jobs))]

    assert asyncio.run(ask()) == [5, 6, 7]


def test_a_cancelled_caller_leaves_the_engine_empty(backbone: Backbone) -> None:
    engine = Engine(backbone)

    async def ask() -> None:
        loop, begun = EngineLoop(engine), asyncio.Event()

        async def watch() -> None:
            async for _ in loop.draw(Job(KICK, 1, Drawing(steps=200))):
                begun.set()

        task = asyncio.create_task(watch())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await what_the_engine_has_to_do()

    asyncio.run(ask())
    assert len(engine) == 0


def test_bad_prompts_are_refused_and_others_are_served(backbone: Backbone) -> None:
    long = parse("a woman is kicking a ball in the park in the park in the park in the park")

    async def ask() -> int:
        loop = EngineLoop(Engine(backbone))
        good = asyncio.create_task(loop.submit(Job(KICK, 3, Drawing(steps=2))))
        with pytest.raises(PromptError):
            await loop.submit(Job(long, 3, Drawing(steps=2)))
        return (await good).seed

    assert asyncio.run(ask()) == 3


def test_a_dead_engine_tells_its_callers_and_its_health(backbone: Backbone) -> None:
    class Broken(Engine):
        def step(self) -> list[object]:  # type: ignore[override]
            raise OSError("device lost")

    async def ask() -> bool:
        loop = EngineLoop(Broken(backbone))
        with pytest.raises(EngineStoppedError, match="device lost"):
            await loop.submit(Job(KICK, 3, Drawing(steps=2)))
        return loop.is_healthy

    assert asyncio.run(ask()) is False


def test_a_caller_cancelled_while_its_job_is_added_leaves_nothing(backbone: Backbone) -> None:
    engine = Engine(backbone)

    async def ask() -> None:
        loop = EngineLoop(engine)
        task = asyncio.create_task(loop.submit(Job(KICK, 1, Drawing(steps=200))))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await what_the_engine_has_to_do()  # the adding, which nobody can stop
        await what_the_engine_has_to_do()  # and the forgetting

    asyncio.run(ask())
    assert len(engine) == 0


class Counting(Engine):
    """Remembers how many jobs were live at the end of each step; `on_step` may do something in it."""

    on_step: Callable[[], None] = staticmethod(lambda: None)

    def step(self) -> list[Finished]:
        self.live = [*getattr(self, "live", []), len(self)]
        self.on_step()
        return super().step()


async def test_whoever_leaves_is_out_of_the_engine_within_one_step(backbone: Backbone) -> None:
    engine = Counting(backbone)
    loop = EngineLoop(engine)
    staying = asyncio.create_task(loop.submit(Job(KICK, 2, Drawing(steps=30))))
    parts = loop.draw(Job(KICK, 1, Drawing(steps=200)))
    await anext(parts)
    await parts.aclose()
    taken = len(engine.live)
    await staying
    await what_the_engine_has_to_do()
    assert engine.live[-1] == 1, "an engine without jobs is not stepped"
    assert engine.live[taken + 1 :] == [1] * len(engine.live[taken + 1 :]), "one step may have begun"


async def test_progress_has_previews_for_those_who_want_them(backbone: Backbone) -> None:
    taken: list[object] = []  # a second passes with every step, and none between them
    loop = EngineLoop(Engine(backbone, observe=taken.append), clock=lambda: float(len(taken)))
    for previews in (True, False):
        parts = [part async for part in loop.draw(Job(KICK, 1, Drawing(steps=4)), previews=previews)]
        progress = [part for part in parts if isinstance(part, Progress)]
        assert [part.step for part in progress] == [1, 2, 3]
        for part in progress:
            assert (part.preview is not None) is previews
            if part.preview is not None:
                assert part.preview.shape == (*backbone.latent_shape[1:], 3)
                assert part.preview.dtype == np.uint8


@asynccontextmanager
async def hanging(backbone: Backbone) -> AsyncIterator[EngineLoop]:
    """A loop whose engine's steps hang until the test is over."""
    engine, over = Counting(backbone), threading.Event()
    engine.on_step = over.wait  # type: ignore[assignment]
    try:
        yield EngineLoop(engine, hang_s=0.05)
    finally:
        over.set()
        await what_the_engine_has_to_do()


async def test_a_step_that_hangs_stops_the_engine_and_tells_everyone(backbone: Backbone) -> None:
    async with hanging(backbone) as loop:
        jobs = [Job(KICK, seed, Drawing(steps=2)) for seed in range(3)]
        ended = await asyncio.gather(*(loop.submit(job) for job in jobs), return_exceptions=True)
        assert all(isinstance(one, EngineStoppedError) for one in ended)
        assert not loop.is_healthy
        with pytest.raises(EngineStoppedError, match="hangs"):
            await loop.submit(jobs[0])


async def test_a_step_loop_that_was_ended_from_outside_tells_its_callers(backbone: Backbone) -> None:
    loop = EngineLoop(Engine(backbone))
    parts = loop.draw(Job(KICK, 1, Drawing(steps=200)))
    await anext(parts)
    assert loop._task is not None
    loop._task.cancel()
    with pytest.raises(EngineStoppedError):
        async for _ in parts:
            pass
    assert not loop.is_healthy
    await what_the_engine_has_to_do()  # the backbone is other tests' too


async def test_a_job_past_its_deadline_ends_with_that_reason(backbone: Backbone) -> None:
    loop = EngineLoop(Engine(backbone))
    with pytest.raises(DeadlineError):
        await loop.submit(Job(KICK, 1, Drawing(steps=2)), within_s=-1)
    assert loop.is_healthy
