"""Imports run one way: read from the source, so that nothing has to be imported to check it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "record.errors": set(),
    "record.cache": set(),
    "record.geometry": {"errors"},
    "record.types": {"errors", "geometry"},
    "record.settings": {"errors"},
    "record.facts": {"errors"},
    "record.reading.lexicon": set(),
    "record.reading.data": set(),
    "record.reading.phrases": {"lexicon"},
    "record.reading.clauses": {"lexicon", "phrases"},
    "record.reading.prompt": {"clauses", "errors", "geometry", "lexicon", "phrases"},
    "record.job": {"geometry", "prompt", "settings", "types"},
    "record.backbone.attention": {"errors", "geometry"},
    "record.backbone.adapters": {"adapters", "errors", "geometry"},
    "record.backbone": {"adapters", "backbone", "errors", "facts", "geometry", "prompt", "types"},
    "record.methods.losses": {"attention", "backbone", "errors", "geometry", "settings", "types"},
    "record.pictures.drawing": {"geometry", "types"},
    "record.methods": {
        "adapters", "backbone", "errors", "geometry", "guidance", "job", "methods", "prompt", "settings",
    },
    "record.engine.step": {"attention", "backbone", "errors", "guidance", "job", "methods", "steps"},
    "record.engine.memory": {"attention", "backbone", "steps"},
    "record.engine.engine": {"backbone", "errors", "job", "memory", "steps", "types"},
    "record.engine.loop": {"engine", "errors", "job", "types"},
    "record.story.events": {"geometry", "prompt", "settings", "types"},
    "record.story.cast": {"geometry", "job", "prompt", "settings", "types"},
    "record.story.story": {
        "cast", "errors", "events", "geometry", "job", "methods", "reasoning", "settings", "types",
    },
}  # fmt: skip
"""Parts of record, and the parts of record each may import."""
ABOVE_THE_ENGINE = {"story", "loop", "local", "engine", "backbone", "attention"}
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
}


def imported(file: Path) -> set[str]:
    """Every module a file imports, as absolute dotted names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def files(package: str) -> list[Path]:
    folder = ROOT / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def parts_of_record(file: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(file) if name.startswith("record.")}


@pytest.mark.parametrize("module", ALLOWED)
def test_the_method_imports_one_way(module: str) -> None:
    for file in files(module.replace(".", "/")):
        extra = parts_of_record(file) - ALLOWED[module]
        assert not extra, f"{file.relative_to(ROOT)} imports record.{', record.'.join(sorted(extra))}"


@pytest.mark.parametrize("package", ["record/analysis", "record/reasoning"])
def test_the_story_is_above_its_parts(package: str) -> None:
    for file in files(package):
        assert not parts_of_record(file) & ABOVE_THE_ENGINE, file


def test_the_method_serves_nothing_and_opens_no_socket() -> None:
    for file in files("record"):
        roots = {name.split(".")[0] for name in imported(file)}
        assert not roots & (SERVING | {"deployments", "miniature", "benchmarks"}), file


def test_the_deployments_do_not_know_the_shipped_models() -> None:
    for file in files("deployments"):
        assert not {name.split(".")[0] for name in imported(file)} & {"miniature", "benchmarks"}, file


def test_the_http_edge_knows_handles_and_no_sibling() -> None:
    siblings = {"diffusion", "analysis", "vlm", "proxy", "images", "app"}
    for name in ("ingress", "service", "cast", "messages", "http_errors"):
        found = imported(ROOT / "deployments" / f"{name}.py")
        used = {module.split(".")[1] for module in found if module.startswith("deployments.")}
        assert not used & siblings, name


def test_the_command_line_stands_on_top_and_starts_no_service() -> None:
    for file in files("record_cli"):
        assert not {name.split(".")[0] for name in imported(file)} & {"ray", "fastapi", "vllm"}, file
    for package in ("record", "deployments", "miniature"):
        for file in files(package):
            assert "record_cli" not in {name.split(".")[0] for name in imported(file)}, file


def test_the_builder_keeps_its_annotations() -> None:
    """Ray Serve reads them: as strings they would be lost."""
    assert "from __future__ import annotations" not in (ROOT / "deployments/app.py").read_text(
        encoding="utf-8"
    )
