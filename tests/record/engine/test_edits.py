"""The method's switches, drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from record.backbone import Backbone
from record.engine.step import Trajectory, advance
from record.geometry import Box
from record.job import Job, Resume
from record.reading.prompt import Triplet, parse
from record.settings import Drawing
from tests.record.engine.test_engine import alone, assert_same

KICK = parse("a woman is kicking a ball")
BOX = Box(0.5, 0.5, 0.9, 0.9)
NO_EDITS: dict[str, Any] = {"cross_edit": False, "self_edit": False}


def job(box: Box | None = None, stop_after: int | None = None, **drawing: Any) -> Job:
    return Job(KICK, 7, Drawing(steps=6, **drawing), box, stop_after=stop_after)


def run(backbone: Backbone, job: Job, steps: int | None = None) -> Trajectory:
    trajectory = Trajectory.start(backbone, job)
    for _ in range(job.last_step if steps is None else steps):
        (trajectory,) = advance(backbone, [trajectory])
    return trajectory


def test_told_the_intransitive_sentence_alone_its_picture_is_drawn(backbone: Backbone) -> None:
    sentence = parse("a woman is kicking", Triplet("woman", "is", "kicking"))
    short = Job(sentence, 7, Drawing(steps=6, method="plain"))
    found = alone(backbone, job(intransitive_share=1.0))
    assert np.array_equal(found.image, alone(backbone, short).image)
    assert found.object_map is None and found.subject_map is None and found.verb_map is None


def test_maps_count_only_where_the_prompt_was_read(backbone: Backbone) -> None:
    early = run(backbone, job(intransitive_share=0.5, **NO_EDITS, stop_after=4))
    assert early.maps_read == 1  # of steps 2 and 3 the first is told y'
    assert alone(backbone, job(intransitive_share=0.5, stop_after=4)).object_map is not None


def test_the_branch_is_the_picture_as_long_as_both_are_told_the_same(backbone: Backbone) -> None:
    """Begun late, the branch's latent is the one it would have come to from the first noise."""
    late = run(backbone, job(intransitive_share=0.5), 4)
    short = run(backbone, job(intransitive_share=1.0, **NO_EDITS), 4)
    assert torch.allclose(late.latents[1], short.latents[0], atol=1e-5)


@pytest.mark.parametrize("base_branch", ["one_row", "two_rows"])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_held_candidate_is_the_candidate(backbone: Backbone, base_branch: Any, share: float) -> None:
    common: dict[str, Any] = {
        "base_branch": base_branch,
        "intransitive_share": share,
        "self_edit_from": 0.2,
        "self_edit_until": 0.7,
    }
    candidate, corrected = (
        run(backbone, one, 5) for one in (job(**common), job(BOX, hold_pose_share=1.0, step_size=5, **common))
    )
    assert torch.allclose(corrected.latents[2], candidate.latents[0], atol=1e-4)
    assert not torch.allclose(corrected.latents[0], candidate.latents[0], atol=1e-2)


def test_a_held_pose_changes_the_correction_only(backbone: Backbone) -> None:
    assert np.array_equal(alone(backbone, job()).image, alone(backbone, job(hold_pose_share=1.0)).image)
    loose, held = (alone(backbone, job(BOX, hold_pose_share=share)) for share in (0.0, 1.0))
    assert not np.array_equal(loose.image, held.image)


def test_a_box_over_the_whole_picture_holds_nothing(backbone: Backbone) -> None:
    everywhere = Box(0, 0, 1, 1)
    loose, held = (
        alone(backbone, job(everywhere, hold_pose_share=share, **NO_EDITS)) for share in (0.0, 1.0)
    )
    assert np.abs(loose.image.astype(int) - held.image).max() <= 1


def test_pooled_exclusion_goes_by_the_step_before(backbone: Backbone) -> None:
    """Of one excluded step there is no map before; of more, heads and layers agree on one place."""
    for share, is_same in ((1 / 6, True), (0.5, False)):
        pooled, single = (
            alone(backbone, job(BOX, guided_share=share, exclusion_mask=mask)).image
            for mask in ("pooled", "per_head")
        )
        assert np.array_equal(pooled, single) == is_same


def test_special_tokens_may_be_those_of_the_intransitive_sentence(any_backbone: Backbone) -> None:
    for base_branch in ("one_row", "two_rows"):
        own, other = (
            alone(any_backbone, job(base_branch=base_branch, special_tokens=tokens)).image
            for tokens in ("own", "intransitive")
        )
        assert not np.array_equal(own, other)


def test_new_switches_draw_the_same_among_strangers(backbone: Backbone) -> None:
    jobs = [
        job(BOX, intransitive_share=0.3, hold_pose_share=0.6),
        job(BOX, base_branch="one_row", hold_pose_share=0.6, special_tokens="intransitive"),
        job(self_edit_from=0.3, self_edit_until=0.8, intransitive_share=0.2),
        job(BOX, method="boxdiff"),
    ]
    together = [Trajectory.start(backbone, one) for one in jobs]
    for _ in range(6):
        together = advance(backbone, together)
    for one, found in zip(jobs, together, strict=True):
        image = backbone.decode(found.latents[:1])[0]
        assert np.abs(alone(backbone, one).image.astype(int) - image).max() <= 1


def test_an_early_candidate_of_two_sentences_resumes_to_the_same_picture(backbone: Backbone) -> None:
    drawing = Drawing(steps=6, intransitive_share=0.5)
    whole = alone(backbone, Job(KICK, 7, drawing))
    for stop in (2, 3, 4):
        early = alone(backbone, Job(KICK, 7, drawing, stop_after=stop))
        assert early.strands is not None
        resumed = alone(backbone, Job(KICK, 7, drawing, resume=Resume(stop, early.strands)))
        assert np.abs(resumed.image.astype(int) - whole.image).max() <= 1
    assert_same(whole, alone(backbone, Job(KICK, 7, drawing)))


def test_a_passive_sentence_shares_words_by_what_they_say(backbone: Backbone) -> None:
    passive = parse("a box held by a man")
    found = alone(backbone, Job(passive, 7, Drawing(steps=3)))
    plain = alone(backbone, Job(passive, 7, Drawing(steps=3, method="plain")))
    assert not np.array_equal(found.image, plain.image)
