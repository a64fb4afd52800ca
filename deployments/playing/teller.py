"""Writes down what happens in a run, a few times a second, with everything that can be looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from record.pictures import codec
from record.story.events import Event, Stepped
from record.types import Json
from runs import arrays
from runs.rows import Content
from runs.store import Store

PAUSE_S = 0.2
"""Least time between two writes: with progress every other time, a run tells at most ten events a second."""
PROGRESS_PAUSE_S = 0.5
LEFT_OUT = ("strands",)
"""Arrays that nobody looks at and no correction needs."""
PREVIEW = codec.Encoding("webp", 60)


@dataclass(frozen=True)
class Told:
    """An event of one of a run's pictures."""

    picture: int
    event: Event


class Teller:
    """Hears events at once and writes them in batches; steps are told as one event of all trajectories."""

    def __init__(self, store: Store, run: str, worker: str, rung: Callable[[], None]) -> None:
        """`rung` is called after each write."""
        self._store, self._run, self._worker, self._rung = store, run, worker, rung
        self._heard: list[Told] = []
        self._steps: dict[tuple[int, int | None, int], Stepped] = {}
        self._news, self._shown, self._is_over = asyncio.Event(), 0.0, False
        self._failure: Exception | None = None
        self._turn = asyncio.Lock()

    def hear(self, picture: int, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Stepped):
            key = (picture, event.index, event.correction)
            before = self._steps.get(key)
            if event.preview is None and before is not None:
                event = replace(event, preview=before.preview)
            self._steps[key] = event
        else:
            self._heard.append(Told(picture, event))
        self._news.set()

    async def write(self) -> None:
        """Write until `close`, or until something fails."""
        try:
            while not self._is_over:
                await self._news.wait()
                self._news.clear()
                await self._flush()
                await asyncio.sleep(PAUSE_S)
        except Exception as error:
            self._failure = error

    @property
    def is_broken(self) -> bool:
        """Whether writing failed: nothing more is written."""
        return self._failure is not None

    async def close(self) -> None:
        """Write what was heard last; raises what writing raised, LostLease where the run is another's."""
        self._is_over = True
        await self._flush()
        self._news.set()

    async def _flush(self) -> None:
        async with self._turn:  # what is heard first is written first
            if self._failure is not None:
                raise self._failure
            heard, self._heard = self._heard, []
            steps = self._due_steps(bool(heard))
            if heard or steps:
                await asyncio.to_thread(self._tell, heard, steps)
                self._rung()

    def _due_steps(self, is_told_anyway: bool) -> Sequence[tuple[int, Stepped]]:
        """The newest step of every trajectory that took one, where progress may be told again."""
        now = asyncio.get_running_loop().time()
        if not self._steps or (now - self._shown < PROGRESS_PAUSE_S and not is_told_anyway):
            return ()
        self._shown = now
        due = [(picture, event) for (picture, *_), event in self._steps.items()]
        self._steps.clear()
        return due

    def _tell(self, heard: Sequence[Told], steps: Sequence[tuple[int, Stepped]]) -> None:
        """Encode and write, in a thread of its own."""
        told: list[Json] = [_progress(steps)] if steps else []
        contents: list[Content] = []
        for one in heard:
            kept = _contents(one)
            contents += kept
            names = {"artefacts": [content.name for content in kept]} if kept else {}
            told.append({**one.event.to_json(), "picture": one.picture, **names})
        self._store.tell(self._run, self._worker, told, contents)


def _progress(steps: Sequence[tuple[int, Stepped]]) -> Json:
    def one(picture: int, event: Stepped) -> Json:
        shown = None if event.preview is None else codec.to_uri(event.preview, PREVIEW)
        told = {name: value for name, value in event.to_json().items() if name not in ("event", "at")}
        return {"picture": picture, **told, "preview": shown}

    return {
        "event": "progress",
        "at": max(round(event.at, 4) for _, event in steps),
        "steps": [one(*step) for step in steps],
    }


def _contents(told: Told) -> list[Content]:
    found = []
    for name, array in told.event.arrays().items():
        if not name.endswith(LEFT_OUT):
            data, media_type = arrays.to_bytes(array)
            ending = "png" if media_type == arrays.PNG else "npy"
            found.append(Content(name=f"{told.picture}/{name}.{ending}", data=data, media_type=media_type))
    return found
