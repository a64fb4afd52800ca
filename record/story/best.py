"""Best of N: whole stories from seeds of their own, of which the judged best is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from record.settings import MAX_SEED, Settings
from record.story.events import Event, ImageReady, Judged, Stepped
from record.story.telling import Telling
from record.story.verdicts import merit, why
from record.together import together


def seeded(settings: Settings, count: int) -> list[Settings]:
    """The same settings `count` times, with seeds so far apart that no candidates are shared."""
    apart = settings.candidates * settings.best_of
    seeds = [(settings.seed + index * apart) % MAX_SEED for index in range(count)]
    return [settings.model_copy(update={"seed": seed}) for seed in seeds]


async def best_of(told: Telling, count: int, tell: Callable[[Telling], Awaitable[None]]) -> None:
    """Tell `count` stories at once, judge their pictures, and tell on what happened in the best one.

    The verdicts are merit alone: of equals the first seed's wins. Where the judge fails, it does as well.
    """
    stories = [_Story(told, index, one) for index, one in enumerate(_shares(told.settings, count))]
    await together(story.play(tell) for story in stories)
    pictures = [story.picture for story in stories]
    verdicts = [one for one in await told.judge([picture.image for picture in pictures]) if one is not None]
    chosen = max(range(len(verdicts)), key=lambda index: (merit(verdicts[index]), -index), default=0)
    for event in stories[chosen].events:
        told.emit(event)
    if verdicts:
        reason = why(verdicts, chosen, [f"story {index}" for index in range(count)])
        told.emit(Judged(told.now, "stories", tuple(verdicts), chosen, reason))
    told.end_stage("judge_stories")
    told.emit(replace(pictures[chosen], at=told.now))


def _shares(settings: Settings, count: int) -> list[Settings]:
    """Settings of `count` single stories, each with its share of the budget."""
    alone = settings.model_copy(update={"best_of": 1, "row_steps": settings.row_steps // count})
    return seeded(alone, count)


class _Story:
    """One of several stories: all but its steps and its picture is held back until it is the best."""

    def __init__(self, told: Telling, index: int, settings: Settings) -> None:
        self.events = list[Event]()
        self._outer, self._index = told, index
        request = replace(told.request, settings=settings)
        self._told = Telling(request, told.cast, self._hear, told.start)

    @property
    def picture(self) -> ImageReady:
        """The story's end."""
        return self._picture

    async def play(self, tell: Callable[[Telling], Awaitable[None]]) -> None:
        """Tell it to its end."""
        await tell(self._told)
        self._outer.reasoner = self._outer.reasoner and self._told.reasoner

    def _hear(self, event: Event) -> None:
        if isinstance(event, ImageReady):
            self._picture = event
        elif isinstance(event, Stepped):
            self._outer.emit(self._numbered(event))
        else:
            self.events.append(event)

    def _numbered(self, event: Stepped) -> Stepped:
        """The same step, told apart from those of other stories."""
        settings = self._told.settings
        if event.index is None:
            return replace(event, correction=event.correction + self._index * settings.corrections)
        return replace(event, index=event.index + self._index * settings.candidates)
