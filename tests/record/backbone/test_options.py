"""Options of loading that save time or memory and change no picture."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from record.backbone import Backbone
from record.engine.engine import Engine
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing


def drawn(backbone: Backbone) -> npt.NDArray[np.int64]:
    job = Job(parse("a woman is kicking a ball"), 3, Drawing(steps=4), Box(0.1, 0.1, 0.5, 0.5))
    (candidate,) = Engine(backbone).draw(job)
    return candidate.image.astype(np.int64)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch.compile about itself
def test_compiled_blocks_draw_the_same_picture(checkpoint: Path, backbone: Backbone) -> None:
    compiled = Backbone.from_pretrained(checkpoint, compile_blocks=True)
    assert np.abs(drawn(compiled) - drawn(backbone)).max() <= 1


def test_gradient_checkpointing_draws_the_same_picture(checkpoint: Path, backbone: Backbone) -> None:
    repeated = Backbone.from_pretrained(checkpoint, gradient_checkpointing=True)
    assert np.abs(drawn(repeated) - drawn(backbone)).max() <= 1
