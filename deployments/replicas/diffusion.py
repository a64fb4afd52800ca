"""The replica that draws: it owns a Backbone and an Engine, and shares steps between requests.

What takes seconds to import is imported by the replica, so that whoever only names it stays small.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from ray import get_runtime_context

from deployments.config import DiffusionArgs
from deployments.replicas.manners import give_way
from deployments.scaling.told import painter_told
from deployments.scaling.workload import Workload
from deployments.seeing.carrying import Carrier, serving
from record.facts import Checkpoint
from record.job import Job
from record.types import Candidate, Progress

if TYPE_CHECKING:
    from record.engine.engine import Engine


class DiffusionReplica:
    """Draws any job of its checkpoint; keeps nothing between jobs."""

    def __init__(self, args: DiffusionArgs) -> None:
        """Load the checkpoint; CheckpointError if it is missing."""
        from record import torch_thread
        from record.engine.loop import EngineLoop

        engine = torch_thread.call(lambda: _engine(args), args.threads)
        self._backbone = engine.backbone
        self._loop = EngineLoop(engine, args.threads, hang_s=args.hang_limit_s)
        self._workload = Workload(args.max_trajectories)

    async def describe(self) -> Checkpoint:
        """The picture's size and the checkpoint's own facts."""
        return Checkpoint(*self._backbone.picture_size, self._backbone.facts)

    async def draw(
        self, job: Job, within_s: float, previews: bool = False, *, carrier: Carrier | None = None
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Run one trajectory that is due in `within_s` seconds: progress, then the candidate.

        Cancelling, or leaving, takes it out of the engine at the next step. Raises what
        `EngineLoop.draw` does.
        """
        with serving(carrier, "Diffusion.draw"), self._workload.drawing(job) as took:
            async with aclosing(self._loop.draw(job, within_s, previews=previews)) as parts:
                async for part in parts:
                    took(part)
                    yield part

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """For the policy: what is left to draw, how fast that goes, and what this replica has reserved."""
        reserved = get_runtime_context().get_assigned_resources()
        return painter_told(self._workload.left(), self._workload.paces(), reserved)

    def check_health(self) -> None:
        """Fail once the engine is dead or hangs, so that Serve starts another replica."""
        if not self._loop.is_healthy:
            raise RuntimeError("the engine stopped: this replica has to be replaced")


def _engine(args: DiffusionArgs) -> Engine:
    from deployments.seeing.engine import step_taken
    from record.backbone import Backbone
    from record.engine.engine import Engine

    if args.device == "cpu":
        give_way()
    backbone = Backbone.from_pretrained(
        args.checkpoint, args.device, args.dtype, variant=args.variant, config=args.config,
        adapter=args.adapter, gradient_checkpointing=args.gradient_checkpointing,
        compile_blocks=args.compile_blocks,
    )  # fmt: skip
    backbone.preview(backbone.initial_noise(0))  # fits what previews need: not while others wait
    return Engine(
        backbone, args.max_trajectories, memory_gib=args.memory_gib,
        max_waiting=args.max_waiting, cuda_graphs=args.cuda_graphs, observe=step_taken,
    )  # fmt: skip
