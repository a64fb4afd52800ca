"""A whole request on UNets of SD 1.4's and SDXL's size, with random weights: seconds, memory, TFLOP/s.

What the weights say changes no figure here, only how many there are. The ceiling is what the same device
does in a large matrix product.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from rich.table import Table
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizerFast

from benchmarks.engine.memory import SIZES, TOKENS, Size
from benchmarks.engine.request import ours
from miniature import WEIGHTS
from record.backbone import Backbone
from record.engine.engine import Engine
from record.facts import Facts
from record.settings import Settings

VAE: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "latent_channels": 4,
}
PRODUCT = 8192
"""Edge of the matrices of the ceiling."""


def random_backbone(
    size: Size, device: str, dtype: torch.dtype, vae: dict[str, Any] | None = None
) -> Backbone:
    """A checkpoint of that size with random weights and the shipped tokenizer."""
    torch.manual_seed(0)
    tokenizer = CLIPTokenizerFast.from_pretrained(
        WEIGHTS / "diffusion" / "tokenizer", model_max_length=TOKENS
    )
    parts: dict[str, Any] = {
        "vae": AutoencoderKL(layers_per_block=2, **(vae or VAE)),
        "unet": UNet2DConditionModel(**size.config),
        "scheduler": DDIMScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample=False
        ),
        "tokenizer": tokenizer,
    }
    width = size.config["cross_attention_dim"]
    if "text_embeds" not in size.added:
        parts["text_encoder"] = CLIPTextModel(_text(tokenizer, width))
        pipeline: Any = StableDiffusionPipeline(
            **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )
    else:
        pooled = size.added["text_embeds"][1]
        parts["text_encoder"] = CLIPTextModel(_text(tokenizer, width - pooled))
        parts["text_encoder_2"] = CLIPTextModelWithProjection(_text(tokenizer, pooled))
        pipeline = StableDiffusionXLPipeline(**parts, tokenizer_2=tokenizer)
    pipeline.to(device, dtype)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.eval().requires_grad_(False)
    return Backbone(size.name, pipeline, parts["scheduler"], Facts(), torch.device(device), dtype)


def _text(tokenizer: Any, width: int) -> CLIPTextConfig:
    """A shallow tower: texts are read once a request."""
    return CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=width, num_hidden_layers=2,
        num_attention_heads=width // 64 or 1, max_position_embeddings=TOKENS, projection_dim=width,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts floating point operations inside the block, with torch's own formulas.

    torch's FlopCounterMode also follows modules, which gradients taken by autograd.grad do not allow.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an operation and add what it takes."""
        result = func(*args, **(kwargs or {}))
        count = flop_registry.get(func._overloadpacket)
        if count is not None:
            self.total += int(count(*args, **(kwargs or {}), out_val=result))
        return result


def ceiling(device: str, dtype: torch.dtype, repeats: int = 20) -> float:
    """TFLOP/s of a large matrix product."""
    a, b = (torch.randn(PRODUCT, PRODUCT, device=device, dtype=dtype) for _ in range(2))
    seconds = _seconds(lambda: [a @ b for _ in range(repeats)])
    return 2 * PRODUCT**3 * repeats / seconds / 1e12


def tera_operations(engine: Engine, settings: Settings) -> float:
    """TFLOP of one request, counted operation by operation."""
    with Operations() as counted:
        ours(engine, settings)
    return float(counted.total) / 1e12


def table(device: str, steps: int, dtype: torch.dtype = torch.bfloat16) -> Table:
    """Two rows a size, without and with CUDA graphs; the peak holds weights as well."""
    most = ceiling(device, dtype)
    settings = Settings(steps=steps)
    title = f"k = {settings.candidates}, {steps} steps, {dtype}, {torch.cuda.get_device_name(device)}"
    result = Table("request", "seconds", "peak GiB", "TFLOP", "TFLOP/s", "of a matrix product's", title=title)
    for size in SIZES:
        backbone = random_backbone(size, device, dtype)
        work = tera_operations(Engine(backbone), settings)
        for cuda_graphs in (False, True):
            engine = Engine(backbone, cuda_graphs=cuda_graphs)
            torch.cuda.reset_peak_memory_stats(device)
            seconds = _seconds(lambda engine=engine: ours(engine, settings))  # type: ignore[misc]
            peak, rate = torch.cuda.max_memory_allocated(device) / 2**30, work / seconds
            name = f"{size.name}, CUDA graphs" if cuda_graphs else size.name
            figures = (f"{seconds:.2f}", f"{peak:.1f}", f"{work:.0f}", f"{rate:.0f}", f"{rate / most:.0%}")
            result.add_row(name, *figures)
        del backbone, engine
        torch.cuda.empty_cache()
    return result


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of the second of two runs, the device's queue emptied before and after."""
    work()
    torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - start
