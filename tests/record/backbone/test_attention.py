import pytest
import torch

from record.backbone import Backbone
from record.backbone.attention import AttentionPlan, SelfInjection, controlled_attention
from record.backbone.edits import CrossEdit, edited, fitted, unit_range


def call(backbone: Backbone, plan: AttentionPlan, rows: int = 2) -> torch.Tensor:
    latents = torch.stack([backbone.initial_noise(seed) for seed in range(rows)])
    texts = [backbone.encode(t) for t in ("a man is kicking a ball", "a man is kicking")][:rows]
    with torch.no_grad(), controlled_attention(backbone.unet, plan):
        return backbone.denoise(latents, torch.tensor([500] * rows), texts)


def test_identity_edits_change_nothing(backbone: Backbone) -> None:
    plain = call(backbone, AttentionPlan())
    written = call(backbone, AttentionPlan(reads=(0, 1)))
    injected = call(backbone, AttentionPlan(injections=(SelfInjection(0, 0, 4096),)))
    assert torch.allclose(plain, written, atol=1e-5)
    assert torch.equal(plain, injected)


def test_own_prompt_as_intransitive_changes_nothing(backbone: Backbone) -> None:
    text = backbone.encode("a man is kicking a ball").tokens
    edit = CrossEdit(intransitive=text, shared=torch.arange(len(text)))
    assert torch.allclose(
        call(backbone, AttentionPlan()), call(backbone, AttentionPlan((0,), (edit,))), atol=1e-5
    )


def test_edits_touch_only_their_row(backbone: Backbone) -> None:
    owner = torch.arange(16) == 6
    plan = AttentionPlan((0,), (CrossEdit(owner=owner, excluded=~owner),), (SelfInjection(0, 1, 256),))
    plain, changed = call(backbone, AttentionPlan()), call(backbone, plan)
    assert torch.allclose(plain[1], changed[1], atol=1e-5)
    assert not torch.allclose(plain[0], changed[0], atol=1e-3)


def test_self_injection_takes_the_sources_queries_and_keys(backbone: Backbone) -> None:
    same = AttentionPlan(injections=(SelfInjection(0, 1, 4096),))
    latents = torch.stack([backbone.initial_noise(0)] * 2)
    texts = [backbone.encode("a man is kicking")] * 2
    with torch.no_grad():
        plain = backbone.denoise(latents, torch.tensor([500, 500]), texts)
        with controlled_attention(backbone.unet, same):
            injected = backbone.denoise(latents, torch.tensor([500, 500]), texts)
    assert torch.allclose(plain, injected, atol=1e-5)


def test_maps_are_means_over_heads_that_sum_to_one(backbone: Backbone) -> None:
    latents, text = backbone.initial_noise(0)[None], [backbone.encode("a man")]
    plan = AttentionPlan(reads=(0,))
    with torch.no_grad(), controlled_attention(backbone.unet, plan) as maps:
        backbone.denoise(latents, torch.tensor([500]), text)
    assert maps.mean().shape == (1, 256, 16)
    assert torch.allclose(maps.mean().sum(-1), torch.ones(1, 256), atol=1e-5)


def test_the_unet_is_as_it_was_also_after_an_error(backbone: Backbone) -> None:
    before, shown = dict(backbone.unet.attn_processors), repr(backbone.unet)
    with (
        pytest.raises(ZeroDivisionError),
        controlled_attention(backbone.unet, AttentionPlan((0,), (CrossEdit(),))),
    ):
        raise ZeroDivisionError
    after = backbone.unet.attn_processors
    assert all(after[name] is processor for name, processor in before.items())
    assert repr(backbone.unet) == shown


def test_equation_1_takes_shared_tokens_from_the_primed_map() -> None:
    own, primed = torch.full((1, 2, 3), 0.1), torch.full((1, 2, 3), 0.7)
    result = edited(own, primed, CrossEdit(shared=torch.tensor([0, -1, 2])))
    assert torch.allclose(result[0, 0], torch.tensor([0.7, 0.1, 0.7]))


