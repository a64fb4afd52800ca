from __future__ import annotations

import re

import pytest

from deployments.studio.routes import FOLDER, KINDS
from tests.deployments.conftest import Serve

MOST_BYTES = 200_000
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in KINDS)


def test_the_page_and_its_files_are_served_and_run_nothing_of_others(serve: Serve) -> None:
    client = serve()
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert named
    for name in named:
        file = client.get(f"/{name}")
        assert file.status_code == 200
        assert file.headers["content-security-policy"].startswith(
            "default-src 'self'; img-src 'self' data: blob:"
        )
    assert "<style" not in page.text
    assert "style=" not in page.text
    assert re.search(r"<script(?![^>]*src=)", page.text) is None


def test_a_file_that_has_not_changed_is_not_sent_again(serve: Serve) -> None:
    client = serve()
    etag = client.get("/studio/app.js").headers["etag"]
    assert client.get("/studio/app.js", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("name", ["nothing.js", "../routes.py", "%2e%2e/routes.py", "vendor/preact.d.ts", ""])
def test_nothing_else_is_served(serve: Serve, name: str) -> None:
    assert serve().get(f"/studio/{name}").status_code == 404


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FILES) < MOST_BYTES


def test_no_file_names_another_host() -> None:
    own = [path for path in FILES if path.parent.name != "vendor"]
    for path in own:
        named = re.findall(r"https?://(?!www\.w3\.org/2000/svg)\S+", path.read_text(encoding="utf-8"))
        assert named == [], path
