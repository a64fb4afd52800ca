"""Row-steps: by hand, by the methods' own hooks, and by the rows a UNet is really called with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from record.backbone import Backbone
from record.engine.engine import Engine
from record.errors import SettingsError
from record.geometry import Box
from record.job import Job, Reference
from record.methods import Moment, method_of
from record.reading.prompt import parse
from record.settings import Drawing, Settings
from record.story.cost import DESCENT, plan, row_steps, trajectory, work
from record.traits import SHIPPED, Traits, traits_of
from tests.checkpoints import inside

KICK = parse("a woman is kicking a ball")
BOX, PERSON = Box(0.5, 0.5, 0.9, 0.9), Box(0.1, 0.1, 0.6, 1)
DRAWN = [one.name for one in SHIPPED if not one.is_drawn_elsewhere]
shares = st.floats(0, 1)


def cost_of(**settings: Any) -> int:
    chosen = Settings.build({"steps": 10, "candidates": 2, "base_branch": "one_row", **settings})
    return row_steps(chosen, traits_of(chosen.method))


CANDIDATE = 10 * 2 + 2
"""Ten steps of two rows, and the intransitive branch's row in the first 0.2 of them."""
CORRECTION = CANDIDATE + 5 * DESCENT


@pytest.mark.parametrize(
    ("settings", "by_hand"),
    [
        ({"method": "plain"}, 20),
        ({"method": "plain", "best_of": 3}, 60),
        ({"method": "images_api"}, 0),
        ({"method": "interactdiffusion"}, 20 + 20),
        ({"method": "attend_and_excite"}, 20 + (5 + 3 * 20) * DESCENT),
        ({"method": "boxdiff"}, 20 + 20 + (5 + 3 * 20) * DESCENT),
        ({"method": "boxdiff", "best_of": 2}, 2 * (20 + 20 + (5 + 3 * 20) * DESCENT)),
        ({"method": "lmd"}, 20 + 20 + (4 + 3 + 2 + 2 + 1 + 1) * DESCENT),
        ({"method": "multidiffusion"}, 20 + 10 * (1 + 2 * 3)),
        ({}, 2 * CANDIDATE + CORRECTION),
        ({"corrections": 3}, 2 * CANDIDATE + 3 * CORRECTION),
        ({"corrections": 3, "look_again": False}, 2 * CANDIDATE + CORRECTION),
        ({"correction": False}, 2 * CANDIDATE),
        ({"correction": False, "candidate_steps": 4}, 2 * (4 * 2 + 2) + 6 * 2),
        ({"candidate_steps": 4}, 2 * (4 * 2 + 2) + CORRECTION + 6 * 2),
        ({"candidate_steps": 4, "look_again": False}, 2 * (4 * 2 + 2) + CORRECTION),
        ({"base_branch": "two_rows"}, 2 * 10 * 4 + 10 * 4 + 5 * DESCENT),
        ({"best_of": 2}, 2 * (2 * CANDIDATE + CORRECTION)),
    ],
)
def test_values_counted_by_hand(settings: dict[str, Any], by_hand: int) -> None:
    assert cost_of(**settings) == by_hand


def test_the_callers_box_spares_the_draft() -> None:
    settings = Settings(method="multidiffusion", steps=10)
    assert row_steps(settings, traits_of("multidiffusion"), has_box=True) == 10 * (1 + 2 * 2)


def test_a_method_from_elsewhere_costs_what_its_traits_say() -> None:
    settings = Settings(steps=10, base_branch="one_row")
    assert row_steps(settings, Traits("record", proposes=True)) == cost_of(candidates=5)
    assert Traits("other").rows == 2


