"""How often guidance descends, and where it stops."""

from pathlib import Path

import numpy as np
import pytest
import torch

from record.backbone import Backbone
from record.engine.engine import Engine
from record.engine.guide import guide
from record.engine.trajectory import Trajectory
from record.geometry import Box
from record.job import Job
from record.methods import Guidance, Moment
from record.methods.losses import TokenMaps
from record.methods.plain import Plain
from record.reading.prompt import parse
from record.settings import Drawing
from record.types import Candidate
from tests.record.methods.fakes import offered


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


def drawn(backbone: Backbone, drawing: Drawing) -> Candidate:
    (candidate,) = Engine(backbone).draw(Job(parse("a woman is kicking a ball"), 1, drawing))
    return candidate


@pytest.mark.parametrize(("enough", "readings"), [(0.5, 3), (2.0, 1)])
def test_a_loss_is_lowered_until_it_is_enough_and_then_the_next(
    backbone: Backbone, enough: float, readings: int
) -> None:
    counting = Counting(enough)
    with offered(counting) as name:
        picture = drawn(backbone, Drawing(method=name, steps=2)).image
    assert counting.read == [*["first"] * readings, "last"] * 2
    plain = drawn(backbone, Drawing(method="plain", steps=2)).image
    assert np.array_equal(plain, picture) == (enough > 1)


def guided(backbone: Backbone) -> torch.Tensor:
    job = Job(parse("a woman is kicking a ball"), 3, Drawing(steps=4), Box(0, 0, 0.4, 0.4))
    return guide(backbone, [Trajectory.start(backbone, job)])[0].latents


def test_the_forward_cut_off_after_the_last_map_gives_the_same_gradient(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off = guided(backbone)
    monkeypatch.setitem(vars(backbone), "map_layers", None)
    assert torch.allclose(cut_off, guided(backbone), atol=1e-6)


def test_checkpointed_guidance_gives_the_same_gradient(checkpoint: Path, backbone: Backbone) -> None:
    repeated = Backbone.from_pretrained(checkpoint, gradient_checkpointing=True)
    assert torch.allclose(guided(backbone), guided(repeated), atol=1e-6)
