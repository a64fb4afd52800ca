from __future__ import annotations

import json
import random

import numpy as np
import pytest
from PIL import Image

from miniature.vlm.export import export
from miniature.vlm.model import build as build_model
from miniature.vlm.samples import Poses, displaced, judging, mending
from miniature.vlm.scenes import others, scenes, shots
from miniature.vlm.tokenizer import ASSISTANT, END, build
from record.geometry import Box
from record.reading.prompt import Prompt
from record.reasoning.agents import read_layout, read_pose, read_verdict
from record.reasoning.change import needs_correction
from record.reasoning.chats import split
from record.reasoning.dialect import COMPACT
from record.reasoning.messages import judge_messages, layout_messages, pose_messages

SCENES = scenes(40, seed=3)
SHOTS = shots(SCENES) + others(6, seed=4)


def prompt(text: str) -> Prompt:
    return Prompt(text=text, intransitive=text, triplet=None, spans={})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def processor(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    from transformers import AutoProcessor

    folder = tmp_path_factory.mktemp("vlm")
    export(build_model(build()), build(), folder)
    return AutoProcessor.from_pretrained(folder)


def expanded(processor, messages) -> list[int]:  # type: ignore[no-untyped-def]
    plain, pictures = split(messages)
    text = processor.apply_chat_template(plain, add_generation_prompt=True)
    return list(processor(text=text, images=pictures)["input_ids"][0])


@pytest.mark.parametrize("count", [1, 5])
def test_choosing_is_tokenised_as_the_processor_does(processor, count: int) -> None:  # type: ignore[no-untyped-def]
    task = Poses(SHOTS).choosing(random.Random(0), count)
    pictures = [SHOTS[index].picture for index in task.pictures]
    messages = pose_messages(prompt(task.sentence), pictures, COMPACT)
    assert expanded(processor, messages) == build()(task.sample().question)["input_ids"]


def test_mending_is_tokenised_as_the_processor_does(processor) -> None:  # type: ignore[no-untyped-def]
    task = mending(random.Random(0), SCENES)
    messages = layout_messages(prompt(task.sentence), SHOTS[task.picture].picture, task.look, COMPACT)
    assert expanded(processor, messages) == build()(task.sample().question)["input_ids"]


def test_pixels_reach_the_model_unscaled_in_minus_one_to_one(processor) -> None:  # type: ignore[no-untyped-def]
    picture = SHOTS[0].picture
    values = processor.image_processor([Image.fromarray(picture)], return_tensors="np")["pixel_values"][0, 0]
    assert np.allclose(values.transpose(1, 2, 0), picture / 127.5 - 1, atol=1e-5)


def test_answers_are_usable_and_right() -> None:
    rng = random.Random(1)
    for _ in range(20):
        task = Poses(SHOTS).choosing(rng, 5)
        found = read_pose(task.answer().removesuffix(END), 5)
        assert found.index == task.chosen
        assert found.poses == tuple(SHOTS[index].pose for index in task.pictures)


def test_layouts_are_usable_and_right() -> None:
    rng = random.Random(1)
    for _ in range(20):
        task = mending(rng, SCENES)
        answer = task.sample().answer.removesuffix(END)
        found = read_layout(answer, COMPACT, 128, 128)
        assert found.object_box.iou(task.right) > 0.7
        given = task.look.object_box
        truth = SCENES[task.picture // 3].drawing.object_box
        assert truth is not None
        assert task.right == (truth if given is None or needs_correction(given, truth) else given)


def test_a_look_up_asks_for_the_choice_only() -> None:
    task = Poses(SHOTS).choosing(random.Random(2), 4)
    sample = task.look_up()
    assert sample.pictures == ()
    assert sample.question.endswith(ASSISTANT)
    assert json.loads((sample.given + sample.answer).removesuffix(END))["choice"][1] == task.chosen
    assert '"choice"' not in sample.given


def test_the_three_shots_of_a_scene_share_the_person() -> None:
    for scene in SCENES:
        whole, bare, moved = (shot.picture for shot in scene.shots)
        assert (whole == bare).all(axis=-1).mean() > 0.8
        assert (bare != moved).any()
        assert scene.shots[1].shown is None


def test_judging_is_tokenised_as_the_processor_does(processor) -> None:  # type: ignore[no-untyped-def]
    task = judging(random.Random(0), SHOTS)
    messages = judge_messages(prompt(task.sentence), SHOTS[task.picture].picture, COMPACT)
    assert expanded(processor, messages) == build()(task.sample().question)["input_ids"]


def test_verdicts_are_usable_and_right_and_of_every_kind() -> None:
    rng, seen = random.Random(1), set()
    for _ in range(200):
        task = judging(rng, SHOTS)
        found, shot = read_verdict(task.sample().answer.removesuffix(END)), SHOTS[task.picture]
        assert found.reason == f"{shot.pose}, {shot.object or 'nothing'}"
        assert found.person_whole == shot.is_whole
        assert found.object_there == (bool(shot.object) and shot.object in task.sentence)
        assert found.action_right == (shot.pose in task.sentence)
        seen |= {(found.action_right, found.object_there), found.person_whole}
    assert len(seen) == 6


def test_displaced_boxes_stay_inside() -> None:
    rng = random.Random(0)
    for _ in range(100):
        box = displaced(rng, Box(0.4, 0.4, 0.6, 0.6))
        assert box == box.clamp()
        assert box.area > 0
