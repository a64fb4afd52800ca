from __future__ import annotations

from pathlib import Path

import pytest

from batch.items import Item
from batch.reading import SHOWN, read_prompts
from record.errors import InputError, SettingsError
from record.geometry import Box
from record.reading.prompt import Triplet
from tests.batch.conftest import KICK


def written(folder: Path, text: str, name: str = "prompts.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_has_any_setting_as_a_column_and_empty_cells_say_nothing(tmp_path: Path) -> None:
    text = (
        "\ufeffprompt,seed,guidance_scale,look_again,box,triplet\n"
        f'"{KICK}, smiling",7,4,false,"0.5,0.5,0.8,0.9","woman,kicking,ball"\n'
        "\n"
        f"{KICK},,,,,\n"
    )
    first, second = read_prompts(written(tmp_path, text), {"seed": 3, "steps": 9})
    assert first == Item(
        2,
        f"{KICK}, smiling",
        Box(0.5, 0.5, 0.8, 0.9),
        Triplet("woman", "kicking", "ball"),
        {"seed": 7, "steps": 9, "guidance_scale": 4.0, "look_again": False},
    )
    assert second == Item(4, KICK, settings={"seed": 3, "steps": 9})


def test_lines_are_counted_where_cells_have_several(tmp_path: Path) -> None:
    path = written(tmp_path, f'prompt,seed\n"{KICK}\nhard",1\n{KICK},x\n')
    with pytest.raises(InputError, match=r"prompts.csv .*\nline 4, column seed: seed='x': .*integer"):
        read_prompts(path, {})


def test_jsonl_and_plain_text_are_read_as_well(tmp_path: Path) -> None:
    told = (
        f'{{"prompt": "{KICK}", "box": [0.5, 0.5, 0.8, 0.9], "triplet": {{"subject": "woman", '
        f'"verb": "kicking", "object": "ball"}}, "seed": 1}}\n\n{{"prompt": "{KICK}", "seed": null}}\n'
    )
    first, second = read_prompts(written(tmp_path, told, "p.jsonl"), {})
    assert first.box == Box(0.5, 0.5, 0.8, 0.9) and first.triplet == Triplet("woman", "kicking", "ball")
    assert (first.settings, second) == ({"seed": 1}, Item(3, KICK))
    assert read_prompts(written(tmp_path, f"{KICK}\n\n{KICK} again\n", "p.txt"), {}) == [
        Item(1, KICK),
        Item(3, f"{KICK} again"),
    ]
    assert read_prompts(written(tmp_path, f"prompt\tseed\n{KICK}\t5\n", "p.tsv"), {}) == [
        Item(2, KICK, settings={"seed": 5})
    ]


def test_who_asks_twice_for_the_same_is_one_item(tmp_path: Path) -> None:
    path = written(tmp_path, f"prompt,seed\n{KICK},1\n{KICK},2\n{KICK},1\n")
    assert [item.line for item in read_prompts(path, {})] == [2, 3]


def test_sentences_are_not_judged_here(tmp_path: Path) -> None:
    items = read_prompts(written(tmp_path, 'prompt,seed\na nice sunset,1\n"",2\n'), {})
    assert [item.prompt for item in items] == ["a nice sunset", ""]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prompt,sed\nx,1\n", r"line 1, column 'sed': no such column; did you mean 'seed'\?"),
        ("seed\n1\n", r"line 1: the header 'seed' has no column prompt: name one so"),
        ("prompt,seed,seed\nx,1,2\n", r"line 1, column seed: it stands twice"),
        ("prompt,seed\nx,1,2\n", r"line 2: 3 cells where the header has 2: quote"),
        ("prompt,method\nx,magic\n", r"line 2, column method: .*'magic'"),
        ("prompt,steps\nx,900\n", r"line 2, column steps: steps='900': .*less than or equal to 200"),
        ("prompt,box\nx,1 2\n", r"line 2, column box: '1 2': .*write x0,y0,x1,y1"),
        ("prompt,triplet\nx,a\n", r"line 2, column triplet: 'a': write subject,verb,object"),
        ('prompt\n"x\n', r"line 2: .*quote cells as CSV does"),
        ("prompt\n", r"holds no prompts"),
        ("", r"holds no prompts"),
    ],
)
def test_faults_name_line_column_value_and_remedy(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_prompts(written(tmp_path, text), {})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1: '{' is no JSON"),
        ("[1]", "line 1: .* is no object"),
        ('{"prompt": 3}', "line 1, column prompt: 3 is no text"),
        ('{"prompt": "x", "triplet": {"who": "a"}}', "line 1, column triplet: .*who"),
        ('{"prompt": "x", "seed": []}', r"line 1, column seed: seed=\[\]"),
    ],
)
def test_faults_of_jsonl_are_named_as_well(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_prompts(written(tmp_path, text, "p.jsonl"), {})


def test_several_faults_are_told_at_once_and_not_all_of_them(tmp_path: Path) -> None:
    path = written(tmp_path, "prompt,seed\n" + "x,no\n" * (SHOWN + 3))
    with pytest.raises(InputError) as told:
        read_prompts(path, {})
    assert len(str(told.value).splitlines()) == SHOWN + 2 and str(told.value).endswith("and 3 more")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_prompts(tmp_path / "none.csv", {})
    with pytest.raises(InputError, match=r"must end in \.csv, \.tsv"):
        read_prompts(tmp_path / "prompts.xls", {})
    (tmp_path / "latin.csv").write_bytes(b"prompt\n\xe4\n")
    with pytest.raises(InputError, match="is not UTF-8 at byte 7: save it as UTF-8"):
        read_prompts(tmp_path / "latin.csv", {})


def test_the_callers_own_settings_are_checked_as_such(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean 'steps'"):
        read_prompts(written(tmp_path, f"prompt\n{KICK}\n"), {"stepz": 1})
