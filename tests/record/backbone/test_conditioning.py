from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from record.backbone import Backbone
from record.errors import PromptError
from record.reading.prompt import parse
from tests.checkpoints import inside

TEXT = "a woman is kicking a ball"


def test_roles_follow_characters_not_words(any_backbone: Backbone) -> None:
    roles, tokenizer = any_backbone.roles(parse(TEXT)), inside(any_backbone.tokenizer)
    ids = torch.tensor(tokenizer(TEXT).input_ids)

    def said(mask: torch.Tensor) -> str:
        return str(tokenizer.decode(ids[mask[: len(ids)]])).strip()

    assert said(roles.subject) == "woman"
    assert said(roles.verb) == "kicking"
    assert said(roles.object) == "ball"
    assert roles.object.sum() > 1  # a word of several tokens
    assert said(roles.shared >= 0) == "a woman is kicking"
    assert said(roles.object_phrase) == "a ball"
    assert said(roles.content) == TEXT
    assert len(roles.content) == len(any_backbone.encode(TEXT).tokens)


def test_words_of_the_intransitive_sentence_are_found_wherever_they_stand(any_backbone: Backbone) -> None:
    prompt, tokenizer = parse("a box held by a man"), inside(any_backbone.tokenizer)
    assert prompt.intransitive == "a man is holding"
    roles = any_backbone.roles(prompt)
    ids, other = (tokenizer(text).input_ids for text in (prompt.text, prompt.intransitive))
    shared = roles.shared.tolist()
    assert all(shared[i] == -1 for i in range(len(shared)) if roles.object_phrase[i])
    man = [i for i in range(len(shared)) if roles.subject[i]]
    assert [other[shared[i]] for i in man] == [ids[i] for i in man]
    held = [shared[i] for i in range(len(shared)) if roles.verb[i]]
    assert len(held) > 1 and set(held) == {len(other) - 2}  # the word before the end: "holding"
    others = {*range(1, len(other) - 1)} - {len(other) - 3}  # "is" has no like
    assert {place for place in shared if place >= 0} == others


def test_special_tokens_are_where_they_are_in_the_intransitive_sentence(any_backbone: Backbone) -> None:
    prompt = parse(TEXT)
    roles = any_backbone.roles(prompt)
    end, other_end = (
        len(inside(any_backbone.tokenizer)(t).input_ids) - 1 for t in (TEXT, prompt.intransitive)
    )
    places = roles.special.tolist()
    assert places[0] == 0 and places[end] == other_end
    assert places[end + 1 :] == [*range(end + 1, len(places))]
    assert (roles.special >= 0).tolist() == (~roles.content).tolist()
    assert torch.equal(roles.places("own"), roles.shared)
    assert ((roles.places("intransitive") >= 0) == ((roles.shared >= 0) | ~roles.content)).all()


def test_prompt_longer_than_the_context_is_refused(backbone: Backbone) -> None:
    with pytest.raises(PromptError, match="14 tokens"):
        backbone.roles(parse("a woman is kicking a ball in the park in the park in the park in the park"))


def test_texts_are_embedded_as_the_pipeline_does(any_backbone: Backbone) -> None:
    found = inside(any_backbone.pipeline).encode_prompt(
        TEXT, device=torch.device("cpu"), num_images_per_prompt=1, do_classifier_free_guidance=True
    )
    for ours, (tokens, pooled) in zip(
        (any_backbone.encode(TEXT), any_backbone.encode("")), _rows(found), strict=True
    ):
        assert torch.equal(ours.tokens, tokens)
        if pooled is None:
            assert ours.pooled is None
        else:
            assert ours.pooled is not None and torch.equal(ours.pooled, pooled)


def test_sdxl_reads_an_empty_text_as_its_configuration_says(checkpoint_of: Callable[[str], Path]) -> None:
    backbone = Backbone.from_pretrained(checkpoint_of("sdxl"))
    empty = backbone.encode("")
    assert empty.pooled is not None and not empty.tokens.any() and not empty.pooled.any()
    other = Backbone.from_pretrained(checkpoint_of("sdxl"))
    inside(other.pipeline).register_to_config(force_zeros_for_empty_prompt=False)
    assert other.encode("").tokens.any()


def _rows(found: tuple[torch.Tensor, ...]) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
    tokens, empty, *pooled = (one[0] for one in found)
    return [(tokens, pooled[0] if pooled else None), (empty, pooled[1] if pooled else None)]
