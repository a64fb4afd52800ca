"""The sizing table, and that the profiles follow from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deployments.launch.profile import read_profile
from fleet import sizing
from fleet.cards import CARDS, Card, card_named
from fleet.models import CHECKPOINTS, QWEN3_VL_8B, Checkpoint, checkpoint_named
from record.engine.guide import ROWS_A_CALL
from record.errors import SettingsError
from record.settings import Settings
from record.story.cost import row_steps, work
from record.traits import SHIPPED, traits_of
from record_cli.planning import EDGE_RUNS

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
SIZED = {
    "sd14": ("sd14", "l4", 1.0),
    "sdxl": ("sdxl", "h100", 1.0),
    "proxy-vlm": ("sd14", "l40s", 0.5),
    "workstation": ("sd14", "l4", 1.0),
}


def test_every_profile_is_checked_or_the_laptops() -> None:
    assert {path.stem for path in PROFILES.glob("*.yaml")} == {*SIZED, "laptop"}
    assert (PROFILES / "laptop.yaml").samefile(PROFILES.parent / "serve_config.yaml")


@pytest.mark.parametrize("name", SIZED)
def test_a_profile_follows_from_the_table(name: str) -> None:
    model, card, share = SIZED[name]
    fit = sizing.fit(checkpoint_named(model), card_named(card), share)
    given = read_profile(PROFILES / f"{name}.yaml").args
    assert fit is not None
    assert given.diffusion.num_gpus == fit.num_gpus
    assert given.diffusion.max_trajectories == fit.max_trajectories
    assert given.diffusion.memory_gib == pytest.approx(fit.memory_gib)
    assert given.diffusion.gradient_checkpointing == fit.gradient_checkpointing
    assert given.ingress.row_steps_per_s == round(fit.row_steps_per_s)
    assert given.ingress.max_playing == EDGE_RUNS
    if given.vlm is not None and given.vlm.kind == "vllm":
        wanted = sizing.tensor_parallel(QWEN3_VL_8B, card_named(card))
        assert given.vlm.engine["tensor_parallel_size"] == wanted
        assert given.vlm.model == QWEN3_VL_8B.name
        assert given.vlm.engine["max_model_len"] == QWEN3_VL_8B.context


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.name)
@pytest.mark.parametrize("model", CHECKPOINTS.values(), ids=lambda model: model.name)
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_what_fits_leaves_room_for_weights_and_a_guided_call(
    card: Card, model: Checkpoint, share: float
) -> None:
    fit = sizing.fit(model, card, share)
    if fit is None:
        assert share < 1
        return
    guided = model.checkpointed_mib if fit.gradient_checkpointing else model.guided_mib
    assert fit.memory_gib + model.weights_gib + model.decode_mib / 1024 <= card.usable_gib(share)
    assert fit.memory_gib * 1024 >= sizing.GUIDED_ROWS * guided - 0.1 * 1024
    assert fit.memory_gib * 1024 >= fit.max_trajectories * sizing.ROWS * model.row_mib - 0.1 * 1024


def test_a_model_that_is_too_large_fits_nowhere() -> None:
    giant = replace(CHECKPOINTS["sdxl"], unet_millions=10_000)
    assert sizing.fit(giant, CARDS["a4000"]) is None
    assert sizing.tensor_parallel(replace(QWEN3_VL_8B, billions=2000), CARDS["a4000"]) is None


def test_unknown_names_are_told_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="h200"):
        card_named("h20")
    with pytest.raises(SettingsError, match="sdxl"):
        checkpoint_named("sdxll")


def test_its_constants_are_the_engines_and_the_methods() -> None:
    settings = Settings()
    drawing = settings.drawing()
    assert sizing.GUIDED_ROWS == ROWS_A_CALL
    most = {
        name: max(
            work(step, drawing.model_copy(update={"method": name}), box=True, person=True).rows
            for step in range(settings.steps)
        )
        for name in (traits.name for traits in SHIPPED)
    }
    assert max(most.values()) == sizing.ROWS
    drawn = (settings.candidates + 1) * settings.steps
    assert round(row_steps(settings, traits_of(settings.method)) / drawn) == sizing.USUAL_ROWS


def test_the_page_shows_the_table() -> None:
    page = (PROFILES.parent / "docs" / "operate.md").read_text(encoding="utf-8")
    assert "\n".join(sizing.lines()) in page


def test_painters_on_one_card_draw_as_fast_together_as_one_that_has_it() -> None:
    whole, half = (sizing.fit(CHECKPOINTS["sd14"], CARDS["h100"], share) for share in (1.0, 0.5))
    assert whole is not None and half is not None
    assert half.row_steps_per_s == pytest.approx(whole.row_steps_per_s / 2, rel=0.05)
