"""A run's events as OpenAI's client knows them: partial pictures, the finished one, errors."""

from __future__ import annotations

import asyncio
import time

from PIL import Image

from deployments.edge.body import GenerationRequest
from deployments.edge.pieces import File, pieces
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

    async def of(self, event: Numbered) -> bytes | None:
        """The partial picture that an event is worth, if any."""
        if self._sent >= self._asked.partial_images:
            return None
        name = self._name(event.told)
        if name is None or name in self._seen:
            return None
        self._seen.add(name)
        partial = await asyncio.to_thread(self._partial, name)
        self._sent += 1
        return partial

    def _name(self, told: Json) -> str | None:
        kind = told["event"]
        if kind == CHOSEN:
            return f"0/candidates/{told['index']}/image.png"
        if kind not in TELLING or (kind == "candidate.ready" and self._sent):
            return None
        return "0/" + TELLING[kind].format(index=told["index"])

    def _partial(self, name: str) -> bytes:
        picture = codec.from_bytes(self._service.store.content(self._row.id, name).data)
        told = {**_common(self._asked, picture), "partial_image_index": self._sent}
        return _event("image_generation.partial_image", told)


def completed(run: Run, asked: GenerationRequest) -> bytes:
    """The last event of a stream that went well; slow."""
    picture = run.image
    width, height = picture.size
    nothing = {"image_tokens": 0, "text_tokens": 0}
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0, "input_tokens_details": nothing}
    told = {**_common(asked, picture), "size": f"{width}x{height}", "usage": usage}
    return _event("image_generation.completed", told)


def failed_event(failure: Failure) -> bytes:
    """The last event of a stream that failed."""
    return _event("error", {"error": failure.error})


def _common(asked: GenerationRequest, picture: Image.Image) -> Json:
    return {
        "b64_json": File(picture, asked.encoding),
        "created_at": int(time.time()),
        "size": asked.size or "auto",
        "quality": "auto",
        "background": "opaque",
        "output_format": asked.output_format,
    }


def _event(name: str, told: Json) -> bytes:
    """A server-sent event as it is sent; slow with a picture, and JSON has no line breaks to look for."""
    data = b"".join(pieces({"type": name, **told}))
    return b"event: %b\r\ndata: %b\r\n\r\n" % (name.encode(), data)
