import asyncio

import pytest

from record import torch_thread
from record.backbone import Backbone
from record.engine.engine import Engine
from record.engine.loop import EngineLoop
from record.errors import EngineStoppedError, PromptError
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing

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
