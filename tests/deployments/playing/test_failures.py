from __future__ import annotations

import logging

import pytest
from ray.exceptions import RayTaskError

from deployments.playing.failures import failure_of

PROMPT = "a woman is kicking a canary"


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    """The error as if it had come from somewhere."""
    try:
        raise error from cause
    except Exception as caught:
        return caught


REMOTE = RayTaskError(
    "draw", f'Traceback\n  File "denoise.py", line 7, in denoise\nValueError: {PROMPT}\n', ValueError(PROMPT)
)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (raised(RuntimeError(PROMPT)), "in raised"),
        (raised(KeyError("x"), raised(ValueError(PROMPT))), "builtins.ValueError"),
        (raised(REMOTE), 'File "denoise.py", line 7'),
        (raised(REMOTE.as_instanceof_cause()), 'File "denoise.py", line 7'),
    ],
)
def test_the_log_says_where_an_odd_error_came_from_and_never_what_was_asked(
    caplog: pytest.LogCaptureFixture, error: Exception, says: str
) -> None:
    with caplog.at_level(logging.ERROR, logger="ray.serve"):
        failure = failure_of(error)
    assert failure.status == 500 and PROMPT not in str(failure.error)
    number = str(failure.error["message"]).split()[2].rstrip(":")
    assert number in caplog.text and says in caplog.text
    assert PROMPT not in caplog.text
