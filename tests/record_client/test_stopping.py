"""Who stops waiting stops the run, whatever was read of the answer until then."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from record_client import Cancelled, Finished, Progress, ReCorDClient, Told
from record_client.async_client import AsyncReCorDClient
from tests.record_client.conftest import KICK, Hanging, Serve


def interrupt(told: Told) -> None:
    if isinstance(told.event, Progress):
        raise KeyboardInterrupt


class Interrupted(httpx.HTTPTransport):
    """Ctrl-C after the service has heard of a run, and before its answer is read."""

    def __init__(self, error: type[BaseException] = KeyboardInterrupt) -> None:
        super().__init__()
        self.error, self.keys = error, list[str]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if request.method == "POST":
            self.keys.append(request.headers["idempotency-key"])
            if len(self.keys) == 1:
                raise self.error("between")
        return answer


def ended(client: ReCorDClient) -> None:
    """Assert that the service's only run is told to be cancelled."""
    (run,) = client.runs()
    assert isinstance(list(client.events(run.id))[-1].event, Cancelled)


def test_ctrl_c_while_drawing(serve: Serve) -> None:
    with ReCorDClient(serve(Hanging())) as client:
        with pytest.raises(KeyboardInterrupt) as stopped:
            client.draw(KICK, on_event=interrupt)
        assert stopped.value.__notes__[0].endswith("is stopped")
        ended(client)


def test_ctrl_c_before_the_answer_is_read(serve: Serve) -> None:
    transport = Interrupted()
    with ReCorDClient(serve(Hanging()), transport=transport) as client:
        with pytest.raises(KeyboardInterrupt):
            client.draw(KICK)
        ended(client)
    assert len(transport.keys) == 2 and len(set(transport.keys)) == 1


def test_ctrl_c_in_a_full_service(serve: Serve) -> None:
    """Asking again joins the run also where there is room for no other."""
    with ReCorDClient(serve(Hanging(), row_steps_per_s=0.01), transport=Interrupted()) as client:
        with pytest.raises(KeyboardInterrupt) as stopped:
            client.draw(KICK)
        assert stopped.value.__notes__[0].endswith("is stopped")
        ended(client)


def test_ctrl_c_while_correcting(serve: Serve) -> None:
    with ReCorDClient(serve()) as client:
        before = client.draw(KICK).run
        with pytest.raises(RuntimeError):
            client.correct(before.id, (0.1, 0.1, 0.4, 0.5), on_event=raises)
        run = next(client.runs())
        assert run.parent == before.id and client.run(before.id).status == "finished"


def raises(told: Told) -> None:
    raise RuntimeError("no room on the page")


def test_a_run_that_is_over_stays(serve: Serve) -> None:
    def late(told: Told) -> None:
        if isinstance(told.event, Finished):
            raise KeyboardInterrupt

    with ReCorDClient(serve()) as client:
        with pytest.raises(KeyboardInterrupt) as stopped:
            client.draw(KICK, on_event=late)
        (run,) = client.runs()
        assert run.status == "finished" and stopped.value.__notes__ == [f"run {run.id} was finished already"]


def test_a_request_that_is_cut_is_repeated_and_drawn_once(serve: Serve) -> None:
    transport = Interrupted(httpx.ReadError)
    with ReCorDClient(serve(), transport=transport) as client:
        assert client.draw(KICK).run.status == "finished"
        assert len(list(client.runs())) == 1 and len(transport.keys) == 2


def test_a_service_that_is_gone_cannot_be_told(serve: Serve) -> None:
    class Gone(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "DELETE":
                raise httpx.ConnectError("nobody is there", request=request)
            return super().handle_request(request)

    with ReCorDClient(serve(Hanging()), transport=Gone()) as client:
        with pytest.raises(KeyboardInterrupt) as stopped:
            client.draw(KICK, on_event=interrupt)
    assert "could not be stopped" in stopped.value.__notes__[0]


async def test_a_cancelled_task_stops_its_run(serve: Serve) -> None:
    async with AsyncReCorDClient(serve(Hanging())) as client:
        draws = asyncio.Event()

        def hear(told: Told) -> None:
            if told.number:
                draws.set()

        task = asyncio.create_task(client.draw(KICK, on_event=hear))
        await draws.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (run,) = [one async for one in client.runs()]
        told = [one async for one in client.events(run.id)]
        assert isinstance(told[-1].event, Cancelled)


async def test_a_timeout_stops_its_run(serve: Serve) -> None:
    async with AsyncReCorDClient(serve(Hanging())) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.draw(KICK)
        told = [one async for run in client.runs() async for one in client.events(run.id)]
        assert isinstance(told[-1].event, Cancelled)
