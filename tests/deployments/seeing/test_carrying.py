from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys

import pytest

from deployments.seeing import logs
from deployments.seeing.carrying import Carrier, carrier, serving
from tests.deployments.seeing.conftest import Spans


async def test_a_call_outside_a_run_takes_nothing_along() -> None:
    assert carrier() == {}
    with serving(None, "Diffusion.describe"):
        assert carrier() == {}


async def test_a_replica_works_for_the_run_that_came_along() -> None:
    async def work() -> str:
        with serving(Carrier("run-00000000000a"), "Diffusion.draw"):
            return logs.current_run()

    assert await asyncio.create_task(work()) == "run-00000000000a"
    assert logs.current_run() == ""


async def test_a_span_says_how_the_work_ended_and_no_more(spans: Spans) -> None:
    async def work(error: BaseException | None) -> None:
        with serving(Carrier("run-00000000000a", 7), "VLM.chat_json"):
            if error is not None:
                raise error

    await asyncio.create_task(work(None))
    for error in (KeyError("a secret"), asyncio.CancelledError()):
        with pytest.raises(type(error)):
            await asyncio.create_task(work(error))
    assert [span.status.description for span in spans()] == [None, "KeyError", "the caller left"]
    assert all(span.parent is not None and span.parent.span_id == 7 for span in spans())


def test_nothing_of_opentelemetry_is_imported_while_it_is_off() -> None:
    asks = (
        "import json, sys; from deployments.seeing import carrying, requests, traces; "
        "assert traces.begin('run-1', 'run').id == 0; "
        "print(json.dumps([m for m in sys.modules if m.startswith(('opentelemetry', 'ray'))]))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL")}
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, env=environment, check=True)
    assert json.loads(done.stdout) == []
