"""Pictures of the drawn world on disk: drawn once, then read as memory maps."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from miniature.training.pixels import Bytes
from miniature.world import Drawing, draw

SIDE = 128
GRID = 16
_CHUNK = 500


@dataclass(frozen=True)
class Truth:
    """What is known of one picture; words are "" and boxes empty where absent, joints left out."""

    caption: str
    kind: str
    subject: str
    verb: str
    object: str
    object_box: tuple[float, ...]
    person_box: tuple[float, ...]


@dataclass(frozen=True)
class Dataset:
    """`pictures` (N, 128, 128, 3) and `masks` (N, 2, 16, 16): object then person, 255 is all covered."""

    pictures: Bytes
    masks: Bytes
    truths: Sequence[Truth]

    def __len__(self) -> int:
        return len(self.truths)


def _shares(mask: npt.NDArray[np.bool_]) -> Bytes:
    """Covered share of each cell of the attention grid, 0..255."""
    cell = SIDE // GRID
    shares = mask.reshape(GRID, cell, GRID, cell).mean(axis=(1, 3))
    return np.asarray(np.rint(shares * 255), dtype=np.uint8)


def _truth(drawing: Drawing) -> Truth:
    thing, person = drawing.object_box, drawing.person_box
    return Truth(
        drawing.caption,
        drawing.kind,
        drawing.subject,
        drawing.verb,
        drawing.object,
        tuple(float(v) for v in thing.to_list()) if thing else (),
        tuple(float(v) for v in person.to_list()) if person else (),
    )


def _draw_chunk(job: tuple[int, int, int]) -> tuple[Bytes, Bytes, list[Truth]]:
    seed, first, count = job
    rng = random.Random(f"{seed}/{first}")
    drawings = [draw(rng) for _ in range(count)]
    masks = [[_shares(drawing.object_mask), _shares(drawing.person_mask)] for drawing in drawings]
    return np.stack([d.image for d in drawings]), np.asarray(masks), [_truth(d) for d in drawings]


def _jobs(count: int, seed: int) -> Iterator[tuple[int, int, int]]:
    for first in range(0, count, _CHUNK):
        yield seed, first, min(_CHUNK, count - first)


def write(folder: Path, count: int, *, seed: int = 0, processes: int = 2) -> Dataset:
    """Draw `count` pictures of the training distribution into a folder; the seed fixes every one."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = np.memmap(folder / "pictures.u8", np.uint8, "w+", shape=(count, SIDE, SIDE, 3))
    masks = np.memmap(folder / "masks.u8", np.uint8, "w+", shape=(count, 2, GRID, GRID))
    first = 0
    with multiprocessing.Pool(processes) as pool, (folder / "truths.jsonl").open("w") as lines:
        for some, where, truths in pool.imap(_draw_chunk, _jobs(count, seed)):
            pictures[first : first + len(some)] = some
            masks[first : first + len(some)] = where
            lines.writelines(json.dumps(asdict(truth)) + "\n" for truth in truths)
            first += len(some)
            print(f"drawn {first} of {count}", flush=True)
    pictures.flush()
    masks.flush()
    return read(folder)


def read(folder: Path) -> Dataset:
    """Open what `write` wrote; FileNotFoundError with the remedy where it is missing."""
    listing = folder / "truths.jsonl"
    if not listing.is_file():
        raise FileNotFoundError(f"no pictures in {folder}; draw them: python -m miniature.diffusion draw")
    truths = []
    for line in listing.read_text().splitlines():
        fields = json.loads(line)
        fields |= {name: tuple(fields[name]) for name in ("object_box", "person_box")}
        truths.append(Truth(**fields))
    count = len(truths)
    pictures = np.memmap(folder / "pictures.u8", np.uint8, "r", shape=(count, SIDE, SIDE, 3))
    masks = np.memmap(folder / "masks.u8", np.uint8, "r", shape=(count, 2, GRID, GRID))
    return Dataset(pictures, masks, truths)
