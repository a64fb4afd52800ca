"""The chat model in this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from record.errors import CheckpointError
from record.reading.prompt import parse
from record.reasoning.agents import ANOTHER_TRY
from record.reasoning.chats import TransformersChat, split
from record.reasoning.dialect import COMPACT
from record.reasoning.messages import layout_messages, pose_messages
from record.reasoning.schemas import layout_schema, pose_schema, response_format
from record.types import Look, Picture

PROMPT = parse("a woman is kicking a ball")
PICTURES: list[Picture] = [np.full((16, 16, 3), shade, dtype=np.uint8) for shade in (10, 200)]


def test_pictures_leave_the_messages_in_order() -> None:
    messages, pictures = split(pose_messages(PROMPT, PICTURES, COMPACT))
    assert [part["type"] for part in messages[0]["content"]] == ["text", "text", "image", "text", "image"]
    assert [int(np.asarray(picture)[0, 0, 0]) for picture in pictures] == [10, 200]


def test_plain_strings_become_parts() -> None:
    messages, pictures = split([{"role": "user", "content": "hello"}])
    assert messages == [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]
    assert pictures == []


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        TransformersChat(tmp_path / "nowhere")


@pytest.mark.slow
async def test_untrained_answers_are_cut_off_but_never_leave_the_schema(tmp_path: Path) -> None:
    pytest.importorskip("xgrammar")
    from miniature.vlm.export import export
    from miniature.vlm.model import build
    from miniature.vlm.tokenizer import build as build_tokenizer

    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    export(build(tokenizer), tokenizer, tmp_path)
    chat = TransformersChat(tmp_path)
    wanted = response_format("poses", pose_schema(len(PICTURES)))
    request = {
        "messages": pose_messages(PROMPT, PICTURES, COMPACT),
        "response_format": wanted,
        "max_tokens": 120,
    }
    content, _ = _said(await chat.chat_json(request))
    assert is_begun(content, '{"poses":[["')
    look = Look(None, None, None, None)
    wanted = response_format("layout", layout_schema(limit=99, whole=True))
    request = {"messages": layout_messages(PROMPT, PICTURES[0], look, COMPACT), "response_format": wanted}
    content, _ = _said(await chat.chat_json({**request, "max_tokens": 60}))
    assert is_begun(content, '{"pose_type":"')
    free = {"messages": request["messages"], "max_tokens": 20}
    drawn = [_said(await chat.chat_json({**free, **ANOTHER_TRY})) for _ in range(2)]
    assert drawn[0] == drawn[1] != _said(await chat.chat_json(free))


def is_begun(content: str, beginning: str) -> bool:
    """Whether an answer that may be cut off anywhere begins so, white space aside."""
    said = "".join(content.split())
    return bool(said) and (said.startswith(beginning) or beginning.startswith(said))


def _said(answer: dict[str, object]) -> tuple[str, str]:
    choices = answer["choices"]
    assert isinstance(choices, list)
    return choices[0]["message"]["content"], choices[0]["finish_reason"]
