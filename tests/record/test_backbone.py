"""Plain sampling against diffusers' own pipeline, on the same weights and noise."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline

from record.backbone import Backbone
from record.engine import Engine, Job
from record.errors import CheckpointError, PromptError
from record.facts import Facts
from record.prompt import parse
from record.settings import Settings

TEXT = "a woman is kicking a ball"


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction"])
def test_plain_sampling_equals_diffusers(checkpoint: Path, prediction_type: str) -> None:
    backbone = Backbone.from_pretrained(checkpoint)
    backbone.scheduler.register_to_config(prediction_type=prediction_type)
    pipe = StableDiffusionPipeline.from_pretrained(checkpoint, safety_checker=None)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, prediction_type=prediction_type)
    pipe.set_progress_bar_config(disable=True)
    theirs = pipe(
        TEXT,
        num_inference_steps=7,
        guidance_scale=5.0,
        generator=torch.Generator().manual_seed(3),
        output_type="np",
    ).images[0]
    engine = Engine(backbone)
    engine.add(Job(parse(TEXT), 3, Settings(method="plain", steps=7, guidance_scale=5.0)))
    finished = [end for _ in range(7) for end in engine.step()]
    ours = finished[0].result.image / 255.0
    assert np.allclose(ours, theirs, atol=1 / 255)
    assert len(engine) == 0


def test_roles_follow_characters_not_words(backbone: Backbone) -> None:
    roles, ids = backbone.roles(parse(TEXT)), torch.tensor(backbone.tokenizer(TEXT).input_ids)

    def said(mask: torch.Tensor) -> str:
        return str(backbone.tokenizer.decode(ids[mask[: len(ids)]])).strip()

    assert said(roles.subject) == "woman"
    assert said(roles.verb) == "kicking"
    assert said(roles.object) == "ball"
    assert roles.object.sum() > 1  # a word of several tokens
    assert said(roles.shared) == "a woman is kicking"
    assert said(roles.content) == TEXT


def test_prompt_longer_than_the_context_is_refused(backbone: Backbone) -> None:
    with pytest.raises(PromptError, match="14 tokens"):
        backbone.roles(parse("a woman is kicking a ball in the park in the park in the park in the park"))


def test_missing_checkpoint_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="give a diffusers folder"):
        Backbone.from_pretrained(tmp_path / "nothing")


def test_unknown_word_is_named_with_the_nearest_known_one() -> None:
    facts = Facts(vocabulary=("a", "man", "is", "kicking", "ball"), verbs=("kicking",))
    facts.check("a man is kicking a ball")
    with pytest.raises(PromptError, match="'kickin'.*did you mean 'kicking'"):
        facts.check("a man is kickin a ball")
