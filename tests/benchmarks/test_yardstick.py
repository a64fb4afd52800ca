"""The yardstick draws what the engine draws, so that their times can be compared."""

import numpy as np
import pytest
import torch

from benchmarks.engine.live import LiveBytes
from benchmarks.engine.yardstick import explicit_attention, trajectory
from record.backbone import Backbone
from record.engine.engine import Engine
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing

KICK = parse("a woman is kicking a ball")
DRAWING = Drawing(
    steps=5, base_branch="two_rows", self_edit_until=0.4, step_size=5, exclusion_mask="per_head"
)


@pytest.mark.parametrize("box", [None, Box(0.1, 0.1, 0.5, 0.6)])
def test_it_draws_the_engines_picture(backbone: Backbone, box: Box | None) -> None:
    (ours,) = Engine(backbone).draw(Job(KICK, 3, DRAWING, box))
    (theirs,) = backbone.decode(trajectory(backbone, KICK, 3, DRAWING, box)[None])
    assert np.abs(ours.image.astype(int) - theirs).max() <= 1


def test_it_leaves_the_unet_as_it_was(backbone: Backbone) -> None:
    before = dict(backbone.unet.attn_processors)
    with pytest.raises(ZeroDivisionError), explicit_attention(backbone, lambda *_: None):  # type: ignore[arg-type]
        raise ZeroDivisionError
    assert all(backbone.unet.attn_processors[name] is one for name, one in before.items())


def test_live_bytes_count_storages_once_until_they_are_released() -> None:
    given = torch.ones(1000)
    with LiveBytes() as counted:
        first = given + 1  # 4000 bytes
        view = first.view(10, 100).t()
        assert counted.live == 4000
        second = view * 2  # 8000 at once
        del first, view
        assert counted.live == 4000
        del second
    assert (counted.live, counted.peak) == (0, 8000)


def test_views_of_what_was_there_before_cost_nothing() -> None:
    weight = torch.ones(100, 10)
    with LiveBytes() as counted:
        _ = weight.t()
    assert counted.peak == 0
