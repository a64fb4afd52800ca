"""The figures that fleets are sized by are those that are counted here."""

from __future__ import annotations

import pytest

from benchmarks.engine.memory import MIB, SIZES
from benchmarks.engine.sizes import counted
from fleet.models import CHECKPOINTS


@pytest.mark.slow
@pytest.mark.parametrize(("index", "name"), [(0, "sd14"), (1, "sdxl")])
def test_the_fleets_models_are_as_counted(index: int, name: str) -> None:
    one, known = counted(SIZES[index]), CHECKPOINTS[name]
    assert one.unet_parameters / 1e6 == pytest.approx(known.unet_millions, abs=0.1)
    assert one.vae_parameters / 1e6 == pytest.approx(known.vae_millions, abs=0.1)
    assert one.row_bytes / MIB == pytest.approx(known.row_mib, abs=1)
    assert one.guided_row_bytes / MIB == pytest.approx(known.guided_mib, abs=1)
    assert one.checkpointed_row_bytes / MIB == pytest.approx(known.checkpointed_mib, abs=1)
    assert one.decode_bytes / MIB == pytest.approx(known.decode_mib, abs=1)
    assert one.row_operations / 1e12 == pytest.approx(known.row_tera, abs=0.001)
