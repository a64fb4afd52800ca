from __future__ import annotations

from deployments.config import VlmArgs
from deployments.replicas.proxy import OpenAIProxy


async def test_a_proxy_passes_bodies_on_and_answers_its_errors() -> None:
    proxy = OpenAIProxy(
        VlmArgs(kind="openai", model="gpt-4o", base_url="http://127.0.0.1:1/v1", timeout_s=0.5)
    )
    answer = await proxy.chat_json({"messages": [{"role": "user", "content": "hello"}]})
    assert answer["error"]["message"]
