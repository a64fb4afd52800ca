"""The step loop over many trajectories at once: add(), step(), cancel().

Trajectories of different requests, seeds, prompts, settings and timesteps share UNet calls. The
engine is synchronous and owns no thread; a step is schedule -> guide -> denoise -> update.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import torch
from torch import Tensor

from record.attention import AttentionPlan, CrossEdit, SelfInjection, controlled_attention
from record.backbone import Backbone, Conditioning, Schedule, TokenRoles
from record.errors import TrajectoryError
from record.geometry import Box
from record.guidance import box_loss, descend, object_map, step_size
from record.methods import METHODS, StepPlan
from record.prompt import Prompt
from record.settings import Settings
from record.types import Candidate

READ_SHARE = 0.5  # maps are averaged over this last share of the steps


@dataclass(frozen=True)
class Job:
    """One trajectory, fully named: the same job gives the same picture on any replica.

    With a `box` it is the correction pass, without one a candidate.
    """

    prompt: Prompt
    seed: int
    settings: Settings
    box: Box | None = None


@dataclass
class Trajectory:
    """A job on its way: latents (C x h x w), the next step, and the maps read so far."""

    job: Job
    latents: Tensor
    schedule: Schedule
    roles: TokenRoles
    prompt: Conditioning  # y
    intransitive: Conditioning  # y'
    step: int = 0
    map_sum: Tensor | None = None
    maps_read: int = 0

    @property
    def plan(self) -> StepPlan:
        """What the job's method switches on at the next step."""
        return METHODS[self.job.settings.method].plan(self.step, self.job.settings, self.job.box is not None)

    @property
    def timestep(self) -> Tensor:
        """The next step's timestep."""
        return self.schedule.timesteps[self.step]

    @property
    def is_done(self) -> bool:
        """True once every step is taken."""
        return self.step >= self.job.settings.steps


@dataclass(frozen=True)
class Finished:
    """What a step brought to an end: a candidate, or the error that ended the trajectory."""

    ticket: int
    result: Candidate | TrajectoryError


@dataclass
class Engine:
    """Runs up to `max_trajectories` at once on one backbone; the rest wait in order of arrival."""

    backbone: Backbone
    max_trajectories: int = 8
    _live: dict[int, Trajectory] = field(default_factory=dict)
    _tickets: itertools.count[int] = field(default_factory=itertools.count)

    def __len__(self) -> int:
        """Trajectories that are not finished."""
        return len(self._live)

    def add(self, job: Job) -> int:
        """Queue a job; its ticket names it. PromptError if the checkpoint cannot read the prompt."""
        self.backbone.facts.check(job.prompt.text)
        ticket = next(self._tickets)
        backbone = self.backbone
        self._live[ticket] = Trajectory(
            job=job,
            latents=backbone.initial_noise(job.seed),
            schedule=backbone.schedule(job.settings.steps),
            roles=backbone.roles(job.prompt),
            prompt=backbone.encode(job.prompt.text),
            intransitive=backbone.encode(job.prompt.intransitive),
        )
        return ticket

    def cancel(self, ticket: int) -> None:
        """Forget a job; nothing happens if it is finished or unknown."""
        self._live.pop(ticket, None)

    def progress(self, ticket: int) -> tuple[int, int]:
        """(steps taken, steps in all) of a live job."""
        trajectory = self._live[ticket]
        return trajectory.step, trajectory.job.settings.steps

    def step(self) -> list[Finished]:
        """Take one step with every scheduled trajectory; return those that ended with it."""
        batch = dict(itertools.islice(self._live.items(), self.max_trajectories))
        if not batch:
            return []
        failed = self._guide(batch)
        active = list(batch.values())
        if active:
            self._update(active, self._denoise(active))
        return failed + self._collect(batch)

    def _guide(self, batch: dict[int, Trajectory]) -> list[Finished]:
        """Guide those whose plan says so; one that fails leaves the batch and is told why."""
        failed: list[Finished] = []
        for ticket, trajectory in list(batch.items()):
            try:
                if trajectory.plan.guided_steps:
                    trajectory.latents = self._guided(trajectory)
            except RuntimeError as error:
                batch.pop(ticket)
                self._live.pop(ticket, None)
                failed.append(Finished(ticket, TrajectoryError(f"guidance failed: {error}")))
        return failed

    def _guided(self, trajectory: Trajectory) -> Tensor:
        """Equations 4 and 5 on the conditional row alone."""
        job, plan = trajectory.job, trajectory.plan
        assert job.box is not None
        size = self.backbone.map_size
        with torch.enable_grad():
            latents = trajectory.latents.detach().requires_grad_(True)
            control = AttentionPlan((0,), (_cross_edit(trajectory),), map_pixels=size**2, read=True)
            with controlled_attention(self.backbone.unet, control) as maps:
                self.backbone.denoise(latents[None], trajectory.timestep[None], [trajectory.prompt])
            roles, settings = trajectory.roles, job.settings
            grid = object_map(maps.mean()[0], roles.object, roles.content, settings.map_temperature)
            (gradient,) = torch.autograd.grad(box_loss(grid, job.box), latents)
        alpha = step_size(settings.step_size, trajectory.step, plan.guided_steps)
        return descend(trajectory.latents, gradient, alpha, settings.gradient_rule)

    @torch.no_grad()
    def _denoise(self, active: list[Trajectory]) -> Tensor:
        """One UNet call: unconditional, conditional and (where needed) base rows; guided, B x C x h x w."""
        count = len(active)
        based = [i for i, t in enumerate(active) if t.plan.self_edit]
        empty = self.backbone.encode("")
        latents = torch.stack([t.latents for t in active])
        times = torch.stack([t.timestep for t in active])
        texts = [empty] * count + [t.prompt for t in active] + [active[i].intransitive for i in based]
        control = _attention_plan(active, based, self.backbone.map_size**2)
        with controlled_attention(self.backbone.unet, control) as maps:
            predicted = self.backbone.denoise(
                torch.cat([latents, latents, latents[based]]),
                torch.cat([times, times, times[based]]),
                texts,
            )
        if control.read:
            _remember(active, maps.mean())
        unconditional, conditional = predicted[:count], predicted[count : 2 * count]
        scale = latents.new_tensor([t.job.settings.guidance_scale for t in active]).view(-1, 1, 1, 1)
        return unconditional + scale * (conditional - unconditional)

    @torch.no_grad()
    def _update(self, active: list[Trajectory], predicted: Tensor) -> None:
        """DDIM without noise, vectorised over rows at different steps."""
        latents = torch.stack([t.latents for t in active])
        alphas = torch.stack([t.schedule.alphas[t.step] for t in active])
        following = torch.stack([t.schedule.next_alphas[t.step] for t in active])
        kind = str(self.backbone.scheduler.config["prediction_type"])
        for trajectory, stepped in zip(
            active, ddim_step(latents, predicted, alphas, following, kind), strict=True
        ):
            trajectory.latents = stepped
            trajectory.step += 1

    def _collect(self, batch: dict[int, Trajectory]) -> list[Finished]:
        ended: list[Finished] = []
        for ticket, trajectory in batch.items():
            if not bool(trajectory.latents.isfinite().all()):
                message = f"seed {trajectory.job.seed} left the range of numbers at step {trajectory.step}"
                ended.append(Finished(ticket, TrajectoryError(f"{message}: try a smaller step_size")))
            elif trajectory.is_done:
                ended.append(Finished(ticket, self._candidate(trajectory)))
        for one in ended:
            self._live.pop(one.ticket, None)
        return ended

    def _candidate(self, trajectory: Trajectory) -> Candidate:
        assert trajectory.map_sum is not None
        grid = (trajectory.map_sum / trajectory.maps_read).float().cpu().numpy()
        return Candidate(trajectory.job.seed, self.backbone.decode(trajectory.latents[None])[0], grid)


