"""A run's events as OpenAI's client knows them: partial pictures, the finished one, errors."""

from __future__ import annotations

import asyncio
import json
import time

from sse_starlette import ServerSentEvent

from deployments.edge.body import GenerationRequest
from deployments.edge.service import Service
from deployments.playing.failures import Failure
from deployments.playing.follow import Numbered
from record.pictures import codec
from record.story.run import Run
from record.types import Json
from runs import RunRow

TELLING = {
    "candidate.ready": "candidates/{index}/image.png",
    "correction.ready": "corrections/{index}/image.png",
}
"""Events that bring a picture on the way, and the picture's name."""
CHOSEN = "pose.selected"


class Partials:
    """Picks up to `partial_images` pictures on the way: the first candidate, the chosen one, a correction."""

    def __init__(self, service: Service, row: RunRow, asked: GenerationRequest) -> None:
        self._service, self._row, self._asked = service, row, asked
        self._sent = 0
        self._seen = set[str]()

    async def of(self, event: Numbered) -> ServerSentEvent | None:
        """The partial picture that an event is worth, if any."""
        if self._sent >= self._asked.partial_images:
            return None
        name = self._name(event.told)
        if name is None or name in self._seen:
            return None
        self._seen.add(name)
        data = await asyncio.to_thread(self._encoded, name)
        told = {**_common(self._asked, data), "partial_image_index": self._sent}
        self._sent += 1
        return _event("image_generation.partial_image", told)

    def _name(self, told: Json) -> str | None:
        kind = told["event"]
        if kind == CHOSEN:
            return f"0/candidates/{told['index']}/image.png"
        if kind not in TELLING or (kind == "candidate.ready" and self._sent):
            return None
        return "0/" + TELLING[kind].format(index=told["index"])

    def _encoded(self, name: str) -> str:
        picture = codec.from_bytes(self._service.store.content(self._row.id, name).data)
        return codec.encode(picture, self._asked.encoding)


async def completed(run: Run, asked: GenerationRequest) -> ServerSentEvent:
    """The last event of a stream that went well."""
    data = await asyncio.to_thread(codec.encode, run.image, asked.encoding)
    width, height = run.image.size
    nothing = {"image_tokens": 0, "text_tokens": 0}
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0, "input_tokens_details": nothing}
    told = {**_common(asked, data), "size": f"{width}x{height}", "usage": usage}
    return _event("image_generation.completed", told)


def failed_event(failure: Failure) -> ServerSentEvent:
    """The last event of a stream that failed."""
    return _event("error", {"error": failure.error})


def _common(asked: GenerationRequest, data: str) -> Json:
    return {
        "b64_json": data,
        "created_at": int(time.time()),
        "size": asked.size or "auto",
        "quality": "auto",
        "background": "opaque",
        "output_format": asked.output_format,
    }


def _event(name: str, told: Json) -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"type": name, **told}), event=name)
