from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file
from torch import Tensor

from record.backbone import Backbone
from record.backbone.adapters import Interaction
from record.backbone.attention import AttentionPlan, SelfInjection, controlled_attention
from record.errors import CheckpointError
from record.geometry import Box
from tests.checkpoints import inside

TEXT = "a woman is kicking a ball"
KICK = Interaction("woman", "kicking", "ball", Box(0.1, 0.2, 0.4, 0.9), Box(0.6, 0.7, 0.8, 0.9))
MIRRORED = Interaction("woman", "kicking", "ball", Box(0.6, 0.2, 0.9, 0.9), Box(0.2, 0.7, 0.4, 0.9))
HOLD = Interaction("woman", "holding", "ball", KICK.subject_box, KICK.object_box)
TIMES = torch.tensor([801, 801, 401])
Groundings = list[tuple[Interaction, ...] | None]


def denoised(backbone: Backbone, groundings: Groundings) -> Tensor:
    latents = torch.stack([backbone.initial_noise(seed) for seed in range(len(groundings))])
    texts = [backbone.encode(TEXT, grounding) for grounding in groundings]
    with torch.no_grad():
        return backbone.denoise(latents, TIMES[: len(groundings)], texts)


def test_a_closed_gate_changes_nothing(checkpoint: Path, closed_adapter: Path, backbone: Backbone) -> None:
    closed = Backbone.from_pretrained(checkpoint, adapter=closed_adapter)
    assert torch.equal(denoised(closed, [(KICK,), ()]), denoised(backbone, [None, None]))


def test_an_open_gate_hears_every_part_of_the_interaction(adapted: Backbone) -> None:
    variants: Groundings = [None, (), (KICK,), (MIRRORED,), (HOLD,), (KICK, HOLD)]
    found = [denoised(adapted, [variant])[0] for variant in variants]
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            assert (one - other).abs().max() > 1e-4


def test_grounded_rows_are_what_diffusers_own_gated_unet_predicts(
    adapted: Backbone, open_adapter: Path
) -> None:
    gated = UNet2DConditionModel.from_config(dict(inside(adapted.unet.config)), attention_type="gated")
    gated.load_state_dict(
        load_file(open_adapter / "unet" / "diffusion_pytorch_model.safetensors"), strict=False
    )
    gated.position_net = TokensAsGiven()
    texts = [adapted.encode("", ()), adapted.encode(TEXT, (KICK,))]
    latents = torch.stack([adapted.initial_noise(seed) for seed in range(2)])
    grounding = {"gligen": {"tokens": torch.stack([t.grounding for t in texts if t.grounding is not None])}}
    with torch.no_grad():
        expected = gated(
            latents, TIMES[:2], torch.stack([t.tokens for t in texts]), cross_attention_kwargs=grounding
        )
        found = adapted.denoise(latents, TIMES[:2], texts)
    assert torch.allclose(found, expected.sample, atol=1e-5)


class TokensAsGiven(torch.nn.Module):
    def forward(self, tokens: Tensor) -> Tensor:
        return tokens


def test_rows_without_grounding_pass_the_adapter_by(adapted: Backbone, backbone: Backbone) -> None:
    plain = denoised(backbone, [None, None, None])
    mixed = denoised(adapted, [None, (KICK,), None])
    assert torch.allclose(mixed[[0, 2]], plain[[0, 2]], atol=1e-6)
    assert (mixed[1] - plain[1]).abs().max() > 1e-3
    assert torch.allclose(mixed[1], denoised(adapted, [(), (KICK,)])[1], atol=1e-5)


def test_a_call_without_grounding_is_the_checkpoint_s_own(adapted: Backbone, backbone: Backbone) -> None:
    assert torch.equal(denoised(adapted, [None, None]), denoised(backbone, [None, None]))


def fingerprint(unet: Any) -> tuple[str, list[str], dict[str, Any]]:
    return repr(unet), list(unet.state_dict()), dict(unet.attn_processors)


@pytest.mark.parametrize("is_failing", [False, True])
def test_the_unet_is_as_it_was_after_a_grounded_call(
    adapted: Backbone, monkeypatch: pytest.MonkeyPatch, is_failing: bool
) -> None:
    before = fingerprint(adapted.unet)
    if is_failing:
        monkeypatch.setattr(inside(adapted.unet).conv_norm_out, "forward", _fail)
        with pytest.raises(RuntimeError, match="in the middle"):
            denoised(adapted, [(KICK,)])
    else:
        denoised(adapted, [(KICK,)])
    assert fingerprint(adapted.unet) == before


def _fail(*_: object) -> None:
    raise RuntimeError("in the middle")


def planned(backbone: Backbone, plan: AttentionPlan, groundings: Groundings) -> tuple[Tensor, list[Tensor]]:
    with controlled_attention(backbone.unet, plan) as maps:
        rows = denoised(backbone, groundings)
    return rows, maps.layers


def test_gated_layers_are_neither_read_nor_injected(adapted: Backbone, backbone: Backbone) -> None:
    """Row 0 takes row 1's self-attention and is read, row 2 is grounded: 0 and 1 do not notice."""
    plan = AttentionPlan(injections=(SelfInjection(0, 1, 16**2),), reads=(0,))
    rows, maps = planned(backbone, plan, [None, None, None])
    mixed, mixed_maps = planned(adapted, plan, [None, None, (KICK,)])
    assert len(mixed_maps) == len(maps)
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(maps, mixed_maps, strict=True))
    assert torch.allclose(mixed[:2], rows[:2], atol=1e-5)
    assert torch.allclose(mixed[2], denoised(adapted, [None, None, (KICK,)])[2], atol=1e-5)


def test_an_injected_row_keeps_its_own_grounding(adapted: Backbone) -> None:
    """Self-attention comes from another row; what the gated layers say does not."""
    plan = AttentionPlan(injections=(SelfInjection(0, 1, 16**2),))
    kick, _ = planned(adapted, plan, [(KICK,), None])
    hold, _ = planned(adapted, plan, [(HOLD,), None])
    assert (kick[0] - hold[0]).abs().max() > 1e-4
    assert torch.allclose(kick[1], hold[1], atol=1e-6)


def test_grounded_rows_have_gradients(adapted: Backbone) -> None:
    latents = adapted.initial_noise(0)[None].requires_grad_(True)
    text = adapted.encode(TEXT, (KICK,))
    (gradient,) = torch.autograd.grad(adapted.denoise(latents, TIMES[:1], [text]).sum(), latents)
    assert gradient.abs().max() > 0


def test_a_checkpoint_without_adapter_grounds_nothing(backbone: Backbone) -> None:
    with pytest.raises(CheckpointError, match="no adapter"):
        backbone.encode(TEXT, (KICK,))


def test_it_follows_the_checkpoint_s_dtype(checkpoint: Path, open_adapter: Path) -> None:
    half = Backbone.from_pretrained(checkpoint, dtype=torch.bfloat16, adapter=open_adapter)
    found = denoised(half, [None, (KICK,)])
    assert half.adapter is not None and half.adapter.tokens.null_action_feature.dtype == torch.bfloat16
    assert found.isfinite().all()
