"""What a person does in the studio, a function each."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import FloatRect, Page, expect

from deployments.studio.routes import FOLDER

AXE = FOLDER.parent / "node_modules/axe-core/axe.min.js"
SENTENCE = "a woman is kicking a ball"


def say(page: Page, text: str = SENTENCE) -> None:
    """Write the sentence."""
    page.get_by_label("Who does what with what?").fill(text)


def generate(page: Page, text: str = SENTENCE) -> None:
    """Draw the sentence; returns once its run is shown."""
    say(page, text)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(".run")).to_be_visible()


def is_ready(page: Page, within_ms: float | None = None) -> None:
    """Wait for the picture."""
    expect(page.locator(".standing")).to_contain_text("Ready after", timeout=within_ms)
    expect(page.get_by_alt_text("The result:")).to_be_visible()


def box_of(page: Page) -> FloatRect:
    """Where the editor's box lies on the page."""
    found = page.locator(".editor .box").bounding_box()
    assert found is not None
    return found


def drag_box(page: Page, right: float, down: float) -> tuple[FloatRect, FloatRect]:
    """Pull the editor's box by so many pixels; where it was, and where it is."""
    before = box_of(page)
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()
    return before, box_of(page)


def run_of(page: Page) -> str:
    """The run that the address names."""
    return page.url.partition("#run=")[2]


def versions(page: Page) -> int:
    """How many versions there are."""
    return page.locator(".versions li").count()


def violates_nothing(page: Page) -> None:
    """No rule of axe-core is violated by what the page shows.

    Skips where axe-core is missing; fails there with STUDIO_TESTS=required.
    """
    if not AXE.is_file():
        say = pytest.fail if os.environ.get("STUDIO_TESTS") == "required" else pytest.skip
        say("axe-core is missing: npm ci in deployments/studio")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(told => told.violations)")
    told = [(one["id"], [node["failureSummary"] + node["html"] for node in one["nodes"]]) for one in found]
    assert not told, told
