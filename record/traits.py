"""The one list of methods, and what each is like, known without loading any: no torch is imported here.

A method is offered by this list, by an installed package (entry point group `record.methods`, whose
entries name a Traits) or, in one process, by `register`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Literal

from record.errors import SettingsError
from record.nearest import remedy
from record.shown import shown

GROUP = "record.methods"
"""The entry point group of other packages' methods."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Traits:
    """What a method is like, as far as those who do not draw must know.

    `implementation` makes the Method when it is first drawn: a class (or any function without
    arguments), or where it lies, as "package.module:Class"; None for what no checkpoint draws.
    `needs_box` asks for the object's box before the picture is drawn and `needs_person` for the
    person's as well, `proposes` for k candidates of which the agents choose one and correct it.
    `needs_adapter` is one whose weights a checkpoint may lack. `rows` is what a step of it costs at most,
    in row-steps of record.story.cost, which counts the shipped methods more finely.
    """

    name: str
    implementation: str | Callable[[], object] | None = None
    summary: str = ""
    needs_box: bool = False
    needs_person: bool = False
    proposes: bool = False
    needs_adapter: bool = False
    drawn_by: Literal["checkpoint", "images_api"] = "checkpoint"
    rows: int = 2

    @property
    def is_drawn_elsewhere(self) -> bool:
        """Whether another service draws it: a seed, a size and attention mean nothing there."""
        return self.drawn_by != "checkpoint"


_HOME = "record.methods"
SHIPPED: tuple[Traits, ...] = (
    Traits("plain", f"{_HOME}.plain:Plain", "classifier-free guidance with DDIM and nothing else"),
    Traits(
        "attend_and_excite",
        f"{_HOME}.attend_and_excite:AttendAndExcite",
        "the weaker of subject's and object's maps is raised",
    ),
    Traits("boxdiff", f"{_HOME}.boxdiff:BoxDiff", "maps are drawn into boxes", needs_box=True),
    Traits(
        "multidiffusion",
        f"{_HOME}.multidiffusion:MultiDiffusion",
        "each box is denoised with its own phrase",
        needs_box=True,
    ),
    Traits(
        "lmd", f"{_HOME}.lmd:LMD", "maps are drawn into boxes and out of what lies around", needs_box=True
    ),
    Traits(
        "interactdiffusion",
        f"{_HOME}.interactdiffusion:InteractDiffusion",
        "a trained adapter is told the triplet and both boxes",
        needs_box=True,
        needs_person=True,
        needs_adapter=True,
    ),
    Traits(
        "record",
        f"{_HOME}.reason_and_correct:ReasonAndCorrect",
        "candidates with edited attention, two agents, one corrected picture",
        proposes=True,
    ),
    Traits("images_api", summary="any OpenAI-compatible images API", drawn_by="images_api"),
)
"""In the order of tables and grids."""

_SHIPPED = {one.name: one for one in SHIPPED}
_registered: dict[str, Traits] = {}


def register(traits: Traits) -> Traits:
    """Offer a method in this process, as in a notebook; the same name again replaces it.

    ValueError for a name that this list or an installed package has.
    """
    if traits.name in _SHIPPED or traits.name in _installed():
        raise ValueError(f"method {traits.name!r} is there already: give yours another name")
    _registered[traits.name] = traits
    return traits


def unregister(name: str) -> None:
    """Take back what `register` offered; KeyError where it did not."""
    del _registered[name]


def names() -> tuple[str, ...]:
    """Every method's name: this list's, installed packages' (none is imported for it), this process's."""
    return (*_SHIPPED, *_installed(), *_registered)


def find(name: str) -> Traits | None:
    """What a method is like, or None where it is unknown here; SettingsError as `traits_of`."""
    if name in _SHIPPED:
        return _SHIPPED[name]
    if name in _registered:
        return _registered[name]
    return _load(_installed()[name]) if name in _installed() else None


def traits_of(name: str) -> Traits:
    """What a method is like; SettingsError where it is unknown, or its package cannot be loaded."""
    found = find(name)
    if found is None:
        raise SettingsError(f"method={shown(name)}: {hint(name)}", param="method")
    return found


def hint(name: str) -> str:
    """What to say to somebody who asked for a method that is not there."""
    return remedy(name, names(), "methods")


@cache
def _installed() -> dict[str, EntryPoint]:
    """Methods of installed packages, not loaded; a name of this list stays this list's."""
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    for name in found.keys() & _SHIPPED.keys():
        log.warning(
            "%s offers method %r, which is there already: it is left out", found.pop(name).value, name
        )
    return found


@cache
def _load(entry: EntryPoint) -> Traits:
    try:
        traits = entry.load()
    except Exception as error:
        raise SettingsError(
            f"method={entry.name!r}: its package cannot be loaded from {entry.value!r} ({error}): mend or "
            "uninstall that package",
            param="method",
        ) from error
    if not isinstance(traits, Traits) or traits.name != entry.name:
        raise SettingsError(
            f"method={entry.name!r}: {entry.value!r} must be record.methods.Traits({entry.name!r}, ...)",
            param="method",
        )
    return traits
