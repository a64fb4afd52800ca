"""Every kind of checkpoint through the engine, against diffusers' own pipelines on the same noise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from diffusers import DDIMScheduler, DiffusionPipeline

from record.backbone import Backbone
from record.backbone.attention import AttentionPlan, SelfInjection, controlled_attention
from record.backbone.edits import CrossEdit
from record.engine.engine import Engine
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing
from tests.checkpoints import inside

TEXT = "a woman is kicking a ball"
ROUNDING = 0.6 / 255
"""Half a step of an 8-bit picture, and a little for another order of additions."""


def drawn(backbone: Backbone, drawing: Drawing, box: Box | None = None) -> npt.NDArray[np.uint8]:
    (candidate,) = Engine(backbone).draw(Job(parse(TEXT), 3, drawing, box))
    return candidate.image


def drawn_by_diffusers(checkpoint: Path, scheduler: Any = None, **more: Any) -> npt.NDArray[np.float32]:
    pipe = DiffusionPipeline.from_pretrained(checkpoint, **more)
    pipe.scheduler = scheduler or DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
    pipe.set_progress_bar_config(disable=True)
    noise = torch.Generator().manual_seed(3)
    drawn = pipe(TEXT, num_inference_steps=7, guidance_scale=5.0, generator=noise, output_type="np")
    return np.asarray(drawn.images[0])


def test_plain_sampling_equals_diffusers(any_checkpoint: Path, any_backbone: Backbone) -> None:
    theirs = drawn_by_diffusers(any_checkpoint)
    ours = drawn(any_backbone, Drawing(method="plain", steps=7, guidance_scale=5.0))
    assert theirs.std() > 0.1
    assert np.abs(ours / 255.0 - theirs).max() < ROUNDING


@pytest.mark.parametrize("predicts", ["epsilon", "v_prediction", "sample"])
def test_every_prediction_type_is_sampled_as_diffusers_does(checkpoint: Path, predicts: str) -> None:
    backbone = Backbone.from_pretrained(checkpoint)
    inside(backbone.scheduler).register_to_config(prediction_type=predicts)
    theirs = drawn_by_diffusers(checkpoint, DDIMScheduler.from_config(backbone.scheduler.config))
    ours = drawn(backbone, Drawing(method="plain", steps=7, guidance_scale=5.0))
    assert np.abs(ours / 255.0 - theirs).max() < ROUNDING


def test_every_edit_at_its_identity_is_plain_sampling(any_backbone: Backbone) -> None:
    off = Drawing(steps=3, cross_edit=False, self_edit=False, exclusion=False, guided_share=0)
    plain = drawn(any_backbone, Drawing(steps=3, method="plain"))
    assert np.array_equal(plain, drawn(any_backbone, off, Box(0, 0, 1, 1)))


def test_identity_edits_written_out_change_nothing(any_backbone: Backbone) -> None:
    text, pixels = any_backbone.encode(TEXT), any_backbone.map_size**2
    own = CrossEdit(intransitive=text.tokens, shared=torch.arange(len(text.tokens)))
    written = AttentionPlan(
        rows=(0, 1),
        edits=(own, CrossEdit()),
        injections=(SelfInjection(0, 0, 4096),),
        map_pixels=pixels,
        reads=(0, 1),
    )
    noise, times = any_backbone.initial_noise(0).expand(2, -1, -1, -1), torch.tensor([500, 20])
    with torch.no_grad():
        plain = any_backbone.denoise(noise, times, [text, any_backbone.encode("")])
        with controlled_attention(any_backbone.unet, written) as maps:
            edited = any_backbone.denoise(noise, times, [text, any_backbone.encode("")])
    assert torch.allclose(plain, edited, atol=1e-5)
    assert maps.mean().shape == (2, pixels, len(text.tokens))
    assert torch.allclose(maps.mean().sum(-1), torch.ones(2, pixels), atol=1e-5)


def test_the_method_draws_with_every_kind(any_backbone: Backbone) -> None:
    drawing, box = Drawing(steps=3), Box(0, 0, 0.4, 0.4)
    guided = drawn(any_backbone, drawing, box)
    assert not np.array_equal(guided, drawn(any_backbone, Drawing(steps=3, method="plain")))


def test_the_unet_is_as_it_was_also_after_an_error(any_backbone: Backbone) -> None:
    before = fingerprint(any_backbone)
    drawn(any_backbone, Drawing(steps=2), Box(0, 0, 0.4, 0.4))
    assert fingerprint(any_backbone) == before
    broken = AttentionPlan(rows=(0, 5), edits=(CrossEdit(), CrossEdit()))  # there is no row 5
    with pytest.raises(IndexError), controlled_attention(any_backbone.unet, broken):
        any_backbone.denoise(
            any_backbone.initial_noise(0)[None], torch.tensor([500]), [any_backbone.encode(TEXT)]
        )
    assert fingerprint(any_backbone) == before


def fingerprint(backbone: Backbone) -> dict[str, Any]:
    """Everything of the UNet that a run could leave changed, its weights by place and version."""
    unet = inside(backbone.unet)
    weights = [*unet.named_parameters(), *unet.named_buffers()]
    return {
        "shown": repr(unet),
        "processors": {name: id(one) for name, one in unet.attn_processors.items()},
        "weights": [(name, w.data_ptr(), w._version, w.requires_grad, w.grad is None) for name, w in weights],
        "hooks": [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in unet.modules()],
        "training": unet.training,
    }


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_runs_on_the_cpu(any_checkpoint: Path, dtype: torch.dtype) -> None:
    backbone = Backbone.from_pretrained(any_checkpoint, dtype=dtype)
    assert backbone.unet.dtype == dtype
    assert drawn(backbone, Drawing(steps=2), Box(0, 0, 0.4, 0.4)).std() > 0


def test_written_maps_stay_in_the_range_of_float16(checkpoint_of: Callable[[str], Path]) -> None:
    backbone = Backbone.from_pretrained(checkpoint_of("sd2_v"), dtype=torch.float16)
    for name, weight in inside(backbone.unet).named_parameters():
        if "attn2.to_q" in name or "attn2.to_k" in name:
            weight.mul_(300)  # queries times keys are beyond 65504, as SD 2.1's are
    noise, text = backbone.initial_noise(0)[None], backbone.encode(TEXT)
    plan = AttentionPlan(reads=(0,), map_pixels=backbone.map_size**2)
    with torch.no_grad():
        plain = backbone.denoise(noise, torch.tensor([500]), [text])
        with controlled_attention(backbone.unet, plan) as maps:
            written = backbone.denoise(noise, torch.tensor([500]), [text])
    assert maps.mean().isfinite().all()
    assert torch.allclose(plain, written, atol=0.02)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(
    ("dtype", "steps_of_256"), [(torch.float32, 1), (torch.float16, 3), (torch.bfloat16, 12)]
)
def test_plain_sampling_equals_diffusers_on_a_gpu(
    any_checkpoint: Path, dtype: torch.dtype, steps_of_256: int
) -> None:
    theirs = drawn_by_diffusers(any_checkpoint, dtype=dtype, device_map="cuda")
    backbone = Backbone.from_pretrained(any_checkpoint, "cuda", dtype)
    ours = drawn(backbone, Drawing(method="plain", steps=7, guidance_scale=5.0))
    assert np.abs(ours / 255.0 - theirs).max() < (steps_of_256 + 0.6) / 255
    guided = drawn(backbone, Drawing(steps=3), Box(0, 0, 0.4, 0.4))
    assert guided.std() > 0
