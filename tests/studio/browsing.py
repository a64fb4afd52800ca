"""Pages in a headless Chromium: fixtures for every conftest.py that imports them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage")
REFUSED = "Failed to load resource"
"""What Chromium itself writes into the console of an answer that is no success: not the page's fault."""

PATIENCE_MS = 20_000

Open = Callable[..., Page]


def _chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        say = pytest.fail if os.environ.get("STUDIO_TESTS") == "required" else pytest.skip
        say("there is no Chromium: run tests/studio/chromium.sh")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; of a module, because Playwright's loop must not run beside other tests'."""
    path = _chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens pages; none may write an error into its console or ask another host for anything."""
    troubles = list[str]()
    with ExitStack() as contexts:

        def start(url: str, **options: Any) -> Page:
            context = browser.new_context(**options)
            contexts.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            watch(page, url, troubles)
            page.goto(url)
            return page

        yield start
    assert troubles == []


def watch(page: Page, url: str, troubles: list[str]) -> None:
    """Collect what should not happen in a page."""

    def wrote(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and REFUSED not in message.text:
            troubles.append(message.text)

    home = "{0.scheme}://{0.netloc}".format(urlsplit(url))

    def asked(request: Request) -> None:
        if not request.url.startswith((home, "data:", "blob:")):
            troubles.append(request.url)

    def broke(error: Error) -> None:
        troubles.append(str(error))

    page.on("console", wrote)
    page.on("pageerror", broke)
    page.on("request", asked)
