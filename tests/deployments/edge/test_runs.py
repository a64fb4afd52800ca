"""The runs API over a small cast: accepted, listed, looked at, followed, corrected, stopped."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from record.story.run import Run
from tests.deployments.conftest import Serve
from tests.deployments.fakes import Endless

KICK = {"prompt": "a man is kicking a ball"}
RUNS = "/v1/runs"


def events(client: TestClient | httpx.Client, run: str, after: int = 0) -> list[dict[str, Any]]:
    """All events of a run that comes to its end."""
    headers = {"Last-Event-ID": str(after)} if after else {}
    found: list[dict[str, Any]] = []
    with client.stream("GET", f"{RUNS}/{run}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        number = ""
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            number = value if name == "id" else number
            if name == "data":
                found.append({**json.loads(value), "id": int(number)})
    return found


def test_a_run_is_accepted_at_once_and_can_be_looked_at_afterwards(serve: Serve) -> None:
    client = serve()
    accepted = client.post(RUNS, json={**KICK, "seed": 7, "n": 2})
    run = accepted.json()
    assert accepted.status_code == 202 and accepted.headers["location"] == f"{RUNS}/{run['id']}"
    assert run["status"] in ("waiting", "running") and run["pictures"] == 2
    told = events(client, run["id"])
    assert told[-1]["event"] == "run.finished"
    over = client.get(f"{RUNS}/{run['id']}").json()
    assert over["status"] == "finished" and over["request"] == {**KICK, "seed": 7, "n": 2}
    names = {one["name"] for one in over["artefacts"]}
    assert {
        "0/image.png",
        "1/image.png",
        "0/candidates/2/image.png",
        "0/candidates/0/object_map.npy",
    } <= names
    data = client.get(f"{RUNS}/{run['id']}/artefacts/0/image.png")
    assert data.headers["content-type"] == "image/png"
    assert data.headers["cache-control"].startswith("private")
    assert np.asarray(Image.open(io.BytesIO(data.content))).mean() == 9, "seed 7 + 1, corrected"
    kept = client.get(f"{RUNS}/{run['id']}/artefacts/0/candidates/0/object_map.npy").content
    assert np.load(io.BytesIO(kept), allow_pickle=False).shape == (16, 16)


def test_events_are_replayed_from_any_of_them_on(serve: Serve) -> None:
    client = serve()
    run = client.post(RUNS, json=KICK).json()["id"]
    whole = [event for event in events(client, run) if event["id"]]
    assert [event["id"] for event in whole] == list(range(1, len(whole) + 1))
    for cut in range(len(whole) + 1):
        assert events(client, run, cut) == whole[cut:]
    assert events(client, run, 10**9) == []


def test_the_told_events_make_the_run_again(serve: Serve) -> None:
    client = serve()
    answer = client.post("/v1/images/generations", json={**KICK, "trace": True})
    told = answer.json()["data"][0]["run"]
    kept = events(client, answer.headers["x-run-id"])
    own = ("artefacts", "picture", "attempt", "id")
    again = [
        {name: value for name, value in event.items() if name not in own}
        for event in kept
        if "picture" in event
    ]
    assert again == told["events"]
    assert Run.from_json(told).to_json()["timings"] == told["timings"]


def test_runs_are_listed_newest_first_in_pages(serve: Serve) -> None:
    client = serve()
    ids = [client.post(RUNS, json={**KICK, "seed": seed}).json()["id"] for seed in range(5)]
    for run in ids:
        events(client, run)
    first = client.get(RUNS, params={"limit": 3}).json()
    second = client.get(RUNS, params={"limit": 3, "before": first["last"]}).json()
    assert [run["id"] for run in first["data"] + second["data"]] == ids[::-1]
    assert first["has_more"] and not second["has_more"]
    assert client.get(RUNS, params={"status": "failed"}).json()["data"] == []
    assert client.get(RUNS, params={"parent": ids[0]}).json()["data"] == []
    assert client.get(RUNS, params={"limit": 0}).status_code == 400
    assert client.get(RUNS, params={"before": "run-000000000000"}).status_code == 400


def test_an_idempotency_key_joins_the_first_run(serve: Serve) -> None:
    client, key = serve(), {"Idempotency-Key": "one"}
    first = client.post(RUNS, json=KICK, headers=key).json()["id"]
    assert client.post(RUNS, json=KICK, headers=key).json()["id"] == first
    whole = client.post("/v1/images/generations", json=KICK, headers=key)
    assert whole.status_code == 200 and whole.headers["x-run-id"] == first
    other = client.post(RUNS, json={**KICK, "seed": 1}, headers=key)
    assert other.status_code == 409 and other.json()["error"]["code"] == "idempotency_conflict"
    assert client.post(RUNS, json=KICK, headers={"Idempotency-Key": "x" * 300}).status_code == 400
    assert len(client.get(RUNS).json()["data"]) == 1


def test_deleting_stops_a_run_that_goes_on_and_removes_one_that_is_over(serve: Serve) -> None:
    endless = Endless()
    client = serve(endless)
    run = client.post(RUNS, json=KICK).json()["id"]
    assert endless.has_begun.wait(20)
    assert client.delete(f"{RUNS}/{run}").status_code == 200
    assert events(client, run)[-1]["event"] == "run.cancelled" and endless.stopped == endless.begun
    assert client.get(f"{RUNS}/{run}").json()["status"] == "cancelled"
    assert client.delete(f"{RUNS}/{run}").json()["deleted"] is True
    assert client.get(f"{RUNS}/{run}").status_code == 404


def test_a_correction_is_a_run_of_its_own_with_the_box_asked_for(serve: Serve) -> None:
    client, box = serve(), [0.1, 0.6, 0.4, 0.9]
    first = client.post(RUNS, json={**KICK, "seed": 7}).json()["id"]
    early = client.post(f"{RUNS}/{first}/corrections", json={"box": box})
    events(client, first)
    second = client.post(f"{RUNS}/{first}/corrections", json={"box": box}).json()
    assert early.status_code in (202, 409) and second["parent"] == first
    listed = client.get(RUNS, params={"parent": first}).json()["data"]
    assert second["id"] in [run["id"] for run in listed] and first not in [run["id"] for run in listed]
    told = {event["event"]: event for event in events(client, second["id"])}
    assert told["layout.proposed"]["object_box"] == box and "pose.selected" not in told
    for wrong, param in ({"box": [0, 0, 2, 1]}, "box"), ({}, "box"), ({"box": box, "picture": 3}, "picture"):
        refused = client.post(f"{RUNS}/{first}/corrections", json=wrong)
        assert refused.status_code == 400 and refused.json()["error"]["param"] == param
    assert client.post(f"{RUNS}/run-000000000000/corrections", json={"box": box}).status_code == 404


def test_unknown_runs_and_artefacts_are_404_and_odd_names_are_refused(serve: Serve) -> None:
    client = serve()
    run = client.post(RUNS, json=KICK).json()["id"]
    events(client, run)
    for path in (
        f"{RUNS}/run-000000000000",
        f"{RUNS}/run-000000000000/events",
        f"{RUNS}/{run}/artefacts/no.png",
    ):
        response = client.get(path)
        assert response.status_code == 404 and response.json()["error"]["message"]
    assert client.get(f"{RUNS}/odd").status_code == 400


def test_a_picture_comes_in_small_and_never_enlarged(serve: Serve) -> None:
    client = serve()
    run = client.post(RUNS, json=KICK).json()["id"]
    events(client, run)
    address = f"{RUNS}/{run}/artefacts/0/image.png"
    whole = Image.open(io.BytesIO(client.get(address).content))
    for side, wanted in (4, (4, 4)), (2048, whole.size):
        small = client.get(address, params={"side": side})
        assert small.headers["content-type"] == "image/webp"
        assert small.headers["cache-control"] == client.get(address).headers["cache-control"]
        assert Image.open(io.BytesIO(small.content)).size == wanted


@pytest.mark.parametrize("side", ["0", "-1", "2049", "wide", "1.5", ""])
def test_a_side_that_cannot_be_is_told_with_its_remedy(serve: Serve, side: str) -> None:
    client = serve()
    run = client.post(RUNS, json=KICK).json()["id"]
    events(client, run)
    refused = client.get(f"{RUNS}/{run}/artefacts/0/image.png", params={"side": side})
    error = refused.json()["error"]
    assert refused.status_code == 400 and error["param"] == "side" and f"side={side!r}" in error["message"]


def test_what_is_no_picture_has_no_small_form(serve: Serve) -> None:
    client = serve()
    run = client.post(RUNS, json=KICK).json()["id"]
    events(client, run)
    address = f"{RUNS}/{run}/artefacts/0/candidates/0/object_map.npy"
    refused = client.get(address, params={"side": 320})
    assert refused.status_code == 400 and "leave side out" in refused.json()["error"]["message"]
    assert client.get(f"{RUNS}/{run}/artefacts/no.png", params={"side": 320}).status_code == 404


def test_a_run_that_is_not_to_be_kept_is_gone_after_its_answer(serve: Serve) -> None:
    client = serve()
    answer = client.post("/v1/images/generations", json={**KICK, "store": False})
    assert answer.status_code == 200
    assert client.get(f"{RUNS}/{answer.headers['x-run-id']}").status_code == 404
    assert client.post(RUNS, json={**KICK, "store": False}).status_code == 400


def test_a_picture_may_be_asked_for_by_address(serve: Serve) -> None:
    client = serve()
    body = client.post("/v1/images/generations", json={**KICK, "response_format": "url"}).json()
    (entry,) = body["data"]
    assert "b64_json" not in entry
    assert client.get(entry["url"]).headers["content-type"] == "image/png"


def test_more_than_can_be_ready_in_time_is_turned_away_at_once(serve: Serve) -> None:
    client = serve(Endless(), row_steps_per_s=1, request_timeout_s=60)
    assert client.post(RUNS, json=KICK).status_code == 202
    refused = client.post(RUNS, json=KICK)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
    assert refused.json()["error"]["code"] == "overloaded"


def test_status_tells_what_waits_and_what_is_drawn(serve: Serve) -> None:
    endless = Endless()
    client = serve(endless, max_playing=1)
    runs = [client.post(RUNS, json=KICK).json()["id"] for _ in range(2)]
    assert endless.has_begun.wait(20)
    status = client.get("/v1/status").json()
    assert (status["running"], status["waiting"]) == (1, 1) and status["ready"]
    for run in runs:
        client.delete(f"{RUNS}/{run}")


@pytest.mark.parametrize("path", ["/v1/images/generations", RUNS])
def test_what_cannot_be_drawn_leaves_no_run(serve: Serve, path: str) -> None:
    client = serve()
    assert client.post(path, json={"prompt": "a nice sunset"}).status_code == 422
    assert client.get(RUNS).json()["data"] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [({"method": "plain"}, {}), ({}, {"method": "plain"}), ({"correction": False}, {})],
    ids=["nothing looked at", "nothing placed", "correction switched off"],
)
def test_what_cannot_be_corrected_is_the_callers_fault(
    serve: Serve, first: dict[str, Any], second: dict[str, Any]
) -> None:
    client = serve()
    run = client.post(RUNS, json={**KICK, **first}).json()["id"]
    events(client, run)
    answer = client.post(f"{RUNS}/{run}/corrections", json={"box": [0.1, 0.6, 0.4, 0.9], **second})
    error = answer.json()["error"]
    if answer.status_code == 202:
        error = events(client, answer.json()["id"])[-1]["error"]
    assert error["code"] == "nothing_to_correct" and error["type"] == "invalid_request_error"
