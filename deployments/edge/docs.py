"""/docs without another host: Swagger UI's files come from the installed package fastapi-offline."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

PAGE = "/docs"
NAMES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"})
OWN_ONLY = {"Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:"}
"""Tells the browser to load nothing from elsewhere, whatever the page says."""


def install(app: FastAPI) -> None:
    """Add the page, and the files that it loads."""
    folder = Path(str(files("fastapi_offline") / "static"))

    @app.get(PAGE, include_in_schema=False)
    async def page() -> HTMLResponse:
        made = get_swagger_ui_html(
            openapi_url="openapi.json",
            title=app.title,
            swagger_js_url="docs/swagger-ui-bundle.js",
            swagger_css_url="docs/swagger-ui.css",
            swagger_favicon_url="docs/favicon.png",
            swagger_ui_parameters={"validatorUrl": None},
        )
        made.headers.update(OWN_ONLY)
        return made

    @app.get(PAGE + "/{name}", include_in_schema=False)
    async def file(name: str) -> FileResponse:
        if name not in NAMES:
            raise HTTPException(404)
        return FileResponse(folder / name, headers=OWN_ONLY)
