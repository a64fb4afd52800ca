from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.studio.browsing import Open
from tests.studio.cast import World
from tests.studio.conftest import Serve
from tests.studio.steps import SENTENCE, drag_box, generate, is_ready, run_of, versions, violates_nothing

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(serve: Serve, open_page: Open) -> Page:
    """A finished run, large enough to work on."""
    opened = open_page(serve().url, viewport={"width": 1400, "height": 1400})
    generate(opened)
    is_ready(opened)
    return opened


def test_the_box_is_dragged_and_the_picture_corrected(page: Page) -> None:
    page.get_by_role("button", name="Move the object").click()
    before, after = drag_box(page, -120, -60)
    assert after["x"] == pytest.approx(before["x"] - 120, abs=2)
    assert after["width"] == pytest.approx(before["width"], abs=2)
    page.get_by_role("button", name="Correct").click()
    expect(page.locator(".versions li")).to_have_count(2)
    is_ready(page)


def test_a_correction_is_watched_with_its_loss(page: Page, world: World) -> None:
    world.gate.clear()
    page.get_by_role("button", name="Move the object").click()
    page.keyboard.press("Enter")
    expect(page.locator(".stages .now")).to_have_text("Correct")
    expect(page.locator(".easel img.coming")).to_have_attribute("src", re.compile("^data:image/webp"))
    world.gate.set()
    is_ready(page)
    expect(page.get_by_label("Losses: Correction 0.900 to 0.000")).to_be_visible()


def test_a_new_box_is_drawn_and_a_corner_pulled(page: Page) -> None:
    page.get_by_role("button", name="Move the object").click()
    paper = page.locator(".editor").bounding_box()
    assert paper is not None

    def pull(a: tuple[float, float], b: tuple[float, float]) -> None:
        for (x, y), act in ((a, page.mouse.down), (b, page.mouse.up)):
            page.mouse.move(paper["x"] + x * paper["width"], paper["y"] + y * paper["height"], steps=3)
            act()

    pull((0.1, 0.1), (0.3, 0.4))
    expect(page.locator("#place")).to_have_text("10 to 30 % across, 10 to 40 % down")
    pull((0.3, 0.4), (0.5, 0.5))
    expect(page.locator("#place")).to_have_text("10 to 50 % across, 10 to 50 % down")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#place")).to_have_text("10 to 30 % across, 10 to 40 % down")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".editor")).to_have_count(0)


def test_a_touch_moves_the_box_on_a_phone_and_versions_fit_its_width(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    generate(page)
    is_ready(page)
    page.get_by_role("button", name="Move the object").tap()
    page.locator(".editor .box").scroll_into_view_if_needed()
    before = page.locator(".editor .box").bounding_box()
    assert before is not None
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x - 40, "y": y}]),
        ("touchEnd", []),
    ):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    after = page.locator(".editor .box").bounding_box()
    assert after is not None
    assert after["x"] == pytest.approx(before["x"] - 40, abs=2)
    page.locator(".editor").press("Enter")
    expect(page.locator(".versions li")).to_have_count(2)
    is_ready(page)
    page.get_by_role("button", name="Another version").tap()
    expect(page.get_by_label("How much of the first version is shown")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_keys_move_resize_correct_and_cancel(page: Page) -> None:
    page.get_by_role("button", name="Move the object").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".editor")).to_be_focused()
    for key in (*("ArrowLeft",) * 10, *("ArrowUp",) * 6, "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("#place")).to_have_text("52 to 81 % across, 60 to 88 % down")
    page.keyboard.press("Control+z")
    expect(page.locator("#place")).to_have_text("52 to 81 % across, 60 to 87 % down")
    page.keyboard.press("Escape")
    expect(page.locator(".editor")).to_have_count(0)
    page.get_by_role("button", name="Move the object").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".editor")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".versions li")).to_have_count(2)
    is_ready(page)


