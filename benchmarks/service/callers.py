"""Clients that do not give up: they repeat a request by its idempotency key until they have their picture."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.service.asking import AGAIN, IMAGES, POLL_S, RUNS, Answer, Asker
from record.types import Json, Picture

PATIENCE_S = 600.0
LONGEST_PAUSE_S = 5.0
FAR = 16
"""Greys (of 255) by which a picture may differ from itself drawn beside others: sums have another order."""


@dataclass
class Outcome:
    """What one client saw: every answer's status, and at last its picture or why there is none."""

    body: int
    statuses: Counter[int] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    picture: Picture | None = None
    is_degraded: bool = False
    why: str = ""

    def saw(self, answer: Answer) -> Answer:
        """Count an answer."""
        self.statuses[answer.status] += 1
        if answer.is_foreign:
            self.foreign.append(f"{answer.status}: {answer.content[:80]!r}")
        return answer


@dataclass(frozen=True)
class Verdict:
    """How many requests were lost, wrong or degraded, and the errors that the application did not write.

    Degraded are those that a part was missing of. `same` counts the pictures that are those drawn in
    peace, degraded ones too.
    """

    lost: list[Outcome]
    wrong: list[Outcome]
    same: int
    degraded: int
    foreign: list[str]
    statuses: Counter[int]


def verdict(outcomes: Sequence[Outcome], undisturbed: Sequence[Picture]) -> Verdict:
    """Each picture against the one of its body that was drawn in peace; degraded ones may differ."""
    lost = [one for one in outcomes if one.picture is None]
    drawn = [(one, one.picture) for one in outcomes if one.picture is not None]
    other = [one for one, picture in drawn if not alike(picture, undisturbed[one.body])]
    wrong = [one for one in other if not one.is_degraded]
    foreign = [said for one in outcomes for said in one.foreign]
    statuses = sum((one.statuses for one in outcomes), Counter[int]())
    degraded = sum(one.is_degraded for one in outcomes)
    return Verdict(lost, wrong, len(drawn) - len(other), degraded, foreign, statuses)


def is_whole(degraded: Sequence[Json]) -> bool:
    """Whether no part was missing: that a hasty picture lacks its object is no fault of the service."""
    return all(told["stage"] == "look" for told in degraded)


def alike(one: Picture, other: Picture) -> bool:
    """Whether two pictures (H x W x 3) are the same but for rounding."""
    return one.shape == other.shape and int(np.abs(one.astype(int) - other.astype(int)).max()) <= FAR


async def by_images(asker: Asker, number: int, body: Json, key: str) -> Outcome:
    """POST /v1/images/generations until it gives a picture."""
    outcome = Outcome(number)
    answer = await _repeat(asker, IMAGES, body, key, outcome)
    if answer.status == 200:
        outcome.picture = answer.picture()
        outcome.is_degraded = not is_whole(answer.json()["data"][0]["run"]["degraded"])
    return outcome


async def by_runs(asker: Asker, number: int, body: Json, key: str) -> Outcome:
    """POST /v1/runs, ask for the run until it is over, take its picture."""
    outcome = Outcome(number)
    answer = await _repeat(asker, RUNS, body, key, outcome)
    if answer.status == 202:
        await take(asker, answer.json()["id"], outcome)
    return outcome


async def take(asker: Asker, run: str, outcome: Outcome) -> None:
    """Wait for an accepted run's end, and take its picture."""
    until = time.monotonic() + PATIENCE_S
    path, told = f"{RUNS}/{run}", dict[str, Any]()
    while not told.get("ended"):
        if time.monotonic() > until:
            outcome.why = f"run {run} is {told.get('status')} after {PATIENCE_S:.0f} s"
            return
        await asyncio.sleep(POLL_S)
        told = outcome.saw(await asker.get(path)).json()
    if told["status"] != "finished":
        outcome.why = f"run {run} {told['status']}: {told['error']}"
        return
    if told["degraded"]:
        events = await asker.told(run)
        last = [event for event in events if event.get("attempt") == told["attempts"]]
        outcome.is_degraded = not last or not is_whole([one for one in last if one["event"] == "degraded"])
    while (answer := outcome.saw(await asker.get(f"{path}/artefacts/0/image.png"))).status in AGAIN:
        if time.monotonic() > until:
            outcome.why = f"the picture of run {run} is not there"
            return
        await asyncio.sleep(POLL_S)
    outcome.picture = answer.picture()


async def _repeat(asker: Asker, path: str, body: Json, key: str, outcome: Outcome) -> Answer:
    until = time.monotonic() + PATIENCE_S
    while True:
        answer = outcome.saw(await asker.post(path, body, idempotency_key=key))
        if answer.status not in AGAIN or time.monotonic() > until:
            outcome.why = "" if answer.status < 400 else f"{answer.status}: {answer.content[:200]!r}"
            return answer
        await asyncio.sleep(min(LONGEST_PAUSE_S, answer.retry_after_s or 1.0))
