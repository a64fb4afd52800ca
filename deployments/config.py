"""The typed arguments of every deployment, with their ranges."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from deployments.reserved import Reserved
from record.cache import pose_bundle_path
from record.reasoning.dialect import Coordinates
from record.types import Precision
from runs.retention import Keeping

ROOT = Path(__file__).resolve().parent.parent
"""Where relative model folders are looked for: the repository, or the folder the packages lie in."""

BESIDE = 32
"""Short requests that a replica of the edge answers beside those that it holds open."""


class ConfigError(ValueError):
    """serve_config.yaml holds something it should not; the message names it and the remedy."""


class DiffusionArgs(Reserved):
    """The replicas that draw."""

    checkpoint: str = Field(description="diffusers folder, hub id, or one .safetensors file")
    config: str | None = Field(
        None, description="for one file: folder or hub id its tokenizer, scheduler and sizes come from"
    )
    variant: str | None = Field(None, description="which set of weights, such as fp16")
    device: str = Field("cpu", description="torch device, cpu or cuda")
    dtype: Precision = Field("auto", description="auto: the faster of bfloat16 and float32")
    max_trajectories: int = Field(8, ge=1, description="pictures that share one step of the denoiser")
    memory_gib: float | None = Field(
        None, gt=0, description="what a step may take beside the weights; 0.8 of what is free if left out"
    )
    max_waiting: int = Field(64, ge=1, description="pictures begun or waiting; more get 429")
    gradient_checkpointing: bool = Field(
        False, description="guidance repeats forwards to save memory: for SDXL on a small GPU"
    )
    compile_blocks: bool = Field(
        False, description="torch.compile for all but attention; the first steps take minutes"
    )
    cuda_graphs: bool = Field(
        False, description="replay calls from CUDA graphs: for small batches on a fast GPU"
    )
    adapter: str | None = Field(None, description="folder of InteractDiffusion's weights, for that method")
    hang_s: float | None = Field(
        None,
        gt=0,
        description="seconds after which a step is taken for one that hangs, and the replica replaced; "
        "if left out 30 on a GPU, 120 on a CPU, 1200 with compile_blocks",
    )

    @property
    def hang_limit_s(self) -> float:
        """Seconds a step may take."""
        usual = 1200.0 if self.compile_blocks else 30.0 if self.device.startswith("cuda") else 120.0
        return usual if self.hang_s is None else self.hang_s

    @model_validator(mode="after")
    def _check_graphs(self) -> Self:
        if self.cuda_graphs and not self.device.startswith("cuda"):
            raise ValueError("cuda_graphs needs device=cuda: change the device or leave it out")
        return self

    @field_validator("checkpoint", "config", "adapter")
    @classmethod
    def _find_folder(cls, value: str | None) -> str | None:
        return value and resolve(value)


class VlmArgs(Reserved):
    """The vision-language model: vLLM in this cluster, or any OpenAI-compatible API."""

    kind: Literal["vllm", "openai"] = "vllm"
    model: str = Field(description="folder or hub id (vllm), or the API's model name (openai)")
    dialect: Literal["compact", "general"] = Field("general", description="compact fits the shipped VLM only")
    coordinates: Coordinates | None = Field(
        None,
        description="how the model writes boxes, where its name does not tell (record.reasoning.habit_of)",
    )
    max_images: int = Field(8, ge=1, description="pictures in one message")
    on_cpu: bool = Field(False, description="run vLLM on the CPU")
    engine: dict[str, Any] = Field(
        default_factory=dict, description="vLLM engine arguments, passed on as they are"
    )
    base_url: str | None = Field(None, description="openai: the API's address, up to and including /v1")
    api_key_env: str | None = Field(None, description="openai: name of the environment variable with the key")
    timeout_s: float = Field(120.0, gt=0, description="openai: seconds to wait for an answer")

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if self.kind == "openai" and not self.base_url:
            raise ValueError("kind=openai needs base_url, the API's address up to and including /v1")
        if self.kind == "vllm" and (self.base_url or self.api_key_env):
            raise ValueError("base_url and api_key_env belong to kind=openai: remove them or change kind")
        return self

    @property
    def source(self) -> str:
        """The model's folder if there is one, else its name."""
        return resolve(self.model) if self.kind == "vllm" else self.model


class AnalysisArgs(Reserved):
    """The replicas that look for people and objects."""

    pose_bundle: str | None = Field(
        None, description="MediaPipe .task file; the one `make setup` keeps if left out"
    )
    people: int = Field(2, ge=1, description="people looked for; the largest is taken")
    confidence: float = Field(0.5, ge=0, le=1, description="detection confidence MediaPipe asks for")

    @property
    def bundle(self) -> Path:
        """The pose model's file; by default where the set-up keeps it, $RECORD_CACHE or ~/.cache/record."""
        if self.pose_bundle is not None:
            return Path(resolve(self.pose_bundle))
        return pose_bundle_path()


