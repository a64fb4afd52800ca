"""The quality benchmark's own arithmetic and bookkeeping; no picture is drawn by a model here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

from benchmarks.quality.cases import GROUPS, cases, pairs
from benchmarks.quality.plan import draw_missing, missing, plan
from benchmarks.quality.report import contact_sheet, gain, table
from benchmarks.quality.results import Result, Results, digest, key_of
from benchmarks.quality.rows import ROWS
from benchmarks.quality.statistics import mean, share
from benchmarks.quality.worker import Outcome, Task
from miniature.world import FREQUENT, RARE, REPORTED, UNSEEN

CASES = cases("report", 2)
RESULT = Result(
    "k", "rare", "a man is kicking a book", 3, 1, True, True, True, True, True, False, 0.5, None, 50, 2.0
)


def test_wilson_interval_against_a_known_value() -> None:
    found = share([True] * 8 + [False] * 2)
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((0.8, 0.490, 0.943), abs=1e-3)


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_a_share_lies_in_its_interval(hits: list[bool]) -> None:
    found = share(hits)
    assert found is not None
    assert 0 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= 1


def test_the_interval_of_a_mean_narrows_with_more_values() -> None:
    few, many = mean([0.0, 1.0] * 5), mean([0.0, 1.0] * 50)
    assert few is not None and many is not None
    assert few.mean == many.mean == 0.5
    assert many.high - many.low < few.high - few.low


def test_equal_values_have_no_spread_and_no_values_no_mean() -> None:
    same = mean([0.25, 0.25, 0.25])
    assert same is not None
    assert same.low == same.high == 0.25
    assert mean([]) is None
    assert share([]) is None


def test_the_halves_share_no_pair_and_no_noise() -> None:
    tune, report = pairs("tune"), pairs("report")
    for group in GROUPS:
        assert not set(tune[group]) & set(report[group])
    assert set(tune["rare"]) | set(report["rare"]) == set(RARE)
    assert set(tune["unseen"]) | set(report["unseen"]) == set(UNSEEN)
    assert {*report["rare"], *report["unseen"]} == set(REPORTED)
    assert set(tune["frequent"]) | set(report["frequent"]) <= set(FREQUENT)
    assert not {c.seed for c in cases("tune", 3)} & {c.seed for c in cases("report", 3)}


def test_cases_are_fixed_and_grow_by_rounds() -> None:
    assert cases("report", 1) == CASES[: len(CASES) // 2]
    assert len({case.seed for case in CASES}) == len(CASES)
    assert CASES[0].text == "a man is kicking a ball"
    assert cases("report", 2, ["rare"]) == [case for case in CASES if case.group == "rare"]


def test_equal_settings_share_pictures_and_changed_defaults_do_not() -> None:
    rows = {"default": {}, "same": {"guided_share": 0.5}, "other": {"guided_share": 0.25}}
    planned, refused = plan(rows, {"steps": 4}, CASES, {}, "models")
    assert not refused
    keys = {name: [task.key for task in tasks] for name, tasks in planned.items()}
    assert keys["default"] == keys["same"] != keys["other"]
    assert keys != {
        name: [task.key for task in tasks]
        for name, tasks in plan(rows, {"steps": 4}, CASES, {"guidance_scale": 3.0}, "models")[0].items()
    }


def test_a_row_that_settings_refuse_is_named_and_left_out() -> None:
    planned, refused = plan({"plain": {"method": "plain"}, "odd": {"stepz": 3}}, {}, CASES, {}, "models")
    assert list(planned) == ["plain"]
    assert "did you mean 'steps'" in refused["odd"]


def test_every_row_of_the_table_has_settings_of_its_own_that_are_accepted() -> None:
    planned, refused = plan(ROWS, {"steps": 25, "candidates": 3}, CASES[:1], {}, "models")
    assert not refused
    assert set(planned) == set(ROWS)


def drawn(tasks: Sequence[Task]) -> Iterator[Outcome]:
    """Draws grey pictures; the second task fails."""
    for number, task in enumerate(tasks):
        if number == 1:
            yield Outcome(task, failure="no")
            continue
        result = replace(RESULT, key=task.key, group=task.case.group, text=task.case.text)
        yield Outcome(task, result, Image.new("RGB", (128, 128), "grey"))


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    planned, _ = plan({"plain": {"method": "plain"}, "record": {}}, {}, CASES, {}, "models")
    results = Results(tmp_path / "quality.jsonl")
    first = list(draw_missing(planned, results, lambda tasks: drawn(tasks[:5])))
    assert [bool(outcome.failure) for outcome in first] == [False, True, False, False, False]
    with (tmp_path / "quality.jsonl").open("a") as lines:
        lines.write('{"key": "cut o')
    again = Results(tmp_path / "quality.jsonl")
    assert len(missing(planned, again)) == 2 * len(CASES) - 4
    assert first[1].task in missing(planned, again)


def test_pictures_are_drawn_case_by_case_so_that_rows_grow_alike(tmp_path: Path) -> None:
    planned, _ = plan({"plain": {"method": "plain"}, "record": {}}, {}, CASES, {}, "models")
    tasks = missing(planned, Results(tmp_path / "none.jsonl"))
    assert [task.case for task in tasks[:4]] == [CASES[0], CASES[0], CASES[1], CASES[1]]


def test_the_table_has_a_line_for_each_group() -> None:
    results = [
        RESULT,
        replace(RESULT, rank=2, asked_iou=None, verb_right=False),
        replace(RESULT, group="unseen"),
    ]
    shown = table({"plain": results, "record": []}, GROUPS, "title")
    console = Console(width=260, record=True)
    console.print(shown)
    lines = [[c.strip() for c in line.split("|")[1:-1]] for line in console.export_text().splitlines()]
    by_group = {line[1]: line for line in lines if line and line[0] == "plain"}
    assert set(by_group) == {"all", "rare", "unseen"}
    assert by_group["rare"][2:5] == ["2", "50 (9-91)", "50 (9-91)"]
    assert by_group["rare"][8:10] == ["-", "0.50 (0.50-0.50)"]


def test_the_gain_is_over_the_pictures_that_both_rows_have() -> None:
    base = [replace(RESULT, seed=seed, rank=2) for seed in range(4)]
    better = [replace(RESULT, seed=seed) for seed in (0, 1)] + [replace(RESULT, seed=2, rank=5)]
    found = gain([*better, replace(RESULT, seed=9)], base)
    assert found is not None
    assert found.mean == pytest.approx(2 / 3)
    assert gain(better, []) is None
    shown = table({"base": base, "better": better}, GROUPS, "", "base")
    assert shown.columns[-1].header == "both over base"
    assert list(shown.columns[-1].cells)[0] == "+0 (+0 to +0)"


def test_the_sheet_has_a_tile_for_each_picture(tmp_path: Path) -> None:
    planned, _ = plan({"plain": {"method": "plain"}, "record": {}}, {}, CASES, {}, "models")
    results = Results(tmp_path / "quality.jsonl")
    list(draw_missing(planned, results, lambda tasks: drawn(tasks[:5])))
    page = contact_sheet(planned, results, 3)
    assert page.width > 3 * 128
    assert page.height > 3 * 128
    turned = contact_sheet(planned, results, 3, across=2)
    assert turned.width > 2 * 128
    assert 4 * 128 < turned.height < 6 * 160, "two bands of two rows, for one of three has a band of its own"


def test_a_key_changes_with_everything_it_names() -> None:
    case, other = CASES[:2]
    keys = {
        key_of({"steps": 4}, "models", case),
        key_of({"steps": 5}, "models", case),
        key_of({"steps": 4}, "others", case),
        key_of({"steps": 4}, "models", other),
    }
    assert len(keys) == 4


def test_a_digest_changes_with_a_file_and_not_with_a_card(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = digest(tmp_path)
    (tmp_path / "README.md").write_text("a card")
    assert digest(tmp_path) == before
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert digest(tmp_path) != before