def test_renormalised_rows_sum_to_one() -> None:
    own, primed = torch.full((1, 2, 3), 0.1), torch.full((1, 2, 3), 0.7)
    result = edited(own, primed, CrossEdit(shared=torch.tensor([0, -1, 2]), renormalise=True))
    assert torch.allclose(result.sum(-1), torch.ones(1, 2))


def test_equation_3_worked_by_hand() -> None:
    # Two pixels, two tokens; the object's map scaled to 0..1 is (0, 1).
    own = torch.tensor([[[0.6, 0.2], [0.3, 0.7]]])
    owner = torch.tensor([False, True])
    result = edited(own, None, CrossEdit(owner=owner, excluded=~owner))
    assert torch.allclose(result, torch.tensor([[[0.6, 0.2], [0.0, 0.7]]]))


def test_flat_map_scales_to_zeros() -> None:
    assert torch.equal(unit_range(torch.full((4,), 0.3)), torch.zeros(4))


def test_half_precision_maps_stay_numbers() -> None:
    assert torch.isfinite(unit_range(torch.full((4,), 0.3, dtype=torch.float16))).all()


def test_the_structure_tells_how_many_maps_a_call_reads(any_backbone: Backbone) -> None:
    plan = AttentionPlan(reads=(0,), map_pixels=any_backbone.map_size**2)
    with torch.no_grad(), controlled_attention(any_backbone.unet, plan) as maps:
        noise, text = any_backbone.initial_noise(0)[None], any_backbone.encode("a man")
        any_backbone.denoise(noise, torch.tensor([500]), [text])
    assert any_backbone.map_layers == len(maps.layers) > 0


def test_a_token_takes_the_map_of_the_token_that_says_the_same() -> None:
    own, primed = torch.full((1, 1, 3), 0.1), torch.tensor([[[0.5, 0.6, 0.7]]])
    result = edited(own, primed, CrossEdit(shared=torch.tensor([2, -1, 0])))
    assert torch.allclose(result, torch.tensor([[[0.7, 0.1, 0.5]]]))


def test_one_claim_blanks_all_heads_alike() -> None:
    # Two heads, two pixels of which the second is claimed, and a third token that is left alone.
    own, excluded = torch.full((2, 4, 3), 0.4), torch.tensor([True, True, False])
    result = edited(own, None, CrossEdit(excluded=excluded, claim=torch.tensor([0.1, 0.3, 0.1, 0.1])))
    wanted = torch.full((2, 4, 3), 0.4)
    wanted[:, 1, :2] = 0
    assert torch.allclose(result, wanted)


def test_a_map_fits_layers_of_other_sizes() -> None:
    grid = torch.arange(16.0)
    assert torch.equal(fitted(grid, 16), grid)
    assert torch.equal(fitted(grid, 4), torch.tensor([2.5, 4.5, 10.5, 12.5]))
    larger = fitted(grid, 64).view(8, 8)
    assert larger.shape == (8, 8) and larger[0, 0] == 0 and larger[-1, -1] == 15


def test_a_pixel_keeps_as_much_of_its_own_as_it_is_told(backbone: Backbone) -> None:
    def injected(own: torch.Tensor | None) -> torch.Tensor:
        return call(backbone, AttentionPlan(injections=(SelfInjection(0, 1, 256, own),)))

    plain, whole = call(backbone, AttentionPlan()), injected(None)
    assert torch.allclose(injected(torch.ones(256)), plain, atol=1e-5)
    assert torch.allclose(injected(torch.zeros(256)), whole, atol=1e-5)
    half = injected((torch.arange(256) < 128).float())
    assert not torch.allclose(half[0], plain[0], atol=1e-3)
    assert not torch.allclose(half[0], whole[0], atol=1e-3)
    assert torch.allclose(half[1], plain[1], atol=1e-5)
