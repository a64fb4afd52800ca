"""A chat model that says what it was told to say."""

from __future__ import annotations

import json
from typing import Any


class ScriptedChat:
    """Answers requests with the given contents, in order, and keeps the requests."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.payloads: list[dict[str, Any]] = []

    async def chat_json(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The next answer: a dict with "error" or "choices" as it is, anything else as content."""
        self.payloads.append(payload)
        answer = self._answers.pop(0)
        if isinstance(answer, dict) and ("error" in answer or "choices" in answer):
            return answer
        content = answer if isinstance(answer, str) else json.dumps(answer)
        return {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
