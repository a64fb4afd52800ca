"""Small fakes of the story's parts, for tests without models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from record.errors import AwayError, ReasoningError
from record.geometry import Box
from record.job import Job
from record.reading.prompt import Prompt
from record.types import Candidate, Layout, Look, Picture, PoseChoice, Progress, Verdict

SEEN = Box(0.1, 0.1, 0.3, 0.3)
WANTED = Box(0.6, 0.6, 0.8, 0.8)


class FakeDiffusion:
    """Draws flat pictures whose grey is the seed; corrections are one lighter. Remembers its jobs."""

    def __init__(self, size: int = 8, failing: frozenset[int] = frozenset()) -> None:
        self.size, self.failing, self.jobs = size, failing, list[Job]()

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Draw in one step, or raise for a failing seed."""
        self.jobs.append(job)
        if job.seed in self.failing:
            raise RuntimeError(f"seed {job.seed}")
        grey = job.seed % 200 + (0 if job.box is None else 1)
        image = np.full((self.size, self.size, 3), grey, np.uint8)
        yield Progress(1, 1, image[:1, :1] if previews else None)
        thing, subject, verb = np.zeros((3, 16, 16), np.float32)
        strands = None if job.stop_after is None else np.zeros((1, 4, 8, 8), np.float32)
        yield Candidate(job.seed, image, thing, subject, verb, strands)


class FakeAnalyst:
    """Sees a person and an object's box in every picture: one box in all, or by the picture's grey."""

    def __init__(
        self, object_box: Box | None = SEEN, by_grey: Mapping[int, Box | None] | None = None
    ) -> None:
        self.object_box, self.by_grey = object_box, by_grey or {}
        self.looked = list[int]()

    async def look(self, candidate: Candidate) -> Look:
        """The same look for every candidate, but for the object's box."""
        grey = int(candidate.image.flat[0])
        self.looked.append(grey)
        box = self.by_grey.get(grey, self.object_box)
        return Look(np.full((33, 3), 0.5, np.float32), Box(0.3, 0.2, 0.6, 0.9), None, box)


class FakeReasoner:
    """Chooses one index and one box, or fails; judges nothing."""

    can_judge = False

    def __init__(self, index: int = 1, box: Box = WANTED, failing: bool = False, away: bool = False) -> None:
        self.index, self.box, self.failing, self.away = index, box, failing, away
        self.asked = list[str]()

    async def select(self, prompt: Prompt, images: Sequence[Picture]) -> PoseChoice:
        """Choose `index`."""
        self._fail("select")
        return PoseChoice(self.index, ("standing",) * len(images))

    async def lay_out(self, prompt: Prompt, image: Picture, look: Look) -> Layout:
        """Propose `box`."""
        self._fail("lay_out")
        return Layout("dynamic", "frontal", "at the object", "beside", 2, self.box)

    async def judge(self, prompt: Prompt, images: Sequence[Picture]) -> tuple[Verdict, ...]:
        """Must not be asked."""
        raise AssertionError("it cannot judge")

    def _fail(self, question: str) -> None:
        self.asked.append(question)
        if self.away:
            raise AwayError("no answer within 20 s")
        if self.failing:
            raise ReasoningError("no answer")


RIGHT = Verdict(True, True, True, "kicking")
WRONG = Verdict(False, True, True, "standing")
WITHOUT = Verdict(True, False, True, "kicking")


class FakeJudge(FakeReasoner):
    """Judges pictures by their grey; all others are `otherwise`. Fails from call `failing_from` on."""

    can_judge = True

    def __init__(
        self,
        verdicts: Mapping[int, Verdict] | None = None,
        otherwise: Verdict = RIGHT,
        failing_from: int | None = None,
        poses: tuple[str, ...] = (),
        **chosen: Any,
    ) -> None:
        super().__init__(**chosen)
        self.verdicts, self.otherwise = verdicts or {}, otherwise
        self.failing_from, self.poses = failing_from, poses
        self.judged = list[list[int]]()

    async def select(self, prompt: Prompt, images: Sequence[Picture]) -> PoseChoice:
        """Choose `index` among `poses`, where those are given."""
        choice = await super().select(prompt, images)
        return replace(choice, poses=self.poses) if self.poses else choice

    async def judge(self, prompt: Prompt, images: Sequence[Picture]) -> tuple[Verdict, ...]:
        """Look up what is thought of each grey."""
        greys = [int(image.flat[0]) for image in images]
        self.judged.append(greys)
        if self.failing_from is not None and len(self.judged) > self.failing_from:
            raise ReasoningError("no verdict")
        return tuple(self.verdicts.get(grey, self.otherwise) for grey in greys)
