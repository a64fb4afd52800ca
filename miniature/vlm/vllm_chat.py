"""The exported model inside vLLM, offline: the engine of the service without the service."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


class VllmChat:
    """Answers chat-completions requests with vLLM on the CPU, set up as the CPU profile sets it up."""

    def __init__(self, folder: Path, *, max_images: int = 8) -> None:
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        from vllm import LLM

        self._engine = LLM(
            str(folder),
            dtype="float32",
            enforce_eager=True,
            max_model_len=1024,
            limit_mm_per_prompt={"image": max_images},
        )

    async def chat_json(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Answer a request body; blocks while it decodes."""
        from vllm import SamplingParams
        from vllm.sampling_params import StructuredOutputsParams

        schema = payload["response_format"]["json_schema"]["schema"]
        wanted = SamplingParams(
            temperature=0,
            max_tokens=payload["max_tokens"],
            structured_outputs=StructuredOutputsParams(json=schema),
        )
        found = self._engine.chat(payload["messages"], wanted, use_tqdm=False)[0].outputs[0]
        message = {"role": "assistant", "content": found.text}
        return {"choices": [{"message": message, "finish_reason": found.finish_reason}]}
