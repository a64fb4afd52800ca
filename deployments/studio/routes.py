"""The studio's files over HTTP: one page, and what it loads from its own folder."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse

FOLDER = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
"""Media types by ending; nothing else is served."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No script or style but ours, no other host; browsers ask each time whether a file has changed."""


def routes() -> APIRouter:
    """The routes; the page's addresses are relative, so that it works behind any prefix."""
    router = APIRouter(include_in_schema=False)
    found = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.suffix in KINDS}

    @router.get("/")
    async def page(request: Request) -> Response:
        return _file(found["index.html"], request)

    @router.get("/studio/{name:path}")
    async def file(request: Request, name: str) -> Response:
        if name not in found:
            raise HTTPException(404)
        return _file(found[name], request)

    return router


def _file(path: Path, request: Request) -> Response:
    stat = path.stat()
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    headers = {**HEADERS, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return NotModifiedResponse(FileResponse(path, headers=headers).headers)
    return FileResponse(path, media_type=KINDS[path.suffix], headers=headers)
