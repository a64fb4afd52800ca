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


def operations(whole: dict[str, Any], prompts: list[str], always: Mapping[str, object]) -> list[Any]:
    """Every operation of a schema whose prompts are often ones that can be drawn.

    `always` are fields that each request has, such as a bound of what is drawn.
    """
    fields = whole["components"]["schemas"][BODY]["properties"]
    fields["prompt"] = {"anyOf": [{"enum": prompts}, fields["prompt"]]}
    fields["model"] = {"type": "null"}
    fields["size"] = {"enum": [None, "auto"]}
    for name, value in always.items():
        fields[name] = {"const": value}
    whole["components"]["schemas"][BODY]["required"] = ["prompt", *always]
    return [one.ok() for one in schemathesis.openapi.from_dict(whole).get_all_operations()]


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
