from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest

from record.settings import Settings
from tests.deployments.conftest import Serve
from tests.deployments.edge.test_ingress import KICK, PATH


def schema_of(client: Any, name: str) -> dict[str, Any]:
    whole = client.get("/openapi.json").json()
    return {**whole["components"]["schemas"][name], "components": whole["components"]}


def test_every_field_stands_in_the_schema_with_its_range_and_what_it_is(serve: Serve) -> None:
    found = schema_of(serve(), "GenerationRequest")
    fields = found["properties"]
    assert fields.keys() >= Settings.model_fields.keys() | {"prompt", "n", "box", "triplet", "stream"}
    assert not fields.keys() & {"settings", "timeout_s"} and found["additionalProperties"] is False
    assert all(field.get("description") for field in fields.values())
    assert fields["steps"]["anyOf"][0] == {"type": "integer", "minimum": 2, "maximum": 200}
    assert fields["n"]["anyOf"][0]["maximum"] == 4
    assert "record" in fields["method"]["anyOf"][0]["enum"]
    assert "default" not in fields["steps"], "a client that sends it would override the checkpoint's own"


@pytest.mark.parametrize(
    "change",
    [{"steps": 1}, {"steps": "5"}, {"n": 5}, {"stepps": 3}, {"box": [0, 0, 1]}, {"prompt": "\x01"}],
)
def test_schema_and_service_refuse_the_same(serve: Serve, change: dict[str, Any]) -> None:
    client = serve()
    found = schema_of(client, "GenerationRequest")
    good = {**KICK, "steps": None, "box": [0.1, 0.1, 0.5, 0.5], "triplet": None}
    jsonschema.validate(good, found)
    assert client.post(PATH, json=good).status_code == 200
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, **change}, found)
    assert client.post(PATH, json={**good, **change}).status_code == 400


def test_answers_are_as_the_schema_tells(serve: Serve) -> None:
    client = serve()
    jsonschema.validate(client.post(PATH, json=KICK).json(), schema_of(client, "ImagesAnswer"))
    jsonschema.validate(client.post(PATH, json={}).json(), schema_of(client, "ErrorAnswer"))
    told = client.get("/openapi.json").json()["paths"][PATH]["post"]
    assert {"400", "401", "403", "413", "415", "422", "429"} <= told["responses"].keys()
    assert told["requestBody"]["content"].keys() == {"application/json"}


def test_the_docs_page_loads_nothing_from_elsewhere(serve: Serve) -> None:
    client = serve()
    page = client.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert "http:" not in page.text and "https:" not in page.text and '"validatorUrl": null' in page.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for name in (*loaded, "openapi.json"):
        assert client.get(f"/{name}").status_code == 200
    assert client.get("/docs/redoc.standalone.js").status_code == 404
    assert client.get("/docs/..%2f..%2fcore.py").status_code == 404
