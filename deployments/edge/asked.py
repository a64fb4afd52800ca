"""What every request to draw has: fields of its own, settings beside them, and a time."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deployments.edge.fields import REASONS
from record.errors import InputError
from record.nearest import remedy
from record.settings import Settings
from record.shown import shown
from record.types import Json

NOT_IN_BODY = frozenset({"settings", "timeout_s"})
"""Fields of a request that its JSON cannot set: those read from headers belong here."""


class Asked(BaseModel):
    """A body whose own fields are those of the class; every setting's name is a field too."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    example: ClassVar[str]

    settings: dict[str, Any] = Field(default_factory=dict, exclude=True)
    timeout_s: float | None = Field(None, exclude=True, description="seconds the caller will wait")

    @classmethod
    def read(cls, body: object, timeout_s: float | None = None) -> Self:
        """Check a request's JSON, where null is as if left out; InputError names field and remedy."""
        if not isinstance(body, dict):
            raise InputError(f"the body must be a JSON object such as {cls.example}")
        own = cls.model_fields.keys() - NOT_IN_BODY
        for name in body:
            if name not in own and name not in Settings.model_fields:
                told = remedy(name, own | set(Settings.model_fields), "fields")
                raise InputError(f"unknown field {shown(name)}: {told}", param=name, code="unknown_field")
        given = {name: value for name, value in body.items() if value is not None}
        settings = {name: value for name, value in given.items() if name not in own}
        Settings.build(settings, strict=True)
        fields = {name: given[name] for name in own & given.keys()}
        try:
            asked = cls(**fields, settings=settings, timeout_s=timeout_s)
        except ValidationError as error:
            raise _explained(error) from error
        asked.check_together()
        return asked

    def check_together(self) -> None:
        """InputError for fields that are right alone and not beside one another."""

    def told(self) -> Json:
        """The request as JSON again: what was given, and no more."""
        return {**self.model_dump(exclude_unset=True), **self.settings}

    def within_s(self, most: float) -> float:
        """Seconds this request may take: what the caller said, and never more than `most`."""
        return most if self.timeout_s is None else min(most, self.timeout_s)


def _explained(error: ValidationError) -> InputError:
    """The first thing that is wrong, in our words."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        why = "say who does what with what" if name == "prompt" else "it has to be given"
        return InputError(f"{name} is missing: {why}", param=name)
    reason = REASONS.get(name)
    told = f"{name}={shown(first['input'])}: {first['msg'].lower()}"
    return InputError(f"{told}: {reason}" if reason else told, param=name)
