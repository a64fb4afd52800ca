"""How often guidance descends, and where it stops."""

import numpy as np
import pytest
import torch

from record.backbone import Backbone
from record.engine import Engine
from record.guidance import TokenMaps
from record.job import Job
from record.methods import METHODS, Guidance, Moment, Plain
from record.prompt import parse
from record.settings import Settings
from record.types import Candidate


class Counting(Plain):
    """Descends a flat loss of 1 up to three times, then another one once; remembers every reading."""

    def __init__(self, enough: float) -> None:
        self.enough, self.read = enough, list[str]()

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        return Guidance(self.first, 5.0, iterations=3, enough=self.enough), Guidance(self.last, 5.0)

    def first(self, maps: TokenMaps, job: Job) -> torch.Tensor:
        self.read.append("first")
        return 1 + 0 * maps.of(maps.roles.object).sum()

    def last(self, maps: TokenMaps, job: Job) -> torch.Tensor:
        self.read.append("last")
        return maps.of(maps.roles.object).mean() * (1 if self.enough < 1 else 0)


def drawn(backbone: Backbone, settings: Settings) -> Candidate:
    engine = Engine(backbone)
    engine.add(Job(parse("a woman is kicking a ball"), 1, settings))
    ended = [end for _ in range(settings.steps) for end in engine.step()]
    assert isinstance(ended[0].result, Candidate)
    return ended[0].result


@pytest.mark.parametrize(("enough", "readings"), [(0.5, 3), (2.0, 1)])
def test_a_loss_is_lowered_until_it_is_enough_and_then_the_next(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch, enough: float, readings: int
) -> None:
    counting = Counting(enough)
    monkeypatch.setitem(METHODS, "lmd", counting)
    picture = drawn(backbone, Settings(method="lmd", steps=2)).image
    assert counting.read == [*["first"] * readings, "last"] * 2
    plain = drawn(backbone, Settings(method="plain", steps=2)).image
    assert np.array_equal(plain, picture) == (enough > 1)
