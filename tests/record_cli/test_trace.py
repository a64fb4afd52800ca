from __future__ import annotations

from PIL import Image

from record.pictures.drawing import CAPTION, FOUND, GAP, WANTED
from record_cli.asking import Ask
from record_cli.painter import Drawn
from record_cli.trace import TILE, facts, pictures
from tests.record.fakes import SEEN
from tests.record.fakes import WANTED as PLACED
from tests.record_cli.conftest import KICK, FakePainter

ROW = TILE + CAPTION + GAP


def drawn(painter: FakePainter, **settings: object) -> Drawn:
    return painter.draw(Ask(KICK, settings=settings), lambda event: None)


def pixel(page: Image.Image, column: int, row: int, x: float, y: float) -> object:
    """The colour at (x, y), in 0..1 of a tile."""
    left, top = GAP + column * (TILE + GAP), GAP + CAPTION + row * ROW
    return page.getpixel((left + round(x * (TILE - 1)), top + round(y * (TILE - 1))))


def test_the_table_tells_what_was_read_chosen_found_and_wanted(painter: FakePainter) -> None:
    lines = dict(facts(drawn(painter)))
    assert lines["read as"] == "woman | kicking | ball"
    assert lines["candidate 1"] == "standing  <- chosen" and lines["candidate 2"] == "standing"
    assert lines["object's box, found"] == "0.10, 0.10, 0.30, 0.30"
    assert lines["object's box, wanted"] == "0.60, 0.60, 0.80, 0.80"
    assert lines["pose type"] == "dynamic" and lines["corrected"] == "yes"
    assert "propose" in lines["time"] and lines["time"].endswith("in all 1.5 s")


def test_a_method_without_stages_has_a_short_table(painter: FakePainter) -> None:
    lines = dict(facts(drawn(painter, method="plain")))
    assert lines["method"] == "plain" and lines["drawn with"] == "seed 0, 4 steps"
    assert "corrected" not in lines
    assert "drawn with" not in dict(facts(drawn(painter, method="images_api"))), "it has neither"


def test_the_sheet_frames_the_choice_and_draws_both_boxes(painter: FakePainter) -> None:
    page = pictures(drawn(painter))
    assert page.size == (GAP + 3 * (TILE + GAP), GAP + 2 * ROW)
    assert pixel(page, 1, 0, 0, 0.5) == WANTED and pixel(page, 0, 0, 0, 0.5) == (0, 0, 0)
    assert pixel(page, 0, 1, SEEN.x0, 0.2) == FOUND
    assert pixel(page, 1, 1, SEEN.x0, 0.2) == FOUND and pixel(page, 1, 1, PLACED.x0, 0.7) == WANTED
    assert pixel(page, 2, 1, 0.5, 0.5) == (2, 2, 2), "seed 1, corrected"


def test_a_picture_with_no_record_is_a_sheet_of_one(painter: FakePainter) -> None:
    alone = Drawn(Image.new("RGB", (9, 9)), (), {}, 2.0)
    assert pictures(alone).size == (TILE + 2 * GAP, ROW + GAP)
    assert dict(facts(alone))["time"] == "in all 2.0 s"


def test_what_was_judged_stands_in_the_table_and_on_the_sheet(judging: FakePainter) -> None:
    shown = drawn(judging, corrections=2)
    lines = dict(facts(shown))
    assert lines["judged, candidate"] == "not right action, object there, person whole (standing)"
    assert lines["judged, correction 0"] == "right action, object there, person whole (kicking)  <- best"
    assert "judged, correction 1" in lines
    assert lines["the answer, because"].startswith("correction 0 is as good as any")
    page = pictures(shown)
    assert page.size[1] == GAP + 3 * ROW
    assert pixel(page, 0, 2, 0, 0.5) == WANTED and pixel(page, 1, 2, 0, 0.5) == (2, 2, 2)


def test_the_best_of_several_stories_is_named(judging: FakePainter) -> None:
    lines = dict(facts(drawn(judging, method="plain", best_of=2)))
    assert lines["judged, story 0"].endswith("<- best") and "judged, story 1" in lines
