"""The story of a request, written once: propose -> select -> look -> lay out -> correct -> judge -> answer.

Whoever plays the parts - coroutines in this process, or deployments behind handles - the order of
things is here and nowhere else. It is entered at `propose` by `play`, and at `correct` by `correct`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from record.errors import InputError
from record.job import Job, Reference
from record.settings import Drawing
from record.story import stages
from record.story.best import best_of
from record.story.cast import Cast, Chosen, Request
from record.story.events import CandidateAnalysed, CandidateReady, Degraded, Event, LayoutProposed
from record.story.run import Run
from record.story.telling import Telling
from record.story.verdicts import Seen
from record.traits import Traits, traits_of
from record.types import PoseChoice

DRAFT = "plain"
"""The method that draws what others look at to place the object."""


def play(request: Request, cast: Cast) -> AsyncGenerator[Event, None]:
    """Play the whole story; events come as they happen and end with ImageReady, or an error is raised."""
    return _played(request, cast, _from_the_beginning)


def correct(request: Request, cast: Cast, chosen: Chosen) -> AsyncGenerator[Event, None]:
    """Play the end of the story: `chosen` again, with the object in the request's box.

    No candidate is drawn and no agent is asked; `row_steps` does not bound it. What is known is told again,
    so that the Run of these events is whole and can be corrected in its turn. InputError for a request
    without a box, and for a method that places nothing.
    """

    async def enter(told: Telling) -> None:
        await _from_the_choice(told, chosen)

    return _played(request, cast, enter)


async def collect(
    request: Request,
    cast: Cast,
    on_event: Callable[[Event], None] | None = None,
    *,
    chosen: Chosen | None = None,
) -> Run:
    """The Run of `play`, or with `chosen` of `correct`; every event goes to `on_event` as well."""
    run = Run(request.id, request.prompt, request.settings)
    events = play(request, cast) if chosen is None else correct(request, cast, chosen)
    async with aclosing(events):
        async for event in events:
            run.add(event)
            if on_event is not None:
                on_event(event)
    return run


async def _played(
    request: Request, cast: Cast, tell: Callable[[Telling], Coroutine[Any, Any, None]]
) -> AsyncGenerator[Event, None]:
    news: asyncio.Queue[Event | None] = asyncio.Queue()
    telling = asyncio.create_task(tell(Telling(request, cast, news.put_nowait)))
    telling.add_done_callback(lambda _: news.put_nowait(None))
    try:
        while (event := await news.get()) is not None:
            yield event
        await telling
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _from_the_beginning(told: Telling) -> None:
    settings = told.settings
    is_more = settings.best_of > 1 or (settings.corrections > 1 and traits_of(settings.method).proposes)
    if is_more and not told.judges:
        told.emit(
            Degraded(told.now, "judge", "nobody looks again: one picture is drawn where more were asked")
        )
    if told.plan.stories > 1:
        await best_of(told, told.plan.stories, _one_story)
    else:
        await _one_story(told)


async def _one_story(told: Telling) -> None:
    traits = traits_of(told.settings.method)
    if traits.proposes:
        await _correct_the_best(told)
        return
    told.judges = False
    if traits.needs_box:
        await _draw_in_a_box(told, traits)
    else:
        job = Job(told.prompt, told.settings.seed, told.drawing, told.request.box)
        told.show(await told.draw_candidate(job, 0), "propose", is_corrected=False)


async def _correct_the_best(told: Telling) -> None:
    """ReCorD: candidates, the two agents, the corrections, the judge."""
    candidates = await stages.propose(told)
    choice = await stages.select(told, candidates)
    seen = await stages.look(told, candidates, choice)
    if not told.settings.correction:
        await stages.keep(told, seen, "the correction is switched off")
        return
    told.emit(CandidateAnalysed(told.now, seen.look))
    box = await stages.lay_out(told, seen)
    await stages.correct(told, seen, box, told.plan.corrections)


async def _draw_in_a_box(told: Telling, traits: Traits) -> None:
    """A method that places the object: in the caller's box, or the layout agent's for a plain draft.

    One that also places the person takes that box from the draft, whoever gave the object's.
    """
    box = told.request.box
    if box is None and told.reasoner is None:
        raise InputError(
            f"method {traits.name!r} needs the object's box: give box=[x0, y0, x1, y1], or "
            "a vision-language model that proposes one",
            param="box",
        )
    if box is None or traits.needs_person:
        draft = await told.draw_candidate(Job(told.prompt, told.settings.seed, _plain(told)), 0)
        told.end_stage("propose")
        seen = await stages.look(told, [draft], PoseChoice(0, ()))
        told.emit(CandidateAnalysed(told.now, seen.look))
        await _place(told, traits, seen)
        return
    told.emit(LayoutProposed(told.now, box, None))
    job = Job(told.prompt, told.settings.seed, told.drawing, box, Reference())
    await stages.answer(told, await told.draw(job, None), "draw", is_corrected=False)


async def _place(told: Telling, traits: Traits, draft: Seen) -> None:
    """The object in its box, beside what was seen in a draft; without a place the draft is the answer."""
    box, unknown = await stages.lay_out(told, draft), ""
    if box is None:
        unknown = "no box was proposed"
    elif traits.needs_person and draft.look.person_box is None:
        unknown = "no person was found in the draft"
    if box is None or unknown:
        await stages.keep(told, draft, f"{unknown}: the plain draft is the answer", _plain(told))
        return
    job = Job(told.prompt, draft.candidate.seed, told.drawing, box, draft.chosen.reference)
    await stages.answer(told, await told.draw(job, None), "draw", is_corrected=False)


def _plain(told: Telling) -> Drawing:
    return told.drawing.model_copy(update={"method": DRAFT})


async def _from_the_choice(told: Telling, chosen: Chosen) -> None:
    traits = traits_of(told.settings.method)
    if not traits.proposes and not traits.needs_box:
        raise InputError(f"method {traits.name!r} places no object: choose one that does", param="method")
    if told.request.box is None:
        raise InputError("a correction needs the object's box: give box=[x0, y0, x1, y1]", param="box")
    told.emit(CandidateReady(told.now, 0, chosen.candidate))
    told.emit(CandidateAnalysed(told.now, chosen.look))
    told.judges, seen = False, Seen(chosen.candidate, chosen.look)
    if traits.needs_box:
        await _place(told, traits, seen)
    else:
        await stages.correct(told, seen, await stages.lay_out(told, seen))
