"""The vision-language model on vLLM, through ray.serve.llm: a child that is called by handle."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from ray.serve.deployment import Application
from ray.serve.llm import LLMConfig, build_llm_deployment
from ray.serve.llm.deployment import LLMServer

from deployments.config import VlmArgs
from deployments.seeing.carrying import Carrier, serving

MODEL_ID = "vlm"
"""What vLLM calls the model, whichever it is."""
CPU_ENGINE = {"distributed_executor_backend": "mp", "dtype": "float32", "enforce_eager": True}
CPU_CACHE_GIB = "1"  # of key-value cache: vLLM would take half the machine's memory by itself

LEAST_CPUS = 0.01  # a reservation must not be empty


class ChatServer(LLMServer):  # type: ignore[misc, unused-ignore]
    """A vLLM engine that takes and returns plain dictionaries."""

    async def chat_json(self, payload: dict[str, Any], *, carrier: Carrier | None = None) -> dict[str, Any]:
        """Answer an OpenAI chat-completions body; a failure comes back as `{"error": {...}}`."""
        from ray.serve.llm.openai_api_models import ChatCompletionRequest

        request = ChatCompletionRequest(**{**payload, "model": MODEL_ID, "stream": False})
        answer: dict[str, Any] = {"error": {"message": "the engine gave no answer", "code": 500}}
        with serving(carrier, "VLM.chat_json"):
            async with aclosing(await self.chat(request)) as parts:  # leaving aborts the engine's request
                async for part in parts:
                    answer = part.model_dump(mode="json")
        return answer


def build_vlm(args: VlmArgs, options: dict[str, Any]) -> Application:
    """A deployment named VLM with Ray Serve's `options`, whose replicas each hold one vLLM engine."""
    environment = dict(options["ray_actor_options"]["runtime_env"]["env_vars"])
    engine: dict[str, Any] = {"limit_mm_per_prompt": {"image": args.max_images}, **args.engine}
    place: dict[str, Any] = {}
    if args.on_cpu:
        engine = {**CPU_ENGINE, **engine}
        environment["VLLM_CPU_KVCACHE_SPACE"] = CPU_CACHE_GIB
        reserved = {"CPU": max(args.num_cpus, LEAST_CPUS)}
        place = {
            "accelerator_config": {"kind": "cpu"},
            "placement_group_config": {"bundle_per_worker": reserved},
        }
    elif args.resources:
        place = {"placement_group_config": {"bundle_per_worker": {"GPU": 1, **args.resources}}}
    config = LLMConfig(
        model_loading_config={"model_id": MODEL_ID, "model_source": args.source},
        engine_kwargs=engine,
        runtime_env={"env_vars": environment},
        deployment_config={**options, "ray_actor_options": {"num_cpus": 0}},
        log_engine_metrics=False,
        **place,
    )
    return build_llm_deployment(config, deployment_cls=ChatServer, override_serve_options={"name": "VLM"})
