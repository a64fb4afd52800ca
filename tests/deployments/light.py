"""An application of light deployments with the options of the real ones, for a real Ray Serve."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

from ray import serve
from ray.serve.deployment import Application
from ray.serve.handle import DeploymentHandle

from deployments.playing.calls import stream
from deployments.reserved import Reserved


class Painter:
    """Draws for ever, unless told to die; counts who listens."""

    def __init__(self) -> None:
        self._listening = 0

    async def draw(self, dies: bool, within_s: float) -> AsyncGenerator[int, None]:
        """This process's number, then ones; with `dies` the process ends before the first of them."""
        self._listening += 1
        try:
            yield os.getpid()
            while True:
                await asyncio.sleep(0.01)
                if dies:
                    os._exit(1)
                yield 1
        finally:
            self._listening -= 1

    async def state(self) -> tuple[int, int]:
        """This process's number, and how many listen."""
        return os.getpid(), self._listening


class Edge:
    """Calls the painter as the real edge does."""

    def __init__(self, painter: DeploymentHandle) -> None:
        self._painter = painter

    async def leave(self) -> int:
        """The painter's process, after following a drawing that was then left."""
        async with aclosing(self._draw(iter([False]))) as parts:
            process = await anext(parts)
            await anext(parts)
        return int(process)

    async def survive(self) -> list[int]:
        """The processes that began to draw, where the first one dies of it."""
        processes: list[int] = []
        async with aclosing(self._draw(iter([True, False]))) as parts:
            async for part in parts:
                processes += [part] if part != 1 else []
                if len(processes) == 2:
                    break
        return processes

    async def processes(self) -> tuple[int, int, int]:
        """This process, the painter's, and how many listen to that."""
        return (os.getpid(), *await self._painter.state.remote())

    def _draw(self, deaths: Iterator[bool]) -> AsyncGenerator[int, None]:
        return stream(self._painter, "draw", lambda left_s: (next(deaths), left_s), str, within_s=120)


def build(args: dict[str, Any]) -> Application:
    """Both, bound by the options that real deployments have."""
    options = Reserved(num_cpus=0.1).options(30)
    painter = serve.deployment(Painter, name="Painter", **options).bind()
    return serve.deployment(Edge, name="Edge", **options).bind(painter)
