"""What became of one prompt: a line of the journal, a row of the manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from batch.items import Item
from record.errors import InputError, ReCorDError
from record.settings import Settings
from record.story.cost import row_steps
from record.traits import traits_of

BoxNumbers = tuple[float, float, float, float]


class Row(BaseModel):
    """One prompt and its last attempt; `settings` become columns of their own, by their names."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="names what was asked for: prompt, box, triplet and the settings given")
    line: int = Field(description="line of the prompts' file, from 1; the first, where several ask the same")
    prompt: str = Field(description="as it stands in the file")
    triplet: tuple[str, ...] | None = Field(None, description="subject, verb, object, preposition as read")
    box: BoxNumbers | None = Field(None, description="where the object was asked to be, xyxy in 0..1")
    settings: Mapping[str, Any] = Field(
        description="every one that was drawn with; of a failed prompt, those that were given"
    )
    status: Literal["finished", "failed"] = Field(description="`finished` or `failed`")
    error: str | None = Field(None, description="why there is no picture")
    error_code: str | None = Field(None, description="such as `unknown_word`")
    picture: str | None = Field(None, description="the file, from the batch's folder")
    chosen: int | None = Field(None, description="the candidate that the pose agent chose, from 0")
    person_box: BoxNumbers | None = Field(None, description="as found in the chosen candidate")
    object_box_before: BoxNumbers | None = Field(None, description="as found in the chosen candidate")
    object_box_after: BoxNumbers | None = Field(None, description="where the object was put")
    corrected: bool | None = Field(None, description="whether the correction drew the picture")
    judged: str | None = Field(None, description="the verdicts as JSON, where something was judged")
    degraded: tuple[str, ...] = Field((), description="parts that failed and were done without")
    seconds: float = Field(description="from the start of the attempt to its end")
    cost: int | None = Field(None, description="row-steps (rows of the denoiser times steps), at most")
    worker: str = Field(description="host:process that drew or asked")
    node: str | None = Field(None, description="the Ray node's id, on a cluster")
    run: str | None = Field(None, description="the run's id; of a service, that of its store")
    attempt: int = Field(description="1, or one more each time that the prompt was asked for again")
    started: datetime = Field(description="of the attempt, UTC")
    ended: datetime = Field(description="of the attempt, UTC")
    model: str = Field(
        description="what draws: its name, and a digest of its files where they are folders or files"
    )

    def flat(self) -> dict[str, Any]:
        """The row as the manifest has it: a value for every column that has one."""
        return {**self.model_dump(exclude={"settings"}), **self.settings}


class Attempt(BaseModel):
    """Who tried, when, and what draws there."""

    model_config = ConfigDict(frozen=True)

    worker: str
    node: str | None = None
    model: str
    started: datetime
    ended: datetime
    seconds: float

    def finished(self, item: Item, run: Mapping[str, Any]) -> Row:
        """The row of a drawn picture; `run` is its story as `record.story.run.Run.to_json` tells it."""
        judged = run["judged"]
        settings = Settings.build(run["settings"])
        cost = row_steps(
            settings, traits_of(settings.method), has_box=item.box is not None, can_judge=judged is not None
        )
        same = ("chosen", "person_box", "object_box_before", "object_box_after", "corrected")
        return self._row(
            item,
            {
                **{name: run[name] for name in same},
                "status": "finished",
                "triplet": tuple(run["triplet"].values()),
                "settings": run["settings"],
                "picture": picture_of(item.id),
                "judged": None if judged is None else json.dumps(judged),
                "degraded": tuple(f"{one['stage']}: {one['reason']}" for one in run["degraded"]),
                "cost": cost,
                "run": run["id"],
            },
        )

    def failed(self, item: Item, error: Exception) -> Row:
        """The row of a prompt without a picture."""
        is_ours = isinstance(error, ReCorDError)
        told = str(error) if is_ours else f"{type(error).__name__}: {error}"
        code = error.code if isinstance(error, ReCorDError) else ReCorDError.code
        triplet = None if item.triplet is None else tuple(item.triplet.__dict__.values())
        return self._row(
            item,
            {
                "status": "failed",
                "error": told,
                "error_code": code,
                "triplet": triplet,
                "settings": item.settings,
            },
        )

    def _row(self, item: Item, became: Mapping[str, Any]) -> Row:
        box = None if item.box is None else item.box.to_list()
        asked = {"id": item.id, "line": item.line, "prompt": item.prompt, "box": box, "attempt": item.attempt}
        return Row.model_validate({**self.model_dump(), **asked, **became})


def picture_of(item: str) -> str:
    """Where a picture lies in the batch's folder: not more than a few thousand files a folder."""
    return f"pictures/{item[:2]}/{item}.png"


def read_row(line: str | bytes, where: str) -> Row:
    """A row from its line of a journal; InputError where it is none."""
    try:
        return Row.model_validate_json(line)
    except ValueError as error:
        raise InputError(f"{where} is no row of a batch: take the line out ({error})") from error
