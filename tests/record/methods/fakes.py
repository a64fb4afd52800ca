"""Maps and jobs worked by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from record.backbone import TokenRoles
from record.geometry import Box
from record.job import Job, Reference
from record.methods import Method, Traits, register, unregister
from record.methods.losses import TokenMaps
from record.reading.prompt import parse
from record.settings import Drawing

THING = Box(0.25, 0.25, 0.5, 0.5)
PERSON = Box(0, 0, 0.5, 1)
FIVE_TOKENS = torch.arange(5)
ROLES = TokenRoles(
    content=(FIVE_TOKENS > 0) & (FIVE_TOKENS < 4), shared=torch.tensor([-1, 1, 2, -1, -1]),
    special=torch.tensor([0, -1, -1, -1, 3]), subject=FIVE_TOKENS == 1, verb=FIVE_TOKENS == 2,
    object=FIVE_TOKENS == 3, object_phrase=FIVE_TOKENS == 3,
)  # fmt: skip


def token_maps(subject: Tensor, thing: Tensor, temperature: float = 0.0) -> TokenMaps:
    """Maps (S x S) of subject and object among five tokens; the others' are zero."""
    none = torch.zeros_like(subject)
    maps = torch.stack([none, subject, none, thing, none], -1).flatten(0, 1)
    return TokenMaps(maps, ROLES, temperature)


def flat(value: float, size: int = 8) -> Tensor:
    return torch.full((size, size), value)


def job(person: Box | None = PERSON, box: Box | None = THING, **drawing: Any) -> Job:
    text = "a woman is kicking a ball"
    return Job(parse(text), 1, Drawing(**drawing), box, Reference(person_box=person))


@contextmanager
def offered(method: Method, name: str = "passing", **traits: Any) -> Iterator[str]:
    """The name by which a method can be asked for, for a while."""
    register(Traits(name, lambda: method, **traits))
    try:
        yield name
    finally:
        unregister(name)
