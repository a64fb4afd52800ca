from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, WebSocketDisconnect
from fastapi.testclient import TestClient

from deployments.config import IngressArgs
from deployments.edge import access
from deployments.edge.quotas import Meter
from deployments.keys import Key, digest
from tests.deployments.conftest import app_over_fakes
from tests.deployments.edge.test_ingress import KICK, PATH, Broken, error_of

TOKEN = "rk-canary-Zx81-right"
WRONG = "rk-canary-Zx81-wrong"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ABROAD = "http://images.example.org"
ClientOf = Callable[..., TestClient]


def keys_in(folder: Path, **limits: float) -> dict[str, Any]:
    entry = {"name": "alice", "sha256": digest(TOKEN), **limits}
    (folder / "keys.json").write_text(json.dumps({"keys": [entry]}), encoding="utf-8")
    return {"keys_file": str(folder / "keys.json")}


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Clients of applications whose runs go on from request to request."""
    with ExitStack() as clients:

        def start(app: FastAPI, address: str = ABROAD) -> TestClient:
            client = TestClient(app, base_url=address, raise_server_exceptions=False)
            return clients.enter_context(client)

        yield start


def test_with_keys_only_who_holds_one_is_answered(client_of: ClientOf, tmp_path: Path) -> None:
    client = client_of(app_over_fakes(**keys_in(tmp_path)))
    assert client.post(PATH, json=KICK, headers=BEARER).status_code == 200
    assert client.get("/v1/models", headers={"Authorization": f"bearer  {TOKEN} "}).status_code == 200
    odd = ["", TOKEN, f"Basic {TOKEN}", f"Bearer {WRONG}", "Bearer", f"Bearer {TOKEN} x", f"Bearer{TOKEN}"]
    for header in odd:
        for refused in (
            client.post(PATH, json=KICK, headers={"Authorization": header}),
            client.get("/v1/models", headers={"Authorization": header}),
            client.get("/anything", headers={"Authorization": header}),
        ):
            assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
            assert error_of(refused)["code"] == "invalid_api_key"
    twice = [("Authorization", f"Bearer {WRONG}"), ("Authorization", f"Bearer {TOKEN}")]
    assert client.get("/v1/models", headers=twice).status_code == 401
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200


def test_without_keys_only_this_machine_is_answered(client_of: ClientOf) -> None:
    here, abroad = client_of(app_over_fakes(), "http://127.0.0.1:8000"), client_of(app_over_fakes())
    assert here.post(PATH, json=KICK).status_code == 200
    refused = abroad.post(PATH, json=KICK)
    assert refused.status_code == 403 and error_of(refused)["code"] == "keys_needed"
    assert "allow_anonymous" in error_of(refused)["message"]
    assert abroad.get("/healthz").status_code == abroad.get("/readyz").status_code == 200
    assert abroad.get("/docs").status_code == 403


def test_without_keys_foreign_pages_are_refused(client_of: ClientOf) -> None:
    here = client_of(app_over_fakes(), "http://localhost")
    rebound = here.post(PATH, json=KICK, headers={"Host": "rebound.example.org"})
    foreign = here.post(PATH, json=KICK, headers={"Origin": "https://example.org"})
    own = here.post(PATH, json=KICK, headers={"Origin": "http://localhost:3000"})
    assert [r.status_code for r in (rebound, foreign, own)] == [403, 403, 200]
    assert error_of(foreign)["code"] == "foreign_origin" and "example.org" in error_of(foreign)["message"]


def test_there_are_no_web_sockets(client_of: ClientOf) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client_of(app_over_fakes(allow_anonymous=True)).websocket_connect("/"),
    ):
        pass


def test_everybody_is_let_in_where_the_configuration_says_so(client_of: ClientOf) -> None:
    client = client_of(app_over_fakes(allow_anonymous=True))
    assert client.post(PATH, json=KICK, headers={"Origin": "https://example.org"}).status_code == 200


def test_a_key_is_good_for_so_many_requests_a_minute(client_of: ClientOf, tmp_path: Path) -> None:
    client = client_of(app_over_fakes(**keys_in(tmp_path, requests_per_minute=2)))
    statuses = [client.post(PATH, json=KICK, headers=BEARER).status_code for _ in range(3)]
    late = client.post(PATH, json=KICK, headers=BEARER)
    assert statuses == [200, 200, 429] and 1 <= int(late.headers["retry-after"]) <= 30
    assert error_of(late)["code"] == "rate_limit_exceeded" and "2 times a minute" in late.text
    assert client.get("/v1/models", headers=BEARER).status_code == 200, "looking costs nothing"


async def test_a_key_is_good_for_so_many_requests_at_once(tmp_path: Path) -> None:
    app, entered, leave = FastAPI(), asyncio.Event(), asyncio.Event()

    @app.post("/work")
    async def work(request: Request) -> str:
        entered.set()
        await leave.wait()
        return access.owner_of(request)

    access.install(app, IngressArgs.model_validate(keys_in(tmp_path, concurrency=1)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ABROAD, headers=BEARER) as client:
        first = asyncio.create_task(client.post("/work"))
        await entered.wait()
        assert (await client.post("/work")).status_code == 429
        leave.set()
        assert (await first).json() == "alice"
        assert (await client.post("/work")).status_code == 200


def test_a_meter_fills_with_time_and_not_beyond_a_minute() -> None:
    now = [0.0]
    key = Key(name="a", sha256="0" * 64, requests_per_minute=6, concurrency=100)
    meter = Meter(key, clock=lambda: now[0])
    assert [meter.enter() for _ in range(6)] == [0] * 6
    assert meter.enter() == pytest.approx(10)
    now[0] += 10
    assert meter.enter() == 0 and meter.enter() > 9
    now[0] += 1e6
    assert [meter.enter() for _ in range(6)] == [0] * 6 and meter.enter() > 0


def test_no_secret_shows_in_answers_events_or_logs(
    client_of: ClientOf, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    whole = client_of(app_over_fakes(**keys_in(tmp_path)))
    broken = client_of(app_over_fakes(Broken(RuntimeError("it broke")), **keys_in(tmp_path)))
    texts = list[str]()
    for client in (whole, broken):
        for token in (TOKEN, WRONG):
            headers = {"Authorization": f"Bearer {token}"}
            bodies: list[dict[str, Any]] = [{**KICK, "trace": True}, {"prompt": ""}, {"prompts": 1}]
            answers = [client.post(PATH, json=body, headers=headers) for body in bodies]
            answers += [client.get(path, headers=headers) for path in ("/v1/models", "/nothing", "/readyz")]
            texts += [answer.text + str(answer.headers) for answer in answers]
    printed = "".join(capfd.readouterr())
    assert "builtins.RuntimeError" in caplog.text, "the log was looked at"
    assert "it broke" not in caplog.text, "what an odd error says may be a caller's own words"
    for text in (*texts, caplog.text, printed):
        assert "canary" not in text and digest(TOKEN) not in text
