"""From text to what the UNet is told of it, and what each of its tokens is to the method."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from record.backbone.parts import Pipeline, Tokenizer
from record.errors import PromptError
from record.reading.prompt import Prompt, token_indices


@dataclass(frozen=True)
class Conditioning:
    """What the UNet is told of one text: its tokens, and (SDXL only) the text as one vector.

    With `grounding` the row also goes through the adapter's gated layers.
    """

    tokens: Tensor  # tokens x channels
    pooled: Tensor | None = None  # channels
    grounding: Tensor | None = None  # grounding tokens x channels


@dataclass(frozen=True)
class TokenRoles:
    """Masks over the tokens of a prompt (bool, tokens): what each token is to the method."""

    content: Tensor  # words, without start, end and padding
    shared: Tensor  # words that also stand in the intransitive prompt
    subject: Tensor  # the subject's head words
    verb: Tensor
    object: Tensor  # the object's head words


@torch.no_grad()
def encoded(pipeline: Pipeline, text: str) -> Conditioning:
    """Embed one text as the checkpoint's own pipeline does.

    An empty text becomes what that pipeline gives its unconditional rows: for most SDXL checkpoints
    zeros (`force_zeros_for_empty_prompt`), and not the text encoders' view of "".
    """
    is_empty = not text.strip()
    found = pipeline.encode_prompt(
        text,
        device=pipeline.unet.device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=is_empty,
    )
    rows = found[1::2] if is_empty else found[::2]  # SD: (y, ""); SDXL: (y, "", pooled y, pooled "")
    return Conditioning(*(row[0] for row in rows))


def find_roles(tokenizer: Tokenizer, prompt: Prompt, device: torch.device) -> TokenRoles:
    """Find every token's role by character offset; PromptError if part of the prompt is cut off."""
    found = tokenizer(
        prompt.text, padding="max_length", truncation=True, return_offsets_mapping=True,
        max_length=tokenizer.model_max_length,
    )  # fmt: skip
    offsets = [(int(a), int(b)) for a, b in found["offset_mapping"]]
    if max(end for _, end in offsets) < len(prompt.text.rstrip()):
        raise PromptError(
            f"the prompt has more than the {tokenizer.model_max_length - 2} tokens this checkpoint reads: "
            "shorten it",
            param="prompt",
            code="prompt_too_long",
        )
    masks = {
        "content": [end > start for start, end in offsets],
        "shared": [end > start and end <= len(prompt.intransitive) for start, end in offsets],
    }
    for role in ("subject", "verb", "object"):
        named = token_indices(offsets, prompt.spans[role])
        masks[role] = [index in named for index in range(len(offsets))]
    return TokenRoles(**{role: torch.tensor(mask, device=device) for role, mask in masks.items()})
