"""What led to a picture: as a table, and as a sheet of pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of
from typing import Any

import numpy as np
from PIL import Image
from rich.table import Table

from record.geometry import Box
from record.pictures.drawing import (
    FOUND,
    PERSON,
    WANTED,
    captioned,
    fitted,
    framed,
    sheet,
    with_boxes,
    with_skeleton,
)
from record.traits import find
from record.types import Layout
from record_cli.painter import Drawn

TILE = 192
ATTRIBUTES = tuple(field.name for field in fields_of(Layout) if field.name not in ("object_box", "reason"))

JUDGED = {"action_right": "right action", "object_there": "object there", "person_whole": "person whole"}


def table(drawn: Drawn) -> Table:
    """The run in words: what was read, chosen, found and asked for, and the time it took."""
    lines = Table("what", "value", show_header=False, title="what led to the picture", title_justify="left")
    for name, value in facts(drawn):
        lines.add_row(name, value)
    return lines


def facts(drawn: Drawn) -> Iterator[tuple[str, str]]:
    """Name and value of every line of the table; parts that a run does not have are left out."""
    run = drawn.run
    settings, triplet = run.get("settings", {}), run.get("triplet", {})
    yield "prompt", str(run.get("prompt", ""))
    yield "read as", " | ".join(str(part) for part in triplet.values() if part)
    yield "without its object", str(run.get("intransitive", ""))
    yield "method", str(settings.get("method"))
    traits = find(str(settings.get("method")))
    if traits is None or not traits.is_drawn_elsewhere:
        yield "drawn with", f"seed {settings.get('seed')}, {settings.get('steps')} steps"
    yield from _choice(drawn)
    yield from _places(drawn)
    yield from _verdicts(drawn)
    for lost in run.get("degraded", []):
        yield "went on without", f"{lost['stage']}: {lost['reason']}"
    times = [f"{stage} {seconds:.1f} s" for stage, seconds in run.get("timings", {}).items()]
    yield "time", ", ".join([*times, f"in all {drawn.seconds:.1f} s"])


def _choice(drawn: Drawn) -> Iterator[tuple[str, str]]:
    chosen = drawn.event("pose.selected")
    for index, pose in enumerate(chosen.get("poses", [])):
        mark = "  <- chosen" if index == chosen["index"] else ""
        yield f"candidate {index}", f"{pose}{mark}"
    if chosen.get("reason"):
        yield "because", str(chosen["reason"])


def _places(drawn: Drawn) -> Iterator[tuple[str, str]]:
    run, proposed = drawn.run, drawn.event("layout.proposed")
    if not drawn.event("candidate.analysed"):
        return
    for name, key in (
        ("person's box", "person_box"),
        ("object's box, found", "object_box_before"),
        ("object's box, wanted", "object_box_after"),
    ):
        yield name, _box_words(run.get(key))
    layout = proposed.get("layout") or {}
    for attribute in ATTRIBUTES:
        if attribute in layout:
            yield attribute.replace("_", " "), str(layout[attribute])
    kept = drawn.event("layout.kept")
    yield "corrected", "yes" if run.get("corrected") else f"no: {kept.get('reason') or 'kept as it was'}"


def _verdicts(drawn: Drawn) -> Iterator[tuple[str, str]]:
    judged = drawn.run.get("judged")
    if judged is None:
        return
    for index, verdict in enumerate(judged["verdicts"]):
        answers = (f"{'' if verdict[key] else 'not '}{meaning}" for key, meaning in JUDGED.items())
        mark = "  <- best" if index == judged["chosen"] else ""
        yield f"judged, {_name(judged, index)}", f"{', '.join(answers)} ({verdict['reason']}){mark}"
    yield "the answer, because", str(judged["reason"])


def _name(judged: Mapping[str, Any], index: int) -> str:
    if judged["of"] == "stories":
        return f"story {index}"
    return f"correction {index - 1}" if index else "candidate"


def pictures(drawn: Drawn) -> Image.Image:
    """Candidates with the chosen one framed; below them what was found, what was wanted, the result;
    and corrections that were judged, with the best one framed if it is one of them.

    The skeleton and the person's box are drawn on the chosen candidate; the object's box is red where
    it was found and green where it is wanted.
    """
    result = captioned(fitted(drawn.image, TILE), f"result, {drawn.seconds:.1f} s")
    if not drawn.candidates:
        return sheet([[result]])
    run = drawn.run
    index = run.get("chosen", 0)
    chosen = fitted(drawn.candidates[index], TILE)
    person, before, after = (
        _box(run, key) for key in ("person_box", "object_box_before", "object_box_after")
    )
    found = with_skeleton(chosen, _keypoints(run))
    second = [
        captioned(with_boxes(found, (person, PERSON), (before, FOUND)), "found"),
        captioned(with_boxes(chosen, (before, FOUND), (after, WANTED)), "object's box, wanted"),
    ]
    rows = [_candidates(drawn, index), [*(second if drawn.event("candidate.analysed") else []), result]]
    return sheet([*rows, *([_corrections(drawn)] if drawn.corrections else [])])


def _corrections(drawn: Drawn) -> list[Image.Image]:
    judged = drawn.run.get("judged") or {"of": "stories"}
    best = judged["chosen"] - 1 if judged["of"] == "corrections" else None
    tiles = [fitted(correction, TILE) for correction in drawn.corrections]
    return [
        captioned(framed(tile) if index == best else tile, f"correction {index}")
        for index, tile in enumerate(tiles)
    ]


def _candidates(drawn: Drawn, chosen: int) -> list[Image.Image]:
    poses = drawn.event("pose.selected").get("poses", [])
    tiles = []
    for index, candidate in enumerate(drawn.candidates):
        tile = fitted(candidate, TILE)
        pose = f": {poses[index]}" if index < len(poses) else ""
        tiles.append(captioned(framed(tile) if index == chosen else tile, f"candidate {index}{pose}"))
    return tiles


def _box(run: Mapping[str, Any], key: str) -> Box | None:
    values = run.get(key)
    return None if values is None else Box.of(values)


def _box_words(values: list[float] | None) -> str:
    return "none" if values is None else ", ".join(f"{value:.2f}" for value in values)


def _keypoints(run: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.float32]] | None:
    found = run.get("keypoints")
    return None if found is None else np.asarray(found, np.float32)
