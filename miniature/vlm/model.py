"""The network: an Idefics3 of a few million parameters that vLLM and transformers load as it is."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaConfig, PreTrainedTokenizerFast
from transformers.models.idefics3 import Idefics3Config, Idefics3ForConditionalGeneration
from transformers.models.idefics3.configuration_idefics3 import Idefics3VisionConfig

from miniature.vlm.tokenizer import ASSISTANT, IMAGE, NUMBERS

IMAGE_SIZE = 128
PATCH = 16
SHUFFLE = 4
IMAGE_TOKENS = (IMAGE_SIZE // PATCH // SHUFFLE) ** 2
"""Decoder positions of one picture: the patches, `SHUFFLE` x `SHUFFLE` of them folded into one."""
WIDTH = 192
"""Of the vision tower."""
TEXT_WIDTH = 128
CONTEXT = 1024


def vision_config() -> Idefics3VisionConfig:
    """A SigLIP-like tower: 8 x 8 patches, four layers."""
    return Idefics3VisionConfig(
        hidden_size=WIDTH,
        intermediate_size=WIDTH * 3,
        num_hidden_layers=4,
        num_attention_heads=6,
        image_size=IMAGE_SIZE,
        patch_size=PATCH,
    )


def build(tokenizer: PreTrainedTokenizerFast) -> Idefics3ForConditionalGeneration:
    """A fresh model with random weights, but for numbers and the connector."""
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=TEXT_WIDTH * 3,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=CONTEXT,
        bos_token_id=tokenizer.convert_tokens_to_ids(ASSISTANT),
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    config = Idefics3Config(
        vision_config=vision_config().to_dict(),
        text_config=text.to_dict(),
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE),
        scale_factor=SHUFFLE,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    model = Idefics3ForConditionalGeneration(config)
    _start(model, tokenizer.convert_tokens_to_ids(list(NUMBERS)))
    return model


@torch.no_grad()
def _start(model: Idefics3ForConditionalGeneration, numbers: list[int]) -> None:
    """Tell the model what training would take long to find: numbers have an order, patches an average.

    Numbers become random mixtures of smooth waves over 0..99, so that neighbours look alike; each
    image token starts as a projected mean of its `SHUFFLE`^2 patches, plus a little noise.
    """
    table = model.get_input_embeddings().weight
    places = torch.linspace(0, 1, len(numbers))[:, None]
    angles = places * math.pi * torch.arange(1, 25)[None]
    waves = torch.cat([angles.sin(), angles.cos()], dim=1)
    mixed = waves @ torch.randn(waves.shape[1], table.shape[1])
    table[numbers] = mixed / mixed.std() * table.std()
    weight = model.model.connector.modality_projection.proj.weight
    shared = 0.2 * torch.randn(TEXT_WIDTH, WIDTH) / WIDTH**0.5
    weight.mul_(0.1).add_((shared / SHUFFLE**2).repeat(1, SHUFFLE**2))


def read(folder: Path) -> Idefics3ForConditionalGeneration:
    """An exported model, in float32."""
    model: Idefics3ForConditionalGeneration = Idefics3ForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32
    )
    return model


@torch.no_grad()
def begin_with(
    model: Idefics3ForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> None:
    """Give the model an exported one's weights; tokens that both vocabularies have keep their embedding."""
    former, table = read(folder).state_dict(), "model.text_model.embed_tokens.weight"
    words = AutoTokenizer.from_pretrained(folder).get_vocab()
    mixed = model.get_input_embeddings().weight.clone()
    for token, number in tokenizer.get_vocab().items():
        if token in words:
            mixed[number] = former[table][words[token]]
    model.load_state_dict({**former, table: mixed, "lm_head.weight": mixed})
