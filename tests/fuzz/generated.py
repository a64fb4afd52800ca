"""Requests that schemathesis makes from the service's own schema: such as fit it, and such as do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks

from tests.fuzz.target import Target

BODY = "GenerationRequest"
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


def operations(whole: dict[str, Any], always: Mapping[str, object]) -> list[Any]:
    """Every operation of a schema; `always` are values that each request with a body has."""
    body = whole["components"]["schemas"][BODY]
    constants = {name: {"const": value} for name, value in always.items()}
    narrowed = {
        **body,
        "properties": {**body["properties"], **constants},
        "required": sorted({"prompt", *always}),
    }
    parts = {**whole["components"], "schemas": {**whole["components"]["schemas"], BODY: narrowed}}
    schema = schemathesis.openapi.from_dict({**whole, "components": parts})
    return [one.ok() for one in schema.get_all_operations()]


def drawable(prompt: str) -> dict[str, object]:
    """Values for fields of which the schema allows more than a service can draw."""
    return {"prompt": prompt, **dict.fromkeys(("model", "size", "triplet", "box", "row_steps", "stream"))}


def play(
    operation: Any, target: Target, count: int, seed: int, *, is_right: bool, told: Callable[[int], None]
) -> None:
    """Send `count` requests of one operation; hypothesis shrinks what fails, and raises it."""
    mode = GenerationMode.POSITIVE if is_right else GenerationMode.NEGATIVE
    with requests.Session() as session:
        session.trust_env = False

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=count,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
            print_blob=False,
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Case) -> None:
            response = case.call(base_url=target.url, session=session, headers=target.own)
            told(response.status_code)
            case.validate_response(response, checks=[checks_5xx, *CHECKS])

        send()


def checks_5xx(context: Any, response: Any, case: Case) -> None:
    """No answer is a 5xx."""
    assert response.status_code < 500, f"{response.status_code}: {response.text[:300]}"
