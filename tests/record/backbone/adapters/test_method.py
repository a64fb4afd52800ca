import asyncio
import dataclasses
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from record.backbone import Backbone, Conditioning
from record.engine.engine import Engine
from record.errors import SettingsError
from record.geometry import Box
from record.job import Job, Reference
from record.methods import method_of
from record.methods.base import Moment
from record.reading.prompt import parse
from record.settings import Drawing, Settings
from record.story import play as play_story
from record.story.cast import Cast, Request
from record.story.events import Event, ImageReady, LayoutKept
from record.types import Candidate, Look
from tests.record.fakes import WANTED, FakeAnalyst, FakeDiffusion, FakeReasoner

PROMPT = parse("a woman is kicking a box")
GROUNDED = Settings(steps=4, method="interactdiffusion")
PERSON, BOX = Box(0.1, 0.1, 0.4, 0.9), Box(0.5, 0.6, 0.9, 0.9)
JOB = Job(PROMPT, 1, GROUNDED.drawing(), BOX, Reference(PERSON))
PLAIN = Job(PROMPT, 2, Drawing(steps=4, method="plain"))


def draw(backbone: Backbone, *jobs: Job) -> list[Candidate]:
    return Engine(backbone).draw(*jobs)


def test_grounding_is_the_triplet_and_both_boxes_for_a_share_of_the_steps() -> None:
    job = replace(JOB, drawing=Drawing(steps=10, method="interactdiffusion", grounded_share=0.3))
    strands = [method_of("interactdiffusion").strands(Moment(step, 10, 0.5), job) for step in range(10)]
    assert all(len(rows) == 1 and rows[0].text == PROMPT.text for rows in strands)
    assert [rows[0].interactions is not None for rows in strands] == [True] * 3 + [False] * 7
    (interaction,) = strands[0][0].interactions or ()
    assert interaction.phrases == ("woman", "kicking", "box")
    assert (interaction.subject_box, interaction.object_box) == (PERSON, BOX)


def test_an_action_has_its_preposition() -> None:
    job = replace(JOB, prompt=parse("a young woman is sitting on a red box"))
    (strand,) = method_of("interactdiffusion").strands(Moment(0, 10, 0.5), job)
    (interaction,) = strand.interactions or ()
    assert interaction.phrases == ("woman", "sitting on", "box")


def test_it_draws_beside_other_methods_what_it_draws_alone(adapted: Backbone, backbone: Backbone) -> None:
    together = draw(adapted, PLAIN, JOB)
    for shared, alone in zip(together, (*draw(backbone, PLAIN), *draw(adapted, JOB)), strict=True):
        assert np.abs(shared.image.astype(int) - alone.image).max() <= 1
    ungrounded = replace(JOB, drawing=Drawing(steps=4, method="plain"))
    assert not np.array_equal(together[1].image, draw(adapted, ungrounded)[0].image)


def test_without_any_grounded_step_it_is_plain_sampling(adapted: Backbone) -> None:
    never = replace(JOB, drawing=Drawing(steps=4, method="interactdiffusion", grounded_share=0))
    plain = replace(JOB, drawing=Drawing(steps=4, method="plain"))
    assert np.array_equal(draw(adapted, never)[0].image, draw(adapted, plain)[0].image)


def test_unconditional_rows_are_grounded_in_nothing(adapted: Backbone) -> None:
    seen: list[list[Tensor | None]] = []

    class Watched(Backbone):
        def denoise(
            self, latents: Tensor, timesteps: Tensor, conditionings: Sequence[Conditioning]
        ) -> Tensor:
            seen.append([one.grounding for one in conditionings])
            return super().denoise(latents, timesteps, conditionings)

    fields = {field.name: getattr(adapted, field.name) for field in dataclasses.fields(adapted)}
    draw(Watched(**fields), PLAIN, JOB)
    nothing = adapted.encode("", ()).grounding
    calls = [call for call in seen if any(grounding is not None for grounding in call)]
    assert len(calls) == GROUNDED.steps
    for plain_empty, grounded_empty, plain_text, grounded_text in calls:
        assert plain_empty is plain_text is None
        assert grounded_empty is not None and nothing is not None
        assert torch.equal(grounded_empty, nothing)
        assert grounded_text is not None and not torch.equal(grounded_text, nothing)


def test_what_it_lacks_is_named(backbone: Backbone, adapted: Backbone) -> None:
    with pytest.raises(SettingsError, match="`adapter`, in the diffusion section") as caught:
        Engine(backbone).add(JOB)
    assert caught.value.param == "method"
    with pytest.raises(SettingsError, match="needs the person's box"):
        Engine(adapted).add(replace(JOB, reference=Reference()))
    with pytest.raises(SettingsError, match="needs the object's box"):
        Engine(adapted).add(replace(JOB, box=None))


class NobodySeen(FakeAnalyst):
    async def look(self, candidate: Candidate) -> Look:
        return replace(await super().look(candidate), person_box=None)


def play(diffusion: FakeDiffusion, box: Box | None, analyst: FakeAnalyst) -> list[Event]:
    cast = Cast(diffusion, analyst, FakeReasoner() if box is None else None)

    async def told() -> list[Event]:
        return [event async for event in play_story(Request(PROMPT, GROUNDED, box), cast)]

    return asyncio.run(told())


@pytest.mark.parametrize("given", [None, BOX])
def test_the_story_takes_the_person_s_box_from_a_draft(given: Box | None) -> None:
    diffusion = FakeDiffusion()
    events = play(diffusion, given, FakeAnalyst())
    draft, drawn = diffusion.jobs
    assert draft.drawing.method == "plain"
    assert drawn.drawing.method == "interactdiffusion"
    assert drawn.box == (given or WANTED)
    assert drawn.reference.person_box is not None
    assert isinstance(events[-1], ImageReady)


def test_the_story_keeps_a_draft_in_which_nobody_is_found() -> None:
    diffusion = FakeDiffusion()
    events = play(diffusion, BOX, NobodySeen())
    (kept,) = (event for event in events if isinstance(event, LayoutKept))
    assert "no person was found" in kept.reason
    assert [job.drawing.method for job in diffusion.jobs] == ["plain"]
    assert isinstance(events[-1], ImageReady)
