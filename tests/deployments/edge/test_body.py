from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from deployments.edge import fields
from deployments.edge.limits import MAX_BODY, MAX_DEPTH
from tests.deployments.conftest import Serve
from tests.deployments.edge.test_ingress import JSON, KICK, PATH, Slow, error_of
from tests.record.fakes import FakeDiffusion

NESTED = "[" * 40_000 + "]" * 10
DEEP = '{"prompt": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{\x00}\x00", "utf-8"),
        (b'\xef\xbb\xbf{"prompt": "a"}', "BOM"),
        (b'{"prompt": "a", "prompt": "b"}', "'prompt' stands twice"),
        (b'{"prompt": "a", "step_size": NaN}', "NaN"),
        (b'{"prompt": "a", "step_size": -Infinity}', "Infinity"),
        (b'{"prompt": "a", "step_size": 1e999}', "1e999"),
        (b'{"prompt": "a", "seed": ' + b"9" * 4000 + b"}", "out of range"),
        (NESTED.encode(), "deep"),
        (b'{"box": [' + b"1," * 999 + b"1, 1]}", "more than 1000 values"),
        (b"[" + b"[1, 1]," * 400 + b"1]", "more than 1000 values"),
        (DEEP.encode(), f"more than {MAX_DEPTH} deep"),
    ],
)
def test_what_is_no_plain_json_is_refused_before_anything_is_drawn(
    serve: Serve, body: bytes, says: str
) -> None:
    diffusion = FakeDiffusion()
    response = serve(diffusion).post(PATH, content=body, headers=JSON)
    error = error_of(response)
    assert response.status_code == 400 and error["code"] == "invalid_json"
    assert says in error["message"] and len(response.content) < 500
    assert diffusion.jobs == []


@pytest.mark.parametrize(
    ("change", "param", "says"),
    [
        ({"prompt": "a\x00b"}, "prompt", "U+0000 at character 1"),
        ({"prompt": "a\nb"}, "prompt", "U+000A"),
        ({"prompt": "\ud800"}, "prompt", "U+D800"),
        ({"\udfff": 1}, None, "U+DFFF"),
        ({"x" * 100: 1}, None, "at most 64"),
        ({"triplet": {"verb\x7f": "a"}}, "triplet", "U+007F"),
        ({"prompt": "a" * 5000}, "prompt", "shorten"),
        ({"box": [0, 0, [[]], "\x01"]}, "box.3", "U+0001"),
        ({"steps": "5"}, "steps", "integer"),
        ({"steps": True}, "steps", "integer"),
        ({"steps": 5.5}, "steps", "integer"),
        ({"strict": 1}, "strict", "boolean"),
        ({"strict": "yes"}, "strict", "boolean"),
        ({"guidance_scale": "3"}, "guidance_scale", "number"),
        ({"n": "1"}, "n", "integer"),
        ({"n": True}, "n", "integer"),
        ({"box": [True, 0, 1, 1]}, "box.0", "number"),
        ({"method": ["record"]}, "method", "string"),
        ({"triplet": {"subject": 1, "verb": "a", "object": "b"}}, "triplet.subject", "string"),
        ({"settings": {"steps": 1}}, "settings", "unknown field"),
        ({"timeout_s": 1}, "timeout_s", "unknown field"),
    ],
)
def test_strings_and_types_are_strict(
    serve: Serve, change: dict[str, Any], param: str | None, says: str
) -> None:
    response = serve().post(PATH, content=json.dumps({**KICK, **change}).encode(), headers=JSON)
    error = error_of(response)
    assert response.status_code == 400, error
    assert error["param"] == param and says in error["message"]


@pytest.mark.parametrize("field", ["prompt", "model", "size", "method", "steps", "box", "quality", "user"])
def test_input_is_shown_again_in_80_characters_at_most(serve: Serve, field: str) -> None:
    client = serve()
    for odd in ("zq" * 1900, ["zq" * 100] * 20, {"zq": ["zq" * 90] * 90}):
        response = client.post(PATH, json={**KICK, field: odd})
        assert 400 <= response.status_code < 500, response.text
        assert response.text.count("zq") <= 120 and "zq" * 41 not in response.text, response.text


