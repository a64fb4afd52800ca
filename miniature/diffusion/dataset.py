"""Pictures of the drawn world on disk: drawn once, then read as memory maps; captions are told on reading."""

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
from miniature.world.bias import Bias, Said, tell
from miniature.world.canvas import SIDE
from record.geometry import Box

GRID = 16
_CHUNK = 250


@dataclass(frozen=True)
class Truth:
    """What is known of one picture; words are "" and places empty where absent.

    Boxes are (x0, y0, x1, y1) and `parts` (head, then hands) are (x, y), all in 0..1.
    """

    kind: str
    subject: str
    verb: str
    object: str
    scene: str
    style: str
    object_box: tuple[float, ...]
    person_box: tuple[float, ...]
    parts: tuple[tuple[float, float], ...]

    def said(self) -> Said:
        """The words that the picture was drawn from."""
        return Said(self.kind, self.subject, self.verb, self.object, self.scene, self.style)


@dataclass(frozen=True)
class Dataset:
    """`pictures` (N, 256, 256, 3) and `masks` (N, 2, 16, 16): object then person, 255 is all covered."""

    pictures: Bytes
    masks: Bytes
    truths: Sequence[Truth]

    def __len__(self) -> int:
        return len(self.truths)

    def captions(self, bias: Bias | None, *, seed: int = 0) -> list[str]:
        """One caption a picture; it depends on the picture's place, the seed and the bias alone."""
        told = enumerate(self.truths)
        return [tell(random.Random(f"caption/{seed}/{i}"), truth.said(), bias) for i, truth in told]


def _shares(mask: npt.NDArray[np.bool_]) -> Bytes:
    """Covered share of each cell of the attention grid, 0..255."""
    cell = SIDE // GRID
    counts = mask.reshape(GRID, cell, GRID, cell).sum(axis=(1, 3))
    return np.asarray(np.rint(counts * (255 / cell**2)), dtype=np.uint8)


def truth_of(drawing: Drawing) -> Truth:
    """What is kept of a drawing."""
    parts = [drawing.joints[name] for name in ("nose", "left_wrist", "right_wrist") if drawing.joints]
    return Truth(
        drawing.kind,
        drawing.subject,
        drawing.verb,
        drawing.object,
        drawing.scene,
        drawing.style,
        _numbers(drawing.object_box),
        _numbers(drawing.person_box),
        tuple((round(x, 4), round(y, 4)) for x, y in parts),
    )


def _numbers(box: Box | None) -> tuple[float, ...]:
    return tuple(round(float(v), 4) for v in box.to_list()) if box else ()


def _draw_chunk(job: tuple[int, int, int]) -> tuple[Bytes, Bytes, list[Truth]]:
    seed, first, count = job
    rng = random.Random(f"{seed}/{first}")
    drawings = [draw(rng) for _ in range(count)]
    masks = [[_shares(drawing.object_mask), _shares(drawing.person_mask)] for drawing in drawings]
    return np.stack([d.image for d in drawings]), np.asarray(masks), [truth_of(d) for d in drawings]


def _jobs(count: int, seed: int) -> Iterator[tuple[int, int, int]]:
    for first in range(0, count, _CHUNK):
        yield seed, first, min(_CHUNK, count - first)


def write(folder: Path, count: int, *, seed: int = 0, processes: int = 2) -> Dataset:
    """Draw `count` pictures of the training distribution into a folder; the seed fixes every one.

    More pictures of the same seed begin with the same ones, as long as `count` is a multiple of 250.
    """
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
            if first % 2000 == 0 or first == count:
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
        fields["parts"] = tuple((x, y) for x, y in fields["parts"])
        truths.append(Truth(**fields))
    count = len(truths)
    pictures = np.memmap(folder / "pictures.u8", np.uint8, "r", shape=(count, SIDE, SIDE, 3))
    masks = np.memmap(folder / "masks.u8", np.uint8, "r", shape=(count, 2, GRID, GRID))
    return Dataset(pictures, masks, truths)
