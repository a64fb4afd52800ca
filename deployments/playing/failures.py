"""Errors as others are told of them: a status, OpenAI's shape, and never an inside view."""

from __future__ import annotations

import logging
import re
import traceback
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from ray.exceptions import RayTaskError, TaskCancelledError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

from deployments.playing.calls import LOST
from record.errors import (
    DeadlineError,
    InputError,
    OverloadedError,
    PromptError,
    ReasoningError,
    TrajectoryError,
    UpstreamError,
)
from record.types import Json
from runs.errors import ArtefactError, StorageFullError, StoreError

RETRY_AFTER_S = 2
NO_RETRY = {"x-should-retry": "false"}
"""Tells OpenAI's clients, which repeat a 408 by themselves, that a repeat would only take as long again."""
MALFORMED = frozenset({"empty_prompt", "prompt_too_long"})
"""Codes of prompts that cannot be read at all (400); the others were read and make no picture (422)."""
STATUS = {
    "model_not_found": 404,
    "run_not_found": 404,
    "artefact_missing": 404,
    "body_timeout": 408,
    "idempotency_conflict": 409,
    "run_not_over": 409,
    "body_too_large": 413,
    "unsupported_media_type": 415,
}
"""By the code of an error of the caller's, where it is not 400."""

_PLACE = re.compile(r'\s*File "')
"""A line of a traceback that says where, as Python writes it."""

log = logging.getLogger("ray.serve")


@dataclass(frozen=True)
class Failure:
    """An HTTP status, an error object as OpenAI's API tells it, and headers."""

    status: int
    error: Json
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> Json:
        """As a run's row keeps it."""
        return {**self.error, "status": self.status}


def failed(told: Json | None) -> Failure:
    """The failure that a run's row tells of."""
    known = dict(told or error("server_error", "internal_error", "the run failed"))
    status = int(known.pop("status", 408 if known.get("code") == "timeout" else 503))
    again = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else {}
    return Failure(status, known, NO_RETRY if status == 408 else again)


def error(kind: str, code: str, message: str, param: str | None = None) -> Json:
    """An error as OpenAI's clients expect it."""
    return {"type": kind, "code": code, "message": message, "param": param}


def failure_of(cause: BaseException) -> Failure:
    """What to tell of an error; one that is not known becomes an opaque 500 whose id is in the log."""
    if isinstance(cause, BaseExceptionGroup):
        return failure_of(cause.exceptions[0])
    if isinstance(cause, InputError):
        usual = 422 if isinstance(cause, PromptError) and cause.code not in MALFORMED else 400
        told = error("invalid_request_error", cause.code, str(cause), cause.param)
        return Failure(STATUS.get(cause.code, usual), told)
    if isinstance(cause, BackPressureError | OverloadedError):
        after_s = getattr(cause, "retry_after_s", None) or RETRY_AFTER_S
        said = str(cause) if isinstance(cause, OverloadedError) else "every replica is busy"
        return _later(429, "rate_limit_error", "overloaded", said, after_s)
    if isinstance(cause, (*LOST, DeploymentUnavailableError, TaskCancelledError)):
        return _later(503, "server_error", "not_ready", "a part of the service is starting or was lost")
    if isinstance(cause, TimeoutError | DeadlineError):
        said = "the request took too long: ask for fewer steps or candidates, or for more time"
        return Failure(408, error("server_error", "timeout", said), NO_RETRY)
    return _inside(cause)


def _inside(cause: BaseException) -> Failure:
    if isinstance(cause, StorageFullError):
        return Failure(507, error("server_error", cause.code, "the service has no room left to keep runs"))
    if isinstance(cause, ArtefactError):
        return Failure(404, error("invalid_request_error", cause.code, str(cause)))
    if isinstance(cause, StoreError):
        return _later(503, "server_error", cause.code, "the store of runs does not answer")
    if isinstance(cause, ReasoningError | UpstreamError):
        return Failure(502, error("server_error", cause.code, str(cause)))
    if isinstance(cause, TrajectoryError):
        return Failure(500, error("server_error", cause.code, str(cause)))
    number = uuid.uuid4().hex[:12]
    log.error("error %s: %s", number, trail(cause))
    return Failure(500, error("server_error", "internal_error", f"internal error {number}: see the log"))


def trail(cause: BaseException) -> str:
    """Kinds of an error and its causes, and where each was raised. No message: it may hold a prompt."""
    lines, seen = list[str](), set[int]()
    at: BaseException | None = cause
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        remote = str(at) if isinstance(at, RayTaskError) else ""
        known = f": {at.strerror}" if isinstance(at, OSError) else ""
        lines.append(f"{type(at).__module__}.{type(at).__qualname__}{known}")
        lines += [line for line in remote.splitlines() if _PLACE.match(line)]
        lines += [line.rstrip() for line in traceback.format_tb(at.__traceback__)]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n".join(lines)


def _later(status: int, kind: str, code: str, message: str, after_s: float = RETRY_AFTER_S) -> Failure:
    seconds = max(1, round(after_s))
    told = error(kind, code, f"{message}: try again in {seconds} s")
    return Failure(status, told, {"Retry-After": str(seconds)})