@given(
    name=st.sampled_from(DRAWN),
    steps=st.integers(2, 60),
    shares_of=st.tuples(shares, shares, shares),
    more=st.fixed_dictionaries(
        {
            "self_edit_from": shares,
            "intransitive_share": shares,
            "hold_pose_share": shares,
            "refinements": st.integers(0, 3),
        }
    ),
    switches=st.tuples(st.booleans(), st.booleans(), st.sampled_from(["one_row", "two_rows"])),
    person=st.booleans(),
)
def test_every_step_is_what_its_method_plans(
    name: str,
    steps: int,
    shares_of: tuple[float, ...],
    more: dict[str, Any],
    switches: tuple[Any, ...],
    person: bool,
) -> None:
    (guided, cross, own), (is_cross, is_self, branch) = shares_of, switches
    drawing = Drawing(
        method=name, steps=steps, guided_share=guided, cross_edit_share=cross, self_edit_until=own,
        cross_edit=is_cross, self_edit=is_self, base_branch=branch, **more,
    )  # fmt: skip
    for box in (BOX,) if name == "interactdiffusion" else (None, BOX):
        job = Job(KICK, 1, drawing, box, Reference(PERSON if person or name == "interactdiffusion" else None))
        for step in range(steps):
            counted = work(step, drawing, box=box is not None, person=person)
            assert (counted.rows, counted.descents) == planned(job, Moment(step, steps, 0.5))


def planned(job: Job, moment: Moment) -> tuple[int, int]:
    """Rows and descents by the method's own hooks."""
    method = method_of(job.drawing.method)
    rows = sum(1 + strand.is_guided for strand in method.strands(moment, job))
    return rows, sum(one.iterations for one in method.guidance(moment, job))


@pytest.mark.parametrize("box", [None, BOX], ids=["candidate", "correction"])
@pytest.mark.parametrize("branch", ["one_row", "two_rows"])
def test_the_engine_calls_the_unet_with_as_many_rows(
    backbone: Backbone, box: Box | None, branch: Any
) -> None:
    drawing = Drawing(steps=4, self_edit_until=0.5, base_branch=branch)
    engine = Engine(backbone)
    engine.add(Job(KICK, 1, drawing, box))
    with counted(backbone) as rows:
        while len(engine):
            engine.step()
    assert rows["plain"] + DESCENT * rows["guided"] == trajectory(drawing, box=box is not None)
    assert rows["guided"] == (0 if box is None else 2)


@contextmanager
def counted(backbone: Backbone) -> Iterator[dict[str, int]]:
    """Rows of UNet calls meanwhile, those with gradients apart."""
    rows = {"plain": 0, "guided": 0}

    def count(_: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        sample = given[0] if given else named["sample"]
        rows["guided" if torch.is_grad_enabled() else "plain"] += len(sample)

    hook = inside(backbone.unet).register_forward_pre_hook(count, with_kwargs=True)
    try:
        yield rows
    finally:
        hook.remove()


@given(
    budget=st.integers(1, 4000),
    name=st.sampled_from([*DRAWN, "images_api"]),
    candidates=st.integers(1, 8),
    corrections=st.integers(1, 4),
    stories=st.integers(1, 4),
)
def test_a_plan_never_exceeds_its_budget(
    budget: int, name: str, candidates: int, corrections: int, stories: int
) -> None:
    settings = Settings(
        method=name,
        steps=10,
        candidates=candidates,
        corrections=corrections,
        best_of=stories,
        row_steps=budget,
    )
    try:
        found = plan(settings, traits_of(name))
    except SettingsError as error:
        least = int(str(error).split("takes ")[1].split(",")[0])
        assert least > budget and error.param == "row_steps"
        assert plan(settings.model_copy(update={"row_steps": least}), traits_of(name)).row_steps == least
        return
    assert found.row_steps <= budget and found.candidates >= 1 and found.stories >= 1


def test_without_a_budget_everything_is_drawn() -> None:
    found = plan(Settings(candidates=4, corrections=3, best_of=2), traits_of("record"))
    assert (found.stories, found.candidates, found.corrections) == (2, 4, 3)
