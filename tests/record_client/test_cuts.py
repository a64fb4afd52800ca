"""Streams that break and services that go away: no event is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack

import httpx
import pytest

from deployments.playing import player
from record.types import Json
from record_client import (
    Accepted,
    AsyncReCorDClient,
    ConnectionLost,
    Finished,
    Progress,
    ReCorDClient,
    Told,
)
from tests.deployments.conftest import app_over_fakes, new_store
from tests.record_cli.conftest import grey
from tests.record_client.conftest import KICK, Hanging, serving
from tests.record_client.cutting import AsyncCutting, Cutting

MANY = 4
"""Pictures of eight candidates each: more than fifty events."""


def numbers(events: list[Told]) -> list[int]:
    return [one.number for one in events if not isinstance(one.event, Accepted)]


def told(events: Iterable[Told]) -> list[tuple[int, Json]]:
    """Number and JSON of each, to be compared."""
    return [(one.number, one.event.to_json()) for one in events]


def test_a_hundred_cuts_lose_and_double_nothing(client: ReCorDClient) -> None:
    transport, heard = Cutting(), list[Told]()
    with ReCorDClient(client.url, transport=transport) as cut:
        drawn = cut.draw(KICK, seed=7, on_event=heard.append, n=MANY, candidates=8)
        assert len(drawn.pictures) == MANY and transport.scissors.cuts >= 50
        assert numbers(heard) == list(range(1, len(numbers(heard)) + 1))
        transport.scissors.cuts = 0
        assert told(cut.events(drawn.run.id)) == told(client.events(drawn.run.id))
        assert transport.scissors.cuts >= 50
    assert len([one for one in heard if isinstance(one.event, Accepted)]) <= 1


async def test_and_so_awaited(address: str) -> None:
    transport, heard = AsyncCutting(), list[Told]()
    async with AsyncReCorDClient(address, transport=transport) as cut:
        drawn = await cut.draw(KICK, seed=7, on_event=heard.append, n=MANY, candidates=8)
        assert len(drawn.pictures) == MANY and transport.scissors.cuts >= 50
        assert numbers(heard) == list(range(1, len(numbers(heard)) + 1))


def test_events_go_on_after_any_number(client: ReCorDClient) -> None:
    run = client.draw(KICK).run
    whole = list(client.events(run.id))
    for after in (1, len(whole) - 1):
        assert told(client.events(run.id, after)) == told(whole[after:])
    assert list(client.events(run.id, len(whole))) == []


def test_a_service_that_is_started_anew_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one takes the run over from the store, when the first one's lease has run out."""
    monkeypatch.setattr(player, "LEASE_S", 0.3)
    monkeypatch.setattr(player, "RENEW_S", 0.1)
    store, heard = new_store(), list[Told]()
    with ExitStack() as first, ExitStack() as second:
        url = first.enter_context(serving(app_over_fakes(Hanging(), store=store)))

        def restart(one: Told) -> None:
            heard.append(one)
            if isinstance(one.event, Progress) and one.attempt == 1:
                first.close()
                second.enter_context(serving(app_over_fakes(store=store), int(url.rpartition(":")[2])))

        with ReCorDClient(url) as client:
            drawn = client.draw(KICK, seed=7, on_event=restart)
            assert grey(drawn.image) == 9 and isinstance(heard[-1].event, Finished)
            assert {one.attempt for one in heard if one.picture == 0} == {2}
            assert numbers(heard) == list(range(1, len(numbers(heard)) + 1))
            assert grey(client.story(drawn.run.id).image) == 9


def test_a_service_that_stays_away_is_given_up(address: str) -> None:
    class Gone(httpx.HTTPTransport):
        asked = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/events"):
                self.asked += 1
                raise httpx.ConnectError("nobody is there", request=request)
            return super().handle_request(request)

    transport = Gone()
    with ReCorDClient(address, reconnects=3, transport=transport) as client:
        with pytest.raises(ConnectionLost, match="nobody is there"):
            client.draw(KICK)
    assert transport.asked == 4
