from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
import ray

from deployments.config import VlmArgs


@pytest.fixture
def ray_ends() -> Iterator[None]:
    """Building an LLM deployment starts a Ray of its own: leave none behind."""
    yield
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.usefixtures("ray_ends")
def test_vllm_reserves_little_and_is_bounded() -> None:
    from deployments.replicas.vlm import build_vlm

    args = VlmArgs(model="miniature/weights/vlm", on_cpu=True, num_cpus=0.2)
    options = args.options(60)
    vlm = build_vlm(args, options)._bound_deployment
    assert vlm.name == "VLM"
    assert vlm.max_ongoing_requests == options["max_ongoing_requests"]
    assert vlm.max_queued_requests == options["max_queued_requests"]
    for name in ("max_surge_percent", "graceful_shutdown_timeout_s", "health_check_timeout_s"):
        assert getattr(vlm._deployment_config, name) == options[name]
    assert vlm._deployment_config.autoscaling_config.max_replicas == 1
    (bundle,) = vlm._replica_config.placement_group_bundles
    assert bundle["CPU"] == 0.2


class Engine:
    """Stands for vLLM's: never answers, remembers whether it was left, and may be dead."""

    def __init__(self) -> None:
        self.begun, self.left, self.is_dead = asyncio.Event(), False, False

    async def chat(self, request: Any, raw: Any) -> AsyncGenerator[Any, None]:
        try:
            self.begun.set()
            await asyncio.Event().wait()
            yield None
        finally:
            self.left = True

    async def check_health(self) -> None:
        if self.is_dead:
            raise RuntimeError("engine core is dead")


@pytest.mark.slow
async def test_whoever_leaves_ends_the_engines_request_and_a_dead_core_is_seen() -> None:
    from ray.serve.llm import LLMConfig

    from deployments.replicas.vlm import ChatServer

    server = ChatServer.sync_init(LLMConfig(model_loading_config={"model_id": "vlm"}), engine_cls=Engine)
    server.engine = engine = Engine()
    await server.check_health()
    task = asyncio.create_task(server.chat_json({"messages": [{"role": "user", "content": "hello"}]}))
    await asyncio.wait({task, asyncio.create_task(engine.begun.wait())}, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert engine.left
    engine.is_dead = True
    with pytest.raises(RuntimeError, match="core is dead"):
        await server.check_health()
