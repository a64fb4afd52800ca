"""The vision-language model behind any OpenAI-compatible API: GPT-4o, a remote vLLM, a gateway."""

from __future__ import annotations

from typing import Any

from openai import APIError, AsyncOpenAI

from deployments.config import VlmArgs, read_key
from deployments.seeing.carrying import Carrier, serving
from record.errors import message_in


class OpenAIProxy:
    """Offers the same `chat_json` as a vLLM child, answered elsewhere."""

    def __init__(self, args: VlmArgs, client: AsyncOpenAI | None = None) -> None:
        """Read the key from the environment; ConfigError names the variable that is not set."""
        self._model = args.model
        key = read_key(args.api_key_env, "vlm.api_key_env")
        self._secret = key if args.api_key_env else None
        self._client = client or AsyncOpenAI(
            base_url=args.base_url, api_key=key, timeout=args.timeout_s, max_retries=2
        )

    async def chat_json(self, payload: dict[str, Any], *, carrier: Carrier | None = None) -> dict[str, Any]:
        """Pass an OpenAI chat-completions body on; a failure comes back as `{"error": {...}}`."""
        try:
            with serving(carrier, "VLM.chat_json"):
                answer = await self._client.chat.completions.create(**{**payload, "model": self._model})
        except APIError as error:
            said = message_in(error.body, error.message, self._secret)
            return {"error": {"message": said, "code": error.code or "api_error"}}
        body: dict[str, Any] = answer.model_dump(mode="json")
        return body
