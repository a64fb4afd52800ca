"""Imports run one way: read from the source, so that nothing has to be imported to check it."""

from __future__ import annotations

from functools import cache
from itertools import chain

import pytest
import yaml

from tests.house import ROOT, arrows, as_listed, floors, imported, modules, package_of, rooms

SERVING = {
    "ray",
    "fastapi",
    "starlette",
    "uvicorn",
    "vllm",
    "openai",
    "socket",
    "requests",
    "httpx",
    "aiohttp",
    "urllib",
    "http",
}
STORING = {"runs", "sqlalchemy", "alembic", "psycopg", "obstore"}
FETCHES = "record.analysis.bundle"
"""The one module of the method that asks the network for something: MediaPipe's pose model, at set-up."""
PRODUCT = ("record", "runs", "deployments", "record_client", "batch", "record_cli")

MODULES = modules()
ARROWS = arrows(MODULES)
ROOMS = rooms(ARROWS)


@cache
def listed() -> dict[str, dict[str, str]]:
    return dict(yaml.safe_load((ROOT / "tests/house.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("room", sorted(ROOMS.keys() | listed().keys()))
def test_the_listing_is_the_house(room: str) -> None:
    assert room in listed(), f"{room} is new: list it in tests/house.yaml as {as_listed(ARROWS)[room]}"
    assert room in ROOMS, f"{room} is gone: take it out of tests/house.yaml"
    wanted = {"modules": "", "imports": ""} | listed()[room]
    assert as_listed(ARROWS)[room] == wanted


def test_no_imports_go_round_between_rooms() -> None:
    floors(ROOMS)


def test_no_imports_go_round_between_modules() -> None:
    floors(ARROWS)


@pytest.mark.parametrize("package", PRODUCT)
def test_no_arrow_leads_from_the_product_to_what_was_made_with_it(package: str) -> None:
    reached = chain.from_iterable(targets for room, targets in ROOMS.items() if package_of(room) == package)
    assert not {package_of(target) for target in reached} & {"miniature", "benchmarks"}


def test_the_method_serves_nothing_stores_nothing_and_opens_no_socket() -> None:
    for module, file in MODULES.items():
        if package_of(module) == "record" and module != FETCHES:
            assert not {package_of(name) for name in imported(file)} & (SERVING | STORING), module


def test_the_store_serves_nothing_and_draws_nothing() -> None:
    for module, file in MODULES.items():
        if package_of(module) == "runs":
            assert not {package_of(name) for name in imported(file)} & (SERVING | {"torch"}), module


def test_the_client_draws_nothing_and_serves_nothing() -> None:
    """What it may know of the method needs no torch; tests/test_starts.py holds that it is so."""
    for module, file in MODULES.items():
        if package_of(module) == "record_client":
            elsewhere = {"runs", "deployments", "record_cli", "torch"} | SERVING - {"httpx"}
            assert not {package_of(name) for name in imported(file)} & elsewhere, module


def test_the_http_edge_knows_handles_and_no_replica() -> None:
    assert "deployments.replicas" not in ROOMS["deployments.edge"]
    assert "deployments.edge" not in ROOMS["deployments.replicas"]


def test_the_command_line_starts_no_service() -> None:
    for module, file in MODULES.items():
        if package_of(module) == "record_cli":
            serving = {"ray", "fastapi", "vllm", "deployments"}
            assert not {package_of(name) for name in imported(file)} & serving, module
        assert package_of(module) == "record_cli" or "record_cli" not in {
            package_of(target) for target in ARROWS[module] if package_of(module) in PRODUCT
        }, module


def test_nothing_private_of_ray_or_vllm_is_imported() -> None:
    for file in chain(MODULES.values(), (ROOT / "tests").rglob("*.py")):
        theirs = (name.split(".") for name in imported(file) if package_of(name) in ("ray", "vllm"))
        private = [".".join(name) for name in theirs if any(part.startswith("_") for part in name)]
        assert not private, f"{file} imports {private}"


def test_the_builder_keeps_its_annotations() -> None:
    """Ray Serve reads them: as strings they would be lost."""
    text = (ROOT / "deployments/app.py").read_text(encoding="utf-8")
    assert "from __future__ import annotations" not in text
