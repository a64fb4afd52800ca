"""Two hundred generated pictures whose verb and object somebody named by looking, and how far a judge agrees.

The pictures are of several methods, for rare, unseen and some frequent pairs, 128 pixels wide. The labels
were given without looking up what had been asked for, though some pictures had been seen beside their
sentences before. A verb is `UNCLEAR` where the body could be doing several things.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from miniature.judge.judge import Judge
from miniature.training.pixels import Bytes

UNCLEAR = "unclear"
_FOLDER = Path(__file__).parent
_SIDE = 128


class Label(NamedTuple):
    """What was asked for, and what is to be seen; "" for none."""

    asked_verb: str
    asked_object: str
    verb: str
    object: str

    @property
    def is_right(self) -> bool:
        """Whether the picture shows what was asked for."""
        return (self.verb, self.object) == (self.asked_verb, self.asked_object)


@dataclass(frozen=True)
class Agreement:
    """Shares of equal answers: of verbs over the `clear` pictures, of the rest over all `count`.

    `right` is whether verb and object are both as asked for; `labelled_right` and `judged_right` are the
    shares of pictures that pass, by the labels and by the judge.
    """

    count: int
    clear: int
    verb: float
    object: float
    right: float
    labelled_right: float
    judged_right: float

    def __str__(self) -> str:
        """The figures in a line."""
        return (
            f"verb {self.verb:.1%} of {self.clear} clear ones, object {self.object:.1%} and as asked or not "
            f"{self.right:.1%} of {self.count}; as asked: {self.labelled_right:.1%} by looking, "
            f"{self.judged_right:.1%} by the judge"
        )


def read() -> tuple[Bytes, list[Label]]:
    """The pictures, uint8 (200, 128, 128, 3), and their labels."""
    with (_FOLDER / "labels.csv").open(newline="") as lines:
        labels = [Label(**line) for line in csv.DictReader(lines)]
    sheet = np.asarray(Image.open(_FOLDER / "pictures.webp").convert("RGB"))
    rows, columns = sheet.shape[0] // _SIDE, sheet.shape[1] // _SIDE
    tiles = sheet.reshape(rows, _SIDE, columns, _SIDE, 3).swapaxes(1, 2)
    return tiles.reshape(-1, _SIDE, _SIDE, 3), labels


def agreement(judge: Judge) -> Agreement:
    """How far the judge says what was seen by looking."""
    pictures, labels = read()
    verdicts = judge.look(pictures)
    pairs = list(zip(verdicts, labels, strict=True))
    judged = [(v.verb, v.object) == (one.asked_verb, one.asked_object) for v, one in pairs]
    labelled = [one.is_right for one in labels]
    verbs = [v.verb == one.verb for v, one in pairs if one.verb != UNCLEAR]
    return Agreement(
        len(labels),
        len(verbs),
        float(np.mean(verbs)),
        float(np.mean([v.object == one.object for v, one in pairs])),
        float(np.mean(np.equal(judged, labelled))),
        float(np.mean(labelled)),
        float(np.mean(judged)),
    )
