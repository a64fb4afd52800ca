"""The whole service, as users meet it: real Ray Serve, real vLLM, the shipped weights, OpenAI's client."""

from __future__ import annotations

import base64
import io
import re
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from PIL import Image
from typer.testing import CliRunner

from benchmarks.service.own import Started, stop
from deployments.seeing.figures import DEGRADED, REJECTED, RETRIES
from record_cli.app import app
from tests.cluster.test_watch import NAMED, queries

pytestmark = pytest.mark.slow

PROMPTS = ("a woman is kicking a ball", "a boy is holding a book", "a man is lifting a box")
PARTS = {"Diffusion", "Analysis", "VLM", "Ingress"}


@pytest.fixture(scope="module")
def client(service: Started) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{service.address}/v1", api_key="none", timeout=600, max_retries=0)


def draw(client: openai.OpenAI, prompt: str, **own: Any) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
    """The picture (H x W x 3) and its run."""
    answer = client.images.generate(prompt=prompt, extra_body=own)
    assert answer.data and answer.data[0].b64_json
    picture = Image.open(io.BytesIO(base64.b64decode(answer.data[0].b64_json)))
    assert picture.format == "PNG"
    run: dict[str, Any] = (answer.data[0].model_extra or {})["run"]
    return np.asarray(picture), run


def test_every_part_is_ready_and_the_model_describes_itself(service: Started) -> None:
    assert httpx.get(f"{service.address}/readyz").json() == {
        "ready": True,
        "parts": dict.fromkeys(PARTS, "ready"),
    }
    (card,) = httpx.get(f"{service.address}/v1/models").json()["data"]
    assert card["size"] == "256x256" and card["verbs"]


def test_a_callers_time_limit_is_the_applications_business_and_not_the_proxys(service: Started) -> None:
    hurry = {"x-request-timeout-seconds": "0.001", "x-request-disconnect-disabled": "?1"}
    late = httpx.post(f"{service.address}/v1/images/generations", json={"prompt": PROMPTS[0]}, headers=hurry)
    assert late.json()["error"]["code"] == "timeout", "the proxy itself answers in plain text"


def test_sentences_become_pictures_with_all_that_led_to_them(client: openai.OpenAI) -> None:
    keypoints = 0
    for seed, prompt in enumerate(PROMPTS):
        pixels, run = draw(client, prompt, seed=seed, trace=True)
        assert pixels.shape == (256, 256, 3)
        assert pixels.std() > 10, "not flat"
        assert len(run["candidates"]) == run["settings"]["candidates"]
        assert 0 <= run["chosen"] < len(run["candidates"])
        assert {told["stage"] for told in run["degraded"]} <= {"look"}, "the language model answered"
        assert run["object_box_after"] is not None
        assert {"propose", "select", "analyse", "lay_out"} <= run["timings"].keys()
        assert run["events"][-1]["event"] == "image.ready"
        keypoints += run["keypoints"] is not None and np.shape(run["keypoints"]) == (33, 3)
    assert keypoints > 0, "no person was found in any of the pictures"


def test_the_same_request_gives_the_same_picture(client: openai.OpenAI) -> None:
    small: dict[str, Any] = {"seed": 5, "candidates": 2, "steps": 10}
    first, again = (draw(client, PROMPTS[0], **small)[0] for _ in range(2))
    assert np.abs(first.astype(int) - again.astype(int)).max() <= 1


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("a nice sunset", "triplet"),
        ("", "empty"),
        ("a" * 10_000, "shorten"),
        ("a woman is flurbling a ball", "flurbling"),
    ],
)
def test_what_cannot_be_drawn_is_refused_clearly(client: openai.OpenAI, prompt: str, says: str) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.images.generate(prompt=prompt)
    assert 400 <= refused.value.status_code < 500
    assert refused.value.body and says in dict(refused.value.body)["message"]  # type: ignore[call-overload]


def test_the_service_still_answers_after_refusals(client: openai.OpenAI) -> None:
    pixels, _ = draw(client, PROMPTS[1], candidates=1, steps=5)
    assert pixels.shape == (256, 256, 3)


def test_the_command_line_draws_by_it(service: Started, tmp_path: Path) -> None:
    words = ["generate", PROMPTS[0], "-o", str(tmp_path / "kick.png"), "--url", service.address]
    done = CliRunner().invoke(app, [*words, "--steps", "5", "--candidates", "2", "--show-trace"])
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "kick.png") as picture:
        assert picture.size == (256, 256)
    assert "woman | kicking | ball" in done.stdout


def test_it_tells_prometheus_what_dashboard_and_alerts_ask_for(service: Started) -> None:
    (address,) = re.findall(r"Figures for Prometheus: (\S+)", service.log.read_text())
    asked = {f"ray_{name}" for query in queries() for name, _ in NAMED.findall(query)}
    seldom = {f"ray_{figure.name}" for figure in (DEGRADED, REJECTED, RETRIES)}
    told, limit = set[str](), time.monotonic() + 90
    while not asked - seldom <= told and time.monotonic() < limit:  # Ray tells every few seconds
        told |= set(re.findall(r"^(ray_record_\w+)", httpx.get(address).text, re.MULTILINE))
        time.sleep(1)
    assert asked - seldom <= told


def test_it_said_how_to_go_on_and_stops_when_asked(service: Started) -> None:
    printed = service.log.read_text()
    assert f"Ready: {service.address}" in printed and "curl -s" in printed
    stop(service)
    assert service.process.returncode == 0, service.log.read_text()