class ImagesArgs(Reserved):
    """An images API to compare with: OpenAI's own, or any that speaks like it."""

    model: str = Field(description="the API's model name")
    base_url: str = Field(description="the API's address, up to and including /v1")
    api_key_env: str | None = Field(None, description="name of the environment variable with the key")
    size: str | None = Field(None, description="such as 1024x1024; the API's own default if left out")
    response_format: Literal["b64_json"] | None = Field(
        None, description="for APIs that answer with addresses unless asked for base64"
    )
    timeout_s: float = Field(120.0, gt=0, description="seconds to wait for a picture")


class IngressArgs(Reserved):
    """The HTTP edge."""

    model_name: str = Field("record", description="the model's name in requests and in /v1/models")
    max_pictures: int = Field(4, ge=1, le=10, description="largest n of a request")
    request_timeout_s: float = Field(300.0, gt=0, description="seconds before a request is given up")
    retries: int = Field(7, ge=0, description="times a call is repeated when its replica is lost")
    max_playing: int = Field(
        4, ge=1, description="runs that one replica of the edge plays at once; more wait in the store"
    )
    max_open: int = Field(
        96,
        ge=1,
        description="requests that wait for pictures, and streams of events, that one replica of the edge "
        "holds open; more get 429. Its max_ongoing_requests is above it, so that /healthz never waits",
    )
    row_steps_per_s: float = Field(
        40.0, gt=0, description="how fast one replica draws, until it is measured; for admission and scaling"
    )
    wakes_s: float = Field(
        30.0,
        gt=0,
        description="seconds that a request waits for a replica that draws before it gets 503: as long as "
        "one takes to start, where their number goes down to zero",
    )
    store_url: str | None = Field(
        None,
        description="database of runs: sqlite:///PATH or postgresql+psycopg://...; a file in the cache "
        "folder if left out",
    )
    artefacts: str | None = Field(
        None,
        description="what runs leave behind: a folder, or s3://BUCKET/PREFIX, gs://, az://; a folder in the "
        "cache folder if left out",
    )
    keep_days: float = Field(30.0, gt=0, description="days that runs are kept after their end")
    keep_gib: float = Field(20.0, gt=0, description="GiB of artefacts that are kept; the oldest go first")
    vlm_budget_s: float = Field(
        20.0,
        gt=0,
        description="seconds a call of the VLM may take; then the story goes on without",
    )
    first_wait_s: float = Field(
        180.0,
        ge=0,
        description="seconds that runs from before a start wait at most until every part is ready; then, or "
        "where their deadlines leave no more, they go on without what is missing",
    )
    keys_file: str | None = Field(
        None,
        description="YAML or JSON file of API keys, on every node: python -m deployments.keys",
    )
    keys_env: str | None = Field(None, description="name of an environment variable that holds the same text")
    allow_anonymous: bool = Field(
        False, description="answer whoever asks, on any address, without a key; else only this machine"
    )

    @field_validator("keys_file")
    @classmethod
    def _find_keys(cls, value: str | None) -> str | None:
        return value and resolve(value)

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        if self.keys_file and self.keys_env:
            raise ValueError("keys_file and keys_env: give one of them")
        if self.has_keys and self.allow_anonymous:
            raise ValueError("allow_anonymous=true with keys: nobody would need them, remove one")
        return self

    @property
    def keeping(self) -> Keeping:
        """How much of the past stays."""
        return Keeping(max_age_s=86_400 * self.keep_days, max_bytes=2**30 * self.keep_gib)

    @property
    def has_keys(self) -> bool:
        """Whether callers need an API key."""
        return bool(self.keys_file or self.keys_env)


class SeeingArgs(BaseModel):
    """Where the service is watched from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="OpenTelemetry collector of a trace a run, such as http://127.0.0.1:4318; left out, "
        "what OTEL_EXPORTER_OTLP_ENDPOINT says on each node",
    )

    @property
    def environment(self) -> dict[str, str]:
        """What every replica is told by its environment."""
        return {} if self.otlp_endpoint is None else {"OTEL_EXPORTER_OTLP_ENDPOINT": self.otlp_endpoint}


def resolve(path: str) -> str:
    """An existing folder below the root as an absolute path; anything else (a hub id) unchanged."""
    local = ROOT / path
    return str(local) if local.exists() or path.startswith(("./", "miniature/")) else path


def read_key(variable: str | None, option: str) -> str:
    """The API key in environment variable `variable`; a placeholder where the API wants none.

    ConfigError if it is not set; `option` is where the configuration names it.
    """
    if variable is None:
        return "none"
    key = os.environ.get(variable)
    if not key:
        raise ConfigError(f"the environment variable {variable} is not set: export it, or remove {option}")
    return key
