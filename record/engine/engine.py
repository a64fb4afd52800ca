"""The step loop over many trajectories at once: add(), step(), cancel(); and draw() for whole jobs.

Trajectories of different requests, seeds, prompts, methods, settings and timesteps share UNet calls.
The engine is synchronous and owns no thread; a step is schedule -> guide -> denoise -> update.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from record.backbone import Backbone
from record.engine.device import raise_if_lost
from record.engine.memory import GIB, Footprint, free_budget, rows_of
from record.engine.step import Call, Replays, Trajectory, advance, call_unet
from record.engine.taken import Observer, Taken, nobody
from record.errors import DeadlineError, OverloadedError, SettingsError, TrajectoryError
from record.job import Job
from record.types import Array, Candidate, Picture, Progress


@dataclass(frozen=True)
class Finished:
    """What a step brought to an end: a candidate, or the error that ended the trajectory."""

    ticket: int
    result: Candidate | TrajectoryError


@dataclass(frozen=True)
class Entry:
    """A live trajectory and when it is due, in seconds of `time.monotonic`."""

    trajectory: Trajectory
    deadline: float


class Engine:
    """Runs what fits its memory budget on one backbone; the rest waits, oldest deadline first."""

    def __init__(
        self,
        backbone: Backbone,
        max_trajectories: int = 8,
        *,
        memory_gib: float | None = None,
        max_waiting: int = 256,
        cuda_graphs: bool = False,
        clock: Callable[[], float] = time.monotonic,
        observe: Observer = nobody,
    ) -> None:
        """Bound a step by `max_trajectories` and `memory_gib` (None: most of what is free now).

        At most `max_waiting` jobs are live; more are refused. With `cuda_graphs` UNet calls of a shape that
        comes often are replayed from CUDA graphs; SettingsError if the backbone is not on CUDA then.
        `observe` is told of every step, in the thread that takes it.
        """
        if cuda_graphs and backbone.device.type != "cuda":
            raise SettingsError(
                f"cuda_graphs needs device: cuda, and this checkpoint is on {backbone.device}: leave it out",
                param="cuda_graphs",
            )
        self._call: Call = Replays() if cuda_graphs else call_unet
        self.backbone = backbone
        self._most, self._max_waiting, self._clock = max_trajectories, max_waiting, clock
        self._observe = observe
        self._budget = free_budget(backbone.device) if memory_gib is None else int(memory_gib * GIB)
        self._footprint = Footprint.measure(backbone)
        self._live: dict[int, Entry] = {}
        self._tickets = itertools.count()

    def __len__(self) -> int:
        """Trajectories that are not finished."""
        return len(self._live)

    def add(self, job: Job, within_s: float = math.inf) -> int:
        """Queue a job that is due in `within_s` seconds; its ticket names it.

        InputError if the checkpoint cannot draw it, OverloadedError if too many wait already.
        """
        if len(self._live) >= self._max_waiting:
            raise OverloadedError(f"{len(self._live)} pictures wait already: try again later")
        trajectory = Trajectory.start(self.backbone, job)
        ticket = next(self._tickets)
        self._live[ticket] = Entry(trajectory, self._clock() + within_s)
        return ticket

    def cancel(self, ticket: int) -> None:
        """Forget a job; nothing happens if it is finished or unknown."""
        self._live.pop(ticket, None)

    def progress(self) -> dict[int, Progress]:
        """How far every live job is, by ticket; without previews."""
        live = {ticket: entry.trajectory for ticket, entry in self._live.items()}
        return {ticket: Progress(one.step, one.job.last_step, loss=one.loss) for ticket, one in live.items()}

    def preview(self, ticket: int) -> Picture | None:
        """What a live job's picture may become (uint8, small); None before its first step."""
        entry = self._live.get(ticket)
        original = None if entry is None else entry.trajectory.original
        return None if original is None else self.backbone.preview(original)

    def step(self) -> list[Finished]:
        """Take one step with every scheduled trajectory; return those that ended with it.

        EngineStoppedError where the device is lost: nothing can be drawn with this engine any more.
        """
        ended, batch, began = self._expire(), self._schedule(), self._clock()
        for ticket, outcome in self._advance(batch).items():
            if isinstance(outcome, Trajectory) and not outcome.is_done:
                self._live[ticket] = replace(self._live[ticket], trajectory=outcome)
                continue
            self._live.pop(ticket)
            result = outcome if isinstance(outcome, TrajectoryError) else self._shown(outcome)
            ended.append(Finished(ticket, result))
        if batch:
            rows = sum(rows_of(trajectory) for trajectory in batch.values())
            self._observe(Taken(len(batch), rows, len(self._live), self._clock() - began))
        return ended

    def drain(self) -> dict[int, Candidate | TrajectoryError]:
        """Step until nothing is live; what became of every ticket, in the order they ended."""
        ended: dict[int, Candidate | TrajectoryError] = {}
        while self._live:
            ended |= {finished.ticket: finished.result for finished in self.step()}
        return ended

    def draw(self, *jobs: Job) -> list[Candidate]:
        """Draw jobs together, and whatever is live; the jobs' candidates in their order.

        Raises what `add` raises, and the first TrajectoryError among them.
        """
        tickets = [self.add(job) for job in jobs]
        ended = self.drain()
        return [_drawn(ended[ticket]) for ticket in tickets]

    def _expire(self) -> list[Finished]:
        """Drop what is past its deadline: nobody waits for it any more."""
        now = self._clock()
        late = [ticket for ticket, entry in self._live.items() if entry.deadline < now]
        return [
            Finished(
                ticket, DeadlineError(_why(self._live.pop(ticket).trajectory, "it is past its deadline"))
            )
            for ticket in late
        ]

    def _schedule(self) -> dict[int, Trajectory]:
        """What the next step takes: the earliest deadlines first, as many as fit; always at least one.

        Of equal deadlines the one with the fewest steps left goes first, so that it is soon out of the way.
        """
        batch: dict[int, Trajectory] = {}
        for ticket in sorted(self._live, key=self._urgency):
            wanted = {**batch, ticket: self._live[ticket].trajectory}
            if len(wanted) > self._most or (
                batch and not self._footprint.fits(wanted.values(), self._budget)
            ):
                break
            batch = wanted
        return batch

    def _urgency(self, ticket: int) -> tuple[float, int, int]:
        entry = self._live[ticket]
        return entry.deadline, entry.trajectory.job.last_step - entry.trajectory.step, ticket

    def _advance(self, batch: dict[int, Trajectory]) -> dict[int, Trajectory | TrajectoryError]:
        """One step on, or why not; a call that fails is repeated in halves, so that one fails alone."""
        try:
            moved = advance(self.backbone, list(batch.values()), self._call) if batch else []
        except Exception as error:
            raise_if_lost(self.backbone.device, error)
            if len(batch) == 1:
                return {ticket: _failed(trajectory, str(error)) for ticket, trajectory in batch.items()}
            tickets = list(batch)
            halves = tickets[: len(tickets) // 2], tickets[len(tickets) // 2 :]
            first, second = ({ticket: batch[ticket] for ticket in half} for half in halves)
            return self._advance(first) | self._advance(second)
        return {ticket: _checked(trajectory) for ticket, trajectory in zip(batch, moved, strict=True)}

    def _shown(self, trajectory: Trajectory) -> Candidate | TrajectoryError:
        try:
            return self._candidate(trajectory)
        except Exception as error:
            raise_if_lost(self.backbone.device, error)
            return _failed(trajectory, str(error))

    def _candidate(self, trajectory: Trajectory) -> Candidate:
        job, original = trajectory.job, trajectory.original
        assert original is not None
        is_early = trajectory.step < job.drawing.steps
        shown = original if is_early else trajectory.latents[0]
        thing = subject = verb = None
        if trajectory.map_sum is not None:
            thing, subject, verb = _array(trajectory.map_sum / trajectory.maps_read)
        return Candidate(
            job.seed, self.backbone.decode(shown[None])[0], thing, subject, verb,
            strands=_array(trajectory.latents) if is_early else None,
        )  # fmt: skip


def _drawn(result: Candidate | TrajectoryError) -> Candidate:
    if isinstance(result, TrajectoryError):
        raise result
    return result


def _checked(trajectory: Trajectory) -> Trajectory | TrajectoryError:
    if bool(trajectory.latents.isfinite().all()):
        return trajectory
    return _failed(trajectory, "it left the range of numbers: try a smaller step_size")


def _failed(trajectory: Trajectory, reason: str) -> TrajectoryError:
    return TrajectoryError(_why(trajectory, reason))


def _why(trajectory: Trajectory, reason: str) -> str:
    return f"seed {trajectory.job.seed} failed at step {trajectory.step}: {reason}"


def _array(values: Tensor) -> Array:
    array: Array = values.float().cpu().numpy()
    return array
