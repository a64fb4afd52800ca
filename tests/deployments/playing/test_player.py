"""Runs on a real store, played over a small cast."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deployments.playing.admission import Admission
from deployments.playing.bell import Bell
from deployments.playing.follow import Numbered, follow
from deployments.playing.order import Corrects, Order
from deployments.playing.pictures import runs_of
from deployments.playing.player import Player, Sparing
from deployments.playing.warming import Warming
from record.errors import TrajectoryError
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Settings
from record.story.best import seeded
from record.story.cast import Cast, Diffusion
from record.types import Candidate, Progress
from runs import NewRun, RunRow, Store, new_id, open_store
from tests.deployments.fakes import Endless
from tests.deployments.playing.test_warming import Parts
from tests.record.fakes import FakeAnalyst, FakeDiffusion, FakeReasoner

PROMPT = parse("a woman is kicking a ball")
SETTINGS = Settings.build({"steps": 4, "candidates": 3})
ORDER = Order(PROMPT, (SETTINGS,))


class Failing(FakeDiffusion):
    """A diffusion part whose pictures are not numbers."""

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        yield Progress(1, 1)
        raise TrajectoryError(f"seed {job.seed} left the range of numbers")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts"))


def accept(store: Store, order: Order = ORDER, within_s: float = 60.0, **more: Any) -> RunRow:
    body = {"order": order.to_json(), "asked": {}}
    new = NewRun(id=new_id(), body=body, deadline=time.time() + within_s, row_steps=10, **more)
    return store.index.accept(new)[0]


@asynccontextmanager
async def playing(
    store: Store, diffusion: Diffusion | None = None, most: int = 2, sparing: Sparing | None = None
) -> AsyncGenerator[Player, None]:
    cast = Cast(diffusion or FakeDiffusion(), FakeAnalyst(), FakeReasoner())
    player = Player(store, lambda listen: cast, Bell(), most, sparing)
    player.hurry()
    try:
        yield player
    finally:
        await player.close()


async def told(store: Store, run: str, after: int = 0) -> list[Numbered]:
    async with aclosing(follow(store, Admission(store.index, 10), Bell(), run, after)) as events:
        return [event async for event in events]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_a_run_is_played_told_and_read_again(store: Store) -> None:
    row = accept(store, Order(PROMPT, tuple(seeded(SETTINGS, 2))))
    async with playing(store) as player:
        events = await told(store, row.id)
        kept = player.take(row.id)
    over = store.index.get(row.id)
    assert over is not None and over.status == "finished" and not over.degraded
    numbers = [event.number for event in events if event.number]
    assert numbers == list(range(1, over.last_event + 2))
    assert events[-1].name == "run.finished" and {event.told.get("picture") for event in events} >= {0, 1}
    assert kept is not None
    for before, after in zip(kept, runs_of(store, over), strict=True):
        assert np.array_equal(np.asarray(before.image), np.asarray(after.image))
        assert after.to_json()["timings"] == before.to_json()["timings"]
        assert after.settings == before.settings


async def test_events_are_the_same_from_any_of_them_on(store: Store) -> None:
    row = accept(store)
    async with playing(store):
        whole = [event for event in await told(store, row.id) if event.number]
    for cut in range(len(whole) + 1):
        assert await told(store, row.id, cut) == whole[cut:]


async def test_a_run_that_is_cancelled_stops_at_its_next_step(store: Store) -> None:
    endless, row = Endless(), accept(store)
    async with playing(store, endless) as player:
        await until(endless.has_begun.is_set)
        store.index.cancel(row.id)
        player.cancel(row.id)
        events = await told(store, row.id)
        await until(lambda: not player.playing)
    assert endless.stopped == 3
    assert events[-1].name == "run.cancelled"


async def test_a_run_stopped_before_it_begins_leaves_its_place_free(store: Store) -> None:
    row = accept(store)
    async with playing(store, Endless(), most=1) as player:
        while row.id not in player.playing:
            await asyncio.sleep(0)
        player.cancel(row.id)
        await until(lambda: not player.playing)


async def test_what_is_drawn_is_written_down_though_it_is_cancelled(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_writing, may_write, append = threading.Event(), threading.Event(), store.index.append

    def slow(*given: Any) -> int:
        is_writing.set()
        assert may_write.wait(20)
        return append(*given)

    monkeypatch.setattr(store.index, "append", slow)
    row = accept(store)
    async with playing(store) as player:
        await until(is_writing.is_set)
        played = player.playing[row.id]
        await until(lambda: played.is_drawn)
        player.cancel(row.id)
        may_write.set()
        assert (await told(store, row.id))[-1].name == "run.finished"
    over = store.index.get(row.id)
    assert over is not None and over.attempts == 1


async def test_another_replicas_cancel_is_heard_through_the_store(store: Store) -> None:
    endless, row = Endless(), accept(store)
    async with playing(store, endless):
        await until(endless.has_begun.is_set)
        store.index.cancel(row.id)
        assert (await told(store, row.id))[-1].name == "run.cancelled"
    assert endless.stopped == 3


async def test_progress_is_told_a_few_times_a_second_with_previews(store: Store) -> None:
    endless, row = Endless(), accept(store)
    async with playing(store, endless):
        await until(lambda: len(store.index.events(row.id)) >= 3)
        store.index.cancel(row.id)
        events = await told(store, row.id)
    progress = [event.told for event in events if event.name == "progress"]
    assert {step["index"] for step in progress[-1]["steps"]} == {0, 1, 2}
    assert progress[-1]["steps"][0]["preview"].startswith("data:image/webp;base64,")
    apart = [after["at"] - before["at"] for before, after in zip(progress, progress[1:], strict=False)]
    assert not apart or min(apart) > 0.1


async def test_a_run_past_its_deadline_fails_as_a_timeout_and_all_work_stops(store: Store) -> None:
    endless, row = Endless(), accept(store, within_s=1.0)
    async with playing(store, endless):
        events = await told(store, row.id)
    over = store.index.get(row.id)
    assert over is not None and over.error is not None
    assert over.error["status"] == 408 and over.error["code"] == "timeout" and endless.stopped == 3
    assert events[-1].told["error"]["code"] == "timeout"


async def test_a_failure_is_kept_with_its_status(store: Store) -> None:
    row = accept(store)
    async with playing(store, Failing()):
        last = (await told(store, row.id))[-1]
    assert last.name == "run.failed" and "range of numbers" in last.told["error"]["message"]
    over = store.index.get(row.id)
    assert over is not None and over.error is not None and over.error["status"] == 500


async def test_no_more_runs_are_played_at_once_than_there_are_places(store: Store) -> None:
    rows = [accept(store) for _ in range(5)]
    async with playing(store, most=2) as player:
        await until(lambda: bool(player.playing))
        assert len(player.playing) <= 2
        for row in rows:
            assert (await told(store, row.id))[-1].name == "run.finished"


async def test_a_run_whose_player_died_is_drawn_again_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployments.playing.player.LEASE_S", 0.5)
    row = accept(store)
    async with playing(store, Endless()) as dying:
        await until(lambda: row.id in dying.playing)
    async with playing(store) as player:
        events = await told(store, row.id)
        (run,) = player.take(row.id) or []
    assert events[-1].name == "run.finished"
    over = store.index.get(row.id)
    assert over is not None and over.attempts == 2
    assert np.asarray(run.image).mean() == 2, "seed 0 + 1, corrected"


async def test_what_was_accepted_before_a_start_waits_for_the_parts_and_what_comes_later_does_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployments.playing.player.SEEK_S", 0.01)
    parts, before, hasty = Parts(), accept(store), accept(store, within_s=5.0)

    async def needed() -> float:
        return 10.0

    warming = Warming(parts, needed, 60.0)
    after = accept(store)
    async with playing(store, sparing=warming.spared):
        for row in (hasty, after):
            assert (await told(store, row.id))[-1].name == "run.finished"
        left = store.index.get(before.id)
        assert left is not None and left.status == "waiting"
        parts.are_ready = True
        assert (await told(store, before.id))[-1].name == "run.finished"


async def test_a_lease_that_was_renewed_too_late_begins_nothing_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("LEASE_S", 0.0), ("RENEW_S", 60.0), ("SEEK_S", 0.01)):
        monkeypatch.setattr(f"deployments.playing.player.{name}", seconds)
    endless, row = Endless(), accept(store)
    async with playing(store, endless) as player:
        await until(lambda: len(store.index.events(row.id)) >= 2)
        player.cancel(row.id)
        events = await told(store, row.id)
    over = store.index.get(row.id)
    assert over is not None and over.attempts == 1 and endless.begun == 3
    assert {event.told["attempt"] for event in events[:-1]} == {1}


async def test_runs_are_looked_for_and_leases_renewed_whatever_went_wrong_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RENEW_S", "SEEK_S"):
        monkeypatch.setattr(f"deployments.playing.player.{name}", 0.01)
    failed = list[str]()

    def once(name: str) -> None:
        works = getattr(store.index, name)

        def fails_first(*given: Any) -> Any:
            if name in failed:
                return works(*given)
            failed.append(name)
            raise RuntimeError("no error of the store's")

        monkeypatch.setattr(store.index, name, fails_first)

    once("lease")
    once("renew")
    endless, row = Endless(), accept(store)
    async with playing(store, endless):
        await until(lambda: "renew" in failed)
        store.index.cancel(row.id)
        assert (await told(store, row.id))[-1].name == "run.cancelled"
    assert failed == ["lease", "renew"] and endless.stopped == 3


async def test_a_correction_draws_no_candidate_and_asks_nobody(store: Store) -> None:
    first, diffusion = accept(store), FakeDiffusion()
    async with playing(store, diffusion):
        await told(store, first.id)
        drawn = len(diffusion.jobs)
        order = Order(PROMPT, (SETTINGS,), Box(0.6, 0.6, 0.9, 0.9), Corrects(first.id))
        second = accept(store, order, parent=first.id)
        events = await told(store, second.id)
        (job,) = diffusion.jobs[drawn:]
        assert job.box == order.box and job.seed == 1
        third = accept(store, Order(PROMPT, (SETTINGS,), Box(0, 0, 0.3, 0.3), Corrects(second.id)))
        assert (await told(store, third.id))[-1].name == "run.finished"
    assert events[-1].name == "run.finished"
    assert not [event for event in events if event.name in ("pose.selected", "model.asked")]


async def test_a_correction_of_a_run_that_is_gone_says_so(store: Store) -> None:
    order = Order(PROMPT, (SETTINGS,), Box(0.6, 0.6, 0.9, 0.9), Corrects("run-000000000000"))
    row = accept(store, order)
    async with playing(store):
        last = (await told(store, row.id))[-1]
    assert last.told["error"]["code"] == "artefact_missing"


async def test_who_waits_is_told_the_place_in_the_queue(store: Store) -> None:
    rows = [accept(store) for _ in range(3)]
    async with aclosing(follow(store, Admission(store.index, 10), Bell(), rows[2].id)) as events:
        first = await anext(events)
    assert first.number == 0 and first.name == "run.accepted"
    assert first.told["position"] == 2 and first.told["ready_in_s"] == 3.0


async def test_the_bell_wakes_all_who_wait_for_that_run_and_nobody_else() -> None:
    bell = Bell()
    mine = [asyncio.create_task(bell.wait("run-a", 60)) for _ in range(2)]
    other = asyncio.create_task(bell.wait("run-b", 60))
    await asyncio.sleep(0)
    bell.ring("run-a")
    await asyncio.gather(*mine)
    assert not other.done()
    bell.ring("run-b")
    await other
