"""Who plays a request's story, and what is asked of them."""

from __future__ import annotations

import math
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from record.geometry import Box
from record.job import Job, Reference
from record.reading.prompt import Prompt
from record.settings import Settings
from record.types import Candidate, Layout, Look, Picture, PoseChoice, Progress, Verdict


class Diffusion(Protocol):
    """Draws; any replica draws the same picture for the same job."""

    def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Run one trajectory that is due in `within_s` seconds; perhaps progress, then the candidate.

        With `previews` some progress may have one. Where a replica is lost, progress begins anew.
        Raises InputError, OverloadedError, TrajectoryError, TimeoutError.
        """
        ...


class Analyst(Protocol):
    """Looks at a candidate."""

    async def look(self, candidate: Candidate) -> Look:
        """Find keypoints, person box and mask, and the object's box."""
        ...


class Reasoner(Protocol):
    """The two agents of section 3.3, and a judge of what came of it; all raise ReasoningError."""

    @property
    def can_judge(self) -> bool:
        """Whether `judge` may be asked."""
        ...

    async def select(self, prompt: Prompt, images: Sequence[Picture]) -> PoseChoice:
        """Choose the picture whose pose fits the verb."""
        ...

    async def lay_out(self, prompt: Prompt, image: Picture, look: Look) -> Layout:
        """Say where the object belongs."""
        ...

    async def judge(self, prompt: Prompt, images: Sequence[Picture]) -> tuple[Verdict, ...]:
        """Say of every picture whether the action is right, the object there and the person whole."""
        ...


@dataclass(frozen=True)
class Cast:
    """Who plays; without a reasoner the first candidate and its layout are kept."""

    diffusion: Diffusion
    analyst: Analyst
    reasoner: Reasoner | None = None


@dataclass(frozen=True)
class Chosen:
    """The candidate a correction starts from, and what was seen in it."""

    candidate: Candidate
    look: Look

    @property
    def reference(self) -> Reference:
        """What the correction is told of it."""
        look, candidate = self.look, self.candidate
        return Reference(look.person_box, look.person_mask, candidate.subject_map, candidate.verb_map)


@dataclass(frozen=True)
class Request:
    """A prompt that was read, its settings, and optionally the caller's own object box.

    Nobody waits for the picture after `timeout_s` seconds; what is due earlier is drawn first. With
    `previews` somebody watches what the pictures may become.
    """

    prompt: Prompt
    settings: Settings
    box: Box | None = None
    timeout_s: float = math.inf
    previews: bool = False
    id: str = field(default_factory=lambda: f"run-{uuid.uuid4().hex[:12]}")
