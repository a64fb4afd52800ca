"""The page over the real service: real models draw, look, lay out and correct while somebody watches."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from benchmarks.service.own import Started
from tests.studio.browsing import Open
from tests.studio.steps import drag_box, generate, is_ready, say, violates_nothing

pytestmark = pytest.mark.slow
LONG_MS = 120_000
SHARPENED = """() => {
  const seen = (globalThis.seen ??= new Map());
  for (const tile of document.querySelectorAll(".film li")) {
    const name = [...tile.parentNode.children].indexOf(tile);
    const shown = tile.querySelector("img.coming")?.src;
    if (shown) seen.set(name, (seen.get(name) ?? new Set()).add(shown));
  }
  return [...seen.values()].filter((shots) => shots.size > 1).length >= 3;
}"""
"""Whether three candidates have shown more than one preview each since it was first asked."""


def test_a_picture_is_watched_and_its_object_moved(service: Started, open_page: Open) -> None:
    page = open_page(service.address, viewport={"width": 1400, "height": 1400})
    expect(page.get_by_role("button", name="Generate")).to_be_enabled(timeout=LONG_MS)
    say(page)
    page.get_by_label("Candidates").fill("3")
    page.get_by_label("Steps", exact=True).fill("40")
    generate(page)
    page.wait_for_function(SHARPENED, timeout=LONG_MS)
    expect(page.locator(".film li img.whole")).to_have_count(3, timeout=LONG_MS)
    is_ready(page, LONG_MS)
    expect(page.locator(".film .chosen")).to_have_count(1)
    expect(page.locator("svg.over .proposed")).to_be_visible()

    page.get_by_role("button", name="Move the object").click()
    drag_box(page, -60, -40)
    page.get_by_role("button", name="Correct").click()
    expect(page.locator(".versions li")).to_have_count(2)
    is_ready(page, LONG_MS)
    violates_nothing(page)
