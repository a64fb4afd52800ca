"""A chat model in this process: for library users, who have no model server.

The folder or hub id is any image-text-to-text checkpoint of transformers. Answers are greedy unless a
request names a temperature. With the `xgrammar` package the JSON schema of a request holds while
decoding, as it does on vLLM; without it the answer is only checked afterwards.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, LogitsProcessorList

from record import torch_thread
from record.errors import CheckpointError
from record.pictures import codec
from record.types import Json

MAX_TOKENS = 400
"""Longest answer where the request names none."""


class TransformersChat:
    """Answers chat-completions requests with a transformers model; one request at a time."""

    def __init__(
        self, folder: str | Path, *, device: str = "cpu", dtype: torch.dtype = torch.float32
    ) -> None:
        """Load the checkpoint; CheckpointError if it is missing or of another kind."""
        torch_thread.call(partial(self._load, folder, device, dtype))

    def _load(self, folder: str | Path, device: str, dtype: torch.dtype) -> None:
        try:
            self._processor = AutoProcessor.from_pretrained(folder)
            self._model = AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype)
        except (OSError, ValueError) as error:
            raise CheckpointError(
                f"{str(folder)!r} is not a vision-language model that transformers can load: {error}"
            ) from error
        self._model.to(device).eval()
        self._compiler = _compiler(self._processor.tokenizer, self._model.config)

    async def chat_json(self, payload: Json) -> Json:
        """Answer a request body; whatever goes wrong comes back as `{"error": {...}}`."""
        try:
            return await asyncio.wrap_future(torch_thread.submit(partial(self._answer, payload)))
        except (ValueError, RuntimeError, KeyError, OSError) as error:
            return {"error": {"type": type(error).__name__, "message": str(error)}}
        finally:
            torch_thread.submit(torch_thread.release_team)

    @torch.inference_mode()
    def _answer(self, payload: Json) -> Json:
        messages, pictures = split(payload["messages"])
        text = self._processor.apply_chat_template(messages, add_generation_prompt=True)
        inputs = self._processor(text=text, images=pictures or None, return_tensors="pt")
        inputs = inputs.to(self._model.device, self._model.dtype)
        limit = int(payload.get("max_tokens") or MAX_TOKENS)
        asked = inputs["input_ids"].shape[1]
        with torch.random.fork_rng():
            torch.manual_seed(int(payload.get("seed") or 0))
            tokens = self._model.generate(
                **inputs,
                **_sampling(float(payload.get("temperature") or 0)),
                max_new_tokens=limit,
                logits_processor=self._grammar(payload.get("response_format")),
            )[0, asked:]
        content = self._processor.tokenizer.decode(tokens, skip_special_tokens=True)
        finish = "length" if len(tokens) >= limit else "stop"
        message = {"role": "assistant", "content": content}
        return {
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": asked, "completion_tokens": len(tokens)},
        }

    def _grammar(self, wanted: Json | None) -> LogitsProcessorList:
        """What keeps the answer to the request's JSON schema; empty without schema or xgrammar."""
        if self._compiler is None or not wanted or wanted.get("type") != "json_schema":
            return LogitsProcessorList()
        from xgrammar.contrib.hf import LogitsProcessor

        schema = json.dumps(wanted["json_schema"]["schema"])
        return LogitsProcessorList([LogitsProcessor(self._compiler.compile_json_schema(schema))])


def split(messages: Sequence[Json]) -> tuple[list[Json], list[Image.Image]]:
    """Take the pictures out of chat messages: what a chat template wants, and the pictures in order."""
    pictures: list[Image.Image] = []
    plain: list[Json] = []
    for message in messages:
        parts = message["content"]
        if isinstance(parts, str):
            parts = [{"type": "text", "text": parts}]
        kept: list[Json] = []
        for part in parts:
            if part["type"] == "image_url":
                pictures.append(codec.from_uri(part["image_url"]["url"]))
                part = {"type": "image"}
            kept.append(part)
        plain.append({**message, "content": kept})
    return plain, pictures


def _sampling(temperature: float) -> Json:
    """Options of `generate`; no top-k, which might leave nothing that the grammar allows."""
    return (
        {"do_sample": True, "temperature": temperature, "top_k": 0} if temperature else {"do_sample": False}
    )


def _compiler(tokenizer: Any, config: Any) -> Any | None:
    """The compiler of schemas into token masks, or None where xgrammar is not installed."""
    try:
        import xgrammar
    except ImportError:
        return None
    vocabulary = config.get_text_config().vocab_size
    return xgrammar.GrammarCompiler(xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocabulary))
