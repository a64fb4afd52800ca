"""From text to what the UNet is told of it, and what each of its tokens is to the method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from record.backbone.parts import Pipeline, Tokenizer
from record.errors import PromptError
from record.reading.phrases import Span
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
    """What each token of a prompt is to the method: masks (bool, tokens), and places in y' (int, tokens).

    `shared` and `special` say which token of the intransitive prompt y' a token of the prompt also is, -1
    where it is none: words in the one, start, end and padding in the other.
    """

    content: Tensor  # words, without start, end and padding
    shared: Tensor
    special: Tensor
    subject: Tensor  # the subject's head words
    verb: Tensor
    object: Tensor  # the object's head words
    object_phrase: Tensor  # these with their article and adjectives

    def places(self, special_tokens: Literal["own", "intransitive"]) -> Tensor:
        """Which token of y' each token takes its map from (int, tokens), -1 for none."""
        return self.shared if special_tokens == "own" else torch.maximum(self.shared, self.special)


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
    offsets, other = _offsets(tokenizer, prompt.text), _offsets(tokenizer, prompt.intransitive)
    if max(end for _, end in offsets) < len(prompt.text.rstrip()):
        raise PromptError(
            f"the prompt has more than the {tokenizer.model_max_length - 2} tokens this checkpoint reads: "
            "shorten it",
            param="prompt",
            code="prompt_too_long",
        )
    found: dict[str, list[bool] | list[int]] = {
        "content": [end > start for start, end in offsets],
        "shared": _shared(offsets, other, prompt),
        "special": _special(offsets, other),
    }
    for role, span in {**prompt.spans, "object_phrase": prompt.object_phrase}.items():
        named = token_indices(offsets, span)
        found[role] = [index in named for index in range(len(offsets))]
    return TokenRoles(**{role: torch.tensor(values, device=device) for role, values in found.items()})


def _offsets(tokenizer: Tokenizer, text: str) -> list[Span]:
    """Start and end characters of all tokens of a row, (0, 0) for start, end and padding."""
    found = tokenizer(
        text, padding="max_length", truncation=True, return_offsets_mapping=True,
        max_length=tokenizer.model_max_length,
    )  # fmt: skip
    return [(int(a), int(b)) for a, b in found["offset_mapping"]]


def _shared(offsets: Sequence[Span], other: Sequence[Span], prompt: Prompt) -> list[int]:
    """For every token the one of y' that says the same; a word in another form is matched by order."""
    places = [-1] * len(offsets)
    for here, there in prompt.kept:
        ours, theirs = _inside(offsets, here), _inside(other, there)
        for index, place in enumerate(ours if theirs else ()):
            places[place] = theirs[index * len(theirs) // len(ours)]
    return places


def _inside(offsets: Sequence[Span], span: Span) -> list[int]:
    """Tokens, not empty, whose characters are all in the span."""
    first, last = span
    return [i for i, (start, end) in enumerate(offsets) if start < end and first <= start and end <= last]


def _special(offsets: Sequence[Span], other: Sequence[Span]) -> list[int]:
    """Start and padding stand at the same place in y', the end behind its last word."""
    ends = [max(i for i, (start, end) in enumerate(row) if start < end) + 1 for row in (offsets, other)]
    places = [-1 if start < end else index for index, (start, end) in enumerate(offsets)]
    places[ends[0]] = ends[1]
    return places
