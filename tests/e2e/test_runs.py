"""Runs on the real service: followed with cuts, stopped, left, and gone on with after a kill."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest

from benchmarks.service.own import Started

pytestmark = pytest.mark.slow

SMALL = {"prompt": "a woman is kicking a ball", "seed": 5, "candidates": 2, "steps": 10}
LONG = {**SMALL, "candidates": 5, "steps": 200}


@pytest.fixture
def http(service: Started) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.address, timeout=120) as client:
        yield client


def start(http: httpx.Client, body: dict[str, Any]) -> str:
    """The id of a run that was accepted."""
    response = http.post("/v1/runs", json=body)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def follow(http: httpx.Client, run: str, after: int = 0, most: int = 10**6) -> Iterator[dict[str, Any]]:
    """Up to `most` events above number `after`, with their numbers; then the connection is cut."""
    number, told = 0, 0
    with http.stream("GET", f"/v1/runs/{run}/events", headers={"Last-Event-ID": str(after)}) as response:
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            number = int(value) if name == "id" else number
            if name == "data":
                yield {**json.loads(value), "id": number}
                told += 1
                if told == most:
                    return


def state(http: httpx.Client, run: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/v1/runs/{run}").json()
    return found


def wait_for(http: httpx.Client, run: str, status: str, within_s: float) -> dict[str, Any]:
    """The run once it has that status."""
    until = time.monotonic() + within_s
    while (found := state(http, run))["status"] != status:
        assert time.monotonic() < until, found
        time.sleep(0.1)
    return found


def test_fifty_cuts_lose_and_double_no_event(http: httpx.Client) -> None:
    run, seen, after = start(http, {**SMALL, "steps": 40}), list[dict[str, Any]](), 0
    for _ in range(50):
        for event in follow(http, run, after, most=1):
            if event["id"]:
                seen.append(event)
                after = event["id"]
    seen += [event for event in follow(http, run, after) if event["id"]]
    assert [event["id"] for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1]["event"] == "run.finished"
    left_out = {event["stage"] for event in seen if event["event"] == "degraded"}
    assert left_out <= {"look"}, "a hasty picture may lack its object, and nothing else may be missing"
    assert seen == [event for event in follow(http, run) if event["id"]]
    shown = [step["preview"] for event in seen if event["event"] == "progress" for step in event["steps"]]
    assert any(shown), "nothing was shown on the way"
    asked = {event["question"] for event in seen if event["event"] == "model.asked"}
    assert asked >= {"poses", "layout"}


def test_a_run_that_is_deleted_stops_and_frees_the_engine(http: httpx.Client) -> None:
    run = start(http, LONG)
    next(event for event in follow(http, run) if event["event"] == "progress")
    http.delete(f"/v1/runs/{run}")
    wait_for(http, run, "cancelled", 10)
    began = time.monotonic()
    assert http.post("/v1/images/generations", json=SMALL).status_code == 200
    assert time.monotonic() - began < 60, "the engine still draws what nobody wants"


def test_whoever_leaves_stops_the_run_whatever_headers_they_sent(http: httpx.Client) -> None:
    headers = {"x-request-disconnect-disabled": "?1"}
    with suppress(httpx.ReadTimeout):
        http.post("/v1/images/generations", json=LONG, headers=headers, timeout=3)
    (last,) = http.get("/v1/runs", params={"limit": 1}).json()["data"]
    wait_for(http, last["id"], "cancelled", 10)


def test_a_run_goes_on_after_its_ingress_was_killed_with_the_same_picture(http: httpx.Client) -> None:
    undisturbed = http.post("/v1/images/generations", json=SMALL).headers["x-run-id"]
    run = start(http, SMALL)
    next(event for event in follow(http, run) if event["event"] in ("progress", "candidate.ready"))
    (ingress,) = [p for p in psutil.process_iter(["cmdline"]) if _is_ingress(p.info["cmdline"])]
    ingress.kill()
    found = dict[str, Any]()
    until = time.monotonic() + 120
    while found.get("status") != "finished":
        assert time.monotonic() < until, found
        time.sleep(1)
        with suppress(httpx.TransportError, ValueError):
            found = state(http, run)
    assert found["attempts"] == 2
    pictures = [http.get(f"/v1/runs/{one}/artefacts/0/image.png").content for one in (undisturbed, run)]
    assert pictures[0] == pictures[1]


def _is_ingress(command: list[str] | None) -> bool:
    return bool(command) and "ServeReplica:record:Ingress" in " ".join(command or ())
