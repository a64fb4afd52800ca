from __future__ import annotations

import pytest
import torch

from record.engine.device import raise_if_lost
from record.errors import EngineStoppedError

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
BAD = RuntimeError("CUDA error: device-side assert triggered")


def lost(device: torch.device) -> None:
    """Stands for a call after which the context is gone."""
    raise RuntimeError("CUDA error: device-side assert triggered\nCompile with TORCH_USE_CUDA_DSA")


@pytest.fixture
def lost_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "synchronize", lost)


@pytest.mark.usefixtures("lost_device")
def test_a_lost_context_is_told_in_one_line() -> None:
    with pytest.raises(EngineStoppedError, match=r"cuda is lost \(CUDA error: device-side") as found:
        raise_if_lost(CUDA, BAD)
    assert "DSA" not in str(found.value) and found.value.__cause__ is BAD


@pytest.mark.usefixtures("lost_device")
def test_memory_that_ran_out_and_processors_are_never_lost() -> None:
    raise_if_lost(CUDA, torch.OutOfMemoryError("no room"))
    raise_if_lost(CPU, BAD)


def test_a_device_that_still_works_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: None)
    raise_if_lost(CUDA, RuntimeError("shapes do not fit"))


@pytest.mark.gpu
def test_a_real_context_is_lost_by_an_assert() -> None:
    """Loses this process's context: to be run alone."""
    try:
        _ = torch.zeros(1, device="cuda")[torch.tensor([7], device="cuda")].cpu()
    except RuntimeError as error:
        with pytest.raises(EngineStoppedError):
            raise_if_lost(CUDA, error)
    else:
        pytest.fail("an index out of range was read")
