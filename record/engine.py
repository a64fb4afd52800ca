"""The step loop over many trajectories at once: add(), step(), cancel().

Trajectories of different requests, seeds, prompts, methods, settings and timesteps share UNet calls.
The engine is synchronous and owns no thread; a step is schedule -> guide -> denoise -> update.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from torch import Tensor

from record.backbone import Backbone
from record.errors import TrajectoryError
from record.job import Job
from record.steps import Trajectory, advance
from record.types import Array, Candidate


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
        """Queue a job; its ticket names it. InputError if the checkpoint cannot draw it."""
        trajectory = Trajectory.start(self.backbone, job)
        ticket = next(self._tickets)
        self._live[ticket] = trajectory
        return ticket

    def cancel(self, ticket: int) -> None:
        """Forget a job; nothing happens if it is finished or unknown."""
        self._live.pop(ticket, None)

    def progress(self) -> dict[int, tuple[int, int]]:
        """(steps taken, steps in all) of every live job, by ticket."""
        return {ticket: (t.step, t.job.last_step) for ticket, t in self._live.items()}

    def step(self) -> list[Finished]:
        """Take one step with every scheduled trajectory; return those that ended with it."""
        scheduled = dict(itertools.islice(self._live.items(), self.max_trajectories))
        ended: list[Finished] = []
        for ticket, outcome in self._advance(scheduled).items():
            if isinstance(outcome, Trajectory) and not outcome.is_done:
                self._live[ticket] = outcome
                continue
            self._live.pop(ticket)
            result = outcome if isinstance(outcome, TrajectoryError) else self._candidate(outcome)
            ended.append(Finished(ticket, result))
        return ended

    def _advance(self, batch: dict[int, Trajectory]) -> dict[int, Trajectory | TrajectoryError]:
        """One step on, or why not; a call that fails is repeated in halves, so that one fails alone."""
        try:
            moved = advance(self.backbone, list(batch.values())) if batch else []
        except RuntimeError as error:  # out of memory is one as well
            if len(batch) == 1:
                return {ticket: _failed(trajectory, str(error)) for ticket, trajectory in batch.items()}
            tickets = list(batch)
            halves = tickets[: len(tickets) // 2], tickets[len(tickets) // 2 :]
            first, second = ({ticket: batch[ticket] for ticket in half} for half in halves)
            return self._advance(first) | self._advance(second)
        return {ticket: _checked(trajectory) for ticket, trajectory in zip(batch, moved, strict=True)}

    def _candidate(self, trajectory: Trajectory) -> Candidate:
        job, original = trajectory.job, trajectory.original
        assert trajectory.map_sum is not None and original is not None
        is_early = trajectory.step < job.settings.steps
        shown = original if is_early else trajectory.latents[0]
        thing, subject, verb = _array(trajectory.map_sum / trajectory.maps_read)
        return Candidate(
            job.seed, self.backbone.decode(shown[None])[0], thing, subject, verb,
            strands=_array(trajectory.latents) if is_early else None,
        )  # fmt: skip


def _checked(trajectory: Trajectory) -> Trajectory | TrajectoryError:
    if bool(trajectory.latents.isfinite().all()):
        return trajectory
    return _failed(trajectory, "it left the range of numbers: try a smaller step_size")


def _failed(trajectory: Trajectory, reason: str) -> TrajectoryError:
    return TrajectoryError(f"seed {trajectory.job.seed} failed at step {trajectory.step}: {reason}")


def _array(values: Tensor) -> Array:
    array: Array = values.float().cpu().numpy()
    return array
