"""Write the model folder that transformers and vLLM load: fp16 weights, tokenizer, processors."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerFast
from transformers.models.idefics3 import Idefics3ForConditionalGeneration

from miniature.vlm.model import IMAGE_SIZE, IMAGE_TOKENS, build

WEIGHTS = Path(__file__).parents[1] / "weights" / "vlm"

_IMAGE_PROCESSOR = {
    "image_processor_type": "Idefics3ImageProcessor",
    "processor_class": "Idefics3Processor",
    "do_convert_rgb": True,
    "do_image_splitting": False,
    "do_normalize": True,
    "do_pad": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "max_image_size": {"longest_edge": IMAGE_SIZE},
    "resample": 1,
    "rescale_factor": 1 / 255,
    "size": {"longest_edge": IMAGE_SIZE},
}
_PROCESSOR = {"processor_class": "Idefics3Processor", "image_seq_len": IMAGE_TOKENS}


def export(
    model: Idefics3ForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path = WEIGHTS
) -> None:
    """Write everything; the model itself is left in its own precision."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = build(tokenizer)
    copy.load_state_dict(model.state_dict())
    copy.to(torch.float16)
    copy.config._attn_implementation = None
    copy.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    for name, content in (("preprocessor_config", _IMAGE_PROCESSOR), ("processor_config", _PROCESSOR)):
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
