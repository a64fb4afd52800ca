"""What can go wrong between a client and a service, each with what the service said.

ClientError
|-- ConnectionLost       nobody answers there, or was away for too long
|-- Unreadable           something answers, but not as this service does
|-- RunCancelled         the run was stopped before its end
`-- ServiceError         the service said no; status, code, message, param, retry_after_s
    |-- Refused          it cannot be drawn as it was asked for; `param` names the field to change
    |-- NotAllowed       no API key, an unknown one, or asked from another machine
    |-- NotFound         there is no such run, artefact or model
    |-- TooLate          it was not ready in time
    |-- Overloaded       too much waits already; `retry_after_s` says when there may be room
    |-- Unavailable      a part of the service is away, or failed
    `-- RunFailed        the run was accepted and ended without its pictures
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from record.errors import ReCorDError

PASSING = frozenset({408, 429, 502, 503, 504})
"""Statuses after which the same request may well be served."""


class ClientError(ReCorDError):
    """Base of every error that a client raises."""

    code = "client_error"


class ConnectionLost(ClientError):
    """The service cannot be reached, or was away for longer than a client waits."""

    code = "connection_lost"


class Unreadable(ClientError):
    """An answer that is not of this service's API."""

    code = "unreadable_answer"


class RunCancelled(ClientError):
    """A run that was waited for was stopped; `run` is its id."""

    code = "run_cancelled"

    def __init__(self, run: str) -> None:
        super().__init__(f"run {run} was cancelled")
        self.run = run


class ServiceError(ClientError):
    """What the service said: OpenAI's error object, with the answer's status and headers.

    `kind` tells whose fault it is (invalid_request_error, rate_limit_error, server_error), `may_repeat`
    whether the same request may be served later, `retry_after_s` how many seconds later.
    """

    def __init__(
        self,
        said: Mapping[str, Any],
        status: int | None = None,
        *,
        retry_after_s: float | None = None,
        may_repeat: bool = False,
    ) -> None:
        """`said` has message, code, type and param, as far as they are known."""
        self.message = str(said.get("message") or "the service failed")
        super().__init__(self.message)
        self.code = str(said.get("code") or "unknown")
        self.kind = str(said.get("type") or "server_error")
        self.param = None if said.get("param") is None else str(said["param"])
        self.status, self.retry_after_s, self.may_repeat = status, retry_after_s, may_repeat


class Refused(ServiceError):
    """It cannot be served as it was asked for."""


class NotAllowed(ServiceError):
    """The service does not know the caller (401), or lets nobody in from there (403)."""


class NotFound(ServiceError):
    """There is no such thing (404)."""


class TooLate(ServiceError):
    """The time that it might take is over (408)."""


class Overloaded(ServiceError):
    """Too much waits already (429)."""


class Unavailable(ServiceError):
    """The service, or a part of it, failed or is away (5xx)."""


class RunFailed(ServiceError):
    """A run ended without its pictures; `run` is its id."""

    def __init__(self, run: str, said: Mapping[str, Any]) -> None:
        super().__init__(said)
        self.run = run


_KINDS: Mapping[int, type[ServiceError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    408: TooLate,
    429: Overloaded,
}


def check(response: httpx.Response) -> httpx.Response:
    """The response, whose body was read, if it is a success; else a ServiceError of the kind that fits."""
    if response.is_success:
        return response
    status = response.status_code
    kind = _KINDS.get(status, Unavailable if status >= 500 else Refused)
    usual = {"message": f"{response.request.url} answered {status} {response.reason_phrase}".rstrip()}
    should = response.headers.get("x-should-retry")
    raise kind(
        _said(response) or usual,
        status,
        retry_after_s=_seconds(response.headers.get("retry-after")),
        may_repeat=status in PASSING if should is None else should == "true",
    )


def _said(response: httpx.Response) -> Mapping[str, Any] | None:
    try:
        told = response.json()
    except ValueError:
        return None
    said = told.get("error") if isinstance(told, dict) else None
    return said if isinstance(said, dict) else None


def _seconds(header: str | None) -> float | None:
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
