"""How soon the studio shows something, and what it weighs: first paints in browsers without a cache.

python -m benchmarks.service.paint --url http://127.0.0.1:8000
"""

from __future__ import annotations

import os
import shutil
import time
from typing import Annotated

import typer
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from benchmarks.machine import machine
from benchmarks.service.figures import Figure, spread, table

PAINTED = "performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)"
SENT = "performance.getEntries().reduce((sum, entry) => sum + (entry.encodedBodySize || 0), 0)"


def looked_at(browser: Browser, url: str) -> tuple[float, float]:
    """Seconds until the first paint of a page that nobody opened before, and KB of its files."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url, wait_until="load")
    page.wait_for_function(f"{PAINTED}.length > 0")
    (paint_ms,) = page.evaluate(PAINTED)
    sent = page.evaluate(SENT)
    context.close()
    return paint_ms / 1000, sent / 1000


def main(
    url: Annotated[str, typer.Option(help="a running service")] = "http://127.0.0.1:8000",
    times: Annotated[int, typer.Option(help="how often it is opened", min=3)] = 10,
) -> None:
    """Measure and print one table; the exit status is 1 where a limit is not kept."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise typer.BadParameter("there is no Chromium: run tests/studio/chromium.sh, or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        seen = [looked_at(browser, url) for _ in range(times + 1)][1:]  # the first one warms the browser
        browser.close()
    figures = spread("first contentful paint", [paint_s for paint_s, _ in seen])
    slowest = Figure("the slowest", 1000 * max(paint_s for paint_s, _ in seen), "ms", ("<=", 1000))
    weight = Figure("all of the page", max(sent for _, sent in seen), "KB", ("<=", 200))
    figures = [*figures, slowest, weight]
    Console(width=110).print(table(f"{machine()}, {time.strftime('%F')}", figures))
    raise typer.Exit(not all(figure.is_kept for figure in figures))


if __name__ == "__main__":
    typer.run(main)
