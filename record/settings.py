"""Every switch of a request, checked once at the edge: those a picture depends on, and the story's own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from record.errors import SettingsError
from record.traits import hint, names

MAX_SEED = 2**32
"""Seeds are below this."""
GradientRule = Literal["paper", "normalised"]

PAPER: Mapping[str, Any] = {
    "candidates": 5,
    "steps": 50,
    "guidance_scale": 7.5,
    "base_branch": "two_rows",
    "cross_edit_share": 1.0,
    "self_edit_share": 0.2,
    "guided_share": 0.5,
    "gradient_rule": "paper",
    "step_size": 20.0,
    "map_temperature": 100.0,
    "bootstrapped_share": 0.4,
}
"""Preset `paper`: as published, with the authors' two-row base branch."""


def _known(method: str) -> str:
    if method not in names():
        raise PydanticCustomError("unknown_method", "{hint}", {"hint": hint(method)})
    return method


def _list_methods(schema: dict[str, Any]) -> None:
    schema["enum"] = list(names())


MethodName = Annotated[str, AfterValidator(_known), Field(json_schema_extra=_list_methods)]
"""A method of record.traits' list, as it stands when the name is checked."""


class Drawing(BaseModel):
    """What one picture depends on beside its prompt, its seed and its box; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: MethodName = Field("record", description="record (the full method), or one to compare with")
    steps: int = Field(50, ge=2, le=200, description="T, DDIM steps")
    guidance_scale: float = Field(7.5, ge=1.0, le=30.0, description="classifier-free guidance scale")

    base_branch: Literal["one_row", "two_rows"] = Field(
        "one_row",
        description="the intransitive branch: another key on the picture's own queries (equation 1 as "
        "written), or a latent of its own from the same noise (the authors' form)",
    )
    cross_edit: bool = Field(True, description="equations 1-2: words of y' take the maps of y'")
    cross_edit_share: float = Field(1.0, ge=0, le=1, description="share of the steps with that edit")
    renormalise: bool = Field(False, description="rows of an edited map sum to one again")
    self_edit: bool = Field(True, description="self-attention maps come from the intransitive branch")
    self_edit_share: float = Field(0.2, ge=0, le=1, description="share of the steps with that edit")
    self_edit_resolution: int = Field(
        0, ge=0, le=128, description="largest map edge that is injected; 0 is that of the maps read"
    )

    guided_share: float = Field(
        0.5, ge=0, le=1, description="share of the correction's steps with box guidance"
    )
    gradient_rule: GradientRule = Field(
        "paper", description="equation 5 as printed, or the gradient divided by its root mean square"
    )
    step_size: float = Field(20.0, gt=0, le=100, description="alpha of equation 5 at the first step")
    map_temperature: float = Field(
        100.0,
        ge=0,
        le=1000,
        description="temperature of the token softmax of equation 4; 0 reads the raw map",
    )
    grounded_share: float = Field(
        1.0, ge=0, le=1, description="interactdiffusion: share of the steps with grounding"
    )
    exclusion: bool = Field(True, description="equation 3: other words leave the object's place")
    overlap_weight: float = Field(
        0.0, ge=0, le=10, description="weight of a loss on the object's map over the person outside the box"
    )
    hold_weight: float = Field(
        0.0,
        ge=0,
        le=10,
        description="weight of a loss that holds the subject's and the verb's maps",
    )
    presence_weight: float = Field(
        0.0,
        ge=0,
        le=10,
        description="weight of a loss on the weaker of subject and, in its box, object",
    )
    refinements: int = Field(
        0,
        ge=0,
        le=50,
        description="most descents more at steps 0, 10 and 20 of 50, until the object fills its box",
    )
    enough_loss: float = Field(
        0.0, ge=0, le=3, description="guidance ends for good once its loss is below this; 0: never"
    )
    bootstrapped_share: float = Field(
        0.4,
        ge=0,
        le=1,
        description="multidiffusion: share of the steps in which a phrase sees a flat colour around its box",
    )


class Settings(Drawing):
    """How a sentence becomes a picture: a Drawing, and what only the story uses."""

    preset: Literal["default", "paper"] = Field(
        "default", description="what fields left out become: best measured, or as published"
    )
    seed: int = Field(0, ge=0, lt=MAX_SEED, description="first candidate's noise; candidate i uses seed + i")
    candidates: int = Field(5, ge=1, le=8, description="k, coarse candidates the pose agent chooses from")

    correction: bool = Field(True, description="the second pass; without it the chosen candidate stays")
    candidate_steps: int = Field(
        0, ge=0, le=200, description="stop candidates after so many steps, as coarse pictures; 0: never"
    )
    keep_iou: float = Field(0.85, ge=0, le=1, description="change check: keep the layout above this IoU ...")
    keep_shift: float = Field(0.05, ge=0, le=1, description="... if the centres are also closer than this")
    strict: bool = Field(
        False, description="fail when the language model fails, instead of a degraded picture"
    )

    @classmethod
    def build(cls, given: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> Self:
        """Validate `given` over its preset; SettingsError names the field.

        Preset `default` takes a checkpoint's own `defaults`, measured best with it; `paper` does not.
        """
        for name in given:
            if name not in cls.model_fields:
                raise SettingsError(_unknown(name, cls.model_fields), param=name)
        preset = PAPER if given.get("preset") == "paper" else (defaults or {})
        try:
            return cls.model_validate({**preset, **given})
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            raise SettingsError(f"{name}={first['input']!r}: {first['msg'].lower()}", param=name) from error

    def drawing(self) -> Drawing:
        """The part that a trajectory depends on."""
        return Drawing(**{name: getattr(self, name) for name in Drawing.model_fields})


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"known settings: {', '.join(sorted(known))}"
    return f"unknown setting {name!r}: {remedy}"
