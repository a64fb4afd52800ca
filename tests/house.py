"""The house as its imports draw it: rooms (folders, and files beside them), arrows between them, floors.

python -m tests.house [PACKAGE ...]     prints every room with its floor and the rooms it imports
python -m tests.house --list            prints what tests/house.yaml has to hold
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "record",
    "runs",
    "fleet",
    "deployments",
    "record_client",
    "batch",
    "record_cli",
    "miniature",
    "benchmarks",
)

Arrows = Mapping[str, set[str]]


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the packages by its dotted name; a folder's `__init__` has the folder's name."""
    found = {}
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(file: Path) -> set[str]:
    """What a file imports anywhere in it, as dotted names; an imported name counts as a module's child."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def arrows(found: Mapping[str, Path]) -> dict[str, set[str]]:
    """Module by module, the modules of `found` it imports: the longest known name that fits."""
    drawn = {}
    for name, file in found.items():
        drawn[name] = {target for one in imported(file) if (target := _known(one, found))} - {name}
    return drawn


def _known(name: str, found: Mapping[str, Path]) -> str:
    while name and name not in found:
        name = name.rpartition(".")[0]
    return name


def room_of(module: str, folders: Iterable[str]) -> str:
    """The room a module lies in: its package's folder, or the module itself beside the folders."""
    first_two = ".".join(module.split(".")[:2])
    return first_two if first_two in folders or module.count(".") else module


def rooms(drawn: Arrows) -> dict[str, set[str]]:
    """The same between rooms: direct children of the packages."""
    joined: dict[str, set[str]] = {}
    for module, targets in drawn.items():
        room = room_of(module, drawn)
        joined.setdefault(room, set()).update({room_of(target, drawn) for target in targets} - {room})
    return joined


def floors(joined: Arrows) -> dict[str, int]:
    """The floor of every room: one above the highest it imports; CycleError where imports go round."""
    standing: dict[str, int] = {}
    for room in TopologicalSorter(joined).static_order():
        standing[room] = 1 + max((standing[below] for below in joined.get(room, ())), default=0)
    return standing


def as_listed(drawn: Arrows) -> dict[str, dict[str, str]]:
    """Room by room its modules and the rooms it imports, those of its own package by their short names."""
    joined = rooms(drawn)
    listing = {}
    for room in sorted(joined, key=lambda room: (PACKAGES.index(package_of(room)), room)):
        inside = sorted(one[len(room) + 1 :] for one in drawn if room_of(one, drawn) == room != one)
        below = sorted(target.removeprefix(f"{package_of(room)}.") for target in joined[room])
        listing[room] = {"modules": " ".join(inside), "imports": " ".join(below)}
    return listing


def package_of(module: str) -> str:
    """The first part of a dotted name."""
    return module.partition(".")[0]


def print_listing() -> None:
    """Print tests/house.yaml as the source would have it."""
    for room, entry in as_listed(arrows(modules())).items():
        lines = [f"  {key}: {value}" for key, value in entry.items() if value]
        print("\n".join([f"{room}:", *lines]) if lines else f"{room}: {{}}")


def main(packages: list[str]) -> None:
    """Print the rooms of the packages, floor by floor from the ground, and count them."""
    joined = rooms(arrows(modules()))
    for package in packages or PACKAGES:
        inside = {
            room: {t for t in targets if t.startswith(f"{package}.")}
            for room, targets in joined.items()
            if room.startswith(f"{package}.")
        }
        standing = floors(inside)
        for room in sorted(inside, key=lambda room: (standing[room], room)):
            print(f"{standing[room]:3} {room:28} {' '.join(t.split('.')[-1] for t in sorted(inside[room]))}")
        count = sum(len(targets) for targets in inside.values())
        print(f"    {package}: {len(inside)} rooms, {max(standing.values())} floors, {count} arrows\n")


if __name__ == "__main__":
    print_listing() if "--list" in sys.argv else main(sys.argv[1:])
