"""Every request of the API, and how its answer is read: written once for both clients, without any I/O."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

import httpx

from record.geometry import Box
from record.reading.prompt import Triplet
from record.types import Json
from record_client.errors import Unreadable
from record_client.told import File, Model, Page, Run, Status

T = TypeVar("T")
BoxLike = Box | Sequence[float]


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request; `read` makes its result of a successful answer. Sent again it means the same."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, str | int] = field(default_factory=dict)
    body: Json | None = None
    key: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """For `httpx.Client.request`, beside method and path."""
        headers = {} if self.key is None else {"Idempotency-Key": self.key}
        return {"params": dict(self.params), "json": self.body, "headers": headers}

    def result(self, answer: httpx.Response) -> T:
        """What the answer says; Unreadable where it is not of this API."""
        try:
            return self.read(answer)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            said = f"{answer.request.url} answered, but not as a ReCorD service does: check the address"
            raise Unreadable(f"{said} ({error!r})") from error


def start(
    prompt: str,
    settings: Mapping[str, Any],
    *,
    box: BoxLike | None = None,
    triplet: Triplet | None = None,
    n: int = 1,
    key: str | None = None,
) -> Call[Run]:
    """Accept a run; a repeat with the same key joins it."""
    body: Json = {"prompt": prompt, **settings}
    if n != 1:
        body["n"] = n
    if box is not None:
        body["box"] = _numbers(box)
    if triplet is not None:
        body["triplet"] = asdict(triplet)
    return Call("POST", "/v1/runs", _run, body=body, key=key or _new_key())


def correct(
    run: str, box: BoxLike, settings: Mapping[str, Any], *, picture: int = 0, key: str | None = None
) -> Call[Run]:
    """Accept a run that draws a finished one's picture again, with its object in the box."""
    body = {"box": _numbers(box), "picture": picture, **settings}
    return Call("POST", f"/v1/runs/{run}/corrections", _run, body=body, key=key or _new_key())


def show(run: str) -> Call[Run]:
    """A run as it is now, with its artefacts' names."""
    return Call("GET", f"/v1/runs/{run}", _run)


def page(limit: int, before: str | None, status: str | None) -> Call[Page]:
    """Some runs, newest first."""
    params: dict[str, str | int] = {"limit": limit}
    params |= {name: value for name, value in (("before", before), ("status", status)) if value is not None}
    return Call("GET", "/v1/runs", _page, params=params)


def artefact(run: str, name: str) -> Call[File]:
    """The bytes of something that a run left behind."""

    def read(answer: httpx.Response) -> File:
        return File(name, answer.headers["content-type"], answer.content)

    return Call("GET", f"/v1/runs/{run}/artefacts/{name}", read)


def cancel(run: str) -> Call[Run]:
    """Stop a run; one that is over stays as it is, so that it can be asked again."""
    return Call("DELETE", f"/v1/runs/{run}", _run, params={"keep": "true"})


def models() -> Call[tuple[Model, ...]]:
    """What is served."""
    return Call("GET", "/v1/models", lambda answer: tuple(Model.read(one) for one in answer.json()["data"]))


def status() -> Call[Status]:
    """How the service is."""
    return Call("GET", "/v1/status", lambda answer: Status.read(answer.json()))


def _run(answer: httpx.Response) -> Run:
    return Run.read(answer.json())


def _page(answer: httpx.Response) -> Page:
    told = answer.json()
    return Page(tuple(Run.read(one) for one in told["data"]), told["last"] if told["has_more"] else None)


def _numbers(box: BoxLike) -> list[float]:
    return box.to_list() if isinstance(box, Box) else [float(number) for number in box]


def _new_key() -> str:
    return uuid.uuid4().hex
