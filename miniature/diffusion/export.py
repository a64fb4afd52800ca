"""Write the trained parts as one ordinary diffusers folder in half precision."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from transformers import CLIPTokenizer

from miniature.diffusion.models import make_scheduler
from miniature.world import OBJECTS, SUBJECTS, VERBS
from miniature.world.vocabulary import words
from record.facts import FACTS_FILE

DEFAULTS: dict[str, Any] = {
    "guidance_scale": 4.0,
    "gradient_rule": "normalised",
    "step_size": 0.1,
    "map_temperature": 0.0,
    "base_branch": "one_row",
    "cross_edit": False,
    "bootstrapped_share": 0.8,
    "candidate_steps": 20,
    "intransitive_share": 0.15,
}


def export(
    unet: Any,
    text_encoder: Any,
    tokenizer: CLIPTokenizer,
    vae: AutoencoderKL,
    folder: Path,
    defaults: dict[str, Any] | None = None,
) -> None:
    """Save a StableDiffusionPipeline (float16, safetensors) and what the world knows beside it."""
    halves = [copy.deepcopy(part).to(torch.float16) for part in (vae, text_encoder, unet)]
    pipe = StableDiffusionPipeline(
        vae=halves[0],
        text_encoder=halves[1],
        tokenizer=tokenizer,
        unet=halves[2],
        scheduler=make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.save_pretrained(folder)
    _tidy_configs(folder)
    write_facts(folder, defaults or DEFAULTS)


def _tidy_configs(folder: Path) -> None:
    """Make the parts' configurations mean the same on another machine, whatever it loads them with.

    The folders that parts were loaded from go. The text encoder says float32: without a dtype
    transformers takes that of the configuration, or of the weights, where diffusers takes float32.
    """
    for path in folder.glob("*/config.json"):
        config = json.loads(path.read_text(encoding="utf-8"))
        config.pop("_name_or_path", None)
        if "dtype" in config:
            config["dtype"] = "float32"
        path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def write_facts(folder: Path, defaults: dict[str, Any]) -> None:
    """Write facts.json: every word the text encoder knows, the world's words, the best settings."""
    facts = {
        "vocabulary": list(words()),
        "verbs": list(VERBS),
        "objects": list(OBJECTS),
        "subjects": list(SUBJECTS),
        "defaults": defaults,
    }
    (folder / FACTS_FILE).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
