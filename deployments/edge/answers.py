"""What the HTTP edge answers, in the shapes of OpenAI's images API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from fastapi.responses import JSONResponse, Response

from record.pictures import codec
from record.pictures.codec import PNG, Encoding
from record.story.run import Run


async def generation(runs: Sequence[Run], *, trace: bool, encoding: Encoding = PNG) -> Response:
    """The HTTP answer to a request for pictures, made in a thread: it may be many megabytes."""
    return await asyncio.to_thread(
        lambda: JSONResponse(generation_json(runs, trace=trace, encoding=encoding))
    )


def generation_json(runs: Sequence[Run], *, trace: bool, encoding: Encoding = PNG) -> dict[str, Any]:
    """The answer to a request for pictures: one entry a run, all of one size and kind of file."""
    width, height = runs[0].image.size
    return {
        "created": int(time.time()),
        "data": [image_json(run, trace=trace, encoding=encoding) for run in runs],
        "size": f"{width}x{height}",
        "output_format": encoding.format,
    }


def image_json(run: Run, *, trace: bool, encoding: Encoding = PNG) -> dict[str, Any]:
    """One entry of an answer's `data`: the picture, and in `run` what led to it.

    With `trace` the run holds every event, and the candidates' and corrections' pictures.
    """
    told = run.to_json()
    if trace:
        for name, drawn in (("candidates", run.candidates), ("corrections", run.corrections)):
            told[name] = [{"seed": one.seed, "b64_json": codec.encode(one.image, encoding)} for one in drawn]
    else:
        told.pop("events")
    return {"b64_json": codec.encode(run.image, encoding), "revised_prompt": run.prompt.text, "run": told}


def error_json(kind: str, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's clients expect it."""
    return {"error": {"type": kind, "code": code, "message": message, "param": param}}
