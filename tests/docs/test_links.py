"""What the pages promise is there: links and their anchors, modules and make targets they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"build", "dist", "out", "runs"}
"""Folders beside the sources that git ignores; hidden ones are left out as well."""

FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
MODULE = re.compile(r"\bpython3?\s+-m\s+([A-Za-z_][\w.]*)")
INDENTED = re.compile(r"^ {4,}\S.*$", re.MULTILINE)
MAKE = re.compile(r"(?:^ *|`)make((?: [a-z][a-z-]*)+)", re.MULTILINE)


def _pages() -> Iterator[Path]:
    yield from ROOT.glob("*.md")
    for folder in ROOT.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in NOT_OURS:
            yield from (page for page in folder.rglob("*.md") if "node_modules" not in page.parts)


PAGES = sorted(str(page.relative_to(ROOT)) for page in _pages())


def read(page: str | Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose(text: str) -> str:
    return CODE.sub("", FENCE.sub("", text))


def code(text: str) -> str:
    """Fenced and indented blocks and spans in back quotes."""
    return "\n".join(found[0] for kind in (FENCE, INDENTED, CODE) for found in kind.finditer(text))


def anchors(text: str) -> set[str]:
    """What a page's headings are called in addresses, as GitHub makes them."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        shown = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        count = sum(1 for one in found if re.fullmatch(rf"{re.escape(name)}(-\d+)?", one))
        found.add(f"{name}-{count}" if name in found else name)
    return found


def broken(page: str) -> list[str]:
    """The links of a page that lead nowhere in the repository."""
    lost = []
    for link in LINK.findall(prose(read(page))):
        if ELSEWHERE.match(link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        is_there = target.exists() and target.resolve().is_relative_to(ROOT)
        if not is_there or (anchor and (target.suffix != ".md" or anchor not in anchors(read(target)))):
            lost.append(link)
    return lost


def spec(name: str) -> ModuleSpec | None:
    """A module's spec, found from folder to folder: no package is imported for it."""
    path, found = [str(ROOT)], None
    for part in name.split("."):
        found = PathFinder.find_spec(part, path) or (PathFinder.find_spec(part) if found is None else None)
        if found is None:
            return None
        path = list(found.submodule_search_locations or ())
    return found


def runs(name: str) -> bool:
    """Whether `python -m NAME` finds something to run."""
    found = spec(name)
    return found is not None and (
        found.submodule_search_locations is None or spec(f"{name}.__main__") is not None
    )


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    assert broken(page) == []


@pytest.mark.parametrize("page", PAGES)
def test_modules_that_are_to_be_run_are_there(page: str) -> None:
    named = {name.rstrip(".") for name in MODULE.findall(read(page))}
    assert {name for name in named if not runs(name)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_are_there(page: str) -> None:
    known = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {target for targets in MAKE.findall(code(read(page))) for target in targets.split()}
    assert named <= known


def test_the_main_pages_are_among_those_that_are_read() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/request.md", "cluster/README.md"} <= set(PAGES)


def test_every_page_of_docs_is_reached_from_the_readme() -> None:
    reached = {link.partition("#")[0] for link in LINK.findall(prose(read("README.md")))}
    assert {page for page in PAGES if page.startswith("docs/")} <= reached


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("# A method of your own\n", {"a-method-of-your-own"}),
        ("## How fast, how good: `k`\n## Same\n## Same\n", {"how-fast-how-good-k", "same", "same-1"}),
        ("```\n# not a heading\n```\n## [Linked](there.md)\n", {"linked"}),
    ],
)
def test_anchors_are_those_of_headings(text: str, names: set[str]) -> None:
    assert anchors(text) == names


def test_modules_are_told_from_names_that_cannot_be_run() -> None:
    assert runs("tests.house") and runs("benchmarks.quality") and runs("pytest")
    assert not runs("record.engine") and not runs("record.no_such_module") and not runs("no_such_package")
