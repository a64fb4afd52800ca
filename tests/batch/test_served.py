"""Drawing by the real HTTP edge over fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing

import httpx
import pytest

from batch import served
from batch.items import Item
from batch.painting import Draws
from batch.served import by_service
from record.job import Job
from record.pictures import codec
from record.types import Candidate, Progress
from record_client import AsyncReCorDClient, Cancelled, ConnectionLost, ReCorDClient
from tests.batch.conftest import seeds
from tests.deployments.conftest import app_over_fakes
from tests.record.fakes import FakeDiffusion
from tests.record_client.conftest import hurried as hurried
from tests.record_client.conftest import serving


class Counting(FakeDiffusion):
    """Notes how many jobs it has at once; each waits until there are two."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._barrier = asyncio.Barrier(2)

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Draw once two are there."""
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self._barrier.wait()
            async for told in super().draw(job, within_s, previews=previews):
                yield told
        finally:
            self.now -= 1


class HangingOn(FakeDiffusion):
    """Never ends with a seed, until it is told to."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed: int | None = seed

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Draw, or hang until cancelled."""
        if job.seed == self.seed:
            await asyncio.Event().wait()
        async for told in super().draw(job, within_s, previews=previews):
            yield told


class Full(httpx.AsyncHTTPTransport):
    """A service that has no room for its first requests."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.left = refusals

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse, or hand on."""
        if self.left:
            self.left -= 1
            return httpx.Response(429, json={"error": {"message": "full"}}, request=request)
        return await super().handle_async_request(request)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The HTTP edge over fakes, listening on a free port of this machine."""
    with serving(app_over_fakes()) as url:
        yield url


def drawer(url: str, *, at_once: int = 2, key: str = "a-batch") -> Draws:
    return by_service(lambda: AsyncReCorDClient(url), "a model", key, at_once)


def test_pictures_come_with_what_led_to_them(address: str) -> None:
    items = [*seeds(7, 8, 9), Item(5, "a nice sunset"), Item(6, "a woman is kiking a ball")]
    found = {one.row.id: one for one in drawer(address)(items)}
    assert len(found) == 5
    first = found[items[0].id]
    assert first.png is not None and codec.from_bytes(first.png).size == (8, 8)
    row = first.row
    assert (row.status, row.chosen, row.settings["seed"], row.settings["candidates"]) == ("finished", 1, 7, 3)
    assert row.object_box_after is not None and row.run is not None and row.model == "a model"
    assert found[items[3].id].row.error_code == "no_interaction"
    assert "did you mean 'kicking'" in str(found[items[4].id].row.error)


def test_several_are_under_way_and_no_more_than_allowed() -> None:
    diffusion = Counting()
    with serving(app_over_fakes(diffusion, settings={"method": "plain"})) as url:
        outcomes = list(drawer(url, at_once=2)(seeds(*range(6))))
    assert len(outcomes) == 6 and diffusion.most == 2


def test_a_batch_that_comes_again_joins_what_is_drawn_already(address: str) -> None:
    items = seeds(20, 21)
    first = [one.row.run for one in drawer(address, at_once=1)(items)]
    assert [one.row.run for one in drawer(address, at_once=1)(items)] == first
    assert [one.row.run for one in drawer(address, at_once=1, key="another")(items)] != first


def test_who_stops_stops_the_runs() -> None:
    app = app_over_fakes(HangingOn(2), settings={"method": "plain"})
    with serving(app) as url, ReCorDClient(url) as client:
        with closing(drawer(url)(seeds(1, 2, 2, 2))) as outcomes:
            assert next(outcomes).row.settings["seed"] == 1
        (hung,) = (run for run in client.runs() if run.request["seed"] == 2)
        assert isinstance(list(client.events(hung.id))[-1].event, Cancelled)


def test_a_run_that_was_cancelled_is_asked_for_again() -> None:
    diffusion, (item,) = HangingOn(2), seeds(2)
    app = app_over_fakes(diffusion, settings={"method": "plain"})
    with serving(app) as url, ReCorDClient(url) as client:
        run = client.start(item.prompt, key=f"a-batch-{item.id}-1-0", **item.settings)
        client.cancel(run.id)
        diffusion.seed = None
        (outcome,) = drawer(url)([item])
    assert outcome.row.status == "finished" and outcome.row.run != run.id


def test_a_service_without_room_is_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "PAUSE_S", 0.0)
    full = Full(refusals=7)
    draws = by_service(lambda: AsyncReCorDClient(address, transport=full), "a model", "a-batch", 2)
    assert [one.row.status for one in draws(seeds(40, 41))] == ["finished"] * 2
    assert full.left == 0


def test_a_service_that_never_has_room_is_a_row(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "PAUSE_S", 0.01)
    monkeypatch.setattr(served, "PATIENCE_S", 0.015)
    full = Full(refusals=1000)
    draws = by_service(lambda: AsyncReCorDClient(address, transport=full), "a model", "a-batch", 1)
    (outcome,) = draws(seeds(42))
    assert (outcome.row.status, outcome.row.error) == ("failed", "full")


def test_nobody_there_is_no_prompts_fault() -> None:
    with pytest.raises(ConnectionLost):
        list(drawer("http://127.0.0.1:9")(seeds(1)))