def ddim_step(latents: Tensor, predicted: Tensor, alphas: Tensor, following: Tensor, kind: str) -> Tensor:
    """z_t -> z_{t-1} of DDIM (Song et al. 2021, eq. 12, eta 0) for rows with their own alphas (B)."""
    a, b = (x.to(latents).view(-1, 1, 1, 1) for x in (alphas, following))
    if kind == "v_prediction":
        original = a.sqrt() * latents - (1 - a).sqrt() * predicted
        noise = a.sqrt() * predicted + (1 - a).sqrt() * latents
    else:
        original = (latents - (1 - a).sqrt() * predicted) / a.sqrt()
        noise = predicted
    return b.sqrt() * original + (1 - b).sqrt() * noise


def _is_read(trajectory: Trajectory) -> bool:
    return trajectory.step >= (1 - READ_SHARE) * trajectory.job.settings.steps


def _attention_plan(active: list[Trajectory], based: list[int], map_pixels: int) -> AttentionPlan:
    """Edits of a call whose rows are unconditional, conditional, base; identity if nothing is on."""
    count = len(active)
    injections = tuple(
        SelfInjection(count + i, 2 * count + n, active[i].job.settings.self_edit_resolution ** 2)
        for n, i in enumerate(based)
    )
    edits = tuple(_cross_edit(t) for t in active)
    read = any(_is_read(t) for t in active)
    if not read and all(edit.is_identity for edit in edits):
        return AttentionPlan(injections=injections)
    return AttentionPlan(tuple(range(count, 2 * count)), edits, injections, map_pixels, read)


def _cross_edit(trajectory: Trajectory) -> CrossEdit:
    plan, roles = trajectory.plan, trajectory.roles
    return CrossEdit(
        intransitive=trajectory.intransitive.tokens if plan.cross_edit else None,
        shared=roles.shared if plan.cross_edit else None,
        renormalise=trajectory.job.settings.renormalise,
        owner=roles.object if plan.exclusion else None,
        excluded=roles.content & ~roles.object if plan.exclusion else None,
    )


def _remember(active: list[Trajectory], maps: Tensor) -> None:
    for trajectory, read in zip(active, maps, strict=True):
        if _is_read(trajectory):
            size = round(read.shape[0] ** 0.5)
            grid = read[:, trajectory.roles.object].mean(-1).view(size, size)
            trajectory.map_sum = grid if trajectory.map_sum is None else trajectory.map_sum + grid
            trajectory.maps_read += 1
