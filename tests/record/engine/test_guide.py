"""How often guidance descends, and where it stops."""

import math
from contextlib import ExitStack
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
from record.methods import Guidance, Moment, Term
from record.methods.losses import TokenMaps
from record.methods.plain import Plain
from record.reading.prompt import parse
from record.settings import Drawing, GradientRule
from record.types import Candidate
from tests.record.methods.fakes import offered


class Counting(Plain):
    """Descends a flat loss of 1 up to three times, then another one once; remembers every reading."""

    def __init__(self, enough: float) -> None:
        self.enough, self.read = enough, list[str]()

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        first, last = (Term("first", self.first),), (Term("last", self.last),)
        return Guidance(first, 5.0, iterations=3, enough=self.enough), Guidance(last, 5.0)

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


class Parted(Plain):
    """Descends two terms at once, the second with a weight of its own; remembers what was read."""

    def __init__(self, weight: float, rule: GradientRule = "normalised", enough: float = -math.inf) -> None:
        self.weight, self.rule, self.enough, self.read = weight, rule, enough, list[str]()

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        terms = Term("high", self.high), Term("even", self.even, self.weight)
        return (Guidance(terms, 0.1, self.rule, enough=self.enough, for_good=True),)

    def high(self, maps: TokenMaps, job: Job) -> torch.Tensor:
        self.read.append("high")
        return 1 - maps.of(maps.roles.object).amax()

    def even(self, maps: TokenMaps, job: Job) -> torch.Tensor:
        self.read.append("even")
        return maps.of(maps.roles.subject).square().sum()


def moved(backbone: Backbone, *methods: Parted) -> list[torch.Tensor]:
    """How far each trajectory's latent is moved, all in one batch; seeds count up."""
    with ExitStack() as offers:
        names = [offers.enter_context(offered(method, f"parted-{i}")) for i, method in enumerate(methods)]
        batch = [
            Trajectory.start(
                backbone, Job(parse("a woman is kicking a ball"), 1, Drawing(method=name, steps=4))
            )
            for name in names
        ]
        return [
            after.latents[0] - before.latents[0]
            for before, after in zip(batch, guide(backbone, batch), strict=True)
        ]


def test_every_term_is_normalised_on_its_own(backbone: Backbone) -> None:
    (both,), (high,) = moved(backbone, Parted(0.5)), moved(backbone, Parted(0.0))
    assert high.square().mean().sqrt().item() == pytest.approx(0.1, rel=1e-4)
    assert (both - high).square().mean().sqrt().item() == pytest.approx(0.05, rel=1e-4)


def test_the_papers_rule_descends_the_plain_sum(backbone: Backbone) -> None:
    (both,), (high,) = moved(backbone, Parted(0.5, "paper")), moved(backbone, Parted(0.0, "paper"))
    (twice,) = moved(backbone, Parted(1.0, "paper"))
    assert torch.allclose(twice - high, 2 * (both - high), atol=1e-6)
    assert not torch.allclose(both, high, atol=1e-6)


def test_a_term_without_weight_is_not_read(backbone: Backbone) -> None:
    method = Parted(0.0)
    moved(backbone, method)
    assert method.read == ["high"]


def test_rows_with_unlike_terms_do_not_change_one_another(backbone: Backbone) -> None:
    kinds = Parted(0.5), Parted(0.0), Parted(0.5, "paper")
    beside = moved(backbone, *kinds)
    for kind, found in zip(kinds, beside, strict=True):
        assert torch.allclose(found, moved(backbone, kind)[0], atol=1e-5)


def test_once_good_enough_nothing_is_guided_again(backbone: Backbone) -> None:
    method = Parted(0.0, enough=2.0)
    with offered(method) as name:
        picture = drawn(backbone, Drawing(method=name, steps=4)).image
    assert method.read == ["high"]
    assert np.array_equal(picture, drawn(backbone, Drawing(method="plain", steps=4)).image)


def test_checkpointed_terms_share_a_forward(checkpoint: Path, backbone: Backbone) -> None:
    repeated = Backbone.from_pretrained(checkpoint, gradient_checkpointing=True)
    found, wanted = moved(repeated, Parted(0.5))[0], moved(backbone, Parted(0.5))[0]
    assert torch.allclose(found, wanted, atol=1e-5)
