"""Drawing by a running service, through OpenAI's client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NoReturn

import openai

from record.errors import InputError, UpstreamError, message_in
from record.pictures import codec
from record_cli.asking import Ask
from record_cli.painter import Drawn, OnEvent

TIMEOUT_S = 600.0
BUSY = 429


class RemotePainter:
    """Asks the service at an address for pictures."""

    def __init__(self, url: str) -> None:
        """`url` is the service's address, with or without /v1."""
        address = url.rstrip("/").removesuffix("/v1")
        self.name = address

    def prepare(self, ask: Ask) -> None:
        """Nothing: the service checks."""

    def draw(self, ask: Ask, on_event: OnEvent) -> Drawn:
        """Draw; the service tells nothing before it is finished, so there are no events."""
        began = time.perf_counter()
        base_url = f"{self.name}/v1"
        try:
            with openai.OpenAI(base_url=base_url, api_key="none", timeout=TIMEOUT_S, max_retries=0) as client:
                answer = client.images.generate(prompt=ask.prompt, extra_body=own_fields(ask))
        except openai.APIError as error:
            self._explain(error)
        seconds = time.perf_counter() - began
        if not answer.data or not answer.data[0].b64_json:
            raise UpstreamError(f"{self.name} answered without a picture: is it a ReCorD service?")
        run = (answer.data[0].model_extra or {}).get("run", {})
        try:
            candidates, corrections = (
                tuple(codec.decode(one["b64_json"]) for one in run.get(name, []))
                for name in ("candidates", "corrections")
            )
            return Drawn(codec.decode(answer.data[0].b64_json), candidates, run, seconds, corrections)
        except ValueError as error:
            raise UpstreamError(f"{self.name} answered, but {error}") from error

    def _explain(self, error: openai.APIError) -> NoReturn:
        if isinstance(error, openai.APITimeoutError):
            raise UpstreamError(f"{self.name} gave no answer within {TIMEOUT_S:.0f} s") from error
        if not isinstance(error, openai.APIStatusError):
            raise UpstreamError(f"{self.name} cannot be reached: start it with  make serve") from error
        message = message_in(error.body, error.message)
        if 400 <= error.status_code < 500 and error.status_code != BUSY:
            raise InputError(message, param=error.param, code=error.code) from error
        raise UpstreamError(message) from error


def own_fields(ask: Ask) -> Mapping[str, Any]:
    """Our fields beside OpenAI's; the trace is asked for, since it holds the candidates."""
    fields: dict[str, Any] = {**ask.settings, "trace": True}
    if ask.box is not None:
        fields["box"] = ask.box.to_list()
    if ask.triplet is not None:
        fields["triplet"] = dict(ask.triplet.__dict__)
    return fields
