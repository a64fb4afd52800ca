from __future__ import annotations

from pathlib import Path

from batch.models import DIGITS, digest


def made(folder: Path, content: str = "weights") -> Path:
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "model.safetensors").write_text(content)
    (folder / "facts.json").write_text("{}")
    return folder


def test_a_digest_is_that_of_the_bytes_wherever_they_lie(tmp_path: Path) -> None:
    one, same, other = made(tmp_path / "a"), made(tmp_path / "b"), made(tmp_path / "c", "others")
    assert digest([str(one)]) == digest([str(same)]) != digest([str(other)])
    assert len(digest([str(one)])) == DIGITS
    (same / "facts.json").rename(same / "record.json")
    assert digest([str(one)]) != digest([str(same)])


def test_files_and_hub_ids_have_one_too(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_text("weights")
    found = [
        digest(places) for places in ([str(file)], ["some/model"], ["other/model"], [str(file), "some/model"])
    ]
    assert len(set(found)) == 4
