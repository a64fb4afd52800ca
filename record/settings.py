"""Every switch of a request, checked once at the edge: those a picture depends on, and the story's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from record.errors import SettingsError
from record.facts import Family
from record.nearest import remedy
from record.shown import shown
from record.traits import hint, names

MAX_SEED = 2**32
"""Seeds are below this."""
GradientRule = Literal["paper", "normalised"]

_PUBLISHED: Mapping[str, Any] = {
    "candidates": 5,
    "steps": 50,
    "guidance_scale": 7.5,
    "intransitive_share": 0.0,
    "base_branch": "two_rows",
    "cross_edit_share": 1.0,
    "special_tokens": "intransitive",
    "self_edit_from": 0.0,
    "self_edit_until": 0.2,
    "exclusion_mask": "per_head",
    "hold_pose_share": 0.0,
    "guided_share": 0.5,
    "gradient_rule": "paper",
    "step_size": 20.0,
    "map_temperature": 100.0,
    "bootstrapped_share": 0.4,
    "object_counts": "never",
    "corrections": 1,
    "look_again": False,
}
_AS_RUN: Mapping[Family, Mapping[str, Any]] = {
    "sd1": {},
    "sd2": {"guided_share": 0.3, "step_size": 15.0, "self_edit_resolution": 16},
    "sdxl": {"self_edit_resolution": 32},
}


def published(family: Family, method: str = "record") -> Mapping[str, Any]:
    """Preset `paper` for a kind of model and a method: as published.

    ReCorD on SD 2.x and XL as its authors run it (github.com/j1anglin/ReCorD at 2dd4e60c3dc5, a script for
    each), on SD 1.x, for which they have none, by the text (arXiv 2407.17911, section 3). The other methods
    share fields with it and have values of their own papers (docs/methods.md), whatever the model.
    """
    return {**_PUBLISHED, **(_AS_RUN[family] if method == "record" else {})}


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

    intransitive_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the steps, from the first, that are told y' instead of the prompt: more poses "
        "are right and fewer objects there, which the correction brings back; a candidate that stops before "
        "its end has no object's box",
    )
    base_branch: Literal["one_row", "two_rows"] = Field(
        "two_rows",
        description="the intransitive branch: another key on the picture's own queries (equation 1 as "
        "written), or a latent of its own from the same noise (the authors' form). A text encoder that "
        "reads from left to right gives the words of y' the same keys in both sentences, so that one_row is "
        "close to no edit with every Stable Diffusion",
    )
    cross_edit: bool = Field(True, description="equations 1-2: words of y' take the maps of y'")
    cross_edit_share: float = Field(1.0, ge=0, le=1, description="share of the steps with that edit")
    renormalise: bool = Field(False, description="rows of an edited map sum to one again")
    special_tokens: Literal["own", "intransitive"] = Field(
        "own",
        description="whose maps start, end and padding take in the cross edit: the prompt's, or those of y' "
        "(the authors' code)",
    )
    self_edit: bool = Field(True, description="self-attention maps come from the intransitive branch")
    self_edit_from: float = Field(
        0.0, ge=0, le=1, description="share of the steps after which that edit begins (the paper's text: 0.1)"
    )
    self_edit_until: float = Field(
        0.2, ge=0, le=1, description="share of the steps after which it ends (the authors' code: 0.2)"
    )
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
    exclusion_mask: Literal["pooled", "per_head"] = Field(
        "pooled",
        description="what that place is: the object's map of the step before, over all heads and layers that "
        "are read, or its map in each head (also in the first step)",
    )
    hold_pose_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the correction's steps in which self-attention outside the box is that of the "
        "chosen candidate, drawn again beside it",
    )
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
    object_counts: Literal["never", "among_equals", "always"] = Field(
        "among_equals",
        description="a chosen candidate in which no object is seen gives way to one that has it: never, to "
        "one of the same pose (a correction can bring an object and mends no pose), or to any",
    )
    corrections: int = Field(
        1, ge=1, le=4, description="second passes that are drawn and judged; more than one needs look_again"
    )
    correction_variety: Literal["boxes", "found_box", "seeds"] = Field(
        "boxes",
        description="how corrections differ: the proposed box and variations of it; the same with the "
        "found box second; or other noise in the proposed box, as always where the caller gave the box",
    )
    look_again: bool = Field(
        True,
        description="candidate and corrections are judged by the language model and the best is the answer; "
        "where it cannot judge, the correction is",
    )
    best_of: int = Field(
        1, ge=1, le=8, description="whole stories, a seed each, of which the judged best is the answer"
    )
    row_steps: int = Field(
        0, ge=0, description="most row-steps (a UNet row for a step) of all that is drawn; 0: no bound"
    )
    candidate_steps: int = Field(
        0, ge=0, le=200, description="stop candidates after so many steps, as coarse pictures; 0: never"
    )
    keep_iou: float = Field(0.85, ge=0, le=1, description="change check: keep the layout above this IoU ...")
    keep_shift: float = Field(0.05, ge=0, le=1, description="... if the centres are also closer than this")
    strict: bool = Field(
        False, description="fail when the language model fails, instead of a degraded picture"
    )

    @classmethod
    def build(
        cls,
        given: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        family: Family = "sd1",
        *,
        strict: bool = False,
    ) -> Self:
        """Validate `given` over its preset; SettingsError names the field.

        With `strict` nothing is read as another type: no "5" and no true where a number belongs.

        Preset `default` takes a checkpoint's own `defaults`, measured best with it; `paper` takes what was
        published for its `family`.
        """
        for name in given:
            if name not in cls.model_fields:
                told = remedy(name, cls.model_fields, "settings")
                raise SettingsError(f"unknown setting {shown(name)}: {told}", param=name)
        is_paper = given.get("preset") == "paper"
        preset = published(family, str(given.get("method", "record"))) if is_paper else (defaults or {})
        try:
            return cls.model_validate({**preset, **given}, strict=strict)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            message = f"{name}={shown(first['input'])}: {first['msg'].lower()}"
            raise SettingsError(message, param=name) from error

    def drawing(self) -> Drawing:
        """The part that a trajectory depends on."""
        return Drawing(**{name: getattr(self, name) for name in Drawing.model_fields})
