from __future__ import annotations

import json
from pathlib import Path

import pytest

from record.errors import PromptError
from record.facts import Checkpoint, Facts


def test_unknown_word_is_named_with_the_nearest_known_one() -> None:
    facts = Facts(vocabulary=("a", "man", "is", "kicking", "ball"), verbs=("kicking",))
    facts.check("a man is kicking a ball")
    with pytest.raises(PromptError, match="'kickin'.*did you mean 'kicking'"):
        facts.check("a man is kickin a ball")


def test_a_word_with_no_like_is_named_with_the_verbs() -> None:
    with pytest.raises(PromptError, match="the word 'zzz': Verbs it knows: kicking, holding.$"):
        Facts(vocabulary=("a", "man"), verbs=("kicking", "holding")).check("a man zzz")


@pytest.mark.parametrize("name", ["facts.json", "record.json"])
def test_a_folder_says_what_it_knows(tmp_path: Path, name: str) -> None:
    given = {"vocabulary": ["a", "man"], "verbs": ["kicking"], "defaults": {"steps": 4}}
    (tmp_path / name).write_text(json.dumps(given))
    assert Facts.read(str(tmp_path)) == Facts(("a", "man"), ("kicking",), {"steps": 4})


def test_the_old_file_counts_only_where_there_is_no_new_one(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text('{"verbs": ["old"]}')
    (tmp_path / "facts.json").write_text('{"verbs": ["new"]}')
    assert Facts.read(str(tmp_path)).verbs == ("new",)


def test_an_ordinary_folder_says_nothing(tmp_path: Path) -> None:
    assert Facts.read(str(tmp_path)) == Facts()


def test_a_size_is_written_as_in_the_images_api() -> None:
    assert Checkpoint(64, 128, Facts()).size == "64x128"
