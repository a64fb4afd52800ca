"""The short form of `make fuzz`."""

from __future__ import annotations

import pytest

from tests.deployments.conftest import app_over_fakes
from tests.fuzz.run import run
from tests.fuzz.target import Answer, Fault, Target, check_shape, served


def test_odd_requests_are_refused_and_the_service_draws_the_same_afterwards() -> None:
    with served(app_over_fakes()) as url, Target(url) as target:
        found = run(target, 1200, 0, lambda kind, status: None, {})
    assert found.total() >= 1200 and found[200] > 50 and found[400] > 300
    assert {404, 405, 413, 415, 422} <= found.keys() and not any(status >= 500 for status in found)


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (400, b"Bad Request"), (404, b'{"detail": "Not Found"}'), (400, b'{"error": "no"}')],
)
def test_a_wrong_answer_is_found(status: int, body: bytes) -> None:
    with pytest.raises(Fault, match=str(status)):
        check_shape(Answer(status, "application/json", body))
