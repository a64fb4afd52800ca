from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import openai
import pytest
from PIL import Image
from ray.exceptions import OwnerDiedError, RayActorError
from ray.serve.exceptions import BackPressureError

from record.errors import (
    DeadlineError,
    EngineStoppedError,
    ReasoningError,
    TrajectoryError,
    UpstreamError,
)
from record.facts import Family
from record.job import Job
from record.types import NO_PICTURE, Candidate
from tests.deployments.conftest import FACTS, Serve
from tests.record.fakes import SEEN, WANTED, WRONG, FakeDiffusion, FakeJudge, FakeReasoner

PATH = "/v1/images/generations"
KICK = {"prompt": "a woman is kicking a ball"}
JSON = {"Content-Type": "application/json"}


class Broken:
    """A diffusion part that raises what it is given."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Candidate, None]:
        if self.error:
            raise self.error
        yield Candidate(job.seed, NO_PICTURE)


class Slow:
    """A diffusion part that never finishes, and counts those who stopped waiting."""

    def __init__(self) -> None:
        self.cancelled = 0

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Candidate, None]:
        try:
            await asyncio.sleep(60)
        finally:
            self.cancelled += 1
        yield Candidate(job.seed, NO_PICTURE)


class HasJson(Protocol):
    """A response, of whichever HTTP client."""

    def json(self) -> Any: ...


def error_of(response: HasJson) -> dict[str, Any]:
    body: dict[str, Any] = response.json()["error"]
    assert body.keys() == {"type", "code", "message", "param"}
    return body


def picture(entry: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(entry["b64_json"])))


def test_a_sentence_becomes_a_picture_with_its_run(serve: Serve) -> None:
    body = serve().post(PATH, json={**KICK, "seed": 7}).json()
    (entry,) = body["data"]
    run = entry["run"]
    assert body["size"] == "8x8" and picture(entry).size == (8, 8)
    assert run["chosen"] == 1 and run["corrected"] is True and run["degraded"] == []
    assert run["object_box_before"] == SEEN.to_list() and run["object_box_after"] == WANTED.to_list()
    assert np.shape(run["keypoints"]) == (33, 3)
    assert {"propose", "select", "analyse", "lay_out", "correct"} <= run["timings"].keys()
    assert run["settings"]["candidates"] == 3, "the checkpoint's own defaults"
    assert run["id"].startswith("run-")
    assert np.asarray(picture(entry)).mean() == 9, "seed 7 + 1, corrected"


def test_the_configurations_settings_lie_between_the_checkpoints_and_the_requests(serve: Serve) -> None:
    client = serve(settings={"steps": 9, "candidates": 2})
    asked: list[dict[str, Any]] = [{}, {"steps": 5}, {"preset": "paper"}]
    found = [client.post(PATH, json={**KICK, **own}).json()["data"][0]["run"]["settings"] for own in asked]
    assert [(s["steps"], s["candidates"]) for s in found] == [(9, 2), (5, 2), (50, 5)]
    (card,) = client.get("/v1/models").json()["data"]
    assert card["settings"]["steps"] == 9 and card["settings"]["candidates"] == 2


def test_paper_is_that_of_the_checkpoints_kind(serve: Serve) -> None:
    own = {"steps": 9, "step_size": 2.0, "self_edit_resolution": 8}
    kinds: tuple[tuple[Family, int], ...] = ("sd1", 8), ("sdxl", 32)
    for family, resolution in kinds:  # nothing was published for 1.x
        client = serve(settings=own, facts=replace(FACTS, family=family))
        answer = client.post(PATH, json={**KICK, "preset": "paper"}).json()
        found = answer["data"][0]["run"]["settings"]
        assert (found["steps"], found["step_size"]) == (50, 20.0)
        assert found["self_edit_resolution"] == resolution


def test_an_images_api_knows_every_word_and_has_a_size_of_its_own(serve: Serve) -> None:
    client = serve(FakeDiffusion(size=24))
    asked = {"prompt": "a wizard is juggling an aubergine", "method": "images_api"}
    body = client.post(PATH, json=asked).json()
    assert body["size"] == "24x24" and picture(body["data"][0]).size == (24, 24)
    refused = error_of(client.post(PATH, json={**asked, "size": "8x8"}))
    assert refused["param"] == "size" and "configured" in refused["message"]


def test_the_trace_holds_events_and_candidates_only_when_asked_for(serve: Serve) -> None:
    client = serve()
    short = client.post(PATH, json=KICK).json()["data"][0]["run"]
    long = client.post(PATH, json={**KICK, "trace": True}).json()["data"][0]["run"]
    assert not {"events", "candidates"} & short.keys()
    assert [c["seed"] for c in long["candidates"]] == [0, 1, 2]
    assert [e["event"] for e in long["events"]][-1] == "image.ready"


def test_verdicts_are_told_and_corrections_shown_with_the_trace(serve: Serve) -> None:
    client, asked = serve(FakeDiffusion(), FakeJudge({1: WRONG})), {**KICK, "corrections": 2}
    short = client.post(PATH, json=asked).json()["data"][0]["run"]
    long = client.post(PATH, json={**asked, "trace": True}).json()["data"][0]["run"]
    assert [one["action_right"] for one in short["judged"]["verdicts"]] == [False, True, True]
    assert short["judged"]["chosen"] == 1 and short["corrected"] and "corrections" not in short
    assert [one["seed"] for one in long["corrections"]] == [1, 1]


def test_a_budget_that_no_picture_fits_names_its_field(serve: Serve) -> None:
    refused = error_of(serve().post(PATH, json={**KICK, "row_steps": 1}))
    assert refused["param"] == "row_steps" and "takes 16" in refused["message"]


def test_n_pictures_share_no_candidate(serve: Serve) -> None:
    diffusion = FakeDiffusion()
    data = serve(diffusion).post(PATH, json={**KICK, "n": 2}).json()["data"]
    assert len(data) == 2
    assert sorted(job.seed for job in diffusion.jobs if job.box is None) == list(range(6))


def test_the_callers_box_is_used(serve: Serve) -> None:
    box = [0.5, 0.5, 0.75, 0.75]
    run = serve().post(PATH, json={**KICK, "box": box}).json()["data"][0]["run"]
    assert run["object_box_after"] == box


def test_a_silent_language_model_degrades_and_fails_only_when_strict(serve: Serve) -> None:
    client = serve(reasoner=FakeReasoner(failing=True))
    run = client.post(PATH, json=KICK).json()["data"][0]["run"]
    assert [d["stage"] for d in run["degraded"]] == ["select", "lay_out"]
    refused = client.post(PATH, json={**KICK, "strict": True})
    assert refused.status_code == 502 and error_of(refused)["code"] == ReasoningError.code


@pytest.mark.parametrize(
    ("change", "status", "param", "says"),
    [
        ({"prompt": "a nice sunset"}, 422, "prompt", "triplet"),
        ({"prompt": ""}, 400, "prompt", "empty"),
        ({"prompt": "a" * 10_000}, 400, "prompt", "shorten"),
        ({"prompt": "a woman is kiking a ball"}, 422, "prompt", "did you mean 'kicking'"),
        ({"prompt": 3}, 400, "prompt", "string"),
        ({"candidats": 3}, 400, "candidats", "did you mean 'candidates'"),
        ({"candidates": 99}, 400, "candidates", "less than or equal to 8"),
        ({"steps": "many"}, 400, "steps", "many"),
        ({"method": "magic"}, 400, "method", "record"),
        ({"n": 5}, 400, "n", "at most 4"),
        ({"n": 0}, 400, "n", "greater"),
        ({"size": "1024x1024"}, 400, "size", "8x8"),
        ({"response_format": "url", "store": False}, 400, "response_format", "would be gone"),
        ({"response_format": "url", "output_format": "webp"}, 400, "output_format", "kept pictures are png"),
        ({"model": "other"}, 404, "model", "'record'"),
        ({"box": [0, 0, 2, 1]}, 400, "box", "between 0 and 1"),
        ({"box": [0.1, 0.1]}, 400, "box", "at least 4"),
        ({"triplet": {"subject": "woman"}}, 400, "triplet.verb", "missing"),
    ],
)
def test_what_cannot_be_served_says_why(
    serve: Serve, change: dict[str, Any], status: int, param: str, says: str
) -> None:
    response = serve().post(PATH, json={**KICK, **change})
    error = error_of(response)
    assert response.status_code == status, error
    assert error["param"] == param and says in error["message"]
    assert error["type"] == "invalid_request_error"


def test_a_body_that_is_no_json_object_is_refused(serve: Serve) -> None:
    client = serve()
    assert error_of(client.post(PATH, content=b"{", headers=JSON))["code"] == "invalid_json"
    assert client.post(PATH, json=[1]).status_code == 400
    assert "missing" in error_of(client.post(PATH, json={}))["message"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BackPressureError(9, 8, 429, 2), 429, "overloaded"),
        (RayActorError(), 503, "not_ready"),
        (OwnerDiedError("00", b"", ""), 503, "not_ready"),
        (EngineStoppedError("cuda:0 is lost"), 503, "not_ready"),
        (DeadlineError("seed 0 is past its deadline"), 408, "timeout"),
        (UpstreamError("the images API said no"), 502, "upstream_error"),
        (TrajectoryError("seed 0 left the range of numbers"), 500, "trajectory_failed"),
        (RuntimeError("a secret"), 500, "internal_error"),
    ],
)
def test_failures_inside_become_clear_answers(serve: Serve, error: Exception, status: int, code: str) -> None:
    response = serve(Broken(error)).post(PATH, json=KICK)
    assert response.status_code == status and error_of(response)["code"] == code
    assert "secret" not in response.text
    assert ("retry-after" in response.headers) == (status in (429, 503))


def test_a_request_that_takes_too_long_is_given_up(serve: Serve) -> None:
    slow = Slow()
    response = serve(slow, request_timeout_s=1).post(PATH, json=KICK)
    assert response.status_code == 408 and error_of(response)["code"] == "timeout"
    assert response.headers["x-should-retry"] == "false"
    assert slow.cancelled == 3


def test_unknown_paths_and_verbs_have_the_same_shape(serve: Serve) -> None:
    client = serve()
    assert (
        client.get("/nothing").status_code == 404 and error_of(client.get("/nothing"))["code"] == "not_found"
    )
    assert client.get(PATH).status_code == 405 and "GET" in error_of(client.get(PATH))["message"]


def test_models_health_and_readiness(serve: Serve) -> None:
    client = serve(parts={"Diffusion": "ready", "VLM": "updating"})
    (card,) = client.get("/v1/models").json()["data"]
    assert card["id"] == "record" and card["size"] == "8x8" and card["settings"]["steps"] == 4
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").json()["parts"]["VLM"] == "updating"
    assert serve().get("/readyz").status_code == 200


def test_the_unmodified_openai_client_understands_it(serve: Serve) -> None:
    client = openai.OpenAI(base_url="http://localhost/v1", api_key="none", http_client=serve())
    answer = client.images.generate(model="record", prompt=KICK["prompt"], extra_body={"seed": 1})
    assert answer.data and answer.data[0].b64_json
    with pytest.raises(openai.UnprocessableEntityError, match="interaction"):
        client.images.generate(prompt="a nice sunset")


def test_the_status_tells_of_the_last_minute_and_of_replicas(serve: Serve) -> None:
    client = serve()
    assert client.post(PATH, json=KICK).status_code == 200
    told = client.get("/v1/status").json()
    assert told["last_minute"] == {"finished": 1, "failed": 0, "cancelled": 0}
    assert told["replicas"] == {"Diffusion": {"running": 0, "starting": 0, "stopping": 0}}
    assert told["ready"] and told["parts"] == {"Diffusion": "ready"} and told["up_s"] >= 0
