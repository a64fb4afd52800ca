"""What the HTTP edge answers, in the shapes of OpenAI's images API."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from fastapi.responses import Response

from deployments.edge.body import GenerationRequest
from record.pictures import codec
from record.story.run import Run
from record.types import Json

RUN_ID = "x-run-id"


async def generation(runs: Sequence[Run], asked: GenerationRequest, base: str) -> Response:
    """The HTTP answer to a request for pictures, made in a thread: it may be many megabytes.

    `base` is this service's address, for pictures that are asked for by address.
    """
    written = await asyncio.to_thread(lambda: _written(generation_json(runs, asked, base)))
    return Response(written, media_type="application/json", headers={RUN_ID: runs[0].id})


def generation_json(runs: Sequence[Run], asked: GenerationRequest, base: str) -> Json:
    """The answer to a request for pictures: one entry a run, all of one size and kind of file."""
    width, height = runs[0].image.size
    return {
        "created": int(time.time()),
        "data": [_entry(number, run, asked, base) for number, run in enumerate(runs)],
        "size": f"{width}x{height}",
        "output_format": asked.encoding.format,
    }


def _written(told: Json) -> bytes:
    """JSON, piece by piece: in one call it would hold the interpreter's lock, and the event loop, too long.

    A traced answer of large pictures is a hundred megabytes.
    """
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return b"".join(part.encode() for part in encoder.iterencode(told))


def _entry(number: int, run: Run, asked: GenerationRequest, base: str) -> Json:
    """One entry of an answer's `data`: the picture or its address, and in `run` what led to it.

    With `trace` the run holds every event, and the candidates' and corrections' pictures.
    """
    told = run.to_json()
    if asked.trace:
        for name, drawn in (("candidates", run.candidates), ("corrections", run.corrections)):
            told[name] = [
                {"seed": one.seed, "b64_json": codec.encode(one.image, asked.encoding)} for one in drawn
            ]
    else:
        told.pop("events")
    shown = (
        {"url": f"{base}v1/runs/{run.id}/artefacts/{number}/image.png"}
        if asked.response_format == "url"
        else {"b64_json": codec.encode(run.image, asked.encoding)}
    )
    return {**shown, "revised_prompt": run.prompt.text, "run": told}