def test_only_so_many_bytes_of_json_in_utf_8_are_read(serve: Serve) -> None:
    client, text = serve(), json.dumps(KICK)
    fits = text + " " * (MAX_BODY - len(text))
    assert client.post(PATH, content=fits, headers=JSON).status_code == 200
    over = client.post(PATH, content=fits + " ", headers=JSON)
    assert over.status_code == 413 and error_of(over)["code"] == "body_too_large"
    chunked = client.post(PATH, content=(b" " * 1000 for _ in range(100)), headers=JSON)
    assert chunked.status_code == 413, "no Content-Length said so"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16"):
        refused = client.post(PATH, content=text, headers={"Content-Type": kind})
        assert refused.status_code == 415 and "application/json" in error_of(refused)["message"]
    packed = client.post(PATH, content=text, headers={**JSON, "Content-Encoding": "gzip"})
    assert packed.status_code == 415
    said = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    assert client.post(PATH, content=text, headers=said).status_code == 200


def test_a_whole_number_may_be_written_with_a_point(serve: Serve) -> None:
    body = b'{"prompt": "a woman is kicking a ball", "steps": 5.0, "guidance_scale": 3, "seed": 1e1}'
    (entry,) = serve().post(PATH, content=body, headers=JSON).json()["data"]
    settings = entry["run"]["settings"]
    assert (settings["steps"], settings["guidance_scale"], settings["seed"]) == (5, 3.0, 10)


def test_null_is_as_if_left_out(serve: Serve) -> None:
    names = set(fields.ImageFields.model_fields) - {"prompt"} | {"box", "triplet", "trace", "steps", "method"}
    response = serve().post(PATH, json={**KICK, **dict.fromkeys(names)})
    assert response.status_code == 200, response.text
    assert response.json()["data"][0]["run"]["settings"]["steps"] == 4


def test_fields_that_change_nothing_are_accepted(serve: Serve) -> None:
    given = {"quality": "auto", "background": "opaque", "moderation": "low", "user": "u", "store": False}
    more = {"safety_identifier": "s", "stream": False, "partial_images": 0, "output_format": "png"}
    assert serve().post(PATH, json={**KICK, **given, **more}).status_code == 200


@pytest.mark.parametrize(
    ("change", "param", "says"),
    [
        ({"quality": "high"}, "quality", "steps"),
        ({"background": "transparent"}, "background", "transparent parts"),
        ({"style": "vivid"}, "style", "prompt"),
        ({"output_format": "gif"}, "output_format", "'webp'"),
        ({"output_compression": 50}, "output_compression", "png loses nothing"),
        ({"output_compression": 101, "output_format": "webp"}, "output_compression", "100"),
        ({"partial_images": 2}, "partial_images", "stream: true"),
        ({"partial_images": 4, "stream": True}, "partial_images", "less than or equal to 3"),
        ({"stream": True, "n": 2}, "n", "which picture"),
        ({"stream": True, "response_format": "url"}, "response_format", "base64"),
        ({"stream": "yes"}, "stream", "boolean"),
        ({"user": "u" * 257}, "user", "256"),
        ({"safety_identifier": "s" * 65}, "safety_identifier", "64"),
    ],
)
def test_fields_that_cannot_be_honoured_are_refused_with_the_reason(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], param: str, says: str
) -> None:
    response = serve().post(PATH, json={**KICK, **change})
    error = error_of(response)
    assert response.status_code == 400 and error["param"] == param and says in error["message"], error


@pytest.mark.parametrize(("kind", "quality"), [("png", None), ("jpeg", 30), ("webp", 80), ("webp", None)])
def test_pictures_come_in_the_format_that_was_asked_for(serve: Serve, kind: str, quality: int | None) -> None:
    asked = {**KICK, "output_format": kind, "output_compression": quality, "trace": True}
    body = serve().post(PATH, json=asked).json()
    (entry,) = body["data"]
    pictures = [entry["b64_json"], *(one["b64_json"] for one in entry["run"]["candidates"])]
    found = {Image.open(io.BytesIO(base64.b64decode(one))).format for one in pictures}
    assert found == {kind.upper()} and body["output_format"] == kind


def test_a_caller_may_wait_for_less_than_the_service_would(serve: Serve) -> None:
    slow = Slow()
    late = serve(slow).post(PATH, json=KICK, headers={"x-request-timeout-seconds": "1"})
    assert late.status_code == 408 and slow.cancelled == 3
    bounded = serve(Slow(), request_timeout_s=1)
    assert bounded.post(PATH, json=KICK, headers={"x-request-timeout-seconds": "1e9"}).status_code == 408
    for odd in ("0", "-1", "nan", "inf", "soon", ""):
        refused = serve().post(PATH, json=KICK, headers={"x-request-timeout-seconds": odd})
        assert refused.status_code == 400 and "above 0" in error_of(refused)["message"]
