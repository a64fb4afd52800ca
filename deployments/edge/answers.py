"""What the HTTP edge answers, in the shapes of OpenAI's images API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from fastapi.responses import StreamingResponse

from deployments.edge.body import GenerationRequest
from deployments.edge.pieces import File, sent
from record.story.run import Run
from record.types import Json

RUN_ID = "x-run-id"


async def generation(runs: Sequence[Run], asked: GenerationRequest, base: str) -> StreamingResponse:
    """The HTTP answer to a request for pictures, made piece by piece in threads: it may be many megabytes.

    `base` is this service's address, for pictures that are asked for by address.
    """
    told = await asyncio.to_thread(generation_json, runs, asked, base)
    return StreamingResponse(sent(told), media_type="application/json", headers={RUN_ID: runs[0].id})


def generation_json(runs: Sequence[Run], asked: GenerationRequest, base: str) -> Json:
    """The answer to a request for pictures: one entry a run, all of one size and kind of file."""
    width, height = runs[0].image.size
    return {
        "created": int(time.time()),
        "data": [_entry(number, run, asked, base) for number, run in enumerate(runs)],
        "size": f"{width}x{height}",
        "output_format": asked.encoding.format,
    }


def _entry(number: int, run: Run, asked: GenerationRequest, base: str) -> Json:
    """One entry of an answer's `data`: the picture or its address, and in `run` what led to it.

    With `trace` the run holds every event, and the candidates' and corrections' pictures.
    """
    told = run.to_json()
    if asked.trace:
        for name, drawn in (("candidates", run.candidates), ("corrections", run.corrections)):
            told[name] = [{"seed": one.seed, "b64_json": File(one.image, asked.encoding)} for one in drawn]
    else:
        told.pop("events")
    shown = (
        {"url": f"{base}v1/runs/{run.id}/artefacts/{number}/image.png"}
        if asked.response_format == "url"
        else {"b64_json": File(run.image, asked.encoding)}
    )
    return {**shown, "revised_prompt": run.prompt.text, "run": told}
