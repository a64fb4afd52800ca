"""The corrections of one candidate: how they differ, so that one of them may be right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from record.geometry import Box
from record.job import Job
from record.settings import MAX_SEED

LARGER, SMALLER = 1.25, 0.8
"""Edges of the second and the third box; the way back to the found box was right least often, and is last."""
FAR = 2**24
"""Other noise has seeds so far away, so that it is no other candidate's of the same request."""


def varied(job: Job, found: Box | None, count: int, variety: str) -> list[Job]:
    """`count` corrections by `Settings.correction_variety`, the first being `job` itself.

    `found` is the box in which the object was found. Where boxes run out, other noise follows: its
    reference stays, so that the person is held where the box was proposed for.
    """
    assert job.box is not None
    boxes = [job.box] if variety == "seeds" else _boxes(job.box, found, variety)
    jobs = [replace(job, box=box) for box in boxes[:count]]
    return jobs + [replace(job, seed=seed) for seed in _seeds(job.seed, count - len(jobs))]


def _boxes(proposed: Box, found: Box | None, variety: str) -> Sequence[Box]:
    wanted = [proposed, proposed.scaled(LARGER), proposed.scaled(SMALLER)]
    if found is not None:
        wanted[1:1] = [found] if variety == "found_box" else []
        wanted.append(proposed.halfway_to(found))
    return list(dict.fromkeys(wanted))


def _seeds(seed: int, count: int) -> Iterator[int]:
    return ((seed + FAR * other) % MAX_SEED for other in range(1, count + 1))
