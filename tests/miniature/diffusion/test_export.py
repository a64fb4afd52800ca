from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from miniature.diffusion.export import export
from miniature.diffusion.models import make_text_encoder, make_unet
from miniature.diffusion.sampling import Sampler
from miniature.diffusion.tokenizer import make_tokenizer
from miniature.diffusion.vae import make_vae
from miniature.world import OBJECTS, SUBJECTS, VERBS
from miniature.world.vocabulary import words

WEIGHTS = Path(__file__).parents[3] / "miniature" / "weights" / "diffusion"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    tokenizer, path = make_tokenizer(), tmp_path_factory.mktemp("model")
    export(make_unet(), make_text_encoder(tokenizer), tokenizer, make_vae(), path, {"guidance_scale": 2.0})
    return path


def test_the_folder_says_what_the_world_knows(folder: Path) -> None:
    facts = json.loads((folder / "facts.json").read_text())
    assert facts["vocabulary"] == list(words()) and facts["verbs"] == list(VERBS)
    assert facts["objects"] == list(OBJECTS) and facts["subjects"] == list(SUBJECTS)
    assert facts["defaults"] == {"guidance_scale": 2.0}


def test_files_are_small_halves(folder: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in folder.rglob("*.safetensors")}
    assert sizes and max(sizes.values()) < 16e6


def test_one_seed_one_picture_whatever_the_batch(folder: Path) -> None:
    sampler = Sampler.of(folder)
    together = sampler.draw(["a boy is kicking a ball", "a dog"], ["ball", "dog"], [3, 4], steps=2)
    alone = sampler.draw(["a dog"], ["dog"], [4], steps=2)
    assert together.pictures.shape == (2, 256, 256, 3) and together.maps.shape == (2, 16, 16)
    difference = np.abs(together.pictures[1].astype(int) - alone.pictures[0].astype(int))
    assert difference.max() <= 2
    np.testing.assert_allclose(together.maps[1], alone.maps[0], atol=1e-4)


def test_loaded_without_a_dtype_every_part_is_float32(folder: Path) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(folder)
    assert {pipeline.unet.dtype, pipeline.vae.dtype, pipeline.text_encoder.dtype} == {torch.float32}


@pytest.mark.slow
def test_diffusers_draws_with_the_shipped_folder_without_a_dtype() -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(WEIGHTS)
    drawn = pipeline("a woman is kicking a ball", num_inference_steps=2, output_type="np")
    assert np.asarray(drawn.images[0]).std() > 0.05


@pytest.mark.slow
def test_the_shipped_model_draws_the_object_it_attends_to() -> None:
    from record.analysis import object_box

    sampler = Sampler.of(WEIGHTS)
    seeds = list(range(4))
    made = sampler.draw(["a woman is kicking a ball"] * 4, ["ball"] * 4, seeds, steps=12)
    red = (made.pictures[..., 0] > 170) & (made.pictures[..., 1:].max(-1) < 110)
    assert sum(bool(mask.sum() > 30) for mask in red) >= 2
    assert all(object_box(found) is not None for found in made.maps)
