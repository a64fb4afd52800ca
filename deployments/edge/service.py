"""What the HTTP edge asks for: a request in, finished runs out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from deployments.config import IngressArgs
from deployments.edge.body import GenerationRequest
from record.errors import InputError
from record.facts import Checkpoint
from record.reading.prompt import parse
from record.settings import Settings, published
from record.shown import shown
from record.story import collect
from record.story.best import seeded
from record.story.cast import Cast, Request
from record.story.run import Run
from record.traits import traits_of


class Service:
    """Plays the story for requests; it owns no model, only the cast it was given."""

    def __init__(
        self,
        cast: Cast,
        args: IngressArgs,
        describe: Callable[[], Awaitable[Checkpoint]],
        parts: Callable[[], Awaitable[Mapping[str, str]]],
        defaults: Mapping[str, Any],
    ) -> None:
        """`describe` asks what is served; `parts` gives each deployment's status, READY when it is up.

        `defaults` are the configuration's settings, over the checkpoint's own.
        """
        self.args = args
        self.parts = parts
        self._cast = cast
        self._describe = describe
        self._defaults = defaults
        self._checkpoint: Checkpoint | None = None

    async def checkpoint(self) -> Checkpoint:
        """What the diffusion replicas serve, asked once."""
        if self._checkpoint is None:
            self._checkpoint = await self._describe()
        return self._checkpoint

    async def generate(self, asked: GenerationRequest) -> list[Run]:
        """Draw `n` pictures, each with candidates of its own; InputError for what cannot be served."""
        self._check(asked)
        prompt, box = parse(asked.prompt, asked.triplet_given()), asked.box_given()
        checkpoint = await self.checkpoint()
        settings = self.settings(asked.settings, checkpoint)
        _check_drawn_by(settings.method, asked, checkpoint)
        within_s = asked.within_s(self.args.request_timeout_s)
        requests = [Request(prompt, s, box, within_s) for s in seeded(settings, asked.n)]
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
            tasks = [group.create_task(collect(request, self._cast)) for request in requests]
        return [task.result() for task in tasks]

    def settings(self, given: Mapping[str, Any], checkpoint: Checkpoint) -> Settings:
        """What a request gets: `given` over the configuration's over the checkpoint's own.

        Who asks for preset paper gets the paper's values where only the configuration says otherwise.
        """
        facts = checkpoint.facts
        papers = published(facts.family) if given.get("preset") == "paper" else {}
        own = {name: value for name, value in self._defaults.items() if name not in papers}
        return Settings.build({**own, **given}, facts.defaults, facts.family)

    def _check(self, asked: GenerationRequest) -> None:
        name, most = self.args.model_name, self.args.max_pictures
        if asked.model not in (None, name):
            raise InputError(
                f"model={shown(asked.model)} is not served here: use {name!r}",
                param="model",
                code="model_not_found",
            )
        if asked.n > most:
            raise InputError(f"n={asked.n}: at most {most} pictures a request", param="n")


def _check_drawn_by(method: str, asked: GenerationRequest, checkpoint: Checkpoint) -> None:
    """The checkpoint draws one size and may know few words; an images API has its own."""
    if traits_of(method).is_drawn_elsewhere:
        size, remedy = None, "an images API draws the size it is configured for, leave size out"
    else:
        size, remedy = checkpoint.size, f"this checkpoint draws {checkpoint.size}, leave size out"
        checkpoint.facts.check(asked.prompt)
    if asked.size not in (None, "auto", size):
        raise InputError(f"size={shown(asked.size)}: {remedy}", param="size")
