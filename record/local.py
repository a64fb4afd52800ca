"""The story with everything in one process, for library and command-line users."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

import torch

from record import torch_thread
from record.analysis import Analyser
from record.backbone import Backbone
from record.cache import pose_bundle_path
from record.engine.engine import Engine
from record.engine.loop import EngineLoop
from record.geometry import Box
from record.reading.prompt import Triplet, parse
from record.reasoning.agents import VisionReasoner
from record.reasoning.chats import TransformersChat
from record.reasoning.dialect import COMPACT
from record.settings import Settings
from record.story import collect
from record.story.cast import Cast, Reasoner, Request
from record.story.events import Event
from record.story.run import Run
from record.types import Candidate, Look, Precision


class ReCorD:
    """A checkpoint, a pose estimator and a reasoner, ready to turn sentences into pictures."""

    def __init__(self, backbone: Backbone, analyser: Analyser, reasoner: Reasoner | None = None) -> None:
        self.backbone = backbone
        self._analyser = analyser
        self._reasoner = reasoner
        self._turn = threading.Lock()

    @classmethod
    def from_pretrained(
        cls,
        checkpoint: str | Path,
        *,
        reasoner: Reasoner | str | Path | None = None,
        device: str = "cpu",
        dtype: Precision | torch.dtype = "auto",
        pose_bundle: str | Path | None = None,
        adapter: str | Path | None = None,
        variant: str | None = None,
        config: str | Path | None = None,
    ) -> Self:
        """Load a checkpoint: `dtype`, `variant`, `config` and `adapter` are those of `Backbone`.

        `reasoner` is a `Reasoner` of record.story.cast, such as a `VisionReasoner` over any chat API, or
        the folder of a small VLM trained on the compact message form; without one the first candidate is
        kept and only a caller's `box` is corrected. `pose_bundle` is MediaPipe's .task file (default: the
        cached one). Raises CheckpointError naming whatever is missing.
        """
        if isinstance(reasoner, str | Path):
            reasoner = VisionReasoner(TransformersChat(reasoner, device=device), COMPACT)
        bundle = Path(pose_bundle) if pose_bundle is not None else pose_bundle_path()
        load = partial(
            Backbone.from_pretrained, checkpoint, device, dtype,
            adapter=adapter, variant=variant, config=config,
        )  # fmt: skip
        backbone = torch_thread.call(load)
        return cls(backbone, Analyser(bundle), reasoner)

    def __call__(
        self,
        text: str,
        *,
        triplet: Triplet | None = None,
        box: Box | None = None,
        on_event: Callable[[Event], None] | None = None,
        **settings: Any,
    ) -> Run:
        """Draw `text`; `settings` are those of `Settings`. Raises InputError for what it cannot read.

        Threads may share one: they take turns.
        """
        facts = self.backbone.facts
        chosen = Settings.build(settings, facts.defaults, facts.family)
        request = Request(parse(text, triplet), chosen, box)
        with self._turn:  # of two loops that step one engine each would take what the other waits for
            loop = EngineLoop(self._engine, torch.get_num_threads())
            return _wait(self._play(request, loop, on_event))

    @cached_property
    def _engine(self) -> Engine:
        return torch_thread.call(lambda: Engine(self.backbone))

    async def _play(
        self, request: Request, loop: EngineLoop, on_event: Callable[[Event], None] | None
    ) -> Run:
        cast = Cast(loop, _Analyst(self._analyser), self._reasoner)
        return await collect(request, cast, on_event)


class _Analyst:
    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser

    async def look(self, candidate: Candidate) -> Look:
        return await asyncio.to_thread(self._analyser.look, candidate)


def _wait(work: Coroutine[Any, Any, Run]) -> Run:
    """Run a coroutine to its end, also inside a notebook whose own loop is running."""
    torch_thread.release_team()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()