def test_versions_stack_are_undone_and_corrected_again(page: Page) -> None:
    first = run_of(page)
    for _ in range(2):
        page.get_by_role("button", name="Move the object").click()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(page.locator(".editor")).to_have_count(0)
        is_ready(page)
    assert versions(page) == 3
    expect(page.locator(".versions .chosen")).to_contain_text("Correction 2")
    page.get_by_role("button", name="Another version").press("Enter")
    slider = page.get_by_role("slider")
    expect(slider).to_have_accessible_name("How much of correction 1 is shown")
    other = page.get_by_label("The version to compare with")
    expect(other.locator("option")).to_have_text(["First version", "Correction 1"])
    other.select_option("First version")
    expect(slider).to_have_accessible_name("How much of the first version is shown")
    expect(page.get_by_alt_text("First version")).to_have_attribute("src", re.compile(f"/{first}/"))
    expect(page.locator(".tag.right")).to_have_text("correction 2")
    slider.press("End")
    expect(page.locator(".compared")).to_have_attribute("style", "--share: 100%;")
    violates_nothing(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".versions .chosen")).to_contain_text("Correction 1")
    page.get_by_role("button", name="Undo").click()
    assert run_of(page) == first
    page.reload()
    expect(page.locator(".versions li")).to_have_count(3)


def test_the_result_lies_over_candidate_and_plain_sample(page: Page) -> None:
    page.get_by_role("button", name="Candidate", exact=True).click()
    slider = page.get_by_label("How much of the candidate is shown")
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator(".compared")).to_have_attribute("style", "--share: 100%;")
    page.get_by_role("button", name="Plain sample").click()
    expect(page.get_by_label("How much of the plain sample is shown")).to_be_visible()
    expect(
        page.get_by_alt_text("The plain sample of the same seed").and_(page.locator(".whole"))
    ).to_be_visible()


def test_a_plain_sample_that_fails_is_said(page: Page, world: World) -> None:
    world.failing = frozenset({1})
    page.get_by_role("button", name="Plain sample").click()
    expect(page.get_by_text("Plain sample: No picture")).to_be_visible()


def test_the_calls_make_the_same_picture(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Move the object").click()
    drag_box(page, -120, -60)
    page.get_by_role("button", name="Correct").click()
    expect(page.locator(".versions li")).to_have_count(2)
    is_ready(page)
    calls_make_it(page, tmp_path)


def test_the_calls_correct_anew_what_was_corrected_in_another_way(page: Page, tmp_path: Path) -> None:
    home, first = page.url.partition("#")[0], run_of(page)
    body = {"box": [0.1, 0.4, 0.35, 0.7], "steps": 12}
    made = page.request.post(f"{home}v1/runs/{first}/corrections", data=body).json()["id"]
    page.goto(f"{home}#run={made}")
    expect(page.locator(".versions .chosen")).to_contain_text("Correction 1")
    is_ready(page)
    calls_make_it(page, tmp_path)
    expect(page.get_by_text(f"They correct {first} anew")).to_be_visible()


def calls_make_it(page: Page, folder: Path) -> None:
    """Every call that the page tells makes the picture that it shows."""
    page.get_by_text("Make the same picture").click()
    home = page.url.partition("#")[0]
    wanted = page.request.get(f"{home}v1/runs/{run_of(page)}/artefacts/0/image.png").body()
    for name in ("curl", "Python", "Command line"):
        (folder / name).mkdir()
        do(name, page.get_by_role("region", name=name).inner_text(), folder / name)
        assert pixels((folder / name / "picture.png").read_bytes()) == pixels(wanted), name


def do(name: str, call: str, folder: Path) -> None:
    """Do what a call says in a folder, by the Python that runs this."""
    ours = re.sub("^record ", f"{sys.executable} -m record_cli ", call)
    ours = ours.replace("python3 -c", f"{sys.executable} -c")
    ran = subprocess.run(
        [sys.executable, "-c", call] if name == "Python" else ["bash", "-c", ours],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def pixels(png: bytes) -> bytes:
    """What a PNG shows."""
    return Image.open(io.BytesIO(png)).convert("RGB").tobytes()


def test_picture_trace_and_calls_are_taken_away(page: Page, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with page.expect_download() as picture:
        page.get_by_role("button", name="Download picture").click()
    assert picture.value.suggested_filename == f"{run_of(page)}.png"
    with page.expect_download() as trace:
        page.get_by_role("button", name="Download trace").click()
    trace.value.save_as(tmp_path / "trace.json")
    told = json.loads((tmp_path / "trace.json").read_text())
    assert told["run"]["prompt"] == SENTENCE
    assert {"pose.selected", "candidate.analysed"} <= {event["event"] for event in told["events"]}
    page.get_by_text("Make the same picture").click()
    page.get_by_role("button", name="Copy Command line").click()
    expect(page.get_by_role("button", name="Copy Command line")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"record generate '{SENTENCE}' -o picture.png --url http://127.0.0.1")
