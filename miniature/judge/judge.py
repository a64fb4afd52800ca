"""What the judge says of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from miniature.judge.model import SIDE, Network
from miniature.training.pixels import Bytes, reduced, to_tensor
from miniature.world import OBJECTS, VERBS
from record.analysis.otsu import largest_region, region_box
from record.geometry import Box
from record.types import Array

WEIGHTS_FILE = "model.safetensors"
_BATCH = 64
_LEAST_CELLS = 8
_WORDS = "words"


@dataclass(frozen=True)
class Verdict:
    """Probabilities (11,) of `verbs` and `objects`, the last is none; `cells` (11, 64, 64) of objects."""

    verbs: Array
    objects: Array
    cells: Array

    @property
    def verb(self) -> str:
        """The likeliest verb; "" for none."""
        return (*VERBS, "")[int(self.verbs.argmax())]

    @property
    def object(self) -> str:
        """The likeliest object; "" for none."""
        return (*OBJECTS, "")[int(self.objects.argmax())]

    def rank(self, verb: str, thing: str) -> int:
        """Place of a pair, from 1, among all pairs by p(verb) p(object).

        None is a word like the others here: a picture without an object has no object of rank 1.
        """
        chances = np.outer(self.verbs, self.objects)
        asked = chances[VERBS.index(verb), OBJECTS.index(thing)]
        return int((chances > asked).sum()) + 1

    def box(self, thing: str) -> Box | None:
        """Box of the largest region of cells that are likely the object; None where it is not seen."""
        region = largest_region(self.cells[OBJECTS.index(thing)] > 0.5)
        return region_box(region) if region.sum() >= _LEAST_CELLS else None


def _words() -> str:
    """The words that the classes stand for, in order."""
    return ", ".join((*VERBS, *OBJECTS))


class Judge:
    """Names verb and object of drawings and of pictures like them."""

    def __init__(self, network: Network) -> None:
        self._network = network.float().eval()

    @classmethod
    def from_pretrained(cls, folder: Path) -> Self:
        """Load what `save_pretrained` wrote; FileNotFoundError with the remedy where there is nothing.

        ValueError if it was trained on other words (weights that do not say which are taken as they are).
        """
        path = folder / WEIGHTS_FILE
        if not path.is_file():
            raise FileNotFoundError(f"no judge at {path}; train one: python -m miniature.judge train")
        with safe_open(path, "pt") as file:
            found = (file.metadata() or {}).get(_WORDS, _words())
        if found != _words():
            raise ValueError(f"the judge at {path} knows other words, or in another order: {found}")
        network = Network()
        network.load_state_dict(load_file(path))
        return cls(network)

    def save_pretrained(self, folder: Path) -> None:
        """Write the weights in half precision, and the words whose places are its classes."""
        folder.mkdir(parents=True, exist_ok=True)
        halves = {name: value.half().contiguous() for name, value in self._network.state_dict().items()}
        save_file(halves, folder / WEIGHTS_FILE, {_WORDS: _words()})

    @torch.no_grad()
    def features(self, pictures: Bytes) -> Array:
        """What the network knows of each picture before it names it, N x 96; uint8 (N, H, H, 3)."""
        small = reduced(pictures, SIDE)
        parts = [
            self._network.summarise(to_tensor(small[first : first + _BATCH])).mean(dim=(2, 3))
            for first in range(0, len(small), _BATCH)
        ]
        found: Array = torch.cat(parts).numpy()
        return found

    @torch.no_grad()
    def look(self, pictures: Bytes) -> list[Verdict]:
        """A verdict for each picture; uint8 (N, H, H, 3), H a multiple of 128."""
        verdicts: list[Verdict] = []
        pictures = reduced(pictures, SIDE)
        for first in range(0, len(pictures), _BATCH):
            some = self._network(to_tensor(pictures[first : first + _BATCH]))
            parts = (part.softmax(1).numpy() for part in some)
            verdicts += [Verdict(*each) for each in zip(*parts, strict=True)]
        return verdicts
