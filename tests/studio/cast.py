"""A cast that takes its time, shows previews and draws the drawn world's pictures, without any model."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

from miniature.world import vocabulary
from miniature.world.draw import Drawing, draw
from record.errors import ReasoningError
from record.geometry import Box
from record.job import Job
from record.reading.prompt import Prompt
from record.types import KEYPOINTS, Array, Candidate, Layout, Look, Picture, PoseChoice, Progress, Verdict

SIDE, CELLS, STEPS = 256, 16, 10
POSES = ("standing upright", "the right leg swings forward", "arms spread", "leaning back", "walking")


def _opened() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


@dataclass
class World:
    """What was drawn, so that it can be looked at; a step takes `pause_s`, seeds in `failing` fail.

    While `gate` is not set, whatever is drawn waits after its first step. Where `is_mute`, no pose is chosen.
    """

    pause_s: float = 0.01
    failing: frozenset[int] = frozenset()
    is_mute: bool = False
    gate: threading.Event = field(default_factory=_opened)
    seen: dict[bytes, Look] = field(default_factory=dict)


class SlowDiffusion:
    """Draws a scene by the job's seed and words, out of noise; a correction moves the object into its box."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Take ten steps, a preview with each; guidance lowers its loss to 0."""
        if job.seed in self._world.failing:
            raise RuntimeError(f"seed {job.seed}")
        candidate = self._drawn(job)
        noise = np.random.default_rng(job.seed).normal(127, 60, candidate.image.shape)
        for step in range(1, STEPS + 1):
            await asyncio.sleep(self._world.pause_s * (1 + job.seed % 3 / 4))
            while step > 1 and not self._world.gate.is_set():
                await asyncio.sleep(0.01)
            share = step / STEPS
            mixed = share * candidate.image + (1 - share) * noise
            preview = np.clip(mixed, 0, 255).astype(np.uint8) if previews else None
            yield Progress(step, STEPS, preview, None if job.box is None else 1 - share)
        yield candidate

    def _drawn(self, job: Job) -> Candidate:
        words = job.prompt.triplet
        scene = draw(random.Random(job.seed), subject=words.subject, verb=words.verb, object=words.object)
        image, box, mask = scene.image, scene.object_box, scene.object_mask
        if job.box is not None:
            image, box, mask = _moved(scene, job.box)
        self._world.seen[image.tobytes()] = _look(scene, box)
        subject, verb = _map(scene.person_mask, job.seed), _map(scene.person_mask, job.seed + 1)
        return Candidate(job.seed, image, _map(mask, job.seed), subject, verb)


class KnowingAnalyst:
    """Knows what is in the pictures that were drawn."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def look(self, candidate: Candidate) -> Look:
        """What the scene holds."""
        await asyncio.sleep(self._world.pause_s)
        return self._world.seen[candidate.image.tobytes()]


class PromptReasoner:
    """Chooses the second candidate and puts the object low at the right; judges nothing."""

    can_judge = False

    def __init__(self, world: World) -> None:
        self._world = world

    async def select(self, prompt: Prompt, images: Sequence[Picture]) -> PoseChoice:
        """Choose the second; ReasoningError where it is mute."""
        await asyncio.sleep(self._world.pause_s)
        if self._world.is_mute:
            raise ReasoningError("it says nothing")
        index = min(1, len(images) - 1)
        return PoseChoice(index, POSES[: len(images)], f"picture {index} shows the action best")

    async def lay_out(self, prompt: Prompt, image: Picture, look: Look) -> Layout:
        """Propose a box beside the feet."""
        await asyncio.sleep(self._world.pause_s)
        return Layout("dynamic", "frontal", "at the object", "beside", 2, Box(0.62, 0.66, 0.9, 0.93))

    async def judge(self, prompt: Prompt, images: Sequence[Picture]) -> tuple[Verdict, ...]:
        """Must not be asked."""
        raise AssertionError("it cannot judge")


VOCABULARY = tuple(
    sorted(
        {word for text in (*vocabulary.VERBS, *vocabulary.OBJECTS) for word in text.split()}
        | {"a", "an", "is", *vocabulary.SUBJECTS}
    )
)


def _look(scene: Drawing, box: Box | None) -> Look:
    points = np.zeros((len(KEYPOINTS), 3), np.float32)
    for name, (x, y) in scene.joints.items():
        if name in KEYPOINTS:
            points[KEYPOINTS.index(name)] = x, y, 1
    return Look(points, scene.person_box, scene.person_mask, box)


def _moved(scene: Drawing, box: Box) -> tuple[Picture, Box, npt.NDArray[np.bool_]]:
    image, mask = scene.image.copy(), np.zeros((SIDE, SIDE), np.bool_)
    x0, y0, x1, y1 = (round(SIDE * value) for value in box.to_list())
    whole = slice(y0, max(y1, y0 + 1)), slice(x0, max(x1, x0 + 1))
    if scene.object_box is not None:
        a, b, c, d = (round(SIDE * value) for value in scene.object_box.to_list())
        size = (whole[1].stop - x0, whole[0].stop - y0)
        thing = Image.fromarray(scene.image[b:d, a:c]).resize(size)
        shape = Image.fromarray(scene.object_mask[b:d, a:c]).resize(size)
        for row in range(SIDE):
            free = ~(scene.object_mask[row] | scene.person_mask[row])
            if free.any():
                image[row, scene.object_mask[row]] = np.median(scene.image[row, free], axis=0)
        mask[whole] = np.asarray(shape)[: SIDE - y0, : SIDE - x0]
        image[mask] = np.asarray(thing)[: SIDE - y0, : SIDE - x0][mask[whole]]
    return image, box, mask


def _map(mask: npt.NDArray[np.bool_], seed: int) -> Array:
    cell = SIDE // CELLS
    shares = mask.reshape(CELLS, cell, CELLS, cell).mean((1, 3))
    noise = np.random.default_rng(seed).uniform(0, 0.15, shares.shape)
    return np.asarray(shares + noise, np.float32)
