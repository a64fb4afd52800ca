from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deployments.keys import digest
from tests.studio.browsing import Open
from tests.studio.cast import World
from tests.studio.conftest import Serve
from tests.studio.steps import generate, is_ready, run_of, say, violates_nothing

pytestmark = pytest.mark.slow


def test_history_leads_to_runs(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url)
    generate(page)
    is_ready(page)
    run = run_of(page)
    page.get_by_role("link", name="History").click()
    expect(page.locator(".cards img")).to_have_attribute("src", re.compile(r"\?side=\d+$"))
    expect(page.locator(".cards img")).to_have_js_property("naturalWidth", 256)
    page.get_by_role("link", name="a woman is kicking a ball").click()
    is_ready(page)
    assert run_of(page) == run


def test_history_has_pages(serve: Serve, open_page: Open) -> None:
    service = serve()
    page = open_page(service.url)
    for seed in range(26):
        body = {"prompt": "a man is kicking a ball", "method": "plain", "seed": seed}
        assert page.request.post(f"{service.url}/v1/runs", data=body).status == 202
    page.get_by_role("link", name="History").click()
    expect(page.locator(".cards li")).to_have_count(24)
    page.get_by_role("button", name="Older ones").click()
    expect(page.locator(".cards li")).to_have_count(26)


def test_a_grid_of_methods_and_seeds_fills(serve: Serve, open_page: Open) -> None:
    page = open_page(f"{serve().url}#compare")
    page.get_by_label("BoxDiff").uncheck()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("4 of 4 drawn")).to_be_visible()
    expect(page.locator(".grid img.whole")).to_have_count(4)


def test_status_tells_parts_and_queue(serve: Serve, world: World, open_page: Open) -> None:
    page = open_page(serve().url)
    world.gate.clear()
    generate(page)
    page.get_by_role("link", name="Status").click()
    expect(page.get_by_text("Every part is ready.")).to_be_visible()
    expect(page.locator(".parts")).to_contain_text("VLM ready · 1 replica")
    expect(page.locator(".figures")).to_contain_text("1 run")


def test_a_run_that_is_gone_is_said(serve: Serve, open_page: Open) -> None:
    page = open_page(f"{serve().url}#run=run-000000000000")
    expect(page.get_by_role("alert")).to_contain_text("That is gone")


def test_a_picture_that_cannot_be_had_is_said(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url)
    page.route("**/artefacts/**", lambda route: route.fulfill(status=404))
    generate(page)
    expect(page.get_by_label("The result: a woman is kicking a ball")).to_have_text(
        "This picture cannot be loaded."
    )


def test_a_key_is_asked_for_and_used(serve: Serve, open_page: Open, tmp_path: Path) -> None:
    key = "rk-0123456789abcdef0123456789abcdef"
    entry = {"name": "anna", "sha256": digest(key), "requests_per_minute": 60, "concurrency": 8}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [entry]}))
    page = open_page(serve(keys_file=str(tmp_path / "keys.json")).url)
    field = page.get_by_label("This service asks for an API key")
    field.fill("wrong")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert")).to_contain_text("That key does not fit")
    field.fill(key)
    page.get_by_role("button", name="Use it").click()
    expect(field).to_have_count(0)
    generate(page)
    is_ready(page)
    expect(page.locator(".film img.whole").first).to_have_js_property("naturalWidth", 256)
    page.reload()
    is_ready(page)


def test_the_whole_way_by_keyboard(serve: Serve, open_page: Open) -> None:
    page = open_page(serve().url)
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    page.keyboard.press("Tab")
    expect(page.get_by_text("To the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("a boy is throwing a kite")
    page.keyboard.press("Enter")
    is_ready(page)
    tab_to(page, "Move the object")
    page.keyboard.press("Enter")
    expect(page.locator(".editor")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Move the object")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".versions li")).to_have_count(2)
    expect(page).to_have_title(re.compile("^Ready after .*: a boy is throwing a kite · ReCorD studio$"))
    page.get_by_role("link", name="Status").press("Enter")
    expect(page.locator("#main")).to_be_focused()
    expect(page).to_have_title("Status · ReCorD studio")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the button has the focus; at most as often as a page has controls."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"Tab never reaches {name!r}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(serve: Serve, open_page: Open, scheme: str) -> None:
    page = open_page(serve().url, color_scheme=scheme, reduced_motion="reduce")
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    violates_nothing(page)
    generate(page)
    is_ready(page)
    page.get_by_text("more settings").click()
    page.get_by_text("Make the same picture").click()
    violates_nothing(page)
    page.get_by_role("button", name="Move the object").click()
    violates_nothing(page)
    page.keyboard.press("Enter")
    expect(page.locator(".versions li")).to_have_count(2)
    is_ready(page)
    page.get_by_role("button", name="Plain sample").click()
    violates_nothing(page)
    for view in ("History", "Compare", "Status"):
        page.get_by_role("link", name=view).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        violates_nothing(page)


def test_axe_finds_nothing_on_a_phone_while_drawing_or_after_an_error(
    serve: Serve, world: World, open_page: Open
) -> None:
    world.gate.clear()
    phone = {"width": 390, "height": 844}
    page = open_page(serve().url, viewport=phone, reduced_motion="reduce")
    say(page, "a wizard is kicking a ball")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("wizard")
    violates_nothing(page)
    generate(page)
    expect(page.locator(".film img.coming").first).to_be_visible()
    violates_nothing(page)
    world.gate.set()
    is_ready(page)
    page.get_by_text("Make the same picture").click()
    violates_nothing(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]


def test_axe_finds_nothing_where_a_key_is_asked_for(serve: Serve, open_page: Open, tmp_path: Path) -> None:
    entry = {"name": "anna", "sha256": digest("rk-" + "0" * 32)}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [entry]}))
    page = open_page(serve(keys_file=str(tmp_path / "keys.json")).url, reduced_motion="reduce")
    expect(page.get_by_label("This service asks for an API key")).to_be_visible()
    violates_nothing(page)
