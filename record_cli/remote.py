"""Drawing by a running service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from record.errors import InputError, UpstreamError
from record.geometry import Box
from record_cli.asking import Ask
from record_cli.painter import Drawn, OnEvent, drawn_of
from record_client import ClientError, ConnectionLost, Drawing, Progress, ReCorDClient, ServiceError, Told
from record_client.events import Restarted
from record_client.waiting import OnEvent as Hear
from record_client.where import address

CALLERS_FAULT = "invalid_request_error"
NO_SETTINGS = frozenset({"prompt", "n", "box", "triplet", "key", "on_event", "run_id", "picture"})
"""Names that a client's methods take beside settings."""


class RemotePainter:
    """Asks the service at an address for pictures; who interrupts it stops the run there."""

    def __init__(self, url: str | None, api_key: str | None = None) -> None:
        """`url` is the service's address, with or without /v1; InputError where it is none."""
        self.name, self._api_key = address(url), api_key

    def prepare(self, ask: Ask) -> None:
        """Nothing: the service checks."""

    def draw(self, ask: Ask, on_event: OnEvent) -> Drawn:
        """Draw, with every event as the service tells it."""
        fields = {**_only(ask.settings), "box": ask.box, "triplet": ask.triplet}
        return self._drawn(lambda client, hear: client.draw(ask.prompt, on_event=hear, **fields), on_event)

    def correct(
        self, run: str, box: Box, picture: int, settings: Mapping[str, Any], on_event: OnEvent
    ) -> Drawn:
        """Draw a picture of a finished run again, with its object in the box."""
        more = _only(settings)
        return self._drawn(
            lambda client, hear: client.correct(run, box, picture, on_event=hear, **more), on_event
        )

    def _drawn(self, draw: Callable[[ReCorDClient, Hear], Drawing], on_event: OnEvent) -> Drawn:
        began = time.perf_counter()
        with explained(), ReCorDClient(self.name, self._api_key) as client:
            drawing = draw(client, _Heard(on_event).hear)
            seconds = time.perf_counter() - began
            return drawn_of(client.story(drawing.run.id), seconds)


def _only(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings; InputError for what has an option or an argument of its own."""
    for name in settings.keys() & NO_SETTINGS:
        raise InputError(f"--set {name}: this is no setting", param=name)
    return settings


class _Heard:
    """Hands on what is told of a run's first picture, as drawing in process would tell it."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event, self._attempt = on_event, 1

    def hear(self, told: Told) -> None:
        """Take an event of the service."""
        if told.attempt > self._attempt:
            self._attempt = told.attempt
            self._on_event(Restarted(told.event.at))
        if isinstance(told.event, Progress):
            for step in told.event.steps:
                if step.picture == 0:
                    self._on_event(step.stepped(told.event.at))
        elif told.picture in (None, 0):
            self._on_event(told.event)


@contextmanager
def explained() -> Iterator[None]:
    """A client's errors in the command line's kinds: InputError for what the caller can mend."""
    try:
        yield
    except ServiceError as error:
        if error.kind == CALLERS_FAULT:
            raise InputError(error.message, param=error.param, code=error.code) from error
        raise UpstreamError(error.message) from error
    except ConnectionLost as error:
        raise UpstreamError(f"{error}: start it with  make serve") from error
    except ClientError as error:
        raise UpstreamError(str(error)) from error
