"""Replayed UNet calls answer as made ones do. Without CUDA, a capture that runs eagerly stands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from record.backbone import Backbone, Conditioning
from record.backbone.attention import AttentionPlan, SelfInjection
from record.backbone.edits import CrossEdit
from record.engine import replays
from record.engine.call import Answer
from record.engine.engine import Engine
from record.engine.step import Replays, Trajectory, advance, call_unet
from record.errors import SettingsError
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing

KICK = parse("a woman is kicking a ball")
JOBS = [
    Job(KICK, 1, Drawing(steps=12)),
    Job(KICK, 2, Drawing(steps=12, guidance_scale=3.0), Box(0.1, 0.1, 0.5, 0.5)),
    Job(KICK, 3, Drawing(steps=12, method="plain")),
    Job(KICK, 4, Drawing(steps=12, base_branch="two_rows")),
]


class EagerCapture:
    """As a graph does, it reads fixed inputs and answers in the same memory every time."""

    def __init__(self) -> None:
        self.captured = self.replayed = 0

    def __call__(self, run: Callable[[], Answer]) -> Callable[[], Answer]:
        predicted, maps = run()
        self.captured += 1

        def replay() -> Answer:
            self.replayed += 1
            new, read = run()
            predicted.copy_(new)
            if maps is not None and read is not None:
                maps.copy_(read)
            return predicted, maps

        return replay


def edited_plan(backbone: Backbone, text: str) -> AttentionPlan:
    """Row 0 takes row 1's self-attention, and its edited cross-attention is read."""
    roles = backbone.roles(KICK)
    edit = CrossEdit(
        backbone.encode(text).tokens, shared=roles.shared, owner=roles.object, excluded=roles.content
    )
    injection = SelfInjection(0, 1, backbone.map_size**2)
    return AttentionPlan((0,), (edit,), (injection,), (0,), backbone.map_size**2)


def arguments(backbone: Backbone, seed: int) -> tuple[AttentionPlan, Tensor, Tensor, list[Conditioning]]:
    noise = torch.stack([backbone.initial_noise(seed), backbone.initial_noise(seed + 100)])
    texts = [backbone.encode(f"a man number {seed}"), backbone.encode("")]
    return edited_plan(backbone, f"someone {seed}"), noise, torch.tensor([500 + seed, 20]), texts


def test_other_values_of_the_same_shape_replay_one_capture(any_backbone: Backbone) -> None:
    capture = EagerCapture()
    call = Replays(capture)
    for seed in range(6):
        given = arguments(any_backbone, seed)
        (predicted, maps), (expected, read) = call(any_backbone, *given), call_unet(any_backbone, *given)
        assert torch.equal(predicted, expected)
        assert maps is not None and read is not None and torch.equal(maps, read)
    assert (capture.captured, capture.replayed) == (1, 6 - replays.AFTER)


def test_an_answer_outlives_the_next_replay(backbone: Backbone) -> None:
    call, plain = Replays(EagerCapture()), AttentionPlan()
    texts, times = [backbone.encode("a man")], torch.tensor([500])
    for _ in range(replays.AFTER):
        call(backbone, plain, backbone.initial_noise(0)[None], times, texts)
    first, _ = call(backbone, plain, backbone.initial_noise(1)[None], times, texts)
    kept = first.clone()
    call(backbone, plain, backbone.initial_noise(2)[None], times, texts)
    assert torch.equal(first, kept)


def test_other_rows_and_other_edits_are_other_shapes(backbone: Backbone) -> None:
    capture = EagerCapture()
    call, (plan, noise, times, texts) = Replays(capture), arguments(backbone, 0)
    for _ in range(replays.AFTER + 1):
        call(backbone, plan, noise, times, texts)
        call(backbone, replace(plan, rows=(1,)), noise, times, texts)
        call(backbone, replace(plan, injections=()), noise, times, texts)
        call(backbone, AttentionPlan(), noise[:1], times[:1], texts[:1])
    assert capture.captured == 4


def test_what_cannot_be_captured_is_called(backbone: Backbone) -> None:
    def refuse(run: Callable[[], Answer]) -> Callable[[], Answer]:
        raise RuntimeError("operation not permitted when stream is capturing")

    call, given = Replays(refuse), arguments(backbone, 0)
    for _ in range(replays.AFTER + 2):
        assert torch.equal(call(backbone, *given)[0], call_unet(backbone, *given)[0])


def test_the_one_unused_for_longest_is_forgotten(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "KEPT", 1)
    capture = EagerCapture()
    call, (plan, noise, times, texts) = Replays(capture), arguments(backbone, 0)
    for chosen in (plan, AttentionPlan(), plan):
        for _ in range(replays.AFTER + 2):
            call(backbone, chosen, noise, times, texts)
    assert capture.captured == 3


def test_unlike_trajectories_take_the_same_steps(backbone: Backbone) -> None:
    capture = EagerCapture()
    call = Replays(capture)
    made = replayed = [Trajectory.start(backbone, job) for job in JOBS]
    while not all(trajectory.is_done for trajectory in made):
        made, replayed = advance(backbone, made), advance(backbone, replayed, call)
    for one, other in zip(made, replayed, strict=True):
        assert torch.equal(one.latents, other.latents)
        assert one.map_sum is not None and other.map_sum is not None
        assert torch.equal(one.map_sum, other.map_sum)
    assert capture.replayed > 0


def test_graphs_without_cuda_are_refused_by_name(backbone: Backbone) -> None:
    with pytest.raises(SettingsError, match="cuda_graphs needs device: cuda"):
        Engine(backbone, cuda_graphs=True)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_graphs_draw_the_same_pictures_on_a_gpu(any_checkpoint: Path) -> None:
    backbone = Backbone.from_pretrained(any_checkpoint, "cuda")
    pictures = []
    for cuda_graphs in (False, True):
        drawn = Engine(backbone, cuda_graphs=cuda_graphs).draw(*JOBS)
        pictures.append(np.stack([candidate.image.astype(int) for candidate in drawn]))
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
