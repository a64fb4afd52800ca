"""How pictures are drawn, a file a method. Loading one loads torch; knowing of them does not."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from record.errors import SettingsError
from record.traits import SHIPPED, Traits, find, names, register, traits_of, unregister

if TYPE_CHECKING:
    from record.methods.base import Edits, Guidance, Method, Moment, Strand, Term

__all__ = [
    "Edits",
    "Guidance",
    "Method",
    "Moment",
    "Strand",
    "Term",
    "Traits",
    "find",
    "method_of",
    "names",
    "register",
    "traits_of",
    "unregister",
]
_LOADED_WHEN_ASKED = ("Edits", "Guidance", "Method", "Moment", "Strand", "Term")


def method_of(name: str) -> Method:
    """The method of that name, loaded once; SettingsError for one that no checkpoint draws here."""
    return _made(traits_of(name))


@cache
def _made(traits: Traits) -> Method:
    from record.methods.base import Method

    implementation = traits.implementation
    if implementation is None:
        here = [one.name for one in SHIPPED if not one.is_drawn_elsewhere]
        raise SettingsError(
            f"method={traits.name!r} is not drawn by a checkpoint here: use one of {', '.join(here)}, or a "
            "service that offers it",
            param="method",
        )
    method = (resolve_name(implementation) if isinstance(implementation, str) else implementation)()
    if not isinstance(method, Method):
        raise TypeError(f"method {traits.name!r}: {implementation!r} makes no Method but {method!r}")
    return method


def __getattr__(name: str) -> Any:
    """Load what needs torch only when it is asked for."""
    if name in _LOADED_WHEN_ASKED:
        return getattr(import_module("record.methods.base"), name)
    raise AttributeError(f"module 'record.methods' has no attribute {name!r}")
