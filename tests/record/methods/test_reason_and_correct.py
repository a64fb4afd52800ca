"""Which strands and edits the method asks for, step by step."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from record.geometry import Box
from record.job import Job
from record.methods import Edits, Moment
from record.methods.reason_and_correct import ReasonAndCorrect
from record.reading.prompt import parse
from record.settings import Drawing

METHOD = ReasonAndCorrect()
PROMPT = parse("a woman is kicking a ball")
BOX = Box(0.5, 0.5, 0.9, 0.9)
NO_EDITS: dict[str, Any] = {"cross_edit": False, "self_edit": False, "exclusion": False}


def job(box: Box | None = None, **drawing: Any) -> Job:
    return Job(PROMPT, 1, Drawing(steps=10, **drawing), box)


def steps(job: Job) -> list[Moment]:
    return [Moment(step, 10, 0.5) for step in range(10)]


def edits(job: Job) -> list[Edits]:
    return [METHOD.edits(moment, job) for moment in steps(job)]


def texts(job: Job) -> list[tuple[str, ...]]:
    """The strands' sentences at every step: y for the prompt, y' for the intransitive one."""
    short = {PROMPT.text: "y", PROMPT.intransitive: "y'"}
    return [
        tuple(short[one.text] for one in METHOD.strands(moment, job)) for moment in steps(job)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("window", "within"),
    [
        ({}, range(2)),  # the authors' code
        ({"self_edit_from": 0.1, "self_edit_until": 1.0}, range(1, 10)),  # the paper's text
        ({"self_edit_from": 0.3, "self_edit_until": 0.5}, range(3, 5)),
        ({"self_edit_from": 0.5, "self_edit_until": 0.5}, range(0)),
        ({"self_edit_from": 0.6, "self_edit_until": 0.4}, range(0)),
    ],
)
def test_the_self_edit_has_a_window_with_both_ends(window: dict[str, Any], within: range) -> None:
    for base_branch in ("one_row", "two_rows"):
        found = edits(job(base_branch=base_branch, **window))
        assert [step for step, one in enumerate(found) if one.self_attention] == [*within]


def test_a_branch_of_its_own_comes_from_the_same_noise_however_late_it_is_read() -> None:
    late: dict[str, Any] = {"self_edit_from": 0.3, "self_edit_until": 0.5, "cross_edit": False}
    assert texts(job(**late)) == [("y", "y'")] * 5 + [("y",)] * 5
    assert texts(job(base_branch="one_row", **late)) == [("y",)] * 3 + [("y", "y'")] * 2 + [("y",)] * 5


def test_the_first_steps_are_told_the_intransitive_sentence() -> None:
    assert texts(job(intransitive_share=0.3, **NO_EDITS)) == [("y'",)] * 3 + [("y",)] * 7
    found = edits(job(BOX, intransitive_share=0.3, guided_share=0.6))
    assert [one.cross for one in found] == ["off"] * 3 + ["strand"] * 7
    assert [one.exclusion for one in found] == [False] * 3 + [True] * 3 + [False] * 4


def test_a_branch_starts_where_the_picture_stops_being_the_same() -> None:
    shared: dict[str, Any] = {"intransitive_share": 0.3, "cross_edit": False, "self_edit_until": 0.5}
    candidate, corrected = job(**shared), job(BOX, **shared)
    assert texts(candidate) == [("y'",)] * 3 + [("y", "y'")] * 2 + [("y",)] * 5
    assert [one.self_attention for one in edits(candidate)] == [False] * 3 + [True] * 2 + [False] * 5
    # Guidance moves the corrected picture from the first step on.
    assert texts(corrected) == [("y'", "y'")] * 3 + [("y", "y'")] * 2 + [("y",)] * 5
    assert [one.self_attention for one in edits(corrected)] == [True] * 5 + [False] * 5


def test_the_chosen_candidate_is_drawn_beside_the_correction() -> None:
    assert texts(job(BOX, hold_pose_share=0.4, **NO_EDITS)) == [("y", "y")] * 4 + [("y",)] * 6
    assert [one.held for one in edits(job(BOX, hold_pose_share=0.4, **NO_EDITS))] == [1] * 4 + [None] * 6
    behind = job(BOX, hold_pose_share=0.4, self_edit_until=0.2, cross_edit=False)
    assert texts(behind) == [("y", "y'", "y")] * 4 + [("y",)] * 6
    assert [one.held for one in edits(behind)] == [2] * 4 + [None] * 6


def test_only_a_correction_has_a_pose_to_hold() -> None:
    assert texts(job(hold_pose_share=1.0, **NO_EDITS)) == [("y",)] * 10


def test_in_one_row_the_branch_reads_the_candidate_that_is_held() -> None:
    latents = torch.arange(3.0).view(3, 1, 1, 1)
    held = job(BOX, hold_pose_share=1.0, base_branch="one_row")
    moment = Moment(0, 10, 0.5)
    read = METHOD.inputs(latents, moment, held, None)  # type: ignore[arg-type]
    assert read.flatten().tolist() == [0, 2, 2]
    without = METHOD.inputs(latents[:2], moment, job(base_branch="one_row"), None)  # type: ignore[arg-type]
    assert without.flatten().tolist() == [0, 0]
