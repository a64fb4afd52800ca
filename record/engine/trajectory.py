"""A job on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from record.backbone import Backbone, Schedule, TokenRoles
from record.job import Job
from record.methods import Edits, Guidance, Method, Moment, Strand, method_of

READ_SHARE = 0.5
"""Maps are averaged over this last share of a job's steps."""


@dataclass(frozen=True)
class Trajectory:
    """Latents of all strands (R x C x h x w), the next step, and the maps read so far.

    `map_sum` (3 x S x S) adds up the maps of object, subject and verb that count, `object_map` (S * S)
    is the object's of the last step if it was read; `original` (C x h x w) is the last step's prediction
    of the finished latent. Once `is_satisfied`, it is guided no more; `loss` is what guidance read last.
    """

    job: Job
    schedule: Schedule
    roles: TokenRoles
    latents: Tensor
    step: int = 0
    map_sum: Tensor | None = None
    maps_read: int = 0
    object_map: Tensor | None = None
    original: Tensor | None = None
    is_satisfied: bool = False
    loss: float | None = None

    @classmethod
    def start(cls, backbone: Backbone, job: Job) -> Self:
        """From the seed's noise, or where the job resumes; PromptError, SettingsError for a bad job."""
        method_of(job.drawing.method).check(job, backbone)
        backbone.facts.check(job.prompt.text)
        roles, schedule = backbone.roles(job.prompt), backbone.schedule(job.drawing.steps)
        if job.resume is None:
            latents, step = backbone.initial_noise(job.seed)[None], 0
        else:
            latents, step = torch.from_numpy(job.resume.strands).to(backbone.device), job.resume.step
        return cls(job, schedule, roles, latents, step)._with_strands()

    @property
    def method(self) -> Method:
        """The job's method."""
        return method_of(self.job.drawing.method)

    @property
    def moment(self) -> Moment:
        """Where the next step stands."""
        return Moment(self.step, self.job.drawing.steps, float(self.schedule.alphas[self.step]))

    @property
    def strands(self) -> tuple[Strand, ...]:
        """The next step's strands."""
        return self.method.strands(self.moment, self.job)

    @property
    def edits(self) -> Edits:
        """The next step's attention edits."""
        return self.method.edits(self.moment, self.job)

    @property
    def guidance(self) -> tuple[Guidance, ...]:
        """The descents before the next step."""
        return () if self.is_satisfied else self.method.guidance(self.moment, self.job)

    @property
    def timestep(self) -> Tensor:
        """The next step's timestep."""
        return self.schedule.timesteps[self.step]

    @property
    def is_counted(self) -> bool:
        """Whether the next step's maps count; those of the last one always do, if it is told the prompt."""
        is_late = self.step >= min((1 - READ_SHARE) * self.job.last_step, self.job.last_step - 1)
        return is_late and self.strands[0].text == self.job.prompt.text

    @property
    def is_read(self) -> bool:
        """Whether the next step's maps are wanted: they count, or exclusion needs them in the one after."""
        return self.is_counted or (self.edits.exclusion and self.job.drawing.exclusion_mask == "pooled")

    @property
    def is_done(self) -> bool:
        """True once every step is taken."""
        return self.step >= self.job.last_step

    def with_picture(self, latent: Tensor) -> Self:
        """The same with another strand 0 (C x h x w)."""
        return replace(self, latents=torch.cat([latent[None], self.latents[1:]]))

    def after(self, latents: Tensor, original: Tensor, maps: Tensor | None) -> Self:
        """One step on, with new latents, the predicted picture, and the maps (3 x S x S) if read."""
        moved = replace(
            self, latents=latents, step=self.step + 1, original=original,
            object_map=None if maps is None else maps[0].flatten(),
        )  # fmt: skip
        if maps is not None and self.is_counted:
            counted = maps if self.map_sum is None else self.map_sum + maps
            moved = replace(moved, map_sum=counted, maps_read=self.maps_read + 1)
        return moved if moved.is_done else moved._with_strands()

    def _with_strands(self) -> Self:
        """As many latents as the method wants strands next: new ones start as strand 0 stands."""
        wanted, present = len(self.strands), len(self.latents)
        if wanted > present:
            return replace(self, latents=self.latents[[*range(present), *[0] * (wanted - present)]])
        return replace(self, latents=self.latents[:wanted]) if wanted < present else self
